"""Read back from the tenant what was exported: the import from the cloud.

The tenant returns shadow values, so a quarantined object reads back as it was exported: it is
confirmed and not exported again.

A cookie names the tenant and its state. Two are kept: where the last read-back got to, and where the
tenant stood when it answered last. A tenant that does not know both is another one, or was restored from
an older backup: then everything is read back, and what does not come back is exported again.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from connector.run import Counts
from connector.staging import foreign, managers, projection
from connector.staging.state import State
from connector.staging.worklist import add_object, take_wanted_anchors
from connector.storage.database import immediate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connector.model import ShadowObject
    from connector.ports import Tenant
    from connector.storage.database import Database

_BATCH = 1000
COOKIE = "read-back-cookie"
POSITION = "tenant-position"
UNFAMILIAR = "tenant-unfamiliar"


def refusal(database: Database, tenant: Tenant) -> str | None:
    """Say why the tenant is not the one that the connector space knows, None where it is."""
    state = State(database)
    known = filter(None, dict.fromkeys((state.get(POSITION), state.get(COOKIE))))
    return next(filter(None, map(tenant.refusal, known)), None)


def read_back(database: Database, tenant: Tenant, *, full: bool) -> Counts:
    """Confirm exports, and put what differs on the worklist; with ``full``, read every object.

    A tenant that the connector space does not know is read in full too, and noted as unfamiliar: until
    an export gets by the guards, they also ask how much of it would go. The updates that it counts came
    back other than they were exported. Only a sync client writes shadow values, so those are exports that
    were not confirmed.
    """
    counts = Counts()
    state = State(database)
    refused = refusal(database, tenant) is not None
    since = None if full or refused else state.get(COOKIE)
    unfamiliar = refused or (since is None and not _has_exported(database))
    shadows, cookie = tenant.read_back(since)
    first = list(islice(shadows, _BATCH))
    if not first and cookie == since:
        return counts
    with immediate(database):
        if unfamiliar and first:
            state.set(UNFAMILIAR, "1")
        if since is None:
            _expect_everything(database)
            foreign.forget(database.conn)
        batch = first
        while batch:
            _compare(database, batch, counts, whole=since is None)
            batch = list(islice(shadows, _BATCH))
        if since is None:
            _forget_missing(database, counts)
        state.set(COOKIE, cookie)
        state.set(POSITION, cookie)
    return counts


def is_of(database: Database, cookie: str) -> bool:
    """Tell whether the tenant of a cookie is the one that was exported to last."""
    known = State(database).get(POSITION)
    return known is not None and known.partition(":")[0] == cookie.partition(":")[0]


def _has_exported(database: Database) -> bool:
    sql = "SELECT EXISTS (SELECT 1 FROM cloud_entry)"
    return bool(database.conn.execute(sql).fetchone()[0])


def _expect_everything(database: Database) -> None:
    """Make room for the anchors that come back; SQLite keeps a big list in a file."""
    database.conn.execute("CREATE TEMP TABLE IF NOT EXISTS came_back (anchor TEXT PRIMARY KEY)")
    database.conn.execute("DELETE FROM came_back")


def _forget_missing(database: Database, counts: Counts) -> None:
    """Forget what was exported and did not come back from a tenant that was asked for everything."""
    missing = database.conn.execute(
        "SELECT anchor FROM cloud_entry EXCEPT SELECT anchor FROM came_back"
    ).fetchall()
    for (anchor,) in missing:
        counts.deletes += 1
        _forget(database, anchor)
    database.conn.execute("DELETE FROM came_back")


def _compare(
    database: Database, batch: Sequence[ShadowObject], counts: Counts, *, whole: bool
) -> None:
    connection = database.conn
    if whole:
        connection.executemany(
            "INSERT OR IGNORE INTO came_back VALUES (?)",
            ((shadow.source_anchor,) for shadow in batch if shadow.properties is not None),
        )
    marks = ",".join("?" * len(batch))
    anchors = [shadow.source_anchor for shadow in batch]
    known = dict(
        connection.execute(
            f"SELECT anchor, properties FROM cloud_entry WHERE anchor IN ({marks})",  # noqa: S608
            anchors,
        )
    )
    told = managers.told(connection, anchors) if managers.are_told(connection) else {}
    for shadow in batch:
        before = known.get(shadow.source_anchor)
        if not _is_own(database, shadow, before, counts):
            continue
        _compare_properties(database, shadow, before, counts)
        if shadow.members is not None:
            _compare_members(database, shadow)
        if shadow.properties is not None and shadow.manager != told.get(shadow.source_anchor):
            _tell_manager(database, shadow)


def _compare_properties(
    database: Database, shadow: ShadowObject, before: str | None, counts: Counts
) -> None:
    if shadow.properties is None:
        if before is not None:
            counts.deletes += 1
            _forget(database, shadow.source_anchor)
        elif shadow.restored is not None:
            counts.adds += 1
            _accept(database, shadow, shadow.restored)
    elif shadow.properties != before:
        _accept(database, shadow, shadow.properties)
        if before is None:
            counts.adds += 1
        else:
            counts.updates += 1
    else:
        counts.unchanged += 1


def _forget(database: Database, anchor: str, *, named: bool = False) -> None:
    """Forget an object that left the tenant though no export deleted it; decide on it anew.

    With ``named`` another client has it now, and it stays what it is to groups and reports.
    """
    connection = database.conn
    projection.forget(connection, anchor, named=named)
    add_object(connection, anchor)
    take_wanted_anchors(connection, [anchor])


def _is_own(database: Database, shadow: ShadowObject, before: str | None, counts: Counts) -> bool:
    """Tell whether an object is this client's; what another one took over is let go of here.

    One from before clients owned objects is that of the client which knows it.
    """
    anchor = shadow.source_anchor
    if shadow.taken:
        counts.deletes += before is not None
        _forget(database, anchor, named=True)
        foreign.lose(database.conn, anchor, there=shadow.there)
        return False
    if before is not None:
        return True
    if not shadow.owned and not _is_staged(database, anchor):
        return False
    if shadow.properties is not None:
        foreign.regain(database.conn, anchor)
    return True


def _is_staged(database: Database, anchor: str) -> bool:
    sql = "SELECT EXISTS (SELECT 1 FROM entry WHERE anchor = ? AND +type IS NOT NULL)"
    return bool(database.conn.execute(sql, (anchor,)).fetchone()[0])


def _accept(database: Database, shadow: ShadowObject, properties: str) -> None:
    """Take what came back for what was exported, and decide on it anew.

    An object that was deleted and comes back is deleted again, or exported whole, for it has nothing but
    its names.
    """
    connection = database.conn
    projection.tell(connection, shadow.source_anchor, shadow.type, shadow.cloud_anchor, properties)
    add_object(connection, shadow.source_anchor)


def _compare_members(database: Database, shadow: ShadowObject) -> None:
    connection = database.conn
    group = shadow.source_anchor
    rows = connection.execute("SELECT member FROM cloud_member WHERE grp = ?", (group,))
    known = {member for (member,) in rows}
    members = set(shadow.members or ())
    if members == known:
        return
    numbers = projection.find(connection, {group} | (known ^ members))
    connection.executemany(
        "DELETE FROM told_member WHERE grp = ? AND member = ?",
        ((numbers[group], numbers[member]) for member in known - members),
    )
    connection.executemany(
        "INSERT INTO told_member VALUES (?, ?)",
        ((numbers[group], numbers[member]) for member in members - known),
    )
    connection.execute(
        "INSERT OR IGNORE INTO dirty_group SELECT id FROM entry WHERE anchor = ?", (group,)
    )


def _tell_manager(database: Database, shadow: ShadowObject) -> None:
    """Take the manager that came back for the one that was exported, and decide on it anew."""
    anchors = [anchor for anchor in (shadow.source_anchor, shadow.manager) if anchor is not None]
    numbers = projection.find(database.conn, anchors)
    manager = None if shadow.manager is None else numbers[shadow.manager]
    managers.tell(database.conn, (numbers[shadow.source_anchor], manager), shadow.source_anchor)
