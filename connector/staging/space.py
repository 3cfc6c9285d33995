"""The connector space: one database, one writer, and one way in for the rest of the program.

Each concern has a module of its own, which takes the open database: ``imports`` (directory -> entry),
``readback`` (tenant -> cloud_entry), ``pending`` (what to synchronize), ``exports`` and ``results`` (what
the tenant has yet to be told, and what it answered), ``history`` (runs), ``failures``, ``deletions``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.staging import (
    changes,
    comparison,
    deletions,
    failures,
    history,
    imports,
    lookup,
    pending,
    readback,
    watermark,
)
from connector.staging.exports import ExportQueue
from connector.staging.state import State
from connector.storage.database import immediate, open_database, replace_contents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from connector.ports import Directory, Tenant
    from connector.run import Counts, Run
    from connector.storage.database import Database

FILE = "connector-space.db"
PAUSED = "paused"


class ConnectorSpace:
    """What the directory holds, what the cloud was told, and what is between."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.state = State(database)
        self.queue = ExportQueue(database)

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False) -> ConnectorSpace:
        """Open the connector space in a storage folder; raises StorageUnusable."""
        return cls(open_database(path / FILE, "staging", read_only=read_only))

    def close(self) -> None:
        self._database.close()

    def rewind(self, copy: Path) -> None:
        """Become what a copy of the connector space's database holds; raises StorageUnusable."""
        replace_contents(self._database, copy, "staging")

    # --- import -------------------------------------------------------------------------------

    def import_from(
        self,
        directory: Directory,
        *,
        full: bool,
        run: int,
        guard: Callable[[imports.Removal], None],
        advance: Callable[[int], None] = lambda _: None,
    ) -> Counts:
        """Stage what changed in the directory, or with ``full`` all there is."""
        cookie = None if full else watermark.cookie_for(self._database, directory.fingerprint)
        work = imports.Import(self._database, directory, run=run, guard=guard, advance=advance)
        return work.run(cookie)

    def forget_cookie(self) -> None:
        watermark.forget(self._database)

    def read_back(self, tenant: Tenant, *, full: bool) -> Counts:
        if full:
            readback.forget_cookie(self._database)
        return readback.import_from_tenant(self._database, tenant)

    # --- synchronization ----------------------------------------------------------------------

    def demand_full_synchronization(self) -> None:
        pending.demand_full(self._database)

    def anything_dirty(self) -> bool:
        return pending.anything_dirty(self._database)

    def synchronizing(self, now: str) -> AbstractContextManager[pending.Synchronization]:
        return pending.synchronizing(self._database, now=now)

    # --- facts --------------------------------------------------------------------------------

    def note(self, name: str, value: str | None) -> None:
        """Store a single fact in a transaction of its own."""
        with immediate(self._database):
            self.state.set(name, value)

    def refusals(self) -> int:
        """Count the imports in a row whose cookie the directory refused."""
        return int(self.state.get("cookie-refusals") or 0)

    def note_refusals(self, number: int) -> None:
        if number != self.refusals():
            self.note("cookie-refusals", str(number) if number else None)

    def cookie(self) -> str | None:
        """Return the watermark as text, for people."""
        return watermark.shown(self._database)

    def find(self, identity: str) -> list[lookup.FoundEntry]:
        """Return the staged entries that a DN, a source anchor, a UPN or an address means."""
        return lookup.find(self._database, identity)

    def members_of(self, dn: str) -> set[str]:
        """Return the folded DNs of the direct members of a group."""
        return lookup.members_of(self._database, dn)

    def pending_operation(self, anchor: str) -> tuple[str, list[str]] | None:
        return lookup.pending_operation(self._database, anchor)

    def paused_since(self) -> str | None:
        """Return when somebody paused the schedule, None while it runs."""
        return self.state.get(PAUSED)

    def failures(self) -> Iterator[failures.FailureRecord]:
        return failures.failures(self._database)

    def count_failures(self) -> int:
        return failures.count(self._database)

    def count_failures_by_error(self) -> dict[tuple[str, str], int]:
        return failures.count_by_error(self._database)

    def compare(self, directory: Directory, tenant: Tenant) -> Iterator[comparison.Difference]:
        """Name every difference between directory, connector space and tenant."""
        yield from comparison.damage(self._database)
        yield from comparison.with_directory(self._database, directory.changes(None))
        shadows, _ = tenant.read_back(None)
        yield from comparison.with_tenant(self._database, shadows)
        yield from comparison.pending(self._database)

    # --- runs ---------------------------------------------------------------------------------

    def begin_run(self, policy: str, started: str) -> Run:
        return history.begin(self._database, policy, started)

    def end_run(self, run: Run, *, keep_since: str) -> None:
        history.end(self._database, run, keep_since=keep_since)

    def runs(self, limit: int | None = None) -> Iterator[Run]:
        return history.runs(self._database, limit)

    def run(self, number: int) -> Run | None:
        return history.run(self._database, number)

    def last_success(self) -> str | None:
        return history.last_success(self._database)

    def last_import(self) -> str | None:
        return history.last_import(self._database)

    def changes_of(self, identity: str) -> list[changes.Change]:
        """List what the cloud took of the object that an identity means, newest first."""
        anchors = {found.anchor for found in self.find(identity)} or changes.deleted_as(
            self._database, identity
        )
        return list(changes.of_object(self._database, {identity, *anchors}))

    # --- deletions ----------------------------------------------------------------------------

    def hold_deletions(
        self, anchors: Sequence[str], reason: str, memberships: Sequence[tuple[str, str]] = ()
    ) -> deletions.DeletionPlan:
        return deletions.hold(self._database, anchors, reason, memberships)

    def deletions_approved(
        self, anchors: Sequence[str], memberships: Sequence[tuple[str, str]] = ()
    ) -> bool:
        return deletions.is_approved(self._database, anchors, memberships)

    def deletion_plan(self) -> deletions.DeletionPlan:
        return deletions.plan(self._database)

    def approve_deletions(self, plan_hash: str) -> deletions.DeletionPlan:
        return deletions.approve(self._database, plan_hash)

    def discard_deletions(self) -> None:
        deletions.discard(self._database)
