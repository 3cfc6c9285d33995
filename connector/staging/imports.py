"""Stage a Delta of the directory: all of it in one transaction with its cookie, or nothing.

``removals`` decides what the Delta removes. An entry that comes with another source anchor than it was
exported with keeps the one it has: the synchronization judges that.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from connector.errors import DirectoryUnavailable
from connector.model import Complete, DirectoryEntry, Gone, Present
from connector.run import Counts
from connector.staging import flowed
from connector.staging.accounts import Accounts
from connector.staging.branches import Branches
from connector.staging.bulk import drop_indexes, make_indexes
from connector.staging.excluded import note_classes
from connector.staging.known import BATCH, Known, look_up
from connector.staging.links import unlink
from connector.staging.losses import Losses
from connector.staging.reconciliation import Reconciled, unlike
from connector.staging.references import References
from connector.staging.removals import Removals
from connector.staging.watermark import Watermark
from connector.storage.database import immediate
from connector.storage.rows import writing_behind
from connector.values.entries import keep_choices, stage
from connector.values.staged import Staged, StagedPage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from connector.model import Change
    from connector.ports import Directory, Reader
    from connector.staging.removals import Removal
    from connector.storage.database import Database
    from connector.storage.rows import Behind

_ENTRY = "entry (id, uuid, anchor, type, dn, dn_key, created, csn, attributes, hash, run, text)"
_CHANGED = ("wanted_anchor", "dn", "created", "csn", "attributes", "hash", "run", "text")
_UNLESS_THERE = "ON CONFLICT DO NOTHING"


def import_from(  # noqa: PLR0913 - the two sides, how far the last one got, and the caller's wishes
    database: Database,
    directory: Directory,
    cookie: bytes | None,
    *,
    run: int,
    guard: Callable[[Removal], None],
    advance: Callable[[int], None] = lambda _: None,
    reconciled: Callable[[Reconciled], None] | None = None,
    reader: Reader | None = None,
) -> Counts:
    """Stage what the directory reports since ``cookie``, and store its new cookie.

    It counts objects, not containers, by what became of their staged entry. ``advance`` is called with
    the number of entries of each batch. Where somebody wants to hear what came of it (``reconciled``),
    what is staged is also compared with the identities that the directory lists; without a cookie
    everything is read anyway, and nobody hears of it. A ``reader`` works out the properties as well. Raises DirectoryUnavailable when the answer is not whole, and
    whatever the guard raises; the connector space is then as it was.
    """
    found: Reconciled | None = None
    changes = directory.changes(cookie) if reader is None else reader.changes(cookie)
    with immediate(database) as connection:
        flowed.keep_version(database, None if reader is None else reader.version)
        with writing_behind(connection) as behind:
            work = Import(
                behind,
                directory,
                run=run,
                advance=advance,
                is_whole=cookie is None,
                stage=stage if reader is None else reader.stage,
            )
            complete = work.read(changes)
            if reconciled is not None and cookie is not None:
                found = work.reconcile()
            work.finish(guard, unmentioned_gone=complete.unmentioned_gone)
        if kept := complete.cookie or cookie:
            Watermark(database).keep(directory.fingerprint(), kept)
    if reconciled is not None and found is not None:
        reconciled(found)
    return work.counts


class Import:
    """One import within a transaction; ``counts`` is complete when it is finished.

    ``is_whole`` says that the directory was asked for everything.
    """

    def __init__(  # noqa: PLR0913 - the two sides and the caller's wishes
        self,
        connection: Behind,
        directory: Directory,
        *,
        run: int,
        advance: Callable[[int], None],
        is_whole: bool,
        stage: Callable[[DirectoryEntry], Staged],
    ) -> None:
        self.counts = Counts()
        self._connection = connection
        self._directory = directory
        self._run = run
        self._advance = advance
        self._accounts = Accounts(connection)
        self._is_whole = is_whole
        self._stage = stage
        self._texts = flowed.Texts(connection)
        self._is_reconciled = False
        self._removals = Removals(connection, directory, self._stage_all, self._accounts)
        self._branches = Branches()
        self._unknown: dict[bytes, None] = {}
        (last,) = connection.execute("SELECT max(id) FROM entry").fetchone()
        self._is_first = last is None
        self._dropped = drop_indexes(connection, "entry", "reference") if self._is_first else []
        self._next_id = 1 + (last or 0)
        self._losses = Losses(connection, self._next_id)
        self._references = References(connection, self._losses)
        connection.execute(
            "CREATE TEMP TABLE IF NOT EXISTS seen (uuid BLOB PRIMARY KEY) WITHOUT ROWID"
        )
        connection.execute("DELETE FROM temp.seen")

    def read(self, changes: Iterator[Change | StagedPage]) -> Complete:
        """Stage the entries of a Delta and list what is gone; return its last value.

        Raises DirectoryUnavailable when there is none.
        """
        batch: dict[bytes, Staged] = {}
        for change in changes:
            if isinstance(change, DirectoryEntry):
                batch[change.uuid] = self._stage(change)
            elif isinstance(change, StagedPage):
                batch |= {staged.uuid: staged for staged in change.entries}
            elif isinstance(change, Present):
                self._note_present(change.uuids)
            elif isinstance(change, Gone):
                for uuid in change.uuids:
                    batch.pop(uuid, None)
                self._note_gone(change)
            else:
                self._take(batch)
                return change
            if len(batch) >= BATCH:
                self._take(batch)
                batch = {}
        raise DirectoryUnavailable(
            f"{self._directory.url} ended its answer without completing it; nothing was changed. "
            "The next cycle asks again."
        )

    def finish(self, guard: Callable[[Removal], None], *, unmentioned_gone: bool) -> None:
        """Read what the answer left open, then remove what is gone unless the guard raises."""
        make_indexes(self._connection, self._dropped)
        # Only now: a directory answers one question at a time.
        if self._unknown:
            self._stage_all(self._directory.read(list(self._unknown)))
        if unmentioned_gone and not self._is_first:
            self._removals.add_unmentioned()
        if not (self._is_whole or self._is_reconciled):
            self._branches.find(self._directory, tells_of_children=unmentioned_gone)
        self._removals.add_below(self._branches.found)
        removed = self._removals.carry_out(guard, added=self.counts.adds, losses=self._losses)
        self.counts.deletes += len(removed)
        self._accounts.finish()
        if not self._is_first:
            self._settle_references(removed)
        self._connection.execute("DELETE FROM temp.seen")

    def reconcile(self) -> Reconciled:
        """Stage what the directory lists in another way than it is staged, and list what is gone."""
        self._is_reconciled = True
        listed, doubtful = 0, list[bytes]()
        for number, unlike_staged in unlike(self._connection, self._directory.identities()):
            listed += number
            doubtful += unlike_staged
        self._stage_all(self._directory.read(doubtful))
        return Reconciled(listed, len(doubtful), self._removals.add_unmentioned())

    def _settle_references(self, removed: Sequence[Known]) -> None:
        moved = {branch.old_key: branch.dn_key for branch in self._branches.moved.values()}
        moved |= {known.dn_key: "" for known in removed if known.dn_key not in moved}
        arrived = [staged.dn_key for staged in self._branches.new]
        if not self._is_whole:
            arrived += (branch.dn_key for branch in self._branches.moved.values())
        unchanged = self.counts.unchanged
        self._references.settle(self._directory, self._stage_all, moved=moved, arrived=arrived)
        self.counts.unchanged = unchanged

    # --- what the directory reports -----------------------------------------------------------

    def _note_present(self, uuids: Sequence[bytes]) -> None:
        """Note that entries are still there, and which of them were never staged.

        An unknown one moved into the search with its container, which renames no entry but itself.
        """
        unknown = dict.fromkeys(uuids)
        for before in look_up(self._connection, list(unknown)):
            del unknown[before.uuid]
            if before.type is not None:
                self.counts.unchanged += 1
        there = [uuid for uuid in uuids if uuid not in unknown]
        self._removals.keep(there)
        self._mark_seen(there)
        self._unknown.update(unknown)

    def _note_gone(self, gone: Gone) -> None:
        self._removals.add(gone.uuids)
        if gone.unlinked:
            dn_keys = [known.dn_key for known in self._removals.look_up(gone.uuids)]
            unlink(self._connection.catch_up(), dn_keys)

    def _mark_seen(self, uuids: Iterable[bytes]) -> None:
        self._connection.insert("temp.seen", [(uuid,) for uuid in uuids], _UNLESS_THERE)

    # --- entries ------------------------------------------------------------------------------

    def _stage_all(self, entries: Iterator[DirectoryEntry]) -> set[bytes]:
        """Stage entries batch by batch; return their ids."""
        found: set[bytes] = set()
        while some := [self._stage(entry) for entry in islice(entries, BATCH)]:
            batch = {staged.uuid: staged for staged in some}
            self._take(batch)
            found.update(batch)
        return found

    def _take(self, batch: Mapping[bytes, Staged]) -> None:
        if not batch:
            return
        self._removals.keep(batch)
        known = {before.uuid: before for before in look_up(self._connection, batch)}
        fresh: list[Staged] = []
        changed: list[tuple[Known, Staged]] = []
        marked: list[tuple[str, int]] = []
        for uuid, staged in batch.items():
            before = known.get(uuid)
            if before is None:
                fresh.append(staged)
                continue
            if before.hash != staged.hash:
                changed.append((before, staged))
                continue
            if staged.type is not None:
                self.counts.unchanged += 1
            if before.mark != staged.csn:
                marked.append((staged.csn, before.id))
            self._references.believe(before, staged)
        self._insert(fresh)
        self._update(changed)
        if marked:
            self._connection.executemany("UPDATE entry SET csn = ? WHERE id = ?", marked)
        if not self._is_first:
            self._mark_seen(batch)
        self._advance(len(batch))

    def _insert(self, fresh: Sequence[Staged]) -> None:
        rows, references, anchors, groups, others = [], [], [], [], []
        for staged in fresh:
            number = self._next_id
            self._next_id += 1
            text = self._texts.add(staged)
            rows.append((number, staged.uuid, staged.anchor, *_columns(staged), self._run, text))
            references += [(number, target) for target in staged.references]
            if staged.type is not None:
                anchors.append((staged.created, staged.anchor))
                if staged.type == "group":
                    groups.append((number,))
            elif staged.what:
                others.append((number, staged.what))
        self._texts.write()
        self._connection.insert(_ENTRY, rows)
        self._connection.insert("reference", references)
        self._connection.insert("dirty", anchors, _UNLESS_THERE)
        self._connection.insert("dirty_group", groups, _UNLESS_THERE)
        self._references.note_new(fresh, self._next_id - len(fresh))
        note_classes(self._connection, others, stale=())
        self.counts.adds += len(anchors)
        self._accounts.note(enumerate(fresh, self._next_id - len(fresh)))
        if not self._is_first:
            self._references.doubt([(one.anchor, one.dn_key) for one in fresh])
        if not self._is_whole:
            self._branches.new += fresh

    def _update(self, changed: Sequence[tuple[Known, Staged]]) -> None:
        self._losses.compare(changed)
        moved: list[tuple[str, str]] = []
        rows: list[tuple[object, ...]] = []
        renamed: list[tuple[object, ...]] = []
        dirty: set[tuple[str, str]] = set()
        others: list[tuple[int, str]] = []
        classes: list[int] = []
        for before, read in changed:
            staged = self._with_choices(before, read)
            anchor, wanted = self._anchors(before, staged)
            self._texts.drop(before)
            text = self._texts.add(staged)
            kind, dn, dn_key, *columns = _columns(staged)
            rows.append((before.id, wanted, dn, *columns, self._run, text))
            if (anchor, kind, dn_key) != (before.anchor, before.type, before.dn_key):
                renamed.append((before.id, anchor, kind, dn_key))
            if self._references.may_have(before, staged):
                self._references.rewrite(before, staged)
            if staged.what:
                others.append((before.id, staged.what))
            if staged.type is None or before.type is None:
                classes.append(before.id)
            if staged.type is not None or before.type is not None:
                dirty |= {(staged.created, before.anchor), (staged.created, anchor)}
            if before.dn_key != staged.dn_key:
                keys, anchors = (before.dn_key, staged.dn_key), {before.anchor, anchor}
                moved += ((one, key) for one in anchors for key in keys)
            # Another spelling of a container's name changes the names below it, too.
            is_container = staged.type is None and not staged.what
            if is_container or before.dn_key != staged.dn_key:
                self._branches.note_moved(before, staged)
            if staged.type is not None:
                self.counts.updates += 1
        self._texts.write()
        self._connection.update("entry", _CHANGED, rows)
        # To name a column in an UPDATE writes its indexes anew, whatever it is set to.
        self._connection.update("entry", ("anchor", "type", "dn_key"), renamed)
        self._texts.release()
        note_classes(self._connection, others, stale=classes)
        self._connection.insert("dirty", sorted(dirty), _UNLESS_THERE)
        self._references.doubt(moved)
        self._accounts.note((before.id, staged) for before, staged in changed)

    def _with_choices(self, before: Known, staged: Staged) -> Staged:
        """Keep what was chosen of several values when the entry was staged before."""
        if not staged.choices:
            return staged
        sql = "SELECT attributes FROM entry WHERE id = ?"
        (attributes,) = self._connection.execute(sql, (before.id,)).fetchone()
        return keep_choices(staged, attributes)

    def _anchors(self, before: Known, staged: Staged) -> tuple[str, str | None]:
        """Return the source anchor of a changed entry, and the one it wants where that is another.

        The source anchor is immutable: where an exported entry carries another one now, the old one
        stays and the new one is noted for the synchronization to judge.
        """
        if staged.anchor == before.anchor:
            return before.anchor, None
        if self._is_exported(before.anchor):
            return before.anchor, staged.anchor
        return staged.anchor, None

    def _is_exported(self, anchor: str) -> bool:
        sql = "SELECT 1 FROM cloud_entry WHERE anchor = ?"
        return self._connection.execute(sql, (anchor,)).fetchone() is not None


def _columns(staged: Staged) -> tuple[object, ...]:
    """Return what an insert and an update write alike, from ``type`` to ``hash``."""
    return (
        # sqlite3 takes its time over a str that is an enumeration.
        None if staged.type is None else str(staged.type),
        staged.dn,
        staged.dn_key,
        staged.created,
        staged.csn,
        staged.attributes,
        staged.hash,
    )
