"""A standby takes over from the server of the tenant: nothing is lost, and nothing done twice.

Where the primary waits for its standby that holds as it stands. Where it does not, the standby may lack the
last commits: that is noticed, and what it lacks is exported again.
"""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from connector.errors import StorageUnusable
from connector.staging.comparison import with_tenant
from tests.database_servers import promote, room, two_servers
from tests.world import EventLog, World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.database_servers import Server

# More than two batches of an export.
NAMES = [f"user{number:04}" for number in range(3100)]


@pytest.fixture(params=[True, False], ids=["waiting", "not-waiting"])
def postgresql_pair(request: pytest.FixtureRequest) -> Iterator[tuple[Server, Server, bool]]:
    """A primary that waits for its standby, or does not; the standby follows."""
    with room() as folder, two_servers(folder, waits=request.param) as (primary, standby):
        yield primary, standby, request.param


class Watched(EventLog):
    """A log that does something at the first event of a name, once."""

    def __init__(self, *args: Any, **bound: Any) -> None:
        super().__init__(*args, **bound)
        self.first: dict[str, Callable[[], None]] = {}

    def info(self, event: str, /, **fields: Any) -> None:
        super().info(event, **fields)
        if (do := self.first.pop(event, None)) is not None:
            do()

    debug = warning = error = info

    def bind(self, **fields: Any) -> Watched:
        bound = Watched(self.events, **{**self._bound, **fields})
        bound.first = self.first
        return bound


@contextmanager
def world_on(folder: Path, primary: Server, standby: Server) -> Iterator[World]:
    hosts, ports = f"{primary.folder},{standby.folder}", f"{primary.port},{standby.port}"
    url = f"postgresql://postgres@/postgres?host={hosts}&port={ports}"
    with World(folder / "var", tenant={"database": url}) as world:
        world.log = Watched()
        yield world.restart()


def fail_over(primary: Server, standby: Server) -> None:
    """Kill the primary, and let the standby take over with what it has."""
    primary.kill()
    if not standby.is_running:
        standby.start()
    promote(standby)


def finished(world: World) -> list[str | None]:
    """Run cycles until one ends well; return what the others met."""
    met: list[str | None] = []
    while len(met) < 5:
        try:
            run = world.sync()
        except StorageUnusable as error:
            met.append(error.reason)
        else:
            met.append(None)
            assert run.result.value == "success"
            return met
    return met


def test_an_export_goes_on_at_the_server_that_takes_over(
    tmp_path: Path, postgresql_pair: tuple[Server, Server, bool]
) -> None:
    primary, standby, waits = postgresql_pair
    with world_on(tmp_path, primary, standby) as world:
        world.user("ann")
        world.sync()
        world.sync()
        for name in NAMES:
            world.user(name)
        if not waits:
            standby.stop()
        world.log.first["object.added"] = lambda: fail_over(primary, standby)  # type: ignore[attr-defined]

        met = finished(world)
        again = world.sync()

        shadows, _ = world.tenant.read_back(None)
        shown = Counter(item["displayName"] for item in world.tenant.objects())
        differing = list(with_tenant(world.parts.space.database, shadows))
        noticed = len(world.logged("tenant.replaced"))

    assert shown == Counter(name.title() for name in ("ann", *NAMES))
    assert differing == []
    assert met[-1] is None
    assert again.result.value == "success"
    assert (noticed, "behind" in met) == ((0, False) if waits else (1, True))
