"""Reproduce documented faults of the service, each behind its switch.

With its switch off, the tenant does what the service should have done: quarantine, and release.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.tenant.objects import UPN
from connector.values.addresses import fold
from connector.values.canonical import decode

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from connector.tenant.objects import Claim, Errors, Policy, ProvisioningError, TenantObject
    from connector.values.addresses import ProxyAddress

UPN_AND_PROXY = "upn-and-proxy-held-by-group"
GROUP_PAIR = "group-pair-fails-first"
RESTORE = "restore-not-quarantined"
COMPUTED_UPN = "computed-upn-not-released"


def upn_and_proxy_held_by_group(
    upn_key: str, addresses: Sequence[ProxyAddress], holders: Mapping[str, TenantObject]
) -> ProxyAddress | None:
    """Return the address on which a new user fails at every attempt, if any.

    Seed, Known issues, Core behavior 1: a new user whose UPN is also its own proxy address, while a
    group holds that address: "a ProxyAddress conflict error is thrown instead of having the
    conflict attributes quarantined. The operation is retried upon each subsequent sync cycle".
    ``holders`` are those of the SMTP addresses that clash, by key.
    """
    holder = holders.get(upn_key)
    if holder is None or holder.type != "group":
        return None
    return next(
        (address for address in addresses if address.is_smtp and address.key == upn_key), None
    )


def group_pair_fails_first(
    addresses: Sequence[ProxyAddress], holders: Mapping[str, TenantObject]
) -> ProxyAddress | None:
    """Return the address on which a new group fails at its first attempt, if any.

    Seed, Known issues, Core behavior 2: "If two Groups are created on-premises with the same SMTP
    address, one fails to provision on the first attempt with a standard duplicate ProxyAddress
    error. However, the provisioning of the Group with duplicate value is properly quarantined upon
    the next sync cycle."
    """
    for address in addresses:
        holder = holders.get(address.key) if address.is_smtp else None
        if holder is not None and holder.type == "group":
            return address
    return None


def restore_fails(clashes: Iterable[Claim], policy: Policy) -> bool:
    """Tell whether clashes fail a user that its source anchor brings back from the recycle bin.

    docs/sources.md 13.1: an address that another object took in the meantime fails the whole
    operation at every attempt. For a UPN the page says nothing, so the seed's rule stands.
    """
    return RESTORE in policy.known_issues and any(namespace == "proxy" for namespace, _ in clashes)


def stays_in_quarantine(
    error: ProvisioningError, item: TenantObject, issues: Container[str]
) -> bool:
    """Tell whether the sweep leaves a value in quarantine although nobody holds it any more.

    docs/sources.md 13.2: a UPN that the tenant computed, because the one of the directory is in no
    verified domain, is never given back to the user that got digits instead.
    """
    return COMPUTED_UPN in issues and is_computed(error, item)


def is_computed(error: ProvisioningError, item: TenantObject) -> bool:
    """Tell whether the tenant made a UPN in quarantine itself: nobody asked for it."""
    if error.attribute != UPN:
        return False
    asked = decode(item.shadow).get("userPrincipalName")
    return error.key not in {fold(upn) for upn in (asked, item.chosen_upn) if upn}


def still_waiting(
    errors: Errors, upn_key: str, previous: TenantObject | None, policy: Policy
) -> Errors:
    """Return the quarantine that stays with a user which keeps its digits, if it is one.

    Without a change of the UPN in the directory an export leaves both as they are.
    """
    if not errors or previous is None or fold(previous.upn or "") != upn_key:
        return {}
    return {
        name: error
        for name, error in errors.items()
        if error.key != upn_key and stays_in_quarantine(error, previous, policy.known_issues)
    }
