"""Decide who holds a unique value; what another object holds is set aside.

Seed, Duplicate Attribute Resiliency: "Instead of completely failing to provision or update an
object with a duplicate attribute, Azure Active Directory quarantines the duplicate attribute."
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from connector.tenant.objects import ProvisioningError
from connector.values.addresses import ProxyAddress, fold
from connector.values.canonical import decode

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from connector.tenant.objects import Claim, Errors, TenantObject

SID_PROPERTY = "onPremisesSecurityIdentifier"


def claims_of(item: TenantObject) -> set[Claim]:
    """Return the unique values that an object holds, as its row tells them."""
    claims: set[Claim] = set()
    if item.upn is not None:
        claims.add(("upn", fold(item.upn)))
    for text in decode(item.proxies):
        proxy = ProxyAddress.parse(text)
        if proxy.namespace:
            claims.add((proxy.namespace, proxy.key))
    if SID_PROPERTY in item.shadow and (sid := decode(item.shadow).get(SID_PROPERTY)):
        claims.add(("sid", fold(sid)))
    return claims


class Claims:
    """Who holds what, as one batch sees it: the store's claims and the batch's own on top.

    ``held`` must know every claim that ``holder`` is asked about; ``is_taken`` asks the store about
    any other one.
    """

    def __init__(
        self, held: Mapping[Claim, int], is_held: Callable[[Claim], bool] = lambda _: False
    ) -> None:
        self._held: dict[Claim, int] = dict(held)
        self._is_held = is_held
        self._released: set[Claim] = set()

    def holder(self, claim: Claim) -> int | None:
        return self._held.get(claim)

    def is_taken(self, claim: Claim, by_other_than: int) -> bool:
        holder = self._held.get(claim)
        if holder is not None:
            return holder != by_other_than
        return claim not in self._released and self._is_held(claim)

    def release(self, claims: Iterable[Claim], holder: int) -> None:
        for claim in claims:
            if self._held.get(claim) == holder:
                del self._held[claim]
                self._released.add(claim)

    def grant(self, claims: Iterable[Claim], holder: int) -> None:
        for claim in claims:
            self._held[claim] = holder

    def clashes(self, claims: Iterable[Claim], claimant: int) -> dict[Claim, int]:
        """Return the claims that another object holds, with their holders."""
        held = self._held
        if held.keys().isdisjoint(claims):
            return {}
        return {
            claim: holder
            for claim in claims
            if (holder := held.get(claim)) is not None and holder != claimant
        }


def set_aside(
    clashes: Sequence[tuple[str, str, str]], before: Errors, now: str
) -> tuple[Errors, list[ProvisioningError]]:
    """Return the object's provisioning errors from now on, and the new ones among them.

    ``clashes`` are (property, key, text). A value that was set aside before keeps the time of its
    first quarantine and is no news; an error whose value is no longer wanted goes.
    """
    after: Errors = {}
    new: list[ProvisioningError] = []
    for name, key, text in clashes:
        known = before.get((name, key))
        error = ProvisioningError(name, key, text, known.occurred if known else now)
        after[name, key] = error
        if known is None:
            new.append(error)
    return after, new


class Waiter(NamedTuple):
    """An object that waits for a quarantined value; waiters sort into the order of their turn."""

    occurred: str
    anchor: str
    number: int
    error: ProvisioningError


def turn(waiters: Collection[Waiter]) -> list[Waiter]:
    """Sort waiters: quarantined first, then by source anchor (design.md 4.7)."""
    return sorted(waiters, key=lambda waiter: waiter[:3])
