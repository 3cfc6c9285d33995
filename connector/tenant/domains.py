"""Check verified domains, and compute objects anew when they change."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from connector.errors import TenantRefused, WorkStopped
from connector.tenant.edit import as_synced
from connector.tenant.intake import known_claimant
from connector.tenant.objects import claims_of
from connector.tenant.quarantine import turn
from connector.values.addresses import ProxyAddress, fold
from connector.values.canonical import canonical, decode
from connector.values.hosts import is_domain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from connector.tenant.edit import Edit
    from connector.tenant.intake import Claimant
    from connector.tenant.objects import Errors, Policy, TenantObject
    from connector.tenant.ports import Store
    from connector.tenant.writes import Writes

_PAGE = 1000
# So many objects are named that keep a domain from being removed.
_NAMED = 3
_UPN = "userPrincipalName"


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
    if not is_domain(name):
        raise TenantRefused(f"{name!r} is not a domain name such as contoso.com.")


def check_federation(name: str, initial: str, *, federated: bool) -> None:
    """Raise TenantRefused for the initial domain: the service signs its users in itself."""
    if federated and name == fold(initial):
        raise TenantRefused("The initial domain cannot be federated.")


def check_removal(
    name: str, policy: Policy, objects: Iterable[TenantObject], *, force: bool
) -> None:
    """Raise TenantRefused for a domain that cannot be removed.

    That is the initial domain, one that is not there, and, without ``force``, one that any of the
    objects uses in its UPN, or a user or group in an address (docs/sources.md 13.15).
    """
    if name == fold(policy.initial_domain):
        raise TenantRefused("The initial domain cannot be removed.")
    if name not in policy.verified:
        known = ", ".join(sorted(policy.verified))
        raise TenantRefused(f"The tenant has no domain {name!r}. It has: {known}.")
    if force:
        return
    used = [item.display_name for item in objects if _uses(item, name)]
    if used:
        some = ", ".join(used[:_NAMED]) + (", ..." if len(used) > _NAMED else "")
        raise TenantRefused(
            f"Unable to remove this domain: {len(used)} object{'s' * (len(used) > 1)} with a UPN or "
            f"an address in {name} ({some}). Give them others first, or use --force: then "
            "users fall to the initial domain."
        )


def _uses(item: TenantObject, domain: str) -> bool:
    if item.type == "contact":
        return False
    texts = [item.upn or ""]
    if domain in fold(item.proxies):
        texts += [proxy for proxy in decode(item.proxies) if ProxyAddress.parse(proxy).is_smtp]
    return any(fold(text.rpartition("@")[2]) == domain for text in texts)


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
        for items in _pages(store):
            if stop():
                raise WorkStopped("It was stopped before it was done; nothing half done is left.")
            edit.write(_recalculated(edit, items))
    store.set_state("domains", _text(edit.policy.verified))


def _pages(store: Store) -> Iterator[list[TenantObject]]:
    """Yield all objects in the order in which they came.

    Those that wait for a value which is free now come last, in the order in which a sweep gives it.
    """
    in_turn = list(
        dict.fromkeys(one.number for one in turn(store.questions.waiters_for_free_values()))
    )
    late, last = set(in_turn), 0
    while items := store.after(last, _PAGE):
        last = items[-1].number
        yield [item for item in items if item.number not in late] if late else items
    for start in range(0, len(in_turn), _PAGE):
        numbers = in_turn[start : start + _PAGE]
        found = store.by_number(numbers)
        yield [found[number] for number in numbers]


def _recalculated(edit: Edit, items: Sequence[TenantObject]) -> Writes:
    """Decide on objects anew; write only those that change."""
    errors = edit.store.errors_of([item.number for item in items])
    claimants = [
        _claimant(edit, item, errors.get(item.number, {}))
        for item in items
        if item.synced is not None or _follows(item, edit.policy)
    ]
    _, writes = edit.decide(claimants)
    before = {item.number: item for item in items}
    after = [_settled(before[new.number], new) for new in writes.updated]
    writes.updated = [new for new in after if new != before[new.number]]
    writes.errors = [
        (item, some if before[item.number].synced is not None else {})
        for item, some in writes.errors
    ]
    return writes


def _claimant(edit: Edit, item: TenantObject, errors: Errors) -> Claimant:
    properties = json.loads(item.shadow)
    if item.synced is None and (upn := properties.get(_UPN)) is not None:
        prefix, _, domain = upn.rpartition("@")
        if fold(domain) not in edit.policy.verified:
            properties[_UPN] = f"{prefix}@{edit.policy.initial_domain}"
    if item.synced is None:
        properties = edit.without_lost(item, properties)
    # Not as an update: that would keep the UPN as long as it does not change.
    known = item if item.synced is None else item._replace(synced=0)
    wanted = edit.want(properties, item.type, known, errors)
    return known_claimant(known, item.anchor or "", wanted, claims_of(item), errors)


def _follows(item: TenantObject, policy: Policy) -> bool:
    """Tell whether the verified domains decide what a cloud-only object shows.

    Its UPN falls to the initial domain with its own; a mailbox shows addresses in verified domains.
    """
    if item.type != "user":
        return False
    return bool(item.exchange) or policy.verified_upn(item) is None


def _settled(before: TenantObject, after: TenantObject) -> TenantObject:
    """Take back what only a synchronization changes.

    A cloud-only user has nobody who still wants its old UPN: it keeps the new one for good, and waits
    for nothing.
    """
    after = as_synced(before, after)
    if before.synced is None and before.type == "user":
        properties = json.loads(after.shadow) | {_UPN: after.upn}
        after = after._replace(shadow=canonical(properties))
    return after


def _text(domains: Iterable[str]) -> str:
    return "\n".join(sorted(domains))
