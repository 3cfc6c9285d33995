"""Compare the connector space with both of its neighbours, object by object."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from connector.staging import managers
from connector.values.counting import counted
from connector.values.entries import stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from connector.model import DirectoryEntry, ShadowObject
    from connector.ports import Stage
    from connector.storage.database import Database

_BATCH = 1000
DIRECTORY = "directory and connector space"
CLOUD = "connector space and tenant"
CHANGED = "changed since the last import"
_PENDING = "pending "


class Difference(NamedTuple):
    """One thing that two neighbours do not have alike.

    ``between`` names the two, ``what`` says in words what differs, ``anchor`` and ``name`` identify the
    object (the name is a DN where one is known).
    """

    between: str
    what: str
    anchor: str
    name: str

    @property
    def is_pending(self) -> bool:
        """Whether it is an export that was not made yet."""
        return self.what.startswith(_PENDING)


def with_directory(
    database: Database, entries: Iterator[DirectoryEntry], stage: Stage = stage
) -> Iterator[Difference]:
    """Compare every entry that the directory has now with its staged copy."""
    between = DIRECTORY
    seen: set[bytes] = set()
    while batch := list(islice(entries, _BATCH)):
        marks = ",".join("?" * len(batch))
        known = dict(
            database.conn.execute(
                f"SELECT uuid, hash FROM entry WHERE uuid IN ({marks})",  # noqa: S608
                [entry.uuid for entry in batch],
            )
        )
        for entry in batch:
            seen.add(entry.uuid)
            staged = stage(entry)
            before = known.get(entry.uuid)
            if before is None:
                yield Difference(between, "not staged yet", staged.anchor, staged.dn)
            elif before != staged.hash:
                yield Difference(between, CHANGED, staged.anchor, staged.dn)
    for uuid, anchor, dn in database.conn.execute("SELECT uuid, anchor, dn FROM entry"):
        if uuid not in seen:
            yield Difference(between, "staged, but gone from the directory", anchor, dn)


def with_tenant(database: Database, shadows: Iterator[ShadowObject]) -> Iterator[Difference]:
    """Compare what the tenant gives back with what was exported."""
    seen: set[str] = set()
    while batch := list(islice(shadows, _BATCH)):
        yield from _compare_shadows(database, batch, seen)
    rows = database.conn.execute(
        """SELECT anchor, coalesce(json_extract(properties, '$.onPremisesDistinguishedName'), '')
           FROM cloud_entry"""
    )
    for anchor, name in rows:
        if anchor not in seen:
            yield Difference(CLOUD, "exported, but gone from the tenant", anchor, name)


def _compare_shadows(
    database: Database, batch: Sequence[ShadowObject], seen: set[str]
) -> Iterator[Difference]:
    marks = ",".join("?" * len(batch))
    known = dict(
        database.conn.execute(
            f"SELECT anchor, properties FROM cloud_entry WHERE anchor IN ({marks})",  # noqa: S608
            [shadow.source_anchor for shadow in batch],
        )
    )
    told = managers.told(database.conn, [shadow.source_anchor for shadow in batch])
    for shadow in batch:
        anchor = shadow.source_anchor
        before = known.get(anchor)
        if shadow.taken or (before is None and not shadow.owned):
            continue
        seen.add(anchor)
        name = shadow.cloud_anchor
        if before is None:
            yield Difference(CLOUD, "in the tenant, but not known as exported", anchor, name)
        elif before != shadow.properties:
            yield Difference(CLOUD, "other than it was exported", anchor, name)
        if shadow.properties is not None and shadow.manager != told.get(anchor):
            yield Difference(CLOUD, "another manager than was exported", anchor, name)
        if shadow.members is not None and before is not None:
            rows = database.conn.execute("SELECT member FROM cloud_member WHERE grp = ?", (anchor,))
            if {member for (member,) in rows} != set(shadow.members):
                yield Difference(CLOUD, "other members than were exported", anchor, name)


def pending(database: Database) -> Iterator[Difference]:
    """List the pending exports."""
    rows = database.conn.execute(
        """SELECT operation, anchor, coalesce(
               json_extract(properties, '$.onPremisesDistinguishedName'), '') FROM pending_export
           ORDER BY anchor"""
    )
    for operation, anchor, name in rows:
        yield Difference(CLOUD, f"{_PENDING}{operation}", anchor, name)
    rows = database.conn.execute(
        """SELECT grp, count(*), coalesce(json_extract(c.properties, '$.onPremisesDistinguishedName'), '')
           FROM pending_member m JOIN cloud_entry c ON c.anchor = m.grp
           WHERE NOT adds OR EXISTS (SELECT 1 FROM cloud_entry WHERE anchor = m.member)
           OR EXISTS (SELECT 1 FROM foreign_anchor WHERE anchor = m.member)
           GROUP BY grp ORDER BY grp"""
    )
    for group, number, name in rows:
        yield Difference(CLOUD, f"{_PENDING}changes of {counted(number, 'member')}", group, name)
    for each in managers.pending(database.conn):
        if each.is_alone:
            yield Difference(CLOUD, f"{_PENDING}change of the manager", each.anchor, each.dn)


def damage(database: Database) -> Iterator[Difference]:
    """List what SQLite itself finds wrong with the file."""
    for (found,) in database.conn.execute("PRAGMA quick_check"):
        if found != "ok":
            yield Difference("connector space", found, "", "")
