"""Rehearse a cycle on copies of both databases: a dry run shows what a real run would do.

The very steps of a real run are taken, the tenant's decisions included, so nothing can differ but what
changes in the meantime. The copies are thrown away; no cookie moves and nothing is written.
"""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connector.assembly import open_parts
from connector.cycle import PROFILES, RunProfile, run_profile
from connector.errors import StorageUnusable
from connector.logs.log import silent_log
from connector.model import Operation
from connector.ports import SILENT
from connector.storage.database import copy_database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from connector.assembly import Parts
    from connector.model import PendingExport
    from connector.ports import Directory, Progress
    from connector.run import Run, StepResult
    from connector.settings import Settings
    from connector.tenant.sweep import Released

DATABASES = ("connector-space.db", "tenant.db")


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a run would do: its result, and the changes it would make in the order of the export.

    A change is ``{operation, type, anchor, name, dn, attributes: {name: [before, after]},
    members: {add, remove}}``; ``run.errors`` names the values that would be quarantined and the
    objects that would fail, ``released`` those that a sweep after it would give back. ``failures`` are
    the objects that the synchronization cannot compute, as errors of the kind ``synchronization``;
    ``members`` the membership changes: group, member, whether it is an addition.
    """

    run: Run
    changes: list[dict[str, Any]]
    released: tuple[Released, ...] = ()
    failures: tuple[dict[str, Any], ...] = ()
    members: frozenset[tuple[str, str, bool]] = frozenset()


@contextmanager
def copied(settings: Settings, *, empty: bool = False) -> Iterator[Settings]:
    """Copy both databases, in use or not, to a folder that is removed afterwards.

    With ``empty`` nothing is copied: the rehearsal starts from an empty tenant. Raises StorageUnusable.
    """
    with tempfile.TemporaryDirectory(prefix="connector-") as folder:
        for name in () if empty else DATABASES:
            if (settings.storage.path / name).exists():
                _copy(settings.storage.path / name, Path(folder) / name)
        storage = settings.storage.model_copy(update={"path": Path(folder)})
        yield settings.model_copy(update={"storage": storage})


def _copy(source: Path, target: Path) -> None:
    try:
        copy_database(source, target)
    except OSError as error:
        raise StorageUnusable(
            f"{target}: {error.strerror}. The copies need as much room there as the databases: make "
            "some, or set TMPDIR to another folder."
        ) from error


def rehearse(  # noqa: PLR0913 - one keyword a choice
    settings: Settings,
    policy: str = "delta",
    *,
    directory: Directory | None = None,
    progress: Progress = SILENT,
    sweep: bool = False,
    empty: bool = False,
) -> Rehearsal:
    """Rehearse a cycle on copies (or on nothing, ``empty``), with ``sweep`` also a sweep after it.

    With ``sweep`` every membership change is kept, too. Raises only what opening the databases raises.
    """
    changes: list[dict[str, Any]] = []
    failures: list[dict[str, Any]] = []
    members: set[tuple[str, str, bool]] = set()

    def collect(parts: Parts, _: Run, __: StepResult) -> None:
        changes.extend(planned_changes(parts))
        failures.extend(_failures(parts))
        if sweep:
            members.update(parts.space.queue.member_changes())

    profile = _with_step(PROFILES[policy], collect)
    with (
        copied(settings, empty=empty) as copy,
        open_parts(
            copy, log=silent_log(), directory=directory, progress=progress, lock=False
        ) as parts,
    ):
        run = run_profile(parts, profile)
        released = parts.tenant.sweep().released if sweep else ()
    run.steps = [step for step in run.steps if step.name != "plan"]
    run.next = ()  # what it met is thrown away with the copies: there is nothing to look at
    return Rehearsal(run, changes, released, tuple(failures), frozenset(members))


def _with_step(
    profile: RunProfile, collect: Callable[[Parts, Run, StepResult], None]
) -> RunProfile:
    *before, export = profile.steps
    return RunProfile(profile.policy, (*before, ("plan", collect), export))


def _failures(parts: Parts) -> Iterator[dict[str, Any]]:
    for record in parts.space.failures.all():
        if record.stage == "synchronization":
            yield {"kind": record.stage, "dn": record.dn, **asdict(record.failure)}


def planned_changes(parts: Parts) -> Iterator[dict[str, Any]]:
    """Describe every pending export, attribute by attribute, and the membership changes alone."""
    queue = parts.space.queue
    members = queue.member_totals()
    for export in queue.in_order(session=-1):
        before = queue.exported_properties(export.anchor)
        yield _describe(export, before) | {"members": members.pop(export.anchor, _NO_MEMBERS)}
    for anchor, totals in members.items():
        properties = queue.exported_properties(anchor)
        yield {
            "operation": Operation.UPDATE.value,
            "type": "group",
            "anchor": anchor,
            "name": properties.get("displayName", ""),
            "dn": properties.get("onPremisesDistinguishedName", ""),
            "attributes": {},
            "members": totals,
        }


_NO_MEMBERS = {"add": 0, "remove": 0}


def _describe(export: PendingExport, before: Mapping[str, Any]) -> dict[str, Any]:
    after = {} if export.operation is Operation.DELETE else export.properties
    names = export.changed or sorted(before)
    return {
        "operation": export.operation.value,
        "type": export.type.value,
        "anchor": export.anchor,
        "name": export.properties.get("displayName", ""),
        "dn": export.properties.get("onPremisesDistinguishedName", ""),
        "attributes": {name: [before.get(name), after.get(name)] for name in names},
    }
