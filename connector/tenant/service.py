"""Serve the tenant's clients: read the facts, decide, write the decision down."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connector.errors import TenantMoved
from connector.model import SyncAction
from connector.storage.database import empty_database
from connector.tenant import finding, intake, known_issues, wire
from connector.tenant.administrator import Administrator
from connector.tenant.applying import apply
from connector.tenant.clashes import clashes
from connector.tenant.clock import TenantClock
from connector.tenant.foresight import UNFORESEEN, Foreseen, foresee
from connector.tenant.identity import Position, tenant_id
from connector.tenant.machine import utc_now
from connector.tenant.membership import Membership
from connector.tenant.moved import ARRIVING, MOVED, refusal
from connector.tenant.objects import ProvisioningError, Stamp
from connector.tenant.opening import store_at, store_on
from connector.tenant.provisioning_errors import EVERY_ERROR
from connector.tenant.relinking import refers
from connector.tenant.sweeper import Sweeper
from connector.values import moments
from connector.values.addresses import address_key
from connector.values.canonical import compact

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from connector.model import ShadowObject, SyncObject, SyncResult
    from connector.settings import TenantSettings
    from connector.storage.database import Database
    from connector.tenant.clashes import Clash
    from connector.tenant.objects import Policy, TenantObject
    from connector.tenant.opening import Place
    from connector.tenant.ports import ObjectCounts, Store
    from connector.tenant.provisioning_errors import ErrorQuery, ProvisioningErrorRecord, Summary
    from connector.tenant.sweep import Released, SweepResult

# So many times what the tenant has must be waiting, that it is worth to make its indexes anew.
_TIMES_MORE = 4


def open_tenant(  # noqa: PLR0913 - one keyword a thing that a caller may replace
    place: Place,
    settings: TenantSettings,
    *,
    clock: Callable[[], datetime] = utc_now,
    read_only: bool = False,
    stop: Callable[[], bool] = lambda: False,
    enter: Callable[[TenantService], None] = lambda _: None,
) -> TenantService:
    """Open the tenant's database, which is made on first use.

    ``clock`` gives the time of the machine in UTC. While ``stop`` is true, nothing waits for another
    process.

    ``enter`` is called before. Raises StorageUnusable when the file, or the server, cannot be used.
    """
    tenant = TenantService(store_at(place, stop, read_only=read_only), settings, clock)
    tenant.place = place if clock is utc_now and isinstance(place, Path) else None
    if not read_only:
        with ExitStack() as stack:
            stack.callback(tenant.close)
            enter(tenant)
            tenant.administrator.follow_settings()
            stack.pop_all()
    return tenant


def empty_tenant(settings: TenantSettings) -> TenantService:
    """Make an empty tenant in memory, with the domains of the settings."""
    return tenant_on(empty_database("tenant"), settings)


def tenant_on(database: Database, settings: TenantSettings) -> TenantService:
    """Make the tenant of an open database, which no other process can open, follow the settings."""
    return tenant_in(store_on(database), settings)


def tenant_in(store: Store, settings: TenantSettings) -> TenantService:
    """Make the tenant of an open store, which nobody else writes to, follow the settings."""
    tenant = TenantService(store, settings, utc_now)
    tenant.administrator.follow_settings()
    return tenant


class TenantService:
    """The cloud directory; implements ``ports.Tenant``.

    ``place`` is the file from which another process can open it; it is None where that would not be the
    same tenant: in memory, or by another clock. ``client`` is the number of the sync client that it serves,
    None where everything is everybody's.
    """

    def __init__(
        self, store: Store, settings: TenantSettings, machine_clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self.settings = settings
        self.place: Path | None = None
        self.client: int | None = None
        self._policy: Policy | None = None
        self._brings_new = True
        self.clients = Membership(store)
        self.clock = TenantClock(store, machine_clock)
        store.changes.now = self.clock.now
        self.delta = store.delta
        self.others = store.others
        self.questions = store.questions
        self.selections = store.selections
        self.limited = store.limited
        self.prepare_to_serve = store.prepare_to_serve
        self.administrator = Administrator(store, settings, self.clock)

    @property
    def is_elsewhere(self) -> bool:
        """Whether another site has the tenant, so that each question is asked over the network."""
        return False

    def id(self) -> str:
        """Return the tenant's id as Graph shows it, a UUID; a copy of the database keeps it."""
        return tenant_id(self._store.identity())

    def close(self) -> None:
        self._store.close()

    def one_state(self) -> AbstractContextManager[None]:
        """Read one state for as long as the block takes; for those who only read."""
        return self._store.one_state()

    def refuse_moved(self) -> None:
        """Raise TenantMoved where the tenant was moved to another database since it was opened."""
        if (said := refusal(self._store.state(MOVED), self._store.state(ARRIVING))) is not None:
            raise TenantMoved(said)

    def refuse_elsewhere(self) -> None:
        """Raise TenantElsewhere where another site has the tenant, which an administrator changes there."""

    def rewind(self, copy: Path) -> None:
        """Become what a copy of the tenant's database holds; raises StorageUnusable."""
        self._store.replace(copy)
        with self._store.transaction():
            self._store.changes.begin_timeline()
        self.administrator.follow_settings()

    # --- ports.Tenant -------------------------------------------------------------------------

    def export(self, batch: str, objects: Sequence[SyncObject]) -> list[SyncResult]:
        """Apply a batch in one transaction and return the results in order.

        Objects give values up before others claim them. The id of one of the last two batches
        returns the same results again and changes nothing: the client may have died between the
        tenant's commit and its own.
        """
        return self._export(batch, objects)[0]

    def foresee(self, objects: Sequence[SyncObject]) -> Foreseen:
        """Work out ahead what a batch asks for; another thread may do that.

        Of what the tenant has already nothing is foreseen; so nothing is where the batch before had few new objects.
        """
        return foresee(objects, self._policy if self._brings_new else None)

    def export_as_text(
        self, batch: str, objects: Sequence[SyncObject], foreseen: Foreseen = UNFORESEEN
    ) -> str:
        """Apply a batch and return its results as ``wire`` writes them."""
        return self._export(batch, objects, foreseen)[1]

    def _export(
        self, batch: str, objects: Sequence[SyncObject], foreseen: Foreseen = UNFORESEEN
    ) -> tuple[list[SyncResult], str]:
        return self._store.repeated(partial(self._export_once, batch, objects, foreseen))

    def _export_once(
        self, batch: str, objects: Sequence[SyncObject], foreseen: Foreseen
    ) -> tuple[list[SyncResult], str]:
        store = self._store
        with store.transaction():
            if (known := store.results_of(batch, self.client)) is not None:
                return wire.results_from_text(known), known
            if store.arrivals.at_work and all(map(refers, objects)):
                # Nothing new arrives any more, and members are looked up by an index.
                store.arrivals.settle()
            policy = self._policy = self._store.policy(self.settings)
            version = store.version() + 1
            stamp = Stamp(moments.timestamp(self.clock.now()), version, self.client)
            results = [
                result
                for wave in intake.waves(objects)
                for result in apply(
                    store, self.clients, wave, policy=policy, stamp=stamp, foreseen=foreseen
                )
            ]
            new = sum(result.action is SyncAction.ADDED for result in results)
            self._brings_new = 2 * new > len(results)
            text = wire.results_to_text(results)
            store.remember_batch(batch, text, self.client)
        return results, text

    def expect(self, waiting: int) -> None:
        """Prepare for so many objects, where the tenant has few until now; ``settle`` ends that."""
        store = self._store
        store.arrivals.prepare()
        with store.transaction():
            if store.last_number() * _TIMES_MORE < waiting and not store.arrivals.at_work:
                store.arrivals.begin()

    def settle(self) -> None:
        """End what ``expect`` began."""
        with self._store.transaction():
            if self._store.arrivals.at_work:
                self._store.arrivals.settle()

    def results(self, batch: str) -> list[SyncResult] | None:
        """Return the results of a batch if it was one of the last two applied, else None."""
        text = self._store.results_of(batch, self.client)
        return None if text is None else wire.results_from_text(text)

    def finalize_export(self, *, exported: int, failed: int) -> None:
        """Keep the totals of an export run."""
        with self._store.transaction():
            totals = {
                "exported": exported,
                "failed": failed,
                "at": moments.timestamp(self.clock.now()),
            }
            self._store.set_state("last_export", compact(totals))
            if self.client is not None:
                self._store.clients.note_export(self.client, str(totals["at"]))

    def read_back(self, cookie: str | None) -> tuple[Iterator[ShadowObject], str]:
        """Return the objects that changed since the cookie, and the next cookie.

        Without a cookie these are all synchronized objects of the client; with one also those that were
        deleted or left the scope. With and without, what was taken from the client is told. Raises ValueError for a cookie that ``refusal`` refuses.
        """
        position, since = self._position(), None
        if cookie is not None:
            if (reason := self._refusal(cookie, position)) is not None:
                raise ValueError(reason)
            since = Position.parse(cookie).version
        found = self._store.questions.shadows(since, position.version, self.client)
        return found, position.text()

    def position(self) -> str:
        """Return the cookie of what the tenant holds now."""
        return self._position().text()

    def refusal(self, cookie: str) -> str | None:
        """Say why the tenant cannot go on from a cookie, None where it can.

        It does not know one that another tenant gave, nor that of a version which this one, restored
        from a backup, never had.
        """
        return self._refusal(cookie, self._position())

    def _refusal(self, cookie: str, now: Position) -> str | None:
        wanted = Position.parse(cookie)
        return wanted.refusal(now, self._store.mark(wanted.version))

    def _position(self) -> Position:
        return self._store.position()

    # --- time ---------------------------------------------------------------------------------

    def sweep(
        self,
        *,
        stop: Callable[[], bool] = lambda: False,
        tell: Callable[[Sequence[Released]], None] = lambda _: None,
    ) -> SweepResult:
        """Delete expired users, then release the quarantined values that are free (see ``Sweeper``)."""
        sweeper = Sweeper(self._store, self.settings)
        return sweeper.sweep(self.clock.now(), stop=stop, tell=tell)

    def last_sweep(self) -> datetime | None:
        last = self._store.state("last_sweep")
        return None if last is None else moments.read(last)

    # --- questions ----------------------------------------------------------------------------

    def objects(
        self,
        type: str | None = None,  # noqa: A002 - Graph's word
        *,
        deleted: bool = False,
    ) -> Iterator[dict[str, Any]]:
        """Stream objects as Graph JSON, sorted by display name.

        ``deleted`` lists the soft-deleted users instead.
        """
        return self._store.questions.objects(type, deleted=deleted)

    def memberships(self) -> Iterator[dict[str, str]]:
        """Stream the memberships: cloud ids of group and member, and the type of the member."""
        return self._store.questions.memberships()

    def find(self, identity: str, *, deleted: bool = False) -> TenantObject:
        """Return the object with this UPN, address, source anchor, cloud id or DN.

        Raises UnknownObject.
        """
        return finding.find(self._store.questions, identity, deleted=deleted)

    def named(self, name: str, *, deleted: bool = False) -> list[TenantObject]:
        """Return the objects whose display name, sAMAccountName, uid or cn this is, in any case."""
        return self._store.questions.named(name, deleted=deleted)

    def show(self, identity: str, *, deleted: bool = False) -> dict[str, Any]:
        """Return one object as Graph JSON, a group with its members; raises UnknownObject."""
        return finding.show(self._store.questions, self.find(identity, deleted=deleted))

    def provisioning_errors(
        self, query: ErrorQuery = EVERY_ERROR
    ) -> Iterator[ProvisioningErrorRecord]:
        """Return quarantined values, oldest first unless sorted."""
        twins = self.settings.upn_in_proxy_namespace
        return self._store.questions.errors(query, one_namespace=twins)

    def with_errors(self, query: ErrorQuery = EVERY_ERROR) -> Iterator[dict[str, Any]]:
        """Return objects as Graph JSON, each with the provisioning errors that the query asks for.

        The limit of the query counts objects.
        """
        return self._store.questions.with_errors(query)

    def holder_of(self, attribute: str, value: str) -> Summary | None:
        """Return the holder of a value, None if nobody holds it.

        ``attribute`` is ``UserPrincipalName`` or ``ProxyAddresses``.
        """
        twins = self.settings.upn_in_proxy_namespace
        return self._store.questions.holder_of(attribute, value, one_namespace=twins)

    def by_id(self, ids: Collection[str]) -> dict[str, TenantObject]:
        """Return the objects with these cloud ids, those that are there."""
        return self._store.by_id(ids)

    def deleted_with(self, anchor: str) -> TenantObject | None:
        """Return the soft-deleted user that a source anchor brings back, if there is one."""
        rows = self._store.by_anchor([anchor]).get(anchor, [])
        if any(row.deleted is None for row in rows):
            return None
        return next(iter(rows), None)

    def remembered(self, anchor: str, client: int | None = None) -> str | None:
        """Return the shadow of the object that a source anchor brings back to its client, None for none.

        It is canonical JSON. The object is a soft-deleted user, or one that left the client's scope. With
        ``client`` that of another one is not told.
        """
        rows = self._store.by_anchor([anchor]).get(anchor, [])
        if client is not None:
            rows = [row for row in rows if row.owner in {None, client}]
        return rows[0].shadow if rows else None

    def stays_in_quarantine(self, record: ProvisioningErrorRecord, waiter: TenantObject) -> bool:
        """Tell whether no sweep gives a quarantined value to its waiter, even when nobody holds it."""
        key = address_key(record.value)
        error = ProvisioningError(record.property, key, record.value, record.occurred)
        return known_issues.stays_in_quarantine(error, waiter, self.settings.known_issues)

    def clashes(self, object_type: str, anchor: str, properties: Mapping[str, Any]) -> list[Clash]:
        """Return what another object holds of all that an export of this object would ask for."""
        policy = self._store.policy(self.settings)
        return clashes(self._store, policy, object_type, anchor, properties)

    def counts(self) -> ObjectCounts:
        return self._store.questions.counts()
