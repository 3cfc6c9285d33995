"""Check verified domains, and compute objects anew when they change."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from connector.errors import TenantRefused, WorkStopped
from connector.tenant.edit import as_synced
from connector.tenant.intake import known_claimant
from connector.tenant.objects import claims_of
from connector.values.addresses import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from connector.tenant.edit import Edit
    from connector.tenant.objects import Policy, TenantObject
    from connector.tenant.store import Store
    from connector.tenant.writes import Writes

_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_DOMAIN = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})+")
_PAGE = 1000


class VerifiedDomain(NamedTuple):
    """A verified domain of the tenant."""

    name: str
    initial: bool
    federated: bool


def verified_domains(policy: Policy) -> list[VerifiedDomain]:
    """Return the verified domains, sorted by name, the initial one among them."""
    initial = fold(policy.initial_domain)
    return [
        VerifiedDomain(name, initial=name == initial, federated=name in policy.federated)
        for name in sorted(policy.verified)
    ]


def check_name(name: str) -> None:
    """Raise TenantRefused for what is not a domain name."""
    if not _DOMAIN.fullmatch(name):
        raise TenantRefused(f"{name!r} is not a domain name such as contoso.com.")


def check_removal(name: str, policy: Policy) -> None:
    """Raise TenantRefused for the initial domain and for one that is not there."""
    if name == fold(policy.initial_domain):
        raise TenantRefused("The initial domain cannot be removed.")
    if name not in policy.verified:
        known = ", ".join(sorted(policy.verified))
        raise TenantRefused(f"The tenant has no domain {name!r}. It has: {known}.")


def are_followed(store: Store, policy: Policy) -> bool:
    """Tell whether every object was computed with the domains that are verified now."""
    return store.state("domains") == _text(policy.verified)


def follow(edit: Edit, stop: Callable[[], bool] = lambda: False) -> None:
    """Compute UPNs and addresses anew unless they follow the verified domains already.

    Raises WorkStopped once ``stop`` is true; the caller's transaction is then to be undone.

    docs/sources.md 6.6: "Adding/removing a verified domain starts an asynchronous pass over all
    objects". A tenant that was never used has nothing to compute.
    """
    store = edit.store
    if are_followed(store, edit.policy):
        return
    if store.state("domains") is not None:
        last = 0
        while items := store.after(last, _PAGE):
            if stop():
                raise WorkStopped("It was stopped before it was done; nothing half done is left.")
            last = items[-1].number
            edit.write(_recalculated(edit, items))
    store.set_state("domains", _text(edit.policy.verified))


def _recalculated(edit: Edit, items: Sequence[TenantObject]) -> Writes:
    """Decide on synchronized objects anew; write only those that change."""
    errors = edit.store.errors_of([item.number for item in items])
    claimants = []
    for item in items:
        # Not as an update: that would keep the UPN as long as it does not change.
        known, its_errors = item._replace(synced=0), errors.get(item.number, {})
        wanted = edit.want(json.loads(item.shadow), item.type, known, its_errors)
        claimants.append(
            known_claimant(known, item.anchor or "", wanted, claims_of(item), its_errors)
        )
    _, writes = edit.decide(claimants)
    before = {item.number: item for item in items}
    after = [as_synced(before[new.number], new) for new in writes.updated]
    writes.updated = [new for new in after if new != before[new.number]]
    return writes


def _text(domains: Iterable[str]) -> str:
    return "\n".join(sorted(domains))
