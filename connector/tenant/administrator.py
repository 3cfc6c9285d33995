"""Do what an administrator asks for in the cloud.

The directory on-premises learns nothing of it. Clashes of cloud-only objects are refused, not
quarantined: provisioning errors belong to synchronized objects.
"""

from __future__ import annotations

import json
import secrets
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from connector.errors import TenantRefused, UnknownObject
from connector.tenant import anchors, domains, features, finding, placeholder
from connector.tenant.edit import Edit
from connector.tenant.identity import cloud_id
from connector.tenant.intake import new_claimant
from connector.tenant.objects import Stamp, claims_of
from connector.tenant.policy import Domain
from connector.tenant.properties import IMMUTABLE_ID, merged, typed
from connector.tenant.wanted import without
from connector.tenant.writes import Writes
from connector.values import moments
from connector.values.addresses import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from connector.settings import TenantSettings
    from connector.tenant.clock import TenantClock
    from connector.tenant.domains import VerifiedDomain
    from connector.tenant.objects import Claim, Errors, TenantObject
    from connector.tenant.ports import Store


_UPN = "userPrincipalName"
_USAGE_LOCATION = "usageLocation"


class Administrator:
    """Changes the cloud only, one transaction a verb.

    An identity is what ``TenantService.find`` takes. Objects are returned as Graph JSON. A verb
    raises UnknownObject when nothing has the identity, and TenantRefused for what the service would
    refuse.
    """

    def __init__(self, store: Store, settings: TenantSettings, clock: TenantClock) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock

    # --- objects ------------------------------------------------------------------------------

    def add(
        self, kind: str, properties: Mapping[str, Any], *, admin_role: bool = False
    ) -> dict[str, Any]:
        """Create a cloud-only object.

        ``onPremisesImmutableId`` prepares a user for a hard match.
        """
        if admin_role:
            _check_role(kind)
        given = _present(merged({}, typed(kind, properties)))
        anchor = given.pop(IMMUTABLE_ID, None)
        with self._edit() as edit:
            edit.refuse_anchor(anchor, None)
            if kind == "user":
                edit.refuse_upn(given.get(_UPN), anchor)
            wanted = edit.want(given, kind, None, {})
            number = self._store.last_number() + 1
            new_id = cloud_id(edit.policy.seed, edit.stamp.version, f"cloud:{number}")
            edit.refuse_clashes(wanted, number)
            _, writes = edit.decide([new_claimant(number, new_id, kind, "", wanted)])
            item = writes.inserted[0]._replace(
                anchor=anchor, synced=None, last_sync=None, admin_role=int(admin_role)
            )
            writes.inserted = [item]
            edit.write(writes)
        return self._shown(item)

    def change(
        self, identity: str, properties: Mapping[str, Any], *, admin_role: bool | None = None
    ) -> dict[str, Any]:
        """Change an object that is not synchronized, or the administrator role of any user.

        Of a synchronized user the usage location can be changed. An empty value removes a property; ``admin_role`` gives the role or takes it, None leaves it.
        The UPN of a user that was synchronized stays until the directory has another one.
        """
        with self._edit() as edit:
            item = self._find(identity)
            if properties or admin_role is None:
                item = _changed(edit, item, properties)
            if admin_role is not None:
                item = _with_role(edit, item, admin_role=admin_role)
        return self._shown(item)

    def match(self, identity: str, anchor: str | None) -> dict[str, Any]:
        """Move the source anchor of a user to ``anchor``, or clear it with None.

        The user may be synchronized, restored, or left behind by its entry (docs/sources.md 5.5).
        """
        if anchor is not None:
            anchors.check_anchor(anchor)
        with self._edit() as edit:
            item = self._find_live(identity)
            if anchor is None:
                anchors.check_clear(item, edit.policy)
            else:
                anchors.check_move(item, self._store.by_anchor([anchor]).get(anchor, ()))
            if anchor != item.anchor:
                # What no client manages is not read back under its new anchor.
                version = edit.stamp.version if item.synced == 1 else item.version
                moved = item._replace(anchor=anchor, version=version)
                edit.write(Writes(updated=[moved], renamed=[item]))
                item = moved
        return self._shown(item)

    def delete(self, identity: str, *, hard: bool = False) -> dict[str, Any]:
        """Delete an object and return what it was.

        A user is soft-deleted, other objects are deleted for good. ``hard`` deletes a user for good
        too, even one that is soft-deleted already.
        """
        with self._edit() as edit:
            item = self._find_any(identity)
            shown = self._shown(item)
            writes = Writes()
            if item.type != "user" or hard:
                writes.deleted.append(item)
                writes.give_up(claims_of(item), item.number)
            elif item.deleted is not None:
                raise TenantRefused(f"{item.display_name} is deleted already; --hard removes it.")
            else:
                synced = None if item.synced is None else 0
                deleted, version = edit.stamp.now, edit.stamp.version
                writes.soft_deleted.append(
                    item._replace(deleted=deleted, synced=synced, version=version)
                )
                writes.errors.append((item, {}))
                if not edit.policy.hold_values_of_deleted:
                    writes.give_up(claims_of(item), item.number)
            edit.write(writes)
        return shown

    def restore(
        self, identity: str, *, new_upn: str | None = None, reconcile_proxies: bool = False
    ) -> dict[str, Any]:
        """Bring a soft-deleted user back through the checks of a new one (docs/sources.md 15.8).

        What others hold by now is quarantined for a synchronized user, and refused for a cloud-only
        one. ``new_upn`` is used in place of the old UPN from now on, ``reconcile_proxies`` drops the
        addresses that others hold (docs/sources.md 7.3).
        """
        with self._edit() as edit:
            item = self._find(identity, deleted=True)
            chosen = {} if new_upn is None else {_UPN: new_upn}
            known, properties = _with_upn(item, chosen)
            errors = edit.errors_of(item)
            wanted = edit.want(properties, item.type, known, errors)
            if reconcile_proxies:
                clashes = edit.clashes(wanted.claims, item.number)
                wanted = edit.want(without(wanted, clashes), item.type, known, errors)
            if new_upn is not None or item.synced is None:
                edit.refuse_upn(properties.get(_UPN) if new_upn is None else new_upn, item.anchor)
            else:
                edit.refuse_federated(wanted.upn, item.anchor)
            if item.synced is None:
                edit.refuse_clashes(wanted, item.number, replaceable=item.moera)
            held = self._store.holders(claims_of(item))
            own = {claim for claim, holder in held.items() if holder == item.number}
            # As one that is there already: how the service fails a sync client (docs/sources.md
            # 13.1) is nothing that its administrator meets.
            known = known._replace(deleted=None)
            restored = edit.replace(item, wanted, errors, known=known, own=own)
        return self._shown(restored)

    def license(self, identity: str, *, assign: bool) -> dict[str, Any]:
        """Assign Exchange to a user, or remove it (docs/sources.md 6.4).

        With the licence the UPN and the MOERA become proxy addresses; without it only the MOERA
        stays. An address of the UPN that another object holds refuses the licence: ``Uniqueness
        violation. Property: ProxyAddresses.`` (proxyAddresses article).
        """
        with self._edit() as edit:
            item = self._find(identity)
            if item.type != "user":
                raise TenantRefused(f"{item.display_name} is not a user: only users have licences.")
            if bool(item.exchange) != assign:
                licensed = item._replace(exchange=int(assign), upn_proxy=int(assign))
                if assign:
                    licensed = licensed._replace(moera=_moera_for_licence(edit, item))
                errors = edit.errors_of(item)
                properties = edit.without_lost(licensed, json.loads(item.shadow))
                wanted = edit.want(properties, item.type, licensed, errors)
                item = edit.replace(item, wanted, errors, known=licensed)
        return self._shown(item)

    # --- the tenant as a whole ----------------------------------------------------------------

    def features(self) -> dict[str, bool]:
        """Return every feature of the tenant with its state."""
        return features.states(self._settings, self._store.features())

    def set_feature(self, name: str, *, enabled: bool) -> None:
        """Switch a feature; raises TenantRefused for what cannot be switched."""
        with self._store.transaction():
            features.check_switch(name, self.features(), enabled=enabled)
            self._store.set_feature(name, enabled=enabled)

    def domains(self) -> list[VerifiedDomain]:
        """Return the verified domains, sorted by name, the initial one among them."""
        return domains.verified_domains(self._store.policy(self._settings))

    def set_domain(
        self,
        name: str,
        *,
        verified: bool,
        federated: bool = False,
        force: bool = False,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        """Verify a domain or remove it, then compute UPNs and addresses anew.

        ``force`` removes one that is in use. Raises TenantRefused for what is not a domain name, and
        for a domain that cannot be removed, or federated.
        """
        key = fold(name)
        with self._store.transaction():
            if verified:
                domains.check_name(key)
                domains.check_federation(key, self._settings.initial_domain, federated=federated)
            else:
                policy = self._store.policy(self._settings)
                domains.check_removal(key, policy, self._store.live(), force=force)
            self._store.set_domain(Domain(key, int(verified), int(federated)))
            domains.follow(self._begin(), stop)

    def has_followed_domains(self) -> bool:
        """Tell whether every object was computed with the domains that are verified now."""
        return domains.are_followed(self._store, self._store.policy(self._settings))

    def follow_settings(self) -> None:
        """Make the tenant ready for use, with the domains that the settings have now."""
        if self.has_followed_domains():
            return
        with self._store.transaction():
            if self._store.state("seed") is None:
                self._store.set_state("seed", secrets.token_hex(8))
            domains.follow(self._begin())

    # --- how ----------------------------------------------------------------------------------

    @contextmanager
    def _edit(self) -> Iterator[Edit]:
        with self._store.transaction():
            yield self._begin()

    def _begin(self) -> Edit:
        store = self._store
        stamp = Stamp(moments.timestamp(self._clock.now()), store.version() + 1)
        return Edit(store, store.policy(self._settings), stamp)

    def _find_any(self, identity: str) -> TenantObject:
        try:
            return self._find(identity)
        except UnknownObject:
            return self._find(identity, deleted=True)

    def _find_live(self, identity: str) -> TenantObject:
        """Find an object that is not deleted; of a deleted one TenantRefused says so."""
        try:
            return self._find(identity)
        except UnknownObject:
            with suppress(UnknownObject):
                item = self._find(identity, deleted=True)
                raise TenantRefused(
                    f"{item.display_name} is deleted. Bring the user back first: "
                    f"connector tenant restore {item.id}"
                ) from None
            raise

    def _find(self, identity: str, *, deleted: bool = False) -> TenantObject:
        return finding.find(self._store.questions, identity, deleted=deleted)

    def _shown(self, item: TenantObject) -> dict[str, Any]:
        return finding.show(self._store.questions, item)


def _changed(edit: Edit, item: TenantObject, properties: Mapping[str, Any]) -> TenantObject:
    """Change properties of an object, and return it."""
    if item.synced == 1 and item.type == "user" and properties.keys() == {_USAGE_LOCATION}:
        return _with_usage_location(edit, item, typed(item.type, properties)[_USAGE_LOCATION])
    if item.synced == 1:
        raise TenantRefused(
            f"{item.display_name} is synchronized from on-premises: change it in the directory."
        )
    given = typed(item.type, properties)
    anchor = given.pop(IMMUTABLE_ID, item.anchor) or None
    edit.refuse_anchor(anchor, item)
    known, wished = _with_upn(item, given)
    wished, errors = _present(wished), edit.errors_of(item)
    if not given.keys() & {"proxyAddresses", "mail"}:
        wished = edit.without_lost(known, wished)
    wanted = edit.want(wished, item.type, known, errors)
    if given.get(_UPN) or (_UPN in given and item.synced is None):
        edit.refuse_upn(given[_UPN], anchor)
    elif _UPN in given or anchor != item.anchor:
        edit.refuse_federated(wanted.upn, anchor)
    edit.refuse_clashes(wanted, item.number, waiting=_still_waiting(errors, given))
    changed = edit.replace(item, wanted, errors, known=known)
    if anchor != item.anchor:
        changed = changed._replace(anchor=anchor)
        edit.write(Writes(updated=[changed]))
    return changed


def _still_waiting(errors: Errors, given: Mapping[str, Any]) -> set[Claim]:
    """Return what an object goes on waiting for: nothing that is given to it again."""
    again = {"upn"} if _UPN in given else set()
    if given.keys() & {"proxyAddresses", "mail"}:
        again.add("proxy")
    return {error.claim for error in errors.values() if error.claim[0] not in again}


def _with_usage_location(edit: Edit, item: TenantObject, chosen: str) -> TenantObject:
    """Let a usage location stand in place of the directory's, and return the user."""
    changed = item._replace(usage_location=chosen or None)
    edit.write(Writes(updated=[changed]))
    return changed


def _with_role(edit: Edit, item: TenantObject, *, admin_role: bool) -> TenantObject:
    """Give an administrator role to a user, or take it away, and return the user."""
    _check_role(item.type)
    changed = item._replace(admin_role=int(admin_role))
    edit.write(Writes(updated=[changed]))
    return changed


def _check_role(kind: str) -> None:
    if kind != "user":
        raise TenantRefused(f"A {kind} holds no administrator role: only users do.")


def _with_upn(item: TenantObject, given: Mapping[str, Any]) -> tuple[TenantObject, dict[str, Any]]:
    """Return an object, and its properties, with those that an administrator gives to it.

    The shadow of a user that was synchronized keeps the UPN of the directory, with which that of the
    administrator is compared when a sync client takes the user back.
    """
    properties = merged(json.loads(item.shadow), given)
    if _USAGE_LOCATION in given:
        item = item._replace(usage_location=None)
    if item.synced is None or _UPN not in given:
        return item, properties
    before = json.loads(item.shadow).get(_UPN)
    return item._replace(chosen_upn=given[_UPN] or None), properties | {_UPN: before}


def _moera_for_licence(edit: Edit, item: TenantObject) -> str:
    """Return the routing address of a user that gets a licence.

    A routing address that another object holds gets four digits (proxyAddresses article, scenario
    6). Raises TenantRefused when another object holds the address of the UPN.
    """
    clashes = edit.clashes([("proxy", fold(item.upn or ""))], item.number)
    for other in edit.store.by_number(set(clashes.values())).values():
        raise TenantRefused(
            f"Uniqueness violation. Property: ProxyAddresses. {other.display_name} ({other.type}) "
            f"holds {item.upn}."
        )
    if item.moera:
        return item.moera
    policy = edit.policy
    return placeholder.routing_address(
        item.nickname or (item.upn or "").partition("@")[0],
        policy.initial_domain,
        policy.seed,
        item.id,
        lambda key: bool(edit.clashes([("proxy", key)], item.number)),
    )


def _present(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if value not in ("", [], {}, None)}
