"""A tenant of any history goes from one engine to the other and back, and is the same as before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given

from tests.properties.profiles import profile
from tests.properties.test_engines import do, everything, steps
from tests.unit.tenant.test_invariants import switches
from tests.unit.tenant.test_moving import dump, moved
from tests.unit.tenant.verbs import World

if TYPE_CHECKING:
    from pathlib import Path

    from connector.model import SyncObject
    from tests.postgresql import Postgres


@profile(0.2)
@given(history=steps, switched=switches)
def test_a_tenant_goes_there_and_back(
    tmp_path_factory: Any,
    postgresql: Postgres,
    history: list[list[SyncObject] | Any],
    switched: dict[str, Any],
) -> None:
    folder: Path = tmp_path_factory.mktemp("moves")
    world = World(folder / "tenant.db", **switched)
    for step in history:
        do(world, step)
    answers, cookie = everything(world), world.tenant.position()
    world.close()
    rows = dump(world.place)
    with postgresql.database() as server:
        moved(world.place, server)
        there = dump(server)
        moved(server, folder / "again.db", key="back")
    again = World(folder / "again.db", **switched)
    found, refusal = everything(again), again.tenant.refusal(cookie)
    again.close()

    assert there == rows
    assert dump(folder / "again.db") == rows
    assert (found, refusal) == (answers, None)
