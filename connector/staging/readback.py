"""Take back from the tenant what it was told: the import from the cloud.

The tenant returns shadow values, so a quarantined object reads back as it was exported: it is
confirmed and not exported again.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from connector.run import Counts
from connector.staging import pending
from connector.staging.state import State
from connector.storage.database import immediate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connector.model import ShadowObject
    from connector.ports import Tenant
    from connector.storage.database import Database

_BATCH = 1000
_COOKIE = "read-back-cookie"


def import_from_tenant(database: Database, tenant: Tenant) -> Counts:
    """Confirm exports, and note what differs for the next synchronization.

    The updates that it counts came back other than they were exported: nobody but a sync client writes
    shadow values, so those are exports that were not confirmed.
    """
    counts = Counts()
    state = State(database)
    shadows, cookie = tenant.read_back(state.get(_COOKIE))
    first = list(islice(shadows, _BATCH))
    if not first and cookie == state.get(_COOKIE):
        return counts
    with immediate(database):
        batch = first
        while batch:
            _compare(database, batch, counts)
            batch = list(islice(shadows, _BATCH))
        state.set(_COOKIE, cookie)
    return counts


def forget_cookie(database: Database) -> None:
    """Make the next read-back return every object."""
    with immediate(database):
        State(database).set(_COOKIE, None)


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
    """Forget an object that left the tenant without our doing: the rules decide on it anew."""
    connection = database.conn
    connection.execute("DELETE FROM cloud_entry WHERE anchor = ?", (anchor,))
    connection.execute("DELETE FROM cloud_member WHERE grp = ? OR member = ?", (anchor, anchor))
    pending.mark_dirty(connection, anchor)


def _accept(database: Database, shadow: ShadowObject) -> None:
    connection = database.conn
    connection.execute(
        """INSERT INTO cloud_entry VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET
           type = excluded.type, cloud_anchor = excluded.cloud_anchor, properties = excluded.properties""",
        (shadow.source_anchor, shadow.type, shadow.cloud_anchor, shadow.properties),
    )
    pending.mark_dirty(connection, shadow.source_anchor)


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
