"""The administrator's side of the tenant: one transaction a verb."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from connector.errors import TenantRefused, UnknownObject
from connector.tenant import features, queries
from connector.tenant.administration import Administration
from connector.tenant.policy import Domain
from connector.tenant.provision import Moment
from connector.values import moments
from connector.values.addresses import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from connector.settings import TenantSettings
    from connector.tenant.objects import TenantObject
    from connector.tenant.store import Store


_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_DOMAIN = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})+")
_LAST_YEAR = 9000


class DomainState(NamedTuple):
    """A verified domain of the tenant."""

    name: str
    initial: bool
    federated: bool


class Administrator:
    """Changes the cloud only; an identity is what ``TenantService.find`` takes."""

    def __init__(self, store: Store, settings: TenantSettings, now: Callable[[], datetime]) -> None:
        self._store = store
        self._settings = settings
        self._now = now

    def add(
        self, kind: str, properties: Mapping[str, Any], *, admin_role: bool = False
    ) -> dict[str, Any]:
        """Create a cloud-only object; raises TenantRefused."""
        with self._administration() as administration:
            item = administration.add(kind, properties, admin_role=admin_role)
        return queries.show(self._store.connection, item)

    def change(self, identity: str, properties: Mapping[str, Any]) -> dict[str, Any]:
        """Change an object that is not synchronized; raises UnknownObject or TenantRefused."""
        with self._administration() as administration:
            item = administration.change(self._find(identity), properties)
        return queries.show(self._store.connection, item)

    def set_admin_role(self, identity: str, *, admin_role: bool) -> None:
        with self._administration() as administration:
            administration.set_admin_role(self._find(identity), admin_role=admin_role)

    def delete(self, identity: str, *, hard: bool = False) -> dict[str, Any]:
        """Delete an object and return what it was; raises UnknownObject or TenantRefused.

        Soft-deleted users are found too, which ``hard`` removes for good.
        """
        with self._administration() as administration:
            item = self._find_any(identity)
            shown = queries.show(self._store.connection, item)
            administration.delete(item, hard=hard)
        return shown

    def restore(
        self, identity: str, *, new_upn: str | None = None, reconcile_proxies: bool = False
    ) -> dict[str, Any]:
        """Bring a soft-deleted user back; raises UnknownObject or TenantRefused."""
        with self._administration() as administration:
            item = self._find(identity, deleted=True)
            restored = administration.restore(
                item, new_upn=new_upn, reconcile_proxies=reconcile_proxies
            )
        return queries.show(self._store.connection, restored)

    def license(self, identity: str, *, assign: bool) -> dict[str, Any]:
        """Assign Exchange to a user or remove it; raises UnknownObject or TenantRefused."""
        with self._administration() as administration:
            item = administration.license(self._find(identity), assign=assign)
        return queries.show(self._store.connection, item)

    def features(self) -> dict[str, bool]:
        """Return every feature of the tenant with its state."""
        return features.states(self._settings, self._store.features())

    def set_feature(self, name: str, *, enabled: bool) -> None:
        """Switch a feature; raises TenantRefused for what cannot be switched."""
        with self._store.transaction():
            features.check_switch(name, self.features(), enabled=enabled)
            self._store.set_feature(name, enabled=enabled)

    def domains(self) -> list[DomainState]:
        """Return the verified domains, sorted by name, the initial one among them."""
        policy = self._store.policy(self._settings)
        initial = fold(policy.initial_domain)
        return [
            DomainState(name, name == initial, name in policy.federated)
            for name in sorted(policy.verified)
        ]

    def set_domain(self, name: str, *, verified: bool, federated: bool = False) -> None:
        """Verify a domain or remove it, then compute UPNs and addresses anew.

        Raises TenantRefused for what is no domain name, and for a removal of the initial domain or of
        one that the tenant does not have.
        """
        self._check_domain(fold(name), verified=verified)
        with self._store.transaction():
            self._store.set_domain(Domain(fold(name), int(verified), int(federated)))
            self.follow_domains()

    def follow_domains(self) -> None:
        """Compute UPNs and addresses anew where the verified domains are no longer the same.

        behaviour.md 6.6: "Adding/removing a verified domain starts an asynchronous pass over all
        objects". To be called in a transaction.
        """
        if self.has_followed_domains():
            return
        policy = self._store.policy(self._settings)
        if self._store.state("domains") is not None:
            moment = Moment(moments.timestamp(self._now()), self._store.version() + 1)
            Administration(self._store, policy, moment).recalculate()
        self._store.set_state("domains", _text(policy.verified))

    def has_followed_domains(self) -> bool:
        """Tell whether every object was computed with the domains that are verified now."""
        verified = self._store.policy(self._settings).verified
        return self._store.state("domains") == _text(verified)

    def _check_domain(self, name: str, *, verified: bool) -> None:
        if verified and not _DOMAIN.fullmatch(name):
            raise TenantRefused(f"{name!r} is no domain name such as contoso.com.")
        if verified:
            return
        if name == fold(self._settings.initial_domain):
            raise TenantRefused("The initial domain cannot be removed.")
        known = [domain.name for domain in self.domains()]
        if name not in known:
            raise TenantRefused(f"The tenant has no domain {name!r}. It has: {', '.join(known)}.")

    def clock_ahead(self) -> timedelta:
        """Return by how much the tenant's time runs ahead of the clock."""
        return timedelta(seconds=float(self._store.state("clock_offset") or 0))

    def advance_clock(self, by: timedelta) -> None:
        """Let the tenant's time run ahead of the clock, further than before by ``by``.

        Raises TenantRefused when that is more time than a calendar has.
        """
        with self._store.transaction():
            try:
                ahead = self.clock_ahead() + by
                in_range = (self._now() + by).year <= _LAST_YEAR
            except OverflowError:
                in_range = False
            if not in_range:
                raise TenantRefused(f"The tenant's clock goes to the year {_LAST_YEAR}.")
            self._store.set_state("clock_offset", str(ahead.total_seconds()))

    def reset_clock(self) -> None:
        with self._store.transaction():
            self._store.set_state("clock_offset", "0")

    @contextmanager
    def _administration(self) -> Iterator[Administration]:
        store = self._store
        with store.transaction():
            moment = Moment(moments.timestamp(self._now()), store.version() + 1)
            yield Administration(store, self._store.policy(self._settings), moment)

    def _find_any(self, identity: str) -> TenantObject:
        try:
            return self._find(identity)
        except UnknownObject:
            return self._find(identity, deleted=True)

    def _find(self, identity: str, *, deleted: bool = False) -> TenantObject:
        return queries.find(self._store.connection, identity, deleted=deleted)


def _text(domains: Iterable[str]) -> str:
    return "\n".join(sorted(domains))
