"""Objects that the tenant has are written, many with one statement."""

from __future__ import annotations

from typing import Any

import pytest

from connector.storage.database import empty_database
from connector.storage.rows import insert
from connector.tenant.objects import TenantObject
from connector.tenant.sqlite.updating import WRITTEN, set_anchors, update

_ROWS = f"object ({', '.join(WRITTEN)})"
_NOW = (7, 7)


def item(number: int) -> TenantObject:
    """Return an object that has something in every column."""
    found = TenantObject(
        number, f"id{number}", "user", f"anchor{number}", 1, "c", "s", None, 1, 2, "Ann", "a@b.c", "m", "n", "[]",
        0, 1, "o", 0, "{}",
    )  # fmt: skip
    return found._replace(chosen_upn="u", usage_location="DE", owner=3)


def written(items: list[TenantObject], after: list[TenantObject]) -> list[tuple[object, ...]]:
    connection = empty_database("tenant").conn
    insert(connection, _ROWS, [(*each, 1, 1) for each in items])
    before = {each.number: each for each in items}
    update(connection, after, before, _NOW)
    set_anchors(connection, after, before)
    sql = f"SELECT {', '.join(WRITTEN)} FROM object ORDER BY number"  # noqa: S608
    return connection.execute(sql).fetchall()


@pytest.mark.parametrize("count", [1, 1000, 1001])
def test_every_column_that_may_change_is_written(count: int) -> None:
    items = [item(number) for number in range(1, count + 1)]
    rest: dict[str, Any] = {
        "synced": 0,
        "last_sync": "t",
        "version": 9,
        "members_version": 9,
        "upn": "x@b.c",
        "mail": "x",
        "nickname": "x",
    }
    rest |= {
        "proxies": "[1]",
        "exchange": 1,
        "upn_proxy": 0,
        "moera": None,
        "admin_role": 1,
        "shadow": "[]",
        "chosen_upn": None,
    }
    after = [each._replace(usage_location=None, owner=4, **rest) for each in items]

    assert written(items, after) == [(*each, *_NOW) for each in after]


def test_what_has_an_index_is_written_where_it_changes() -> None:
    items = [item(1), item(2), item(3)]
    after = [
        item(1)._replace(display_name="Bob"),
        item(2)._replace(deleted="t"),
        item(3)._replace(anchor="other"),
    ]

    assert written(items, after) == [(*each, *_NOW) for each in after]
