"""Decide who holds a unique value, and quarantine what another object holds.

Seed, Duplicate Attribute Resiliency: "Instead of completely failing to provision or update an
object with a duplicate attribute, Azure Active Directory quarantines the duplicate attribute."
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from connector.tenant.objects import ProvisioningError, twin

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence

    from connector.tenant.objects import Claim, Errors


class Claims:
    """Who holds what while a batch is decided.

    It starts with the claims of the store and changes with each decision. ``held`` must have the
    holder of every claim that ``clashes`` is asked about (with ``one_namespace`` of its twin too);
    ``is_held`` asks the store about any other one.
    """

    def __init__(
        self,
        held: Mapping[Claim, int],
        is_held: Callable[[Claim], bool] = lambda _: False,
        *,
        one_namespace: bool = False,
    ) -> None:
        self._held: dict[Claim, int] = dict(held)
        self._is_held = is_held
        self._given_up: set[Claim] = set()
        self._one_namespace = one_namespace

    def is_taken(self, claim: Claim, by_other_than: int, own: Container[Claim] = ()) -> bool:
        """Tell whether an object other than this one, which has ``own``, holds the claim."""
        holder = self._held.get(claim)
        if holder is not None:
            return holder != by_other_than
        if claim not in self._given_up and self._is_held(claim):
            return True
        other = twin(claim) if self._one_namespace else None
        if other is None or other in own:
            return False
        holder = self._held.get(other)
        if holder is not None:
            return holder != by_other_than
        return other not in self._given_up and self._is_held(other)

    def give_up(self, claims: Iterable[Claim], holder: int) -> None:
        """Free the claims that this object holds; those of other objects stay theirs."""
        for claim in claims:
            if self._held.get(claim) == holder:
                del self._held[claim]
                self._given_up.add(claim)

    def grant(self, claims: Iterable[Claim], holder: int) -> None:
        self._held.update(dict.fromkeys(claims, holder))

    def clashes(self, claims: Iterable[Claim], claimant: int) -> dict[Claim, int]:
        """Return the claims that another object holds, with their holders."""
        held = self._held
        if self._one_namespace:
            return self._clashes_of_twins(claims, claimant)
        if held.keys().isdisjoint(claims):
            return {}
        return {
            claim: holder
            for claim in claims
            if (holder := held.get(claim)) is not None and holder != claimant
        }

    def _clashes_of_twins(self, claims: Iterable[Claim], claimant: int) -> dict[Claim, int]:
        """Return the claims that another object holds, or has the twin of.

        What an object holds already it keeps, although the setting came later.
        """
        found = {}
        for claim in claims:
            holder = self._held.get(claim)
            if holder is None and (other := twin(claim)) is not None:
                holder = self._held.get(other)
            if holder is not None and holder != claimant:
                found[claim] = holder
        return found


def quarantine(
    values: Sequence[tuple[str, str, str]], before: Errors, now: str
) -> tuple[Errors, list[ProvisioningError]]:
    """Return the object's provisioning errors from now on, and which are new.

    ``values`` are all that the object does not get, as (attribute, key, text). A value that is in
    quarantine already keeps the time of its first quarantine; an error whose value the object no
    longer wants ends.
    """
    after: Errors = {}
    new: list[ProvisioningError] = []
    for attribute, key, text in values:
        known = before.get((attribute, key))
        error = ProvisioningError(attribute, key, text, known.occurred if known else now)
        after[attribute, key] = error
        if known is None:
            new.append(error)
    return after, new


class Waiter(NamedTuple):
    """An object that waits for a quarantined value.

    ``occurred`` is when the value was quarantined first, ``number`` that of the object.
    """

    occurred: str
    anchor: str
    number: int
    error: ProvisioningError


def turn(waiters: Collection[Waiter]) -> list[Waiter]:
    """Sort waiters: quarantined first, then by source anchor (docs/sources.md 15.7).

    Of one object addresses come before the UPN; no two are equal.
    """
    return sorted(waiters)
