"""What the synchronization has to look at, and the pending exports that it decides on."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING

from connector.model import Exported, ObjectType, Operation, StagedEntry, Work
from connector.staging import failures
from connector.storage.database import immediate
from connector.storage.rows import writing_behind
from connector.values.canonical import canonical
from connector.values.entries import load

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Sequence

    from connector.model import Failure, PendingExport
    from connector.storage.database import Database
    from connector.storage.rows import Behind

_BATCH = 1024
_TYPES = {kind.value: kind for kind in ObjectType}

_PENDING = "pending_export (anchor, operation, rank, type, created, properties, changed, releases)"
_OVERRULE = """ON CONFLICT DO UPDATE SET operation = excluded.operation, rank = excluded.rank,
    type = excluded.type, created = excluded.created, properties = excluded.properties,
    changed = excluded.changed, releases = excluded.releases, tried = NULL
    WHERE (properties, operation, type) IS NOT
          (excluded.properties, excluded.operation, excluded.type)"""

# A plus keeps SQLite from the index on groups where that on anchor is meant.

# An object that the cloud has and is not to lose, or is to get: then the pending export is an add.
_WANTED = """CASE WHEN EXISTS (SELECT 1 FROM cloud_entry WHERE anchor = {0})
    THEN NOT EXISTS (SELECT 1 FROM pending_export WHERE anchor = {0} AND rank = 0)
    ELSE EXISTS (SELECT 1 FROM pending_export WHERE anchor = {0}) END"""


def demand_full(database: Database) -> None:
    """Put every object on the list of the next synchronization."""
    with immediate(database) as connection:
        connection.execute(
            """INSERT OR IGNORE INTO dirty
               SELECT created, anchor FROM entry WHERE type IS NOT NULL
               UNION SELECT '', anchor FROM cloud_entry c
               WHERE NOT EXISTS (SELECT 1 FROM entry WHERE anchor = c.anchor AND +type IS NOT NULL)
               UNION SELECT '', anchor FROM pending_export p
               WHERE NOT EXISTS (SELECT 1 FROM entry WHERE anchor = p.anchor AND +type IS NOT NULL)"""
        )
        connection.execute(
            "INSERT OR IGNORE INTO dirty_group SELECT id FROM entry WHERE type = 'group'"
        )


def mark_dirty(connection: sqlite3.Connection, anchor: str) -> None:
    """Put one object on the list of the next synchronization, within the caller's transaction."""
    row = connection.execute(
        "SELECT created FROM entry WHERE anchor = ? AND +type IS NOT NULL", (anchor,)
    ).fetchone()
    created = row[0] if row else ""
    connection.execute("INSERT OR IGNORE INTO dirty VALUES (?, ?)", (created, anchor))


