"""Stage a Delta of the directory: all of it in one transaction with its cookie, or nothing.

The worst that a sync can do is to delete what is still there. So nothing is deleted that the
directory did not report as gone or, where it only failed to mention it, did not return when asked
for it by id; and a guard sees the whole set before it is committed.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from connector.errors import DirectoryUnavailable
from connector.model import Complete, DirectoryEntry, Gone, Present
from connector.run import Counts
from connector.staging import watermark
from connector.staging.links import unlink
from connector.storage.database import immediate
from connector.storage.rows import writing_behind
from connector.values import dn as dns
from connector.values.entries import stage

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from connector.model import Change
    from connector.ports import Directory
    from connector.storage.database import Database
    from connector.values.entries import Staged

_BATCH = 1024
_ENTRY = "entry (id, uuid, anchor, type, dn, dn_key, created, csn, attributes, hash, run)"
_UNLESS_THERE = "ON CONFLICT DO NOTHING"


@dataclass(frozen=True, slots=True)
class Removal:
    """What an import is about to remove, for the guard: ``staged`` objects stood there before."""

    anchors: Sequence[str]
    staged: int
    left: int


class Import:
    """One import: takes a Delta, gives counts; see ``run``."""

    def __init__(
        self,
        database: Database,
        directory: Directory,
        *,
        run: int,
        guard: Callable[[Removal], None],
        advance: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._database = database
        self._directory = directory
        self._run = run
        self._guard = guard
        self._advance = advance
        self._counts = Counts()
        self._renamed: list[tuple[str, str]] = []
        self._doomed: dict[bytes, None] = {}
        self._unknown: dict[bytes, None] = {}

    def run(self, cookie: bytes | None) -> Counts:
        """Stage what the directory reports since ``cookie`` and store its new cookie.

        Raises DirectoryUnavailable when the answer is not whole, and whatever the guard raises; the
        connector space is then as it was.
        """
        changes = self._directory.changes(cookie)
        with immediate(self._database) as connection:
            connection.execute(
                "CREATE TEMP TABLE IF NOT EXISTS seen (uuid BLOB PRIMARY KEY) WITHOUT ROWID"
            )
            connection.execute("DELETE FROM temp.seen")
            self._empty = connection.execute("SELECT 1 FROM entry LIMIT 1").fetchone() is None
            self._next_id = (
                1 + connection.execute("SELECT coalesce(max(id), 0) FROM entry").fetchone()[0]
            )
            with writing_behind(connection) as self._behind:
                complete = self._consume(changes)
                self._read_unknown()
                if complete.unmentioned_gone and not self._empty:
                    self._doom(self._unseen())
                self._follow_containers()
                self._remove_doomed()
            self._keep_watermark(complete, cookie)
            connection.execute("DELETE FROM temp.seen")
        return self._counts

    @property
    def _connection(self) -> sqlite3.Connection:
        """The connection when what was inserted behind is there."""
        return self._behind.connection

    def _consume(self, changes: Iterator[Change]) -> Complete:
        batch: list[DirectoryEntry] = []
        for change in changes:
            if isinstance(change, DirectoryEntry):
                batch.append(change)
                if len(batch) >= _BATCH:
                    self._upsert(batch)
                    batch = []
            elif isinstance(change, Present):
                self._present(change.uuids)
            elif isinstance(change, Gone):
                self._doom(change.uuids)
                if change.unlinked:
                    unlink(
                        self._connection,
                        [known.dn_key for known in self._known_in_chunks(change.uuids)],
                    )
            else:
                self._upsert(batch)
                return change
        raise DirectoryUnavailable(
            f"{self._directory.url} ended its answer without completing it; nothing was changed. "
            "The next cycle asks again."
        )

    # --- entries ------------------------------------------------------------------------------

    def _upsert(self, entries: Sequence[DirectoryEntry]) -> None:
        if not entries:
            return
        batch = {entry.uuid: stage(entry) for entry in entries}
        known = self._known(batch)
        fresh: list[Staged] = []
        changed: list[tuple[_Known, Staged]] = []
        for uuid, staged in batch.items():
            self._doomed.pop(uuid, None)
            before = known.get(uuid)
            if before is None:
                fresh.append(staged)
            elif before.hash != staged.hash:
                changed.append((before, staged))
            elif staged.type is not None:
                self._counts.unchanged += 1
        self._insert(fresh)
        self._update(changed)
        if not self._empty:
            self._mark_seen(batch)
        self._advance(len(entries))

    def _known(self, uuids: Collection[bytes]) -> dict[bytes, _Known]:
        sql = f"""SELECT uuid, id, anchor, type, dn_key, hash FROM entry
                  WHERE uuid IN ({",".join("?" * len(uuids))})"""  # noqa: S608 - only marks
        return {row[0]: _Known(*row) for row in self._connection.execute(sql, list(uuids))}

    def _mark_seen(self, uuids: Iterable[bytes]) -> None:
        self._connection.executemany(
            "INSERT OR IGNORE INTO temp.seen VALUES (?)", ((uuid,) for uuid in uuids)
        )

    def _insert(self, fresh: Sequence[Staged]) -> None:
        rows, references, anchors, groups = [], [], [], []
        for staged in fresh:
            number = self._next_id
            self._next_id += 1
            rows.append((number, *_columns(staged), self._run))
            references += [(number, target) for target in staged.references]
            if staged.type is not None:
                anchors.append((staged.created, staged.anchor))
                if staged.type == "group":
                    groups.append((number,))
        self._behind.insert(_ENTRY, rows)
        self._behind.insert("reference", references)
        self._behind.insert("dirty", anchors, _UNLESS_THERE)
        self._behind.insert("dirty_group", groups, _UNLESS_THERE)
        self._counts.adds += len(anchors)
        if not self._empty:
            self._dirty_referrers(staged.dn_key for staged in fresh)

    def _update(self, changed: Sequence[tuple[_Known, Staged]]) -> None:
        moved: list[str] = []
        rows: list[tuple[object, ...]] = []
        dirty: set[tuple[str, str]] = set()
        for before, staged in changed:
            anchor, wanted = self._anchors(before, staged)
            rows.append((anchor, wanted, *_columns(staged)[2:], self._run, before.id))
            if staged.references or before.type == "group":
                self._rewrite_references(before.id, set(staged.references))
            if staged.type is not None or before.type is not None:
                dirty |= {(staged.created, before.anchor), (staged.created, anchor)}
            if before.dn_key != staged.dn_key:
                moved += [before.dn_key, staged.dn_key]
                if staged.type is None:
                    self._renamed.append((before.dn_key, staged.dn))
            if staged.type is not None:
                self._counts.updates += 1
        self._connection.executemany(
            """UPDATE entry SET anchor = ?, wanted_anchor = ?, type = ?, dn = ?, dn_key = ?, created = ?,
               csn = ?, attributes = ?, hash = ?, run = ? WHERE id = ?""",
            rows,
        )
        self._behind.insert("dirty", sorted(dirty), _UNLESS_THERE)
        self._dirty_referrers(moved)

    def _anchors(self, before: _Known, staged: Staged) -> tuple[str, str | None]:
        """Return the source anchor of a changed entry, and the one it wants where that is another.

        The source anchor is immutable: where the entry carries another one now, the old one stays
        and the new one is noted for the synchronization to judge.
        """
        if staged.anchor == before.anchor:
            return before.anchor, None
        if self._exported(before):
            return before.anchor, staged.anchor
        return staged.anchor, None

    def _exported(self, before: _Known) -> bool:
        sql = "SELECT 1 FROM cloud_entry WHERE anchor = ?"
        return self._connection.execute(sql, (before.anchor,)).fetchone() is not None

    def _rewrite_references(self, number: int, wanted: set[str]) -> None:
        """Write those of an entry's references that differ."""
        rows = self._connection.execute("SELECT target FROM reference WHERE entry = ?", (number,))
        known = {target for (target,) in rows}
        if known == wanted:
            return
        self._connection.executemany(
            "DELETE FROM reference WHERE entry = ? AND target = ?",
            ((number, target) for target in known - wanted),
        )
        self._connection.executemany(
            "INSERT INTO reference VALUES (?, ?)", ((number, target) for target in wanted - known)
        )
        self._connection.execute("INSERT OR IGNORE INTO dirty_group VALUES (?)", (number,))

    def _dirty_referrers(self, dn_keys: Iterable[str]) -> None:
        self._connection.executemany(
            "INSERT OR IGNORE INTO dirty_group SELECT entry FROM reference WHERE target = ?",
            ((key,) for key in dn_keys),
        )

    def _present(self, uuids: Sequence[bytes]) -> None:
        """Note that entries are still there, and which of them were never staged.

        An unknown one moved into the search with its container, which renames no entry but itself.
        """
        unknown = dict.fromkeys(uuids)
        for before in self._known_in_chunks(uuids):
            del unknown[before.uuid]
            self._doomed.pop(before.uuid, None)
            if before.type is not None:
                self._counts.unchanged += 1
        self._mark_seen(uuid for uuid in uuids if uuid not in unknown)
        self._unknown.update(unknown)

    def _read_unknown(self) -> None:
        """Read them when the answer is whole: a directory answers one question at a time."""
        if self._unknown:
            for batch in _batches(self._directory.read(list(self._unknown))):
                self._upsert(batch)

    # --- removals -----------------------------------------------------------------------------

    def _unseen(self) -> list[bytes]:
        """Return what the Delta did not mention and the directory does not return when asked."""
        rows = self._connection.execute(
            "SELECT uuid FROM entry WHERE uuid NOT IN (SELECT uuid FROM temp.seen)"
        )
        return self._confirmed_gone([uuid for (uuid,) in rows])

    def _confirmed_gone(self, suspects: Sequence[bytes]) -> list[bytes]:
        if not suspects:
            return []
        found: set[bytes] = set()
        for batch in _batches(self._directory.read(suspects)):
            self._upsert(batch)
            found.update(entry.uuid for entry in batch)
        return [uuid for uuid in suspects if uuid not in found]

    def _doom(self, uuids: Iterable[bytes]) -> None:
        self._doomed.update(dict.fromkeys(uuids))

    def _follow_containers(self) -> None:
        """Bring up to date what stood below a container that was renamed or is going.

        slapd reports the container alone (``docs/decisions.md``, "Renamed containers").
        """
        suspects: dict[bytes, None] = {}
        read: list[str] = []
        for old_key, new_dn in self._renamed:
            suspects.update(dict.fromkeys(self._below(old_key)))
            new_key = dns.key(new_dn)
            if any(dns.is_below(new_key, above) for above in read):
                continue
            read.append(new_key)
            for batch in _batches(self._directory.read_below(new_dn)):
                self._upsert(batch)
                for entry in batch:
                    suspects.pop(entry.uuid, None)
        for before in self._known_in_chunks(self._doomed):
            if before.type is None:
                suspects.update(dict.fromkeys(self._below(before.dn_key)))
        self._doom(self._confirmed_gone([uuid for uuid in suspects if uuid not in self._doomed]))

    def _below(self, dn_key: str) -> list[bytes]:
        rows = self._connection.execute(
            # The inner query walks the index of names alone, which is small beside the entries.
            """SELECT uuid FROM entry WHERE id IN
               (SELECT id FROM entry WHERE substr(dn_key, -length(:tail)) = :tail)""",
            {"tail": "," + dn_key},
        )
        return [uuid for (uuid,) in rows]

    def _known_in_chunks(self, uuids: Iterable[bytes]) -> Iterator[_Known]:
        remaining = iter(list(uuids))
        while chunk := list(islice(remaining, _BATCH)):
            yield from self._known(chunk).values()

    def _remove_doomed(self) -> None:
        if not self._doomed:
            return
        doomed = list(self._known_in_chunks(self._doomed))
        objects = [known for known in doomed if known.type is not None]
        now = self._objects()
        self._guard(
            Removal(
                [known.anchor for known in objects],
                staged=now - self._counts.adds,
                left=now - len(objects),
            )
        )
        self._dirty_referrers(known.dn_key for known in objects)
        self._connection.executemany(
            "INSERT OR IGNORE INTO dirty VALUES ('', ?)", ((known.anchor,) for known in objects)
        )
        self._connection.executemany("DELETE FROM entry WHERE id = ?", ((k.id,) for k in doomed))
        self._counts.deletes += len(objects)

    def _objects(self) -> int:
        """Count the staged objects: two small indexes, not a walk over the entries."""
        sql = (
            "SELECT (SELECT count(*) FROM entry) - (SELECT count(*) FROM entry WHERE type IS NULL)"
        )
        return int(self._connection.execute(sql).fetchone()[0])

    def _keep_watermark(self, complete: Complete, cookie: bytes | None) -> None:
        if kept := complete.cookie or cookie:
            watermark.keep(self._database, self._directory.fingerprint, kept)


@dataclass(frozen=True, slots=True)
class _Known:
    """A staged entry as far as an import needs it."""

    uuid: bytes
    id: int
    anchor: str
    type: str | None
    dn_key: str
    hash: bytes


def _columns(staged: Staged) -> tuple[object, ...]:
    return (
        staged.uuid,
        staged.anchor,
        # sqlite3 takes its time over a str that is an enumeration.
        None if staged.type is None else str(staged.type),
        staged.dn,
        staged.dn_key,
        staged.created,
        staged.csn,
        staged.attributes,
        staged.hash,
    )


def _batches(entries: Iterator[DirectoryEntry]) -> Iterator[list[DirectoryEntry]]:
    while batch := list(islice(entries, _BATCH)):
        yield batch
