"""Combine the settings with what an administrator switched in the tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from connector.tenant.objects import Policy
from connector.values.addresses import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from connector.settings import TenantSettings


class Domain(NamedTuple):
    """A domain that an administrator added to the tenant, or removed from it."""

    name: str
    verified: int
    federated: int


def policy_of(
    settings: TenantSettings, seed: str, features: Mapping[str, bool], domains: Iterable[Domain]
) -> Policy:
    """Return the policy of the tenant; its own switches win over the settings.

    ``features`` are named as the cmdlets name them (docs/sources.md 1.9).
    """
    verified = {fold(name) for name in (settings.initial_domain, *settings.verified_domains)}
    federated = set()
    for domain in domains:
        if domain.verified:
            verified.add(domain.name)
        else:
            verified.discard(domain.name)
        if domain.federated:
            federated.add(domain.name)
    blocked = features.get("BlockSoftMatch", settings.block_soft_match)
    guarded = features.get(
        "BlockCloudObjectTakeoverThroughHardMatch", settings.block_hard_match_takeover
    )
    return Policy(
        initial_domain=settings.initial_domain,
        verified=frozenset(verified | {fold(settings.initial_domain)}),
        seed=seed,
        resiliency=settings.resiliency,
        known_issues=frozenset(settings.known_issues),
        placeholder_separator=settings.placeholder_separator,
        keep_conflicting_upn=settings.upn_update_conflict == "keep",
        hold_values_of_deleted=settings.soft_deleted_hold_values,
        soft_match=not blocked,
        soft_match_on_upn=features.get("EnableSoftMatchOnUpn", settings.soft_match_on_upn),
        takeover=not guarded,
        takeover_of_administrators=not settings.block_hard_match_to_administrators,
        federated=frozenset(federated),
        one_namespace=settings.upn_in_proxy_namespace,
        take_over=settings.take_over,
    )
