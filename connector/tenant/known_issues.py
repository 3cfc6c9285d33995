"""Reproduce documented faults of the service, each behind its switch.

With its switch off, the tenant does what the service should have done: quarantine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connector.tenant.objects import TenantObject
    from connector.values.addresses import ProxyAddress

UPN_AND_PROXY = "upn-and-proxy-held-by-group"
GROUP_PAIR = "group-pair-fails-first"


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
