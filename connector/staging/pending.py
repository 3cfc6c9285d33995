"""Give the synchronization the objects of the worklist, and store the exports that it decides on."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

from connector.model import Exported, ObjectType, Operation, StagedEntry, Work
from connector.staging import (
    failures,
    foreign,
    managers,
    memberships,
    newcomers,
    projection,
    texts,
)
from connector.staging.bulk import drop_indexes, make_indexes
from connector.staging.excluded import are_any_ruled_out, note_rules
from connector.staging.flowed import VERSION, Flowed
from connector.storage.database import immediate
from connector.storage.rows import writing_behind
from connector.values.canonical import canonical
from connector.values.entries import load
from connector.values.references import MEMBER_REFERENCES

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from connector.model import ExcludedEntry, Failure, Flowing, PendingExport
    from connector.staging.accounts import Ambiguous
    from connector.staging.projection import Projected
    from connector.storage.database import Database
    from connector.storage.rows import Behind

_BATCH = 1024
# Characters of staged attributes that are at work at a time: objects with hundreds of addresses go in
# smaller batches. The first one is small because nothing is known yet.
_CHARACTERS = 4_000_000
_FIRST = 256
_TYPES = {kind.value: kind for kind in ObjectType}

_PROJECTION = "projection (id, anchor, operation, wanted, type, created, changed, releases)"
_PUT = ("operation", "wanted", "type", "created", "changed", "releases", "tried")

# The text of an entry that is the only one with its anchor, and wants no other.
_FLOWED = """t.id = e.text AND e.wanted_anchor IS NULL AND NOT EXISTS
    (SELECT 1 FROM entry o WHERE o.anchor = e.anchor AND o.id <> e.id AND +o.type IS NOT NULL)"""

# A plus in a query keeps SQLite from the index on types where the one on anchors is meant.


class Synchronization:
    """One synchronization within a transaction: gives the work, takes the decisions.

    ``planned`` counts the exports by operation, once they are written; ``ambiguous`` are the members that groups
    name by a uid that several users have, known at the end. Objects of the types ``unmanaged`` get no manager.
    """

    def __init__(self, connection: Behind, now: str, flowing: Flowing | None = None) -> None:
        self._connection = connection
        self._now = now
        self._flowing = flowing if flowing and _is_flowed_by(connection, flowing.version) else None
        self._puts: list[PendingExport] = []
        self._drops: list[str] = []
        self._cured: list[str] = []
        self._size = min(_FIRST, _BATCH)
        self._excluded: list[ExcludedEntry] = []
        self._decided: list[str] = []
        self.unmanaged: Collection[str] = ()
        self.planned: Counter[Operation] = Counter()
        self.ambiguous: list[Ambiguous] = []
        # What was projected of the objects of a page; a decision is compared with it.
        self._projected: dict[str, Projected] = {}
        self._again: set[str] = set()
        # The texts that entries of a page name, by source anchor.
        self._flowed: dict[str, Flowed] = {}
        # A first synchronization of 100,000 objects need not look 100,000 times for nothing.
        self._is_first = not self._any("SELECT 1 FROM projection")
        self._dropped = drop_indexes(connection, "projection") if self._is_first else []
        self._next_id = self._first(projection.NEXT)
        self._next_text = self._first(texts.NEXT)
        self._any_accounts = self._any("SELECT 1 FROM account")
        self._any_managers = managers.are_in_doubt(connection)
        self._any_errors = self._any("SELECT 1 FROM error")
        self._any_ruled_out = are_any_ruled_out(connection)
        self._foreign = foreign.anchors(connection)
        # Of these, what the rules would export.
        self._elsewhere: list[str] = []
        self._all_groups_dirty = not self._any(
            "SELECT 1 FROM entry WHERE type = 'group' AND id NOT IN (SELECT entry FROM dirty_group)"
        )

    def _any(self, sql: str) -> bool:
        return self._connection.execute(sql + " LIMIT 1").fetchone() is not None

    def _first(self, sql: str) -> int:
        return int(self._connection.execute(sql).fetchone()[0])

    def count(self) -> int:
        """Count the objects of the worklist."""
        return self._first("SELECT count(*) FROM dirty")

    def put_new(self) -> dict[str, int]:
        """Decide on all that need no decision: in a first synchronization the plain objects.

        Returns how many users get a UPN by that, by the end of the UPN.
        """
        limit = self._flowing.member_limit if self._flowing else None
        if limit is None or not self._is_first or self._any_errors or self._any_ruled_out:
            return {}
        if not self._all_groups_dirty or self._foreign:
            return {}
        self.planned[Operation.ADD] += newcomers.put(self._connection, member_limit=limit)
        self._next_id = self._first(projection.NEXT)
        return newcomers.upn_ends(self._connection)

    def work(self, advance: Callable[[int], None] = lambda _: None) -> Iterator[Work]:
        """Yield every object of the worklist once; decisions on them are written batch by batch.

        ``advance`` is called with the number of objects of each batch.
        """
        rows = self._page(("", ""))
        work, self._projected, self._flowed = self._load(rows)
        while rows:
            if self._any_ruled_out:
                self._decided = [anchor for _, anchor in rows]
            yield from work
            advance(len(rows))
            rows = self._page(rows[-1])
            # Loaded before the decisions are written: writing goes on while the next ones are made.
            work, projected, flowed = self._load(rows)
            self._write()
            self._projected, self._flowed = projected, flowed

    def _page(self, last: tuple[str, str]) -> list[tuple[str, str]]:
        return self._connection.execute(
            """SELECT created, anchor FROM dirty WHERE (created, anchor) > (?, ?)
               ORDER BY created, anchor LIMIT ?""",
            (*last, self._size),
        ).fetchall()

    def _load(
        self, rows: Sequence[tuple[str, str]]
    ) -> tuple[list[Work], dict[str, Projected], dict[str, Flowed]]:
        anchors = [anchor for _, anchor in rows]
        entries, members, wanted, flowed = self._entries(anchors)
        projected = {} if self._is_first else projection.look_up(self._connection, anchors)
        work = []
        for created, anchor in rows:
            found = entries.get(anchor, ())
            if found and found[0].created != created and self._comes_again(found[0]):
                continue
            exported = None
            if (before := projected.get(anchor)) and before.told_type is not None:
                exported = Exported(_TYPES[before.told_type], before.told_properties or "")
            count = members.get(anchor, 0)
            properties = flowed[anchor].properties if anchor in flowed else None
            work.append(Work(anchor, found, wanted.get(anchor), count, exported, properties))
        return work, projected, flowed

    def _entries(
        self, anchors: Sequence[str]
    ) -> tuple[dict[str, list[StagedEntry]], dict[str, int], dict[str, str], dict[str, Flowed]]:
        """Return maps by anchor: entries, oldest first; number of members; wanted anchor; worked out text.

        An entry of which the text is known comes without its attributes.
        """
        entries: dict[str, list[StagedEntry]] = {}
        members: dict[str, int] = {}
        wanted: dict[str, str] = {}
        flowed: dict[str, Flowed] = {}
        characters = 0
        for *staged, attributes, text, wanted_anchor, count in self._staged(anchors):
            anchor, kind, dn, dn_key, created, number = staged
            characters += len(attributes or text)
            loaded = {} if attributes is None else load(attributes)
            entry = StagedEntry(anchor, _TYPES[kind], dn, dn_key, created, loaded)
            if attributes is None:
                flowed[anchor] = Flowed(number, text)
            if anchor in entries:
                entries[anchor].append(entry)
                entries[anchor].sort(key=lambda entry: (entry.created, entry.dn))
            else:
                entries[anchor] = [entry]
            if count:
                members[anchor] = count
            if wanted_anchor is not None:
                wanted[anchor] = wanted_anchor
        each = characters // max(1, len(anchors)) or 1
        self._size = max(1, min(_BATCH, _CHARACTERS // each))
        return entries, members, wanted, flowed

    def _staged(self, anchors: Sequence[str]) -> sqlite3.Cursor:
        """Select the entries with these anchors; either their attributes or their text is NULL."""
        return self._connection.execute(
            f"""SELECT e.anchor, e.type, e.dn, e.dn_key, e.created, t.id,
                       CASE WHEN t.id IS NULL THEN e.attributes END, t.properties, e.wanted_anchor,
                       CASE e.type WHEN 'group'
                       THEN (SELECT count(*) FROM reference WHERE entry = e.id
                             AND target >= '{MEMBER_REFERENCES}') ELSE 0 END
                FROM entry e LEFT JOIN text t ON {_FLOWED if self._flowing else "0"}
                WHERE e.anchor IN ({_marks(anchors)}) AND +e.type IS NOT NULL""",  # noqa: S608
            anchors,
        )

    def _comes_again(self, entry: StagedEntry) -> bool:
        """Tell whether an anchor is listed twice: it was, or will be with the creation time of its entry.

        That is so after an import which removed an entry and added another one of the same anchor, or
        changed two of several that have one anchor.
        """
        if entry.anchor in self._again:
            return True
        self._again.add(entry.anchor)
        row = self._connection.execute(
            "SELECT 1 FROM dirty WHERE created = ? AND anchor = ?", (entry.created, entry.anchor)
        ).fetchone()
        return row is not None

    def put(self, export: PendingExport) -> None:
        """Decide on an export: it becomes the pending one of its object."""
        if export.anchor in self._foreign:
            self._elsewhere.append(export.anchor)
            self.drop(export.anchor)
        else:
            self._puts.append(export)

    def drop(self, anchor: str) -> None:
        """Decide that there is nothing to export of an object."""
        self._drops.append(anchor)
        self._cured.append(anchor)

    def fail(self, failure: Failure) -> None:
        """Note an object that cannot be synchronized; what is exported of it stays as it is."""
        self._drops.append(failure.anchor)
        failures.record(
            self._connection.catch_up(), failure, stage="synchronization", now=self._now
        )

    def exclude(self, entries: Sequence[ExcludedEntry]) -> None:
        """Note the entries of the object at hand that the rules leave out, and why."""
        self._excluded += entries

    def _write(self) -> None:
        if self._projected:
            self._dirty_groups_of(self._overruled())
            self._withdraw()
        if self._any_errors:
            self._connection.executemany(
                "DELETE FROM error WHERE anchor = ? AND stage = 'synchronization'",
                [(anchor,) for anchor in self._cured] + [(export.anchor,) for export in self._puts],
            )
            self._connection.executemany(
                "DELETE FROM error WHERE anchor = ? AND stage = 'export'",
                [(anchor,) for anchor in self._drops],
            )
            foreign.forgive(self._connection, self._drops)
        self._write_puts()
        self._note_foreign()
        self._dirty_groups_of(
            [export.anchor for export in self._puts if export.operation is not Operation.UPDATE]
        )
        self.planned.update(export.operation for export in self._puts)
        if self._excluded or self._decided:
            note_rules(self._connection, self._excluded, self._decided)
        for decisions in (self._puts, self._drops, self._cured, self._excluded, self._decided):
            decisions.clear()
        self._elsewhere.clear()

    def _note_foreign(self) -> None:
        """Note which objects of other clients the rules would export: groups may name these.

        One that fails here stays as it is.
        """
        if not self._foreign.isdisjoint(self._cured):
            unwanted = self._foreign.intersection(self._cured) - set(self._elsewhere)
            new = [anchor for anchor in self._elsewhere if anchor not in self._projected]
            numbers = range(self._next_id, self._next_id + len(new))
            self._connection.insert("projection (id, anchor)", list(zip(numbers, new, strict=True)))
            self._next_id += len(new)
            foreign.want(self._connection, self._elsewhere, unwanted)
            self._dirty_groups_of([*self._elsewhere, *unwanted])

    def _overruled(self) -> list[str]:
        """Return the objects that are decided on anew while their add or delete is still pending.

        Memberships depend on it. A delete that a guard stopped has the removal of its memberships
        pending too: they stay when the object is wanted again. And an add that is withdrawn must not
        leave a pending membership behind.
        """
        anchors = [*self._drops, *(export.anchor for export in self._puts)]
        overruled = {Operation.ADD.value, Operation.DELETE.value}
        known = self._projected
        return [each for each in anchors if each in known and known[each].operation in overruled]

    def _withdraw(self) -> None:
        """Drop what is pending of the objects that need no export."""
        known = (self._projected[anchor] for anchor in self._drops if anchor in self._projected)
        pending = [before for before in known if before.operation is not None]
        self._connection.executemany(
            f"UPDATE projection SET {projection.NOTHING_PENDING} WHERE id = ?",  # noqa: S608
            [(before.id,) for before in pending],
        )
        self._release(pending)

    def _release(self, overruled: Iterable[Projected]) -> None:
        """Release the texts that were pending of objects and are no longer."""
        released = [
            (b.wanted, b.anchor) for b in overruled if b.wanted is not None and b.wanted != b.told
        ]
        self._connection.later(len(released), texts.release, released)

    def _write_puts(self) -> None:
        new_texts, added, changed = [], [], []
        overruled = []
        for export in self._puts:
            before = self._projected.get(export.anchor)
            properties = canonical(export.properties)
            if before is not None and projection.is_pending(before, export, properties):
                continue
            flowed = self._flowed.get(export.anchor)
            if before is not None and before.told_properties == properties:
                text = before.told
            elif flowed is not None and flowed.properties == properties:
                text = flowed.id
            else:
                text = self._next_text
                self._next_text += 1
                new_texts.append((text, properties))
            columns = projection.pending_columns(export, text)
            if before is None:
                added.append((self._next_id, export.anchor, *columns))
                self._next_id += 1
            else:
                changed.append((before.id, *columns, None))
                overruled.append(before)
        self._connection.insert("text", new_texts)
        self._connection.insert(_PROJECTION, added)
        self._connection.update("projection", _PUT, changed)
        self._release(overruled)

    def _dirty_groups_of(self, anchors: Sequence[str]) -> None:
        """Put objects on the worklist that are groups, all memberships of the others, and the managers."""
        if self._any_managers:
            managers.add_around(self._connection, anchors)
        if self._all_groups_dirty:
            return
        rows = [(anchor,) for anchor in anchors]
        self._connection.executemany(
            """INSERT OR IGNORE INTO dirty_member SELECT r.entry, e.anchor FROM entry e
               JOIN reference r ON r.target = e.dn_key WHERE e.anchor = ?""",
            rows,
        )
        self._connection.executemany(
            """INSERT OR IGNORE INTO dirty_group SELECT id FROM entry
               WHERE anchor = ? AND +type = 'group'""",
            rows,
        )
        if self._any_accounts:
            self._connection.executemany(
                """INSERT OR IGNORE INTO dirty_group SELECT r.entry FROM entry e
                   JOIN account a ON a.entry = e.id JOIN reference r ON r.target = a.name
                   WHERE e.anchor = ?""",
                rows,
            )

    def finish(self) -> None:
        """Work out the membership changes of the worklist, and empty it."""
        self._write()
        make_indexes(self._connection, self._dropped)
        self.ambiguous = memberships.compute(self._connection, any_accounts=self._any_accounts)
        managers.compute(self._connection, self.unmanaged)
        for table in ("dirty", "dirty_group", "dirty_member", "dirty_manager"):
            self._connection.execute(f"DELETE FROM {table}")  # noqa: S608 - names from here
        projection.remove_empty(self._connection)


@contextmanager
def synchronizing(
    database: Database, *, now: str, flowing: Flowing | None = None
) -> Iterator[Synchronization]:
    """Open a synchronization; its decisions are committed when the block ends well."""
    with immediate(database) as connection, writing_behind(connection) as behind:
        synchronization = Synchronization(behind, now, flowing)
        yield synchronization
        synchronization.finish()


def _is_flowed_by(connection: Behind, version: str) -> bool:
    """Tell whether the texts of the entries were worked out by these rules."""
    row = connection.execute("SELECT value FROM state WHERE name = ?", (VERSION,)).fetchone()
    return row is not None and row[0] == version


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))
