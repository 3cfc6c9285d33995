"""Sweep the tenant: what is expired goes, and values that are free go back to those who wait for them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from connector.tenant import known_issues
from connector.tenant.asking import asked_together
from connector.tenant.objects import claims_of, with_twins
from connector.tenant.quarantine import turn
from connector.tenant.sweep import Released, SweepResult, release_values
from connector.tenant.writes import Writes
from connector.values import moments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from connector.settings import TenantSettings
    from connector.tenant.objects import Claim, Policy
    from connector.tenant.ports import Store
    from connector.tenant.quarantine import Waiter
    from connector.tenant.sweep import Release

# How long a deleted user can come back (docs/sources.md 7.3).
SOFT_DELETED_FOR = timedelta(days=30)
# How long a client of Graph may go on from what it was told: seven days for directory objects.
CHANGES_KNOWN_FOR = timedelta(days=7)
_PAGE = 200


class Sweeper:
    """One sweep of a tenant's store."""

    def __init__(self, store: Store, settings: TenantSettings) -> None:
        self._store = store
        self._settings = settings

    def sweep(
        self,
        now: datetime,
        *,
        stop: Callable[[], bool],
        tell: Callable[[Sequence[Released]], None],
    ) -> SweepResult:
        """Delete expired users, then release the quarantined values that are free.

        A user expires 30 days after its soft delete. The release goes on until nothing changes: an
        object that gets a value back may give up another one. Each page of waiters is a transaction,
        and ``tell`` hears what it released; ``stop`` is asked before each. A sweep that was stopped is
        due again at once, and the next one finds what is still free.
        """
        store = self._store
        released: list[Released] = []
        with store.transaction():
            self._delete_expired(now - SOFT_DELETED_FOR)
            store.changes.forget(moments.timestamp(now - CHANGES_KNOWN_FOR))
        for page in self._release_pages(stop):
            released += page
            tell(page)
        with store.transaction():
            if not (stopped := stop()):
                store.set_state("last_sweep", moments.timestamp(now))
            waiting = store.questions.counts().quarantined
            kept = 0 if stopped else self._kept()
        return SweepResult(tuple(released), waiting, stopped, kept)

    def _kept(self) -> int:
        """Count the values that nobody holds, and that a known issue keeps in quarantine."""
        issues = self._settings.known_issues
        if known_issues.COMPUTED_UPN not in issues:
            return 0
        waiters = self._store.questions.waiters_for_free_values()
        objects = self._store.by_number({waiter.number for waiter in waiters})
        return sum(
            known_issues.stays_in_quarantine(waiter.error, objects[waiter.number], issues)
            for waiter in waiters
        )

    def _release_pages(self, stop: Callable[[], bool]) -> Iterator[list[Released]]:
        """Release what is free, page by page, until nothing is or the caller says stop."""
        store = self._store
        policy = store.policy(self._settings)
        waiters = store.questions.waiters_for_free_values()
        while waiters:
            given_up: set[Claim] = set()
            for page in _pages(turn(waiters)):
                if stop():
                    return
                with store.transaction():
                    release = self._release(page, policy)
                given_up.update(release.given_up)
                yield release.released
            # The address of a UPN keeps a licensed user from that too.
            free = with_twins(given_up)
            waiters = store.questions.waiters_for(sorted(free))

    def _release(self, waiters: Sequence[Waiter], policy: Policy) -> Release:
        store = self._store
        numbers = {waiter.number for waiter in waiters}
        objects, errors = store.by_number(numbers), store.errors_of(numbers)

        release = asked_together(
            store, lambda is_held: release_values(waiters, objects, errors, policy, is_held)
        )

        store.write(release.writes, store.version())
        return release

    def _delete_expired(self, until: datetime) -> None:
        store = self._store
        if items := store.deleted_until(moments.timestamp(until)):
            version = store.version() + 1
            writes = Writes(deleted=items)
            for item in items:
                writes.give_up(claims_of(item), item.number)
            store.write(writes, version)
            store.set_version(version)


def _pages(waiters: Sequence[Waiter]) -> Iterator[Sequence[Waiter]]:
    for start in range(0, len(waiters), _PAGE):
        yield waiters[start : start + _PAGE]
