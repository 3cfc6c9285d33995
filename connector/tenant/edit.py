"""Hold what the verbs of an administrator share: look up, decide, write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.errors import TenantRefused
from connector.model import SyncAction
from connector.tenant.anchors import check_length
from connector.tenant.batch import Facts, decide
from connector.tenant.intake import claims_to_look_up, held_already, known_claimant
from connector.tenant.objects import ExportError, claims_of, with_twins
from connector.tenant.properties import IMMUTABLE_ID
from connector.tenant.quarantine import Claims
from connector.tenant.wanted import want, without
from connector.values.addresses import fold

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable, Mapping, Sequence

    from connector.model import SyncResult
    from connector.tenant.intake import Claimant
    from connector.tenant.objects import Claim, Errors, Policy, Stamp, TenantObject
    from connector.tenant.ports import Store
    from connector.tenant.wanted import Wanted
    from connector.tenant.writes import Writes

_PROPERTY = {"upn": "userPrincipalName", "proxy": "proxyAddresses", "sip": "proxyAddresses"}


class Edit:
    """One change by an administrator, inside a transaction."""

    def __init__(self, store: Store, policy: Policy, stamp: Stamp) -> None:
        self.store = store
        self.policy = policy
        self.stamp = stamp

    def want(
        self,
        properties: Mapping[str, Any],
        kind: str,
        previous: TenantObject | None,
        errors: Errors,
    ) -> Wanted:
        """Return what an object asks for.

        Raises TenantRefused for values that the tenant accepts from no object.
        """
        try:
            return want(properties, kind, previous, errors, self.policy)
        except ExportError as error:
            raise TenantRefused(error.description) from error

    def errors_of(self, item: TenantObject) -> Errors:
        return self.store.errors_of([item.number]).get(item.number, {})

    def clashes(self, claims: Iterable[Claim], number: int) -> dict[Claim, int]:
        """Return those of the claims that another object holds, with their holders."""
        asked = list(claims)
        one_namespace = self.policy.one_namespace
        held = self.store.holders(with_twins(asked) if one_namespace else asked)
        return Claims(held, one_namespace=one_namespace).clashes(asked, number)

    def refuse_clashes(
        self,
        wanted: Wanted,
        number: int,
        *,
        replaceable: str | None = None,
        waiting: Container[Claim] = (),
    ) -> None:
        """Raise TenantRefused when another object holds a value that this one asks for.

        ``replaceable`` is a routing address, in place of which the object gets another one;
        ``waiting`` has what the object waits for in quarantine already, and goes on to.
        """
        for (namespace, key), holder in sorted(self.clashes(wanted.claims, number).items()):
            if (namespace, key) == ("proxy", fold(replaceable or "")):
                continue
            if (namespace, key) in waiting:
                continue
            name = self.store.by_number([holder])[holder].display_name
            raise TenantRefused(
                "Another object with the same value for property "
                f"{_PROPERTY.get(namespace, namespace)} already exists: {name} holds {key}."
            )

    def without_lost(self, item: TenantObject, properties: dict[str, Any]) -> dict[str, Any]:
        """Return what a cloud-only object keeps when it is computed anew.

        Addresses that it did not show in the meantime, and that another object took, are lost:
        quarantine is for synchronized objects.
        """
        if item.synced is not None:
            return properties
        wanted = self.want(properties, item.type, item, {})
        clashes = self.clashes(wanted.claims, item.number)
        return without(wanted, clashes) if clashes else properties

    def refuse_upn(self, upn: str | None, anchor: str | None) -> None:
        """Raise TenantRefused for what cannot be the UPN of a user with this source anchor."""
        if not upn or self.want({"userPrincipalName": upn}, "user", None, {}).upn != upn:
            given = f" {upn} is in none." if upn else ""
            raise TenantRefused(
                "A cloud user needs a userPrincipalName in a verified domain of the tenant: "
                f"{', '.join(sorted(self.policy.verified))}.{given}"
            )
        self.refuse_federated(upn, anchor)

    def refuse_federated(self, upn: str | None, anchor: str | None) -> None:
        """Raise TenantRefused for a UPN in a federated domain without a source anchor.

        docs/sources.md 13.14.
        """
        domain = fold((upn or "").rpartition("@")[2])
        if anchor is None and domain in self.policy.federated:
            raise TenantRefused(
                "You must provide a required property: Parameter name: FederatedUser.SourceAnchor. "
                f"{domain} is federated: a user there needs an {IMMUTABLE_ID}."
            )

    def refuse_anchor(self, anchor: str | None, item: TenantObject | None) -> None:
        """Raise TenantRefused when an object must not get this source anchor.

        ``item`` is None for a new object.
        """
        if item is not None and item.anchor == anchor:
            return
        if item is not None and item.synced is not None:
            raise TenantRefused(
                f"{item.display_name} was synchronized: its source anchor does not change so. To "
                f"repair a match: connector tenant match {item.id} "
                f"{f'--to {anchor}' if anchor else '--clear'}"
            )
        if anchor is not None:
            check_length(anchor)
        if anchor is not None and (others := self.store.by_anchor([anchor])):
            [other, *_] = others[anchor]
            raise TenantRefused(
                f"Another object has the {IMMUTABLE_ID} {anchor} already: {other.display_name} "
                f"({other.type} {other.id})."
            )

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

        ``known`` replaces ``item`` as its previous state, ``own`` the claims that ``item`` holds.
        Raises TenantRefused when the object cannot be provisioned.
        """
        held = claims_of(item) if own is None else own
        claimant = known_claimant(known or item, item.anchor or "", wanted, held, errors)
        [result], writes = self.decide([claimant])
        if result.action == SyncAction.FAILED:
            raise TenantRefused(result.description or result.code)
        if result.action == SyncAction.UNCHANGED and known is not None:
            # A licence may alter nothing that the object shows, and is remembered all the same.
            writes.updated = [known]
        writes.updated = [as_synced(item, new) for new in writes.updated]
        self.write(writes)
        return writes.updated[0] if writes.updated else item

    def decide(self, claimants: Sequence[Claimant]) -> tuple[list[SyncResult], Writes]:
        """Decide on objects as a batch of them is decided."""
        held = self.store.holders(claims_to_look_up(claimants, self.policy))
        held = held_already(claimants) | held
        objects = self.store.by_number(set(held.values()))
        return decide(
            claimants,
            Facts(
                policy=self.policy,
                stamp=self.stamp,
                held=held,
                objects=objects,
                is_held=self.store.is_held,
            ),
        )

    def write(self, writes: Writes) -> None:
        """Write a decision down as a new version of the tenant."""
        self.store.write(writes, self.stamp.version)
        self.store.set_version(self.stamp.version)


def as_synced(before: TenantObject, after: TenantObject) -> TenantObject:
    """Take back what only a synchronization changes.

    With its old version, an object whose shadow stays the same is not read back by clients.
    """
    return after._replace(
        anchor=before.anchor,
        synced=before.synced,
        last_sync=before.last_sync,
        version=before.version,
    )