class Synchronization:
    """One synchronization: gives the work, takes the decisions, in one transaction.

    ``planned`` counts the exports decided on by operation, once they are written.
    """

    def __init__(self, behind: Behind, now: str) -> None:
        self._behind = behind
        self._now = now
        self._puts: list[PendingExport] = []
        self._drops: list[str] = []
        self._cured: list[str] = []
        self.planned: Counter[Operation] = Counter()
        # A first synchronization of 100,000 objects need not look 100,000 times for nothing.
        self._any_pending = self._any("SELECT 1 FROM pending_export")
        self._any_errors = self._any("SELECT 1 FROM error")
        self._all_groups_dirty = not self._any(
            "SELECT 1 FROM entry WHERE type = 'group' AND id NOT IN (SELECT entry FROM dirty_group)"
        )

    @property
    def _connection(self) -> sqlite3.Connection:
        """The connection when the exports that were put behind are there."""
        return self._behind.connection

    def _any(self, sql: str) -> bool:
        return self._connection.execute(sql + " LIMIT 1").fetchone() is not None

    def count(self) -> int:
        return int(self._connection.execute("SELECT count(*) FROM dirty").fetchone()[0])

    def work(self, advance: Callable[[int], None] = lambda _: None) -> Iterator[Work]:
        """Yield every dirty anchor once; decisions given in between are written batch by batch.

        ``advance`` is told how many were dealt with.
        """
        rows = self._page(("", ""))
        work = self._load(rows)
        while rows:
            yield from work
            advance(len(rows))
            rows = self._page(rows[-1])
            # Loaded before the decisions are written: that goes on while the next ones are made.
            work = self._load(rows)
            self._write()

    def _page(self, last: tuple[str, str]) -> list[tuple[str, str]]:
        return self._connection.execute(
            """SELECT created, anchor FROM dirty WHERE (created, anchor) > (?, ?)
               ORDER BY created, anchor LIMIT ?""",
            (*last, _BATCH),
        ).fetchall()

    def _load(self, rows: Sequence[tuple[str, str]]) -> list[Work]:
        anchors = [anchor for _, anchor in rows]
        entries, members, wanted = self._entries(anchors)
        exported = {
            anchor: Exported(_TYPES[kind], properties)
            for anchor, kind, properties in self._connection.execute(
                f"SELECT anchor, type, properties FROM cloud_entry WHERE anchor IN ({_marks(rows)})",  # noqa: S608
                anchors,
            )
        }
        work = []
        for created, anchor in rows:
            found = entries.get(anchor, ())
            if found and found[0].created != created and self._comes_again(found[0]):
                continue
            work.append(
                Work(
                    anchor, found, wanted.get(anchor), members.get(anchor, 0), exported.get(anchor)
                )
            )
        return work

    def _entries(
        self, anchors: Sequence[str]
    ) -> tuple[dict[str, list[StagedEntry]], dict[str, int], dict[str, str]]:
        """Return by anchor: entries, oldest first; how many references; the anchor wanted now."""
        entries: dict[str, list[StagedEntry]] = {}
        members: dict[str, int] = {}
        wanted: dict[str, str] = {}
        for anchor, kind, dn, created, attributes, wanted_anchor, count in self._connection.execute(
            f"""SELECT anchor, type, dn, created, attributes, wanted_anchor,
                       CASE type WHEN 'group'
                       THEN (SELECT count(*) FROM reference WHERE entry = entry.id) ELSE 0 END
                FROM entry WHERE anchor IN ({_marks(anchors)}) AND +type IS NOT NULL""",  # noqa: S608
            anchors,
        ):
            entry = StagedEntry(anchor, _TYPES[kind], dn, created, load(attributes))
            if anchor in entries:
                entries[anchor].append(entry)
                entries[anchor].sort(key=lambda entry: (entry.created, entry.dn))
            else:
                entries[anchor] = [entry]
            if count:
                members[anchor] = count
            if wanted_anchor is not None:
                wanted[anchor] = wanted_anchor
        return entries, members, wanted

    def _comes_again(self, entry: StagedEntry) -> bool:
        """Tell whether an anchor is listed twice, the other time under when its entry was created.

        So it is after a delete and another entry of the same source anchor in one import.
        """
        row = self._connection.execute(
            "SELECT 1 FROM dirty WHERE created = ? AND anchor = ?", (entry.created, entry.anchor)
        ).fetchone()
        return row is not None

    def put(self, export: PendingExport) -> None:
        """Decide that the tenant is to be told this."""
        self._puts.append(export)

    def drop(self, anchor: str) -> None:
        """Decide that there is nothing to tell the tenant about an object."""
        self._drops.append(anchor)
        self._cured.append(anchor)

    def fail(self, failure: Failure) -> None:
        """Note an object that cannot be synchronized; what the cloud has of it stays as it is."""
        self._drops.append(failure.anchor)
        failures.record(self._connection, failure, stage="synchronization", now=self._now)

    def _write(self) -> None:
        drops = [(anchor,) for anchor in self._drops]
        if self._any_pending:
            self._dirty_groups_of(self._overruled())
            self._connection.executemany("DELETE FROM pending_export WHERE anchor = ?", drops)
        if self._any_errors:
            self._connection.executemany(
                "DELETE FROM error WHERE anchor = ? AND stage = 'synchronization'",
                [(anchor,) for anchor in self._cured] + [(export.anchor,) for export in self._puts],
            )
            self._connection.executemany(
                "DELETE FROM error WHERE anchor = ? AND stage = 'export'", drops
            )
        self._behind.insert(_PENDING, [_row(export) for export in self._puts], _OVERRULE)
        self._dirty_groups_of(
            [export.anchor for export in self._puts if export.operation is not Operation.UPDATE]
        )
        self.planned.update(export.operation for export in self._puts)
        for decisions in (self._puts, self._drops, self._cured):
            decisions.clear()

    def _overruled(self) -> list[str]:
        """Return what was to be added or deleted, and is so no longer, or for another reason.

        A delete that a guard stopped has its memberships on the list of removals; when the object
        is wanted again, they are to stay.
        """
        anchors = [*self._drops, *(export.anchor for export in self._puts)]
        rows = self._connection.execute(
            f"""SELECT anchor FROM pending_export
                WHERE anchor IN ({_marks(anchors)}) AND operation <> 'update'""",  # noqa: S608
            anchors,
        )
        return [anchor for (anchor,) in rows]

    def _dirty_groups_of(self, anchors: Sequence[str]) -> None:
        """Put groups on the list, and the groups that name these objects as members."""
        if self._all_groups_dirty:
            return
        rows = [(anchor,) for anchor in anchors]
        self._connection.executemany(
            """INSERT OR IGNORE INTO dirty_group SELECT r.entry FROM entry e
               JOIN reference r ON r.target = e.dn_key WHERE e.anchor = ?""",
            rows,
        )
        self._connection.executemany(
            """INSERT OR IGNORE INTO dirty_group SELECT id FROM entry
               WHERE anchor = ? AND +type = 'group'""",
            rows,
        )

    def finish(self) -> None:
        """Work out the membership changes of the dirty groups, and close the list."""
        self._write()
        self._connection.execute("DELETE FROM dirty")
        self._compute_members()
        self._connection.execute("DELETE FROM dirty_group")

    def _compute_members(self) -> None:
        """Compare the references of the dirty groups with the members that the cloud was told.

        Memberships that are as they should be are passed over first: nearly all are in a big group.
        CROSS JOIN is SQLite's way to say that the table on the left comes first, here the short one.
        """
        self._connection.execute(
            """DELETE FROM pending_member WHERE grp IN
               (SELECT g.anchor FROM dirty_group d CROSS JOIN entry g ON g.id = d.entry)"""
        )
        groups = f"""WITH groups AS MATERIALIZED (
            SELECT g.id, g.anchor FROM dirty_group d CROSS JOIN entry g ON g.id = d.entry
            WHERE {_WANTED.format("g.anchor")})"""  # noqa: S608
        self._connection.execute(
            f"""{groups} INSERT OR IGNORE INTO pending_member (grp, member, adds)
                SELECT g.anchor, e.anchor, 1 FROM groups g
                CROSS JOIN reference r ON r.entry = g.id
                CROSS JOIN entry e ON e.dn_key = r.target
                WHERE e.type IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM cloud_member c
                                WHERE c.grp = g.anchor AND c.member = e.anchor)
                AND {_WANTED.format("e.anchor")}"""  # noqa: S608
        )
        self._connection.execute(
            f"""{groups} INSERT OR IGNORE INTO pending_member (grp, member, adds)
                SELECT g.anchor, c.member, 0 FROM groups g
                CROSS JOIN cloud_member c ON c.grp = g.anchor
                WHERE NOT EXISTS (
                    SELECT 1 FROM entry e JOIN reference r ON r.entry = g.id AND r.target = e.dn_key
                    WHERE e.anchor = c.member)
                OR NOT {_WANTED.format("c.member")}"""  # noqa: S608
        )


@contextmanager
def synchronizing(database: Database, *, now: str) -> Iterator[Synchronization]:
    """Open a synchronization; what it decided is committed when the block ends well."""
    with immediate(database) as connection, writing_behind(connection) as behind:
        synchronization = Synchronization(behind, now)
        yield synchronization
        synchronization.finish()


def anything_dirty(database: Database) -> bool:
    sql = "SELECT EXISTS (SELECT 1 FROM dirty) OR EXISTS (SELECT 1 FROM dirty_group)"
    return bool(database.conn.execute(sql).fetchone()[0])


def _row(export: PendingExport) -> tuple[object, ...]:
    return (
        export.anchor,
        str(export.operation),
        0 if export.operation is Operation.DELETE else 1,
        str(export.type),
        export.created,
        canonical(export.properties),
        _names(export.changed),
        json.dumps(export.releases) if export.releases else None,
    )


@lru_cache(maxsize=1024)
def _names(names: tuple[str, ...]) -> str:
    """Write names of properties; remembered, because added objects mostly have the same ones."""
    return json.dumps(names)


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))
