"""What an administrator does in the cloud: the directory on-premises knows nothing of it.

Each verb is a transaction of its own. Conflicts of cloud-only objects are refused, not quarantined:
provisioning errors belong to synchronized objects.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from connector.errors import TenantRefused
from connector.tenant import placeholder, recipients
from connector.tenant.batch import Decision, Facts, decide
from connector.tenant.identity import cloud_id
from connector.tenant.intake import claims_to_look_up
from connector.tenant.objects import Failure, TenantObject
from connector.tenant.properties import IMMUTABLE_ID, typed
from connector.tenant.provision import Subject
from connector.tenant.quarantine import claims_of
from connector.tenant.wanted import want, with_upn
from connector.values.addresses import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from connector.tenant.objects import Claim, Errors, Policy
    from connector.tenant.provision import Moment
    from connector.tenant.store import Store
    from connector.tenant.wanted import Wanted

_PAGE = 1000
_PROPERTY = {"upn": "userPrincipalName", "proxy": "proxyAddresses", "sip": "proxyAddresses"}


class Administration:
    """One administrator's change, made at one moment under one policy, inside a transaction."""

    def __init__(self, store: Store, policy: Policy, moment: Moment) -> None:
        self._store = store
        self._policy = policy
        self._moment = moment

    def add(self, kind: str, properties: Mapping[str, Any], *, admin_role: bool) -> TenantObject:
        """Create a cloud-only object; ``onPremisesImmutableId`` prepares a user for a hard match."""
        if admin_role and kind != "user":
            raise TenantRefused(f"A {kind} holds no administrator role: only users do.")
        given = _present(typed(kind, properties))
        anchor = given.pop(IMMUTABLE_ID, None)
        self._refuse_anchor(anchor, None)
        number = self._store.last_number() + 1
        identity = cloud_id(self._policy.seed, self._moment.version, f"cloud:{number}")
        wanted = self._want(given, kind, None)
        if kind == "user" and wanted.upn != given.get("userPrincipalName"):
            raise TenantRefused(
                "A cloud user needs a userPrincipalName in a verified domain of the tenant: "
                f"{', '.join(sorted(self._policy.verified))}."
            )
        self._refuse_clashes(wanted, number)
        item = self._provision(
            Subject(number, identity, kind, "", wanted, None, frozenset(), {}, failed_before=False)
        )
        item = item._replace(anchor=anchor, synced=None, last_sync=None, admin_role=int(admin_role))
        self._write(Decision(inserted=[item], granted=_rows(claims_of(item), number)))
        return item

    def change(self, item: TenantObject, properties: Mapping[str, Any]) -> TenantObject:
        """Change properties of an object that is not synchronized; an empty value removes one."""
        if item.synced == 1:
            raise TenantRefused(
                f"{item.display_name} is synchronized from on-premises: change it in the directory."
            )
        given = typed(item.type, properties)
        anchor = given.pop(IMMUTABLE_ID, item.anchor) or None
        self._refuse_anchor(anchor, item)
        wanted = self._want(_present(json.loads(item.shadow) | given), item.type, item)
        self._refuse_clashes(wanted, item.number)
        changed = self._replace(item, item, wanted)
        if anchor == item.anchor:
            return changed
        changed = changed._replace(anchor=anchor)
        self._write(Decision(updated=[changed]))
        return changed

    def set_admin_role(self, item: TenantObject, *, admin_role: bool) -> None:
        self._write(Decision(updated=[item._replace(admin_role=int(admin_role))]))

    def delete(self, item: TenantObject, *, hard: bool) -> None:
        """Delete an object: users softly unless ``hard``, groups and contacts at once."""
        version = self._moment.version
        keeps = item.type == "user" and not hard
        released = _rows(claims_of(item), item.number)
        if not keeps:
            self._write(Decision(removed=[item], released=released))
            return
        if item.deleted is not None:
            raise TenantRefused(f"{item.display_name} is deleted already; --hard removes it.")
        deleted = item._replace(
            deleted=self._moment.now, synced=None if item.synced is None else 0, version=version
        )
        if self._policy.hold_values_of_deleted:
            released = []
        self._write(Decision(soft_deleted=[deleted], released=released, errors=[(item, {})]))

    def restore(
        self, item: TenantObject, *, new_upn: str | None, reconcile_proxies: bool
    ) -> TenantObject:
        """Bring a soft-deleted user back through the checks of a new one (design.md 4.8).

        What others hold by now is quarantined for a synchronized user, and refused for a cloud-only
        one. ``new_upn`` is used in place of the old UPN, ``reconcile_proxies`` drops the addresses
        that others hold (behaviour.md 7.3).
        """
        properties = json.loads(item.shadow)
        wanted = self._want(properties, item.type, item)
        if reconcile_proxies:
            properties = self._reconciled(properties, wanted, item.number)
            wanted = self._want(properties, item.type, item)
        if new_upn is not None:
            wanted = self._with_upn(wanted, new_upn, item)
        if item.anchor is None:
            self._refuse_clashes(wanted, item.number)
        held = self._store.holders(claims_of(item))
        own = {claim for claim, holder in held.items() if holder == item.number}
        return self._replace(item, item, wanted, own=own)

    def license(self, item: TenantObject, *, assign: bool) -> TenantObject:
        """Assign Exchange to a user, or remove it (behaviour.md 6.4, proxyAddresses article).

        The UPN and the MOERA become proxy addresses; without the licence the UPN goes again and the
        MOERA stays. An address that another object holds refuses the licence: ``Uniqueness
        violation. Property: ProxyAddresses.``
        """
        if item.type != "user":
            raise TenantRefused(f"{item.display_name} is no user: only users have licences.")
        if bool(item.exchange) == assign:
            return item
        licensed = item._replace(exchange=int(assign), upn_proxy=int(assign))
        if assign:
            upn_claim = ("proxy", fold(item.upn or ""))
            if self._clashing([upn_claim], item.number):
                raise TenantRefused(
                    "Uniqueness violation. Property: ProxyAddresses. Another object holds "
                    f"{item.upn}."
                )
            licensed = licensed._replace(moera=item.moera or self._moera(item))
        wanted = self._want(json.loads(item.shadow), item.type, licensed)
        return self._replace(item, licensed, wanted)

    def recalculate(self) -> None:
        """Compute every object anew after a change of domains (behaviour.md 6.6)."""
        last = 0
        while items := self._store.after(last, _PAGE):
            last = items[-1].number
            errors = self._store.errors_of([item.number for item in items])
            subjects = []
            for item in items:
                # Not as an update: that would keep the UPN as long as it does not change.
                known = item._replace(synced=0)
                wanted = self._want(json.loads(item.shadow), item.type, known)
                its_errors = errors.get(item.number, {})
                subjects.append(_subject(known, wanted, claims_of(item), its_errors))
            decision = self._decide(subjects)
            before = {item.number: item for item in items}
            kept = [_kept(before[new.number], new) for new in decision.updated]
            decision.updated = [new for new in kept if new != before[new.number]]
            self._write(decision)

    # --- how ----------------------------------------------------------------------------------

    def _want(
        self, properties: Mapping[str, Any], kind: str, previous: TenantObject | None
    ) -> Wanted:
        errors = self._store.errors_of([previous.number]) if previous is not None else {}
        its_errors = errors.get(previous.number, {}) if previous is not None else {}
        try:
            return want(properties, kind, previous, its_errors, self._policy)
        except Failure as failure:
            raise TenantRefused(failure.description) from failure

    def _with_upn(self, wanted: Wanted, upn: str, item: TenantObject) -> Wanted:
        prefix, _, domain = upn.partition("@")
        if not prefix or fold(domain) not in self._policy.verified:
            raise TenantRefused(
                f"{upn} is no UPN in a verified domain: {', '.join(sorted(self._policy.verified))}."
            )
        return with_upn(wanted, upn, item)

    def _reconciled(
        self, properties: dict[str, Any], wanted: Wanted, number: int
    ) -> dict[str, Any]:
        """Leave out the addresses that others hold, a mail attribute among them."""
        others = self._clashing(wanted.claims, number)
        kept = [
            proxy.text for proxy in wanted.proxies if (proxy.namespace, proxy.key) not in others
        ]
        found = properties | {"proxyAddresses": kept}
        if ("proxy", fold(properties.get("mail", "").strip())) in others:
            del found["mail"]
        return found

    def _moera(self, item: TenantObject) -> str:
        """Make the routing address; one that is taken gets four digits (scenario 6)."""
        prefix = recipients.routing_prefix(item.nickname or (item.upn or "").partition("@")[0])
        domain = self._policy.initial_domain
        moera = f"{prefix}@{domain}"
        if not self._clashing([("proxy", fold(moera))], item.number):
            return moera
        numbers = placeholder.digits(self._policy.seed, item.id, fold(moera))
        return placeholder.draw(
            prefix, domain, numbers, lambda key: self._store.is_held(("proxy", key))
        )

    def _clashing(self, claims: Iterable[Claim], number: int) -> dict[Claim, int]:
        held = self._store.holders(claims)
        return {claim: holder for claim, holder in held.items() if holder != number}

    def _refuse_anchor(self, anchor: str | None, item: TenantObject | None) -> None:
        if item is not None and item.anchor == anchor:
            return
        if item is not None and item.synced is not None:
            raise TenantRefused(
                f"{item.display_name} was synchronized: its source anchor does not change."
            )
        if anchor is not None and self._store.by_anchor([anchor]):
            raise TenantRefused(f"Another object has the {IMMUTABLE_ID} {anchor} already.")

    def _refuse_clashes(self, wanted: Wanted, number: int) -> None:
        for (namespace, key), holder in sorted(self._clashing(wanted.claims, number).items()):
            name = self._store.by_number([holder])[holder].display_name
            raise TenantRefused(
                "Another object with the same value for property "
                f"{_PROPERTY.get(namespace, namespace)} already exists: {name} holds {key}."
            )

    def _replace(
        self,
        item: TenantObject,
        known: TenantObject,
        wanted: Wanted,
        own: set[Claim] | None = None,
    ) -> TenantObject:
        """Provision an object anew, whose previous state is taken to be ``known``, and write it."""
        errors = self._store.errors_of([item.number]).get(item.number, {})
        subject = _subject(known, wanted, claims_of(item) if own is None else own, errors)
        decision = self._decide([subject])
        result = decision.results[0]
        if result.action == "failed":
            raise TenantRefused(result.description or result.code)
        decision.updated = [_kept(item, new) for new in decision.updated]
        self._write(decision)
        return decision.updated[0] if decision.updated else item

    def _provision(self, subject: Subject) -> TenantObject:
        return self._decide([subject]).inserted[0]

    def _decide(self, subjects: Sequence[Subject]) -> Decision:
        store = self._store
        held = store.holders(claims_to_look_up(subjects))
        objects = store.by_number(set(held.values()))
        facts = Facts(self._policy, self._moment, held, objects, store.is_held)
        return decide(subjects, facts)

    def _write(self, decision: Decision) -> None:
        self._store.write(decision, self._moment.version)
        self._store.set_state("version", str(self._moment.version))


def _subject(known: TenantObject, wanted: Wanted, own: Iterable[Claim], errors: Errors) -> Subject:
    return Subject(
        known.number,
        known.id,
        known.type,
        known.anchor or "",
        wanted,
        known,
        frozenset(own),
        errors,
        failed_before=False,
    )


def _kept(before: TenantObject, after: TenantObject) -> TenantObject:
    """Take back what only a synchronization changes; a shadow that stays is no news to clients."""
    return after._replace(
        anchor=before.anchor,
        synced=before.synced,
        last_sync=before.last_sync,
        version=before.version,
    )


def _rows(claims: Iterable[Claim], holder: int) -> list[tuple[str, str, int]]:
    return [(*claim, holder) for claim in claims]


def _present(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if value not in ("", [], None)}
