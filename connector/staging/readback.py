"""Read back from the tenant what was exported: the import from the cloud.

The tenant returns shadow values, so a quarantined object reads back as it was exported: it is
confirmed and not exported again.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from connector.run import Counts
from connector.staging.state import State
from connector.staging.worklist import add_object
from connector.storage.database import immediate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connector.model import ShadowObject
    from connector.ports import Tenant
    from connector.storage.database import Database

_BATCH = 1000
_COOKIE = "read-back-cookie"


def read_back(database: Database, tenant: Tenant, *, full: bool) -> Counts:
    """Confirm exports, and put what differs on the worklist; with ``full``, read every object.

    The updates that it counts came back other than they were exported. Only a sync client writes shadow
    values, so those are exports that were not confirmed.
    """
    counts = Counts()
    state = State(database)
    since = None if full else state.get(_COOKIE)
    shadows, cookie = tenant.read_back(since)
    first = list(islice(shadows, _BATCH))
    if not first and cookie == since:
        return counts
    with immediate(database):
        batch = first
        while batch:
            _compare(database, batch, counts)
            batch = list(islice(shadows, _BATCH))
        state.set(_COOKIE, cookie)
    return counts


def _compare(database: Database, batch: Sequence[ShadowObject], counts: Counts) -> None:
    connection = database.conn
    marks = ",".join("?" * len(batch))
    anchors = [shadow.source_anchor for shadow in batch]
    known = dict(
        connection.execute(
            f"SELECT anchor, properties FROM cloud_entry WHERE anchor IN ({marks})",  # noqa: S608
            anchors,
        )
    )
    for shadow in batch:
        before = known.get(shadow.source_anchor)
        if shadow.properties is None:
            if before is not None:
                counts.deletes += 1
                _forget(database, shadow.source_anchor)
        elif shadow.properties != before:
            _accept(database, shadow)
            if before is None:
                counts.adds += 1
            else:
                counts.updates += 1
        else:
            counts.unchanged += 1
        if shadow.members is not None:
            _compare_members(database, shadow)


def _forget(database: Database, anchor: str) -> None:
    """Forget an object that left the tenant though no export deleted it; decide on it anew."""
    connection = database.conn
    connection.execute("DELETE FROM cloud_entry WHERE anchor = ?", (anchor,))
    connection.execute("DELETE FROM cloud_member WHERE grp = ? OR member = ?", (anchor, anchor))
    add_object(connection, anchor)


def _accept(database: Database, shadow: ShadowObject) -> None:
    connection = database.conn
    connection.execute(
        """INSERT INTO cloud_entry VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET
           type = excluded.type, cloud_anchor = excluded.cloud_anchor, properties = excluded.properties""",
        (shadow.source_anchor, shadow.type, shadow.cloud_anchor, shadow.properties),
    )
    add_object(connection, shadow.source_anchor)


def _compare_members(database: Database, shadow: ShadowObject) -> None:
    connection = database.conn
    group = shadow.source_anchor
    rows = connection.execute("SELECT member FROM cloud_member WHERE grp = ?", (group,))
    known = {member for (member,) in rows}
    members = set(shadow.members or ())
    if members == known:
        return
    connection.executemany(
        "DELETE FROM cloud_member WHERE grp = ? AND member = ?",
        ((group, member) for member in known - members),
    )
    connection.executemany(
        "INSERT INTO cloud_member VALUES (?, ?)", ((group, member) for member in members - known)
    )
    connection.execute(
        "INSERT OR IGNORE INTO dirty_group SELECT id FROM entry WHERE anchor = ?", (group,)
    )
