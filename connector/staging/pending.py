"""What the synchronization has to look at, and the pending exports that it decides on."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

from connector.canonical import canonical
from connector.database import immediate
from connector.entries import load
from connector.model import Exported, ObjectType, Operation, StagedEntry, Work
from connector.staging import failures

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from connector.database import Database
    from connector.model import Failure, PendingExport

_BATCH = 1000

# A plus keeps SQLite from the index on type where that on anchor is meant.

# An object that the cloud has, or is to get with this export, and that it is not to lose.
_WANTED = """(EXISTS (SELECT 1 FROM pending_export p WHERE p.anchor = {0} AND p.operation = 'add')
    OR (EXISTS (SELECT 1 FROM cloud_entry c WHERE c.anchor = {0})
        AND NOT EXISTS (SELECT 1 FROM pending_export p WHERE p.anchor = {0} AND p.operation = 'delete')))"""


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
    """One synchronization: gives the work, takes the decisions, in one transaction."""

    def __init__(self, database: Database, now: str) -> None:
        self._connection = database.conn
        self._now = now
        self._puts: list[PendingExport] = []
        self._drops: list[str] = []
        self._cured: list[str] = []
        self._scope_changes: list[str] = []

    def count(self) -> int:
        return int(self._connection.execute("SELECT count(*) FROM dirty").fetchone()[0])

    def work(self) -> Iterator[Work]:
        """Yield every dirty anchor once; decisions given in between are written batch by batch."""
        last = ("", "")
        while rows := self._connection.execute(
            """SELECT created, anchor FROM dirty WHERE (created, anchor) > (?, ?)
               ORDER BY created, anchor LIMIT ?""",
            (*last, _BATCH),
        ).fetchall():
            last = rows[-1]
            yield from self._load([anchor for _, anchor in rows])
            self._write()

    def _load(self, anchors: Sequence[str]) -> Iterator[Work]:
        marks = ",".join("?" * len(anchors))
        entries: dict[str, list[StagedEntry]] = {}
        wanted: dict[str, str] = {}
        members: dict[str, int] = {}
        for anchor, kind, dn, created, attributes, wanted_anchor, count in self._connection.execute(
            f"""SELECT anchor, type, dn, created, attributes, wanted_anchor,
                       CASE type WHEN 'group'
                       THEN (SELECT count(*) FROM reference WHERE entry = entry.id) ELSE 0 END
                FROM entry WHERE anchor IN ({marks}) AND +type IS NOT NULL
                ORDER BY created, uuid""",  # noqa: S608
            anchors,
        ):
            entry = StagedEntry(anchor, ObjectType(kind), dn, created, load(attributes))
            entries.setdefault(anchor, []).append(entry)
            members.setdefault(anchor, count)
            if wanted_anchor is not None:
                wanted[anchor] = wanted_anchor
        exported = {
            anchor: Exported(ObjectType(kind), properties)
            for anchor, kind, properties in self._connection.execute(
                f"SELECT anchor, type, properties FROM cloud_entry WHERE anchor IN ({marks})",  # noqa: S608
                anchors,
            )
        }
        for anchor in anchors:
            yield Work(
                anchor,
                entries.get(anchor, ()),
                wanted.get(anchor),
                members.get(anchor, 0),
                exported.get(anchor),
            )

    def put(self, export: PendingExport) -> None:
        """Decide that the tenant is to be told this."""
        self._puts.append(export)
        if export.operation is not Operation.UPDATE:
            self._scope_changes.append(export.anchor)
        self._cured.append(export.anchor)

    def drop(self, anchor: str) -> None:
        """Decide that there is nothing to tell the tenant about an object."""
        self._drops.append(anchor)
        self._cured.append(anchor)

    def fail(self, failure: Failure) -> None:
        """Note an object that cannot be synchronized; what the cloud has of it stays as it is."""
        self._drops.append(failure.anchor)
        failures.record(self._connection, failure, stage="synchronization", now=self._now)

    def _write(self) -> None:
        self._connection.executemany(
            """INSERT INTO pending_export
               (anchor, operation, rank, type, created, properties, changed, releases)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?)
               ON CONFLICT DO UPDATE SET operation = excluded.operation, rank = excluded.rank,
                   type = excluded.type, created = excluded.created, properties = excluded.properties,
                   changed = excluded.changed, releases = excluded.releases, tried = NULL
               WHERE (properties, operation, type) IS NOT
                     (excluded.properties, excluded.operation, excluded.type)""",
            map(_row, self._puts),
        )
        self._connection.executemany(
            "DELETE FROM pending_export WHERE anchor = ?", ((anchor,) for anchor in self._drops)
        )
        self._connection.executemany(
            "DELETE FROM error WHERE anchor = ? AND stage = 'synchronization'",
            ((anchor,) for anchor in self._cured),
        )
        self._connection.executemany(
            "DELETE FROM error WHERE anchor = ? AND stage = 'export'",
            ((anchor,) for anchor in self._drops),
        )
        self._connection.executemany(
            """INSERT OR IGNORE INTO dirty_group SELECT r.entry FROM entry e
               JOIN reference r ON r.target = e.dn_key WHERE e.anchor = ?""",
            ((anchor,) for anchor in self._scope_changes),
        )
        self._connection.executemany(
            """INSERT OR IGNORE INTO dirty_group SELECT id FROM entry
               WHERE anchor = ? AND +type = 'group'""",
            ((anchor,) for anchor in self._scope_changes),
        )
        for decisions in (self._puts, self._drops, self._cured, self._scope_changes):
            decisions.clear()

    def finish(self) -> None:
        """Work out the membership changes of the dirty groups, and close the list."""
        self._write()
        self._connection.execute("DELETE FROM dirty")
        self._compute_members()
        self._connection.execute("DELETE FROM dirty_group")

    def _compute_members(self) -> None:
        self._connection.execute(
            """DELETE FROM pending_member WHERE grp IN
               (SELECT g.anchor FROM dirty_group d JOIN entry g ON g.id = d.entry)"""
        )
        self._connection.execute(
            f"""INSERT OR IGNORE INTO pending_member (grp, member, adds)
                SELECT g.anchor, e.anchor, 1 FROM dirty_group d
                JOIN entry g ON g.id = d.entry
                JOIN reference r ON r.entry = g.id
                JOIN entry e ON e.dn_key = r.target
                WHERE e.type IS NOT NULL AND {_WANTED.format("g.anchor")} AND {_WANTED.format("e.anchor")}
                AND NOT EXISTS (SELECT 1 FROM cloud_member c
                                WHERE c.grp = g.anchor AND c.member = e.anchor)"""  # noqa: S608
        )
        self._connection.execute(
            f"""INSERT OR IGNORE INTO pending_member (grp, member, adds)
                SELECT g.anchor, c.member, 0 FROM dirty_group d
                JOIN entry g ON g.id = d.entry
                JOIN cloud_member c ON c.grp = g.anchor
                WHERE {_WANTED.format("g.anchor")} AND NOT EXISTS (
                    SELECT 1 FROM entry e JOIN reference r ON r.entry = g.id AND r.target = e.dn_key
                    WHERE e.anchor = c.member AND {_WANTED.format("e.anchor")})"""  # noqa: S608
        )


@contextmanager
def synchronizing(database: Database, *, now: str) -> Iterator[Synchronization]:
    """Open a synchronization; what it decided is committed when the block ends well."""
    with immediate(database):
        synchronization = Synchronization(database, now)
        yield synchronization
        synchronization.finish()


def anything_dirty(database: Database) -> bool:
    sql = "SELECT EXISTS (SELECT 1 FROM dirty) OR EXISTS (SELECT 1 FROM dirty_group)"
    return bool(database.conn.execute(sql).fetchone()[0])


def _row(export: PendingExport) -> tuple[object, ...]:
    return (
        export.anchor,
        export.operation.value,
        0 if export.operation is Operation.DELETE else 1,
        export.type.value,
        export.created,
        canonical(export.properties),
        json.dumps(export.changed),
        json.dumps(export.releases) if export.releases else None,
    )
