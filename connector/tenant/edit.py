"""What the verbs of an administrator have in common: read, decide as for a batch, write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.errors import TenantRefused
from connector.tenant.batch import Decision, Facts, decide
from connector.tenant.intake import Subject, claims_to_look_up
from connector.tenant.objects import Failure, claims_of
from connector.tenant.properties import IMMUTABLE_ID
from connector.tenant.wanted import want

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from connector.tenant.objects import Claim, Errors, Policy, TenantObject
    from connector.tenant.provision import Moment
    from connector.tenant.store import Store
    from connector.tenant.wanted import Wanted

_PROPERTY = {"upn": "userPrincipalName", "proxy": "proxyAddresses", "sip": "proxyAddresses"}


class Edit:
    """One change by an administrator: under one policy, at one moment, inside a transaction."""

    def __init__(self, store: Store, policy: Policy, moment: Moment) -> None:
        self.store = store
        self.policy = policy
        self.moment = moment

    def want(
        self,
        properties: Mapping[str, Any],
        kind: str,
        previous: TenantObject | None,
        errors: Errors,
    ) -> Wanted:
        """Say what an object asks for; raises TenantRefused for what can never be accepted."""
        try:
            return want(properties, kind, previous, errors, self.policy)
        except Failure as failure:
            raise TenantRefused(failure.description) from failure

    def errors_of(self, item: TenantObject) -> Errors:
        return self.store.errors_of([item.number]).get(item.number, {})

    def clashes(self, claims: Iterable[Claim], number: int) -> dict[Claim, int]:
        """Return those of the claims that another object holds, with their holders."""
        held = self.store.holders(claims)
        return {claim: holder for claim, holder in held.items() if holder != number}

    def refuse_clashes(self, wanted: Wanted, number: int) -> None:
        """Raise TenantRefused when another object holds a value that this one asks for."""
        for (namespace, key), holder in sorted(self.clashes(wanted.claims, number).items()):
            name = self.store.by_number([holder])[holder].display_name
            raise TenantRefused(
                "Another object with the same value for property "
                f"{_PROPERTY.get(namespace, namespace)} already exists: {name} holds {key}."
            )

    def refuse_anchor(self, anchor: str | None, item: TenantObject | None) -> None:
        """Raise TenantRefused when an object (None for a new one) must not get a source anchor."""
        if item is not None and item.anchor == anchor:
            return
        if item is not None and item.synced is not None:
            raise TenantRefused(
                f"{item.display_name} was synchronized: its source anchor does not change."
            )
        if anchor is not None and self.store.by_anchor([anchor]):
            raise TenantRefused(f"Another object has the {IMMUTABLE_ID} {anchor} already.")

    def replace(
        self,
        item: TenantObject,
        wanted: Wanted,
        errors: Errors,
        *,
        known: TenantObject | None = None,
        own: Collection[Claim] | None = None,
    ) -> TenantObject:
        """Provision an object anew, write it and return it.

        ``known`` is what its previous state is taken to be, ``own`` the claims that it holds, where
        they are not those of ``item``. Raises TenantRefused when the object cannot be provisioned.
        """
        held = claims_of(item) if own is None else own
        decision = self.decide([subject(known or item, wanted, held, errors)])
        result = decision.results[0]
        if result.action == "failed":
            raise TenantRefused(result.description or result.code)
        decision.updated = [kept(item, new) for new in decision.updated]
        self.write(decision)
        return decision.updated[0] if decision.updated else item

    def decide(self, subjects: Sequence[Subject]) -> Decision:
        """Decide on objects as a batch of them would be."""
        held = self.store.holders(claims_to_look_up(subjects))
        objects = self.store.by_number(set(held.values()))
        facts = Facts(self.policy, self.moment, held, objects, self.store.is_held)
        return decide(subjects, facts)

    def write(self, decision: Decision) -> None:
        """Write a decision down as a new version of the tenant."""
        self.store.write(decision, self.moment.version)
        self.store.set_state("version", str(self.moment.version))


def subject(known: TenantObject, wanted: Wanted, own: Collection[Claim], errors: Errors) -> Subject:
    """Return an object of the tenant, taken to be ``known``, with what it asks for."""
    return Subject(
        number=known.number,
        id=known.id,
        type=known.type,
        anchor=known.anchor or "",
        wanted=wanted,
        previous=known,
        own=frozenset(own),
        errors=errors,
        failed_before=False,
    )


def kept(before: TenantObject, after: TenantObject) -> TenantObject:
    """Take back what only a synchronization changes; clients are not told of a shadow that stays."""
    return after._replace(
        anchor=before.anchor,
        synced=before.synced,
        last_sync=before.last_sync,
        version=before.version,
    )
