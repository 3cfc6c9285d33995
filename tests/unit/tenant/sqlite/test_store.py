"""The tenant in SQLite: all or nothing, and a first page at once."""

from __future__ import annotations

import itertools
import sqlite3
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.unit.tenant.verbs import contact, group, sqlite_store, user

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.unit.tenant.verbs import World


def test_batch_that_breaks_off_leaves_no_trace(world: World) -> None:
    """One transaction a batch: what is repeated after a crash ends the same."""
    world.export(user("ann"))
    before = list(world.tenant.objects())
    connection = sqlite_store(world.tenant).connection
    connection.execute(
        "CREATE TEMP TRIGGER crash BEFORE INSERT ON settled_claim WHEN NEW.key = 'eve@contoso.com' "
        "BEGIN SELECT RAISE(ABORT, 'crash'); END"
    )

    with pytest.raises(sqlite3.DatabaseError, match="crash"):
        world.tenant.export("two", [user("ann", "new@contoso.com"), user("eve")])

    assert list(world.tenant.objects()) == before
    assert world.tenant.results("two") is None


def test_first_page_costs_the_same_however_many_objects_there_are(
    make_world: Callable[..., World],
) -> None:
    costs = []
    for size in (600, 2400):
        world = make_world()
        kinds = (user, group, contact)
        world.export(*(kinds[n % 3](f"{n * 7919 % size:04}") for n in range(size)))
        steps = itertools.count()
        sqlite_store(world.tenant).connection.set_progress_handler(partial(_count, steps), 100)
        first = next(world.tenant.objects())
        costs.append(next(steps))
        sqlite_store(world.tenant).connection.set_progress_handler(None, 0)
        assert first["displayName"] == "0000"

    assert costs[1] < 1.5 * costs[0]


def _count(steps: Iterator[int]) -> int:
    next(steps)
    return 0
