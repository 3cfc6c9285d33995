"""The tenant as its clients see it: read the facts, decide, write the decision down."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from connector.storage.database import open_database, replace_contents
from connector.tenant import intake, queries, wire
from connector.tenant.administrator import Administrator
from connector.tenant.batch import Decision, Facts, decide
from connector.tenant.errors import ErrorQuery, holder_of, provisioning_errors
from connector.tenant.identity import cloud_id
from connector.tenant.intake import Intake
from connector.tenant.provision import Moment
from connector.tenant.quarantine import claims_of, turn
from connector.tenant.store import Store
from connector.tenant.sweep import Released, relieve
from connector.values import moments
from connector.values.canonical import compact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from connector.model import ShadowObject, SyncObject, SyncResult
    from connector.settings import TenantSettings
    from connector.tenant.errors import ProvisioningErrorRecord, Sort, Summary
    from connector.tenant.objects import Claim, Policy, TenantObject
    from connector.tenant.quarantine import Waiter
    from connector.tenant.queries import Counts
    from connector.tenant.sweep import Relief


# How long a deleted user can come back (behaviour.md 7.3).
SOFT_DELETED_FOR = timedelta(days=30)
_PAGE = 1000


def _utc_now() -> datetime:
    return datetime.now(UTC)


def open_tenant(
    path: Path,
    settings: TenantSettings,
    *,
    clock: Callable[[], datetime] = _utc_now,
    read_only: bool = False,
) -> TenantService:
    """Open the tenant's database, made on first use; ``clock`` gives the time in UTC.

    Raises StorageUnusable when the file cannot be used.
    """
    database = open_database(path, "tenant", read_only=read_only)
    store = Store(database)
    tenant = TenantService(store, settings, clock)
    if not read_only:
        tenant.follow_settings()
    return tenant


class SweepResult(NamedTuple):
    """What a sweep released, and how many values still wait."""

    released: tuple[Released, ...]
    waiting: int


class TenantService:
    """The cloud directory; implements ``ports.Tenant``."""

    def __init__(
        self, store: Store, settings: TenantSettings, clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock

    def close(self) -> None:
        self._store.database.close()

    def follow_settings(self) -> None:
        """Make the tenant ready for use, with the domains that the settings have now."""
        if self.administrator.has_followed_domains():
            return
        with self._store.transaction():
            if self._store.state("seed") is None:
                self._store.set_state("seed", secrets.token_hex(8))
            self.administrator.follow_domains()

    def rewind(self, copy: Path) -> None:
        """Become what a copy of the tenant's database holds; raises StorageUnusable."""
        replace_contents(self._store.database, copy, "tenant")
        self.follow_settings()

    def now(self) -> datetime:
        """Return the tenant's time: the clock, and what it was advanced by."""
        return self._clock() + self.administrator.clock_ahead()

    # --- ports.Tenant -------------------------------------------------------------------------

    def export(self, batch: str, objects: Sequence[SyncObject]) -> list[SyncResult]:
        """Apply a batch in one transaction, values released before values claimed.

        The id of one of the last two batches gives the same results again and changes nothing: the
        client may have died between the tenant's commit and its own.
        """
        store = self._store
        with store.transaction():
            if (known := self.results(batch)) is not None:
                return known
            policy = self._store.policy(self._settings)
            moment = Moment(moments.timestamp(self.now()), store.version() + 1)
            results = [
                r for wave in intake.waves(objects) for r in self._apply(wave, policy, moment)
            ]
            store.remember_batch(batch, wire.results_to_text(results))
        return results

    def results(self, batch: str) -> list[SyncResult] | None:
        """Return the results of a batch if it was one of the last two applied, else None."""
        text = self._store.results_of(batch)
        return None if text is None else wire.results_from_text(text)

    def finalize_export(self, *, exported: int, failed: int) -> None:
        """Keep the totals of an export run."""
        with self._store.transaction():
            totals = {"exported": exported, "failed": failed, "at": moments.timestamp(self.now())}
            self._store.set_state("last_export", compact(totals))

    def read_back(self, cookie: str | None) -> tuple[Iterator[ShadowObject], str]:
        """Return the synced objects that changed since the cookie, and the next cookie.

        Without a cookie every synchronized object there is; with one also those that left.
        """
        version = self._store.version()
        since = int(cookie) if cookie is not None else None
        return queries.shadows(self._store.connection, since, version), str(version)

    # --- time ---------------------------------------------------------------------------------

    def sweep(self) -> SweepResult:
        """Purge users deleted 30 days ago, then give free values back to those who wait.

        Runs until nothing changes: a value given back may free another that somebody waits for.
        """
        store = self._store
        with store.transaction():
            now, policy = self.now(), self._store.policy(self._settings)
            self._purge(now - SOFT_DELETED_FOR)
            released: list[Released] = []
            waiters = store.free_waiters()
            while waiters:
                freed: set[Claim] = set()
                for page in _pages(turn(waiters)):
                    relief = self._relieve(page, policy)
                    released += relief.released
                    freed.update(relief.freed)
                waiters = [waiter for claim in sorted(freed) for waiter in store.waiters_for(claim)]
            store.set_state("last_sweep", moments.timestamp(now))
            waiting = queries.counts(store.connection).quarantined
        return SweepResult(tuple(released), waiting)

    def last_sweep(self) -> datetime | None:
        last = self._store.state("last_sweep")
        return None if last is None else moments.read(last)

    def _relieve(self, waiters: Sequence[Waiter], policy: Policy) -> Relief:
        store = self._store
        numbers = {waiter.number for waiter in waiters}
        objects, errors = store.by_number(numbers), store.errors_of(numbers)

        relief = relieve(waiters, objects, errors, policy, store.is_held)

        store.write(relief.decision, store.version())
        return relief

    def _purge(self, until: datetime) -> None:
        store = self._store
        if items := store.deleted_before(moments.timestamp(until)):
            version = store.version() + 1
            released = [(*claim, item.number) for item in items for claim in claims_of(item)]
            store.write(Decision(removed=items, released=released), version)
            store.set_state("version", str(version))

    # --- questions ----------------------------------------------------------------------------

    def objects(
        self,
        type: str | None = None,  # noqa: A002 - Graph's word
        *,
        deleted: bool = False,
    ) -> Iterator[dict[str, Any]]:
        """Stream objects as Graph JSON by display name; ``deleted`` lists soft-deleted users."""
        return queries.objects(self._store.connection, type, deleted=deleted)

    def find(self, identity: str, *, deleted: bool = False) -> TenantObject:
        """Return the object with this UPN, address, source anchor, cloud id or DN.

        Raises UnknownObject.
        """
        return queries.find(self._store.connection, identity, deleted=deleted)

    def show(self, identity: str, *, deleted: bool = False) -> dict[str, Any]:
        """Return one object as Graph JSON, a group with its members; raises UnknownObject."""
        return queries.show(self._store.connection, self.find(identity, deleted=deleted))

    def provisioning_errors(  # noqa: PLR0913 - each narrows the question
        self,
        property: str | None = None,  # noqa: A002 - the cmdlets' word
        value: str | None = None,
        search: str | None = None,
        type: str | None = None,  # noqa: A002 - Graph's word
        sort: Sort | None = None,
        *,
        descending: bool = False,
        limit: int | None = None,
        case_sensitive: bool = False,
        anchor: str | None = None,
    ) -> Iterator[ProvisioningErrorRecord]:
        """Return quarantined values, oldest first unless sorted; see ``ErrorQuery``."""
        query = ErrorQuery(
            property, value, search, type, sort, descending, limit, case_sensitive, anchor
        )
        return provisioning_errors(self._store.connection, query)

    def holder_of(self, attribute: str, value: str) -> Summary | None:
        """Return who holds a UPN (``UserPrincipalName``) or an address (``ProxyAddresses``)."""
        return holder_of(self._store.connection, attribute, value)

    def counts(self) -> Counts:
        return queries.counts(self._store.connection)

    # --- the administrator's side -------------------------------------------------------------

    @property
    def administrator(self) -> Administrator:
        """What an administrator can do in the cloud."""
        return Administrator(self._store, self._settings, self.now)

    def restore(
        self, identity: str, *, new_upn: str | None = None, reconcile_proxies: bool = False
    ) -> dict[str, Any]:
        """Bring a soft-deleted user back; raises UnknownObject or TenantRefused."""
        return self.administrator.restore(
            identity, new_upn=new_upn, reconcile_proxies=reconcile_proxies
        )

    # --- deciding -----------------------------------------------------------------------------

    def _apply(
        self, objects: Sequence[SyncObject], policy: Policy, moment: Moment
    ) -> list[SyncResult]:
        store = self._store
        anchors = [item.source_anchor for item in objects]
        rows = store.by_anchor(anchors)
        known = {row.number: row for some in rows.values() for row in some}
        numbers = iter(range(store.last_number() + 1, 1 << 62))

        entries = Intake(
            rows,
            store.errors_of(known),
            store.failed_before([i.source_anchor for i in objects if i.object_type == "group"]),
            lambda anchor: (next(numbers), cloud_id(policy.seed, moment.version, anchor)),
            policy,
        ).entries(objects)
        held = store.holders(intake.claims_to_look_up(entries))
        known |= store.by_number(set(held.values()) - known.keys())
        entries, joined = intake.join(entries, held, known, policy)
        if joined:
            held |= store.holders(intake.claims_to_look_up(joined))
            known |= store.by_number(set(held.values()) - known.keys())
        decision = decide(entries, Facts(policy, moment, held, known, store.is_held))

        store.write(decision, moment.version)
        results, relinked = self._change_members(objects, decision, known, moment.version)
        if decision.writes or relinked:
            store.set_state("version", str(moment.version))
        return results

    def _change_members(
        self,
        objects: Sequence[SyncObject],
        decision: Decision,
        known: Mapping[int, TenantObject],
        version: int,
    ) -> tuple[list[SyncResult], bool]:
        """Apply the membership changes of objects that did not fail; say whether any changed."""
        if not any(item.member_changes for item in objects):
            return decision.results, False
        numbers = {item.id: item.number for item in (*known.values(), *decision.inserted)}
        groups = {
            item.source_anchor: (
                numbers[result.cloud_anchor.partition("_")[2]],
                item.member_changes,
            )
            for item, result in zip(objects, decision.results, strict=True)
            if item.member_changes and result.cloud_anchor and item.operation == "set"
        }
        relinked = self._store.change_members(groups.values(), version)
        changed = {anchor for anchor, (number, _) in groups.items() if number in relinked}
        results = [
            result._replace(action="updated")
            if result.action == "unchanged" and result.source_anchor in changed
            else result
            for result in decision.results
        ]
        return results, bool(relinked)


def _pages(waiters: Sequence[Waiter]) -> Iterator[Sequence[Waiter]]:
    for start in range(0, len(waiters), _PAGE):
        yield waiters[start : start + _PAGE]
