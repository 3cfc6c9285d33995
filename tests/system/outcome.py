"""Read the outcome of runs of the connector from its databases and its log."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from connector import settings as files
from connector.assembly import Readers, open_readers
from tests.folding import address as key
from tests.properties import views

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.system.commandline import CommandLine


class _World(NamedTuple):
    """The databases of a connector, as ``views`` looks at a world."""

    parts: Readers

    @property
    def tenant(self) -> Any:
        return self.parts.tenant


@contextmanager
def opened(connector: CommandLine) -> Iterator[_World]:
    with open_readers(files.load(connector.settings, {})) as parts:
        yield _World(parts)


def everything(connector: CommandLine) -> dict[str, Any]:
    """Return everything that two runs of one story share, by source anchor: no cloud ids, no times."""
    with opened(connector) as world:
        return views.everything(world)


def differences(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """Say where two such views differ, briefly."""
    return [
        f"{view}: {_shown(one[view], other[view])} instead of {_shown(other[view], one[view])}"
        for view in one
        if one[view] != other[view]
    ]


def _shown(one: Any, other: Any) -> str:
    if isinstance(one, dict):
        return str({name: value for name, value in one.items() if other.get(name) != value})[:500]
    return str(one - other)[:500]


def quarantines(connector: CommandLine) -> Counter[tuple[str, str, str]]:
    """Count the quarantines in the log: source anchor, attribute, value."""
    return Counter(
        (event["anchor"], event["attribute"], key(event["value"]))
        for event in connector.logged("export.quarantined")
    )


def attempts(connector: CommandLine) -> dict[str, list[int]]:
    """Return the failed attempts in the log for each object, by source anchor."""
    told: dict[str, list[int]] = {}
    for event in connector.logged("export.failed"):
        told.setdefault(event["anchor"], []).append(event["attempt"])
    return told


def failing(connector: CommandLine) -> dict[str, int]:
    """Return the attempts of each object that still fails, by source anchor."""
    with opened(connector) as world:
        return {
            record.failure.anchor: record.attempts
            for record in world.parts.space.failures.all()
            if record.stage == "export"
        }
