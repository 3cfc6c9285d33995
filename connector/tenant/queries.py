"""Ask the tenant: read-back, listings, provisioning errors. Nothing here writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from connector.model import ObjectType, ShadowObject
from connector.tenant.batch import cloud_anchor
from connector.tenant.objects import TenantObject
from connector.tenant.store import COLUMNS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator


def shadows(connection: sqlite3.Connection, since: int | None, upto: int) -> Iterator[ShadowObject]:
    """Yield what changed after version ``since``: first what left, then what is there."""
    if since is not None:
        yield from _gone(connection, since, upto)
    rows = connection.execute(
        "SELECT number, anchor, id, type, members_version, shadow FROM object "
        "WHERE version > ? AND version <= ? AND synced = 1 AND deleted IS NULL ORDER BY version, number",
        (since or 0, upto),
    )
    for number, anchor, cloud_id, kind, members_version, shadow in rows:
        members = None
        if kind == "group" and members_version > (since or 0):
            members = _member_anchors(connection, number)
        elif kind == "group" and since is None:
            members = []
        yield ShadowObject(anchor, cloud_anchor(kind, cloud_id), ObjectType(kind), shadow, members)


def _gone(connection: sqlite3.Connection, since: int, upto: int) -> Iterator[ShadowObject]:
    rows = connection.execute(
        "SELECT anchor, id, type FROM removed AS r WHERE version > ?1 AND version <= ?2 "
        "UNION ALL SELECT anchor, id, type FROM object AS r "
        "WHERE version > ?1 AND version <= ?2 AND synced = 0 "
        "ORDER BY anchor",
        (since, upto),
    ).fetchall()
    live = "SELECT 1 FROM object WHERE anchor = ? AND synced = 1 AND deleted IS NULL"
    for anchor, cloud_id, kind in rows:
        if connection.execute(live, (anchor,)).fetchone() is None:
            yield ShadowObject(
                anchor,
                cloud_anchor(kind, cloud_id),
                ObjectType(kind),
                properties=None,
                members=None,
            )


def _member_anchors(connection: sqlite3.Connection, group: int) -> list[str]:
    sql = (
        "SELECT anchor FROM link JOIN object ON number = member "
        "WHERE parent = ? AND synced = 1 ORDER BY anchor"
    )
    return [anchor for (anchor,) in connection.execute(sql, (group,))]


class Counts(NamedTuple):
    """How many live objects there are of each type, and how many quarantined values."""

    user: int
    group: int
    contact: int
    quarantined: int


def counts(connection: sqlite3.Connection) -> Counts:
    sql = "SELECT type, count(*) FROM object WHERE deleted IS NULL GROUP BY type"
    found = dict(connection.execute(sql).fetchall())
    (quarantined,) = connection.execute("SELECT count(*) FROM provisioning_error").fetchone()
    return Counts(found.get("user", 0), found.get("group", 0), found.get("contact", 0), quarantined)


def by_id(connection: sqlite3.Connection, cloud_id: str) -> TenantObject | None:
    row = connection.execute(f"SELECT {COLUMNS} FROM object WHERE id = ?", (cloud_id,)).fetchone()  # noqa: S608
    return None if row is None else TenantObject._make(row)
