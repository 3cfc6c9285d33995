"""Decide what one object gets, what is quarantined, or why it fails.

Nothing is written here: ``batch`` collects the decisions, ``store`` writes them down.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from connector.errors import PlaceholdersExhausted
from connector.model import SyncCode
from connector.tenant import known_issues, matching, messages, placeholder, recipients, validation
from connector.tenant.objects import (
    PROXIES,
    SID_PROPERTY,
    UPN,
    ExportError,
    TenantObject,
    claims_of,
)
from connector.tenant.quarantine import quarantine
from connector.values.addresses import fold
from connector.values.canonical import canonical, decode

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from connector.tenant.intake import Claimant
    from connector.tenant.objects import Claim, Errors, Policy, ProvisioningError, Stamp
    from connector.tenant.quarantine import Claims
    from connector.tenant.wanted import Wanted
    from connector.values.addresses import ProxyAddress

_new = tuple.__new__


class Provisioned(NamedTuple):
    """An object as it is to be, with the claims that it then holds.

    ``errors`` are its provisioning errors, ``quarantined`` those of them that are new, ``holders``
    the objects that hold the values that it did not get.
    """

    object: TenantObject
    claims: set[Claim]
    errors: Errors
    quarantined: list[ProvisioningError]
    holders: Mapping[Claim, TenantObject]


class KeepsValue(Exception):
    """An object keeps a value that the batch freed: the batch must be decided again.

    ``claims`` are what the object gets in the end.
    """

    def __init__(self, claims: set[Claim]) -> None:
        super().__init__(claims)
        self.claims = claims


def provision(
    claimant: Claimant,
    claims: Claims,
    look_up: Callable[[int], TenantObject],
    policy: Policy,
    stamp: Stamp,
) -> Provisioned:
    """Grant an object the values that it wants, and quarantine those that others hold.

    ``look_up`` gives the holder of a claim by number. Before anything is granted it raises
    ExportError, or KeepsValue when the object turns out to keep a value that the batch freed.
    """
    wanted = claimant.wanted
    clashes = claims.clashes(wanted.claims, claimant.number)
    if clashes:
        claimant = _with_own_moera(claimant, clashes, claims, policy)
        clashes |= claims.clashes(claimant.fallback, claimant.number)
        holders = {claim: look_up(holder) for claim, holder in clashes.items()}
        return _provision_with_clashes(claimant, claims, holders, policy, stamp)
    if claimant.previous is None:
        granted = set(wanted.claims)
        item = _without_nul(_new_object(claimant, stamp))
        claims.grant(granted, claimant.number)
        return Provisioned(item, granted, {}, [], {})
    item = _without_nul(_object(claimant, wanted.upn, _visible(claimant, wanted.upn, ()), stamp))
    errors: Errors = {}
    if claimant.errors:
        errors = known_issues.still_waiting(
            claimant.errors, wanted.upn_key, claimant.previous, policy
        )
    return Provisioned(item, _take(claimant, claims, set(wanted.claims)), errors, [], {})


def _provision_with_clashes(
    claimant: Claimant,
    claims: Claims,
    holders: Mapping[Claim, TenantObject],
    policy: Policy,
    stamp: Stamp,
) -> Provisioned:
    """Quarantine what others hold, unless that fails the whole operation."""
    wanted = claimant.wanted
    upn = wanted.upn
    if holders:
        _fail_where_clashes_do(claimant, holders, policy)
    values: list[tuple[str, str, str]] = []
    if ("upn", wanted.upn_key) in holders:
        values.append((UPN, wanted.upn_key, wanted.upn))
        upn = _substitute_upn(claimant, claims, policy)
    proxies = {key for namespace, key in holders if namespace == "proxy"}
    values += _quarantined_proxies(wanted, proxies, upn)
    errors, new = quarantine(values, claimant.errors, stamp.now)
    errors |= known_issues.still_waiting(claimant.errors, wanted.upn_key, claimant.previous, policy)
    item = _without_nul(_object(claimant, upn, _visible(claimant, upn, proxies), stamp))
    granted = claims_of(item)
    if claims.clashes(granted, claimant.number):
        raise KeepsValue(granted)
    return Provisioned(item, _take(claimant, claims, granted), errors, new, holders)


def _without_nul(item: TenantObject) -> TenantObject:
    """Return the object; raises ExportError where a value has NUL, which not every store can keep."""
    if validation.NUL in item.shadow:
        validation.check_letters(decode(item.shadow))
    return item


def _with_own_moera(
    claimant: Claimant, clashes: dict[Claim, int], claims: Claims, policy: Policy
) -> Claimant:
    """Return the claimant with another MOERA if another object took it while it was deleted.

    docs/sources.md 6.4: it gets four digits. The old one is no clash any more, unless the UPN asks
    for it too.
    """
    wanted, previous = claimant.wanted, claimant.previous
    if previous is None or not previous.moera or ("proxy", fold(previous.moera)) not in clashes:
        return claimant
    if not (wanted.upn_proxy and wanted.upn_key == fold(previous.moera)):
        del clashes["proxy", fold(previous.moera)]
    try:
        moera = placeholder.routing_address(
            wanted.alias or previous.moera.partition("@")[0],
            policy.initial_domain,
            policy.seed,
            claimant.id,
            lambda key: claims.is_taken(("proxy", key), claimant.number, claimant.own),
        )
    except PlaceholdersExhausted as error:
        raise _no_number_left(error, PROXIES, f"smtp:{previous.moera}") from error
    return claimant._replace(previous=previous._replace(moera=moera))


def _take(claimant: Claimant, claims: Claims, granted: set[Claim]) -> set[Claim]:
    """Change the claims of an object to those it was granted."""
    if claimant.own:
        claims.give_up(claimant.own - granted, claimant.number)
    claims.grant(granted, claimant.number)
    return granted


def _visible(claimant: Claimant, upn: str, quarantined: Collection[str]) -> recipients.Visible:
    wanted, previous = claimant.wanted, claimant.previous
    return recipients.visible(
        wanted.addresses,
        quarantined=quarantined,
        upn=upn if wanted.upn_proxy else None,
        moera=previous.moera if previous is not None else None,
        mail=wanted.properties.get("mail"),
    )


def _fail_where_clashes_do(
    claimant: Claimant, holders: Mapping[Claim, TenantObject], policy: Policy
) -> None:
    """Raise ExportError where a clash fails the object instead of quarantine."""
    wanted = claimant.wanted
    hard = [claim for claim in holders if claim[0] in ("sip", "sid")]
    if hard:
        raise _must_be_unique(wanted, holders, first=hard[0])
    if not policy.resiliency:
        raise _without_resiliency(claimant, holders, policy)
    if claimant.previous is not None:
        if claimant.previous.deleted is not None and known_issues.restore_fails(holders, policy):
            raise _must_be_unique(wanted, holders)
        return
    by_address = {
        key: holder for (namespace, key), holder in holders.items() if namespace == "proxy"
    }
    culprit = _known_issue(claimant, by_address, policy)
    if culprit is not None:
        error = _must_be_unique(wanted, holders, first=("proxy", culprit.key))
        error.passes_next_time = claimant.type == "group"
        raise error


def _without_resiliency(
    claimant: Claimant, holders: Mapping[Claim, TenantObject], policy: Policy
) -> ExportError:
    """Return the error of an object that clashes as before resiliency."""
    wanted = claimant.wanted
    error = _must_be_unique(wanted, holders)
    if claimant.previous is None and policy.soft_match:
        soft = [("proxy", address.key) for address in wanted.addresses if address.is_primary]
        if policy.soft_match_on_upn:
            soft.append(("upn", wanted.upn_key))
        error.code = matching.error_of_clash(claimant.type, soft, holders)
        if error.code is SyncCode.EXISTING_ADMIN_ROLE_CONFLICT:
            error.description = messages.ADMIN_ROLE
    return error


def _known_issue(
    claimant: Claimant, by_address: Mapping[str, TenantObject], policy: Policy
) -> ProxyAddress | None:
    """Return the address on which a known issue of the service fails a new object."""
    wanted = claimant.wanted
    match claimant.type:
        case "user" if known_issues.UPN_AND_PROXY in policy.known_issues:
            return known_issues.upn_and_proxy_held_by_group(
                wanted.upn_key, wanted.addresses, by_address
            )
        case "group" if known_issues.GROUP_PAIR in policy.known_issues:
            if claimant.failed_before:
                return None
            return known_issues.group_pair_fails_first(wanted.addresses, by_address)
    return None


def _must_be_unique(
    wanted: Wanted, holders: Mapping[Claim, TenantObject], *, first: Claim | None = None
) -> ExportError:
    """Return the standard error, which names every value that others hold, ``first`` before all."""
    claims = sorted((c for c in wanted.claims if c in holders), key=lambda claim: claim != first)
    clashes = tuple(dict.fromkeys(named(wanted, claim) for claim in claims))
    return ExportError(
        SyncCode.ATTRIBUTE_VALUE_MUST_BE_UNIQUE, messages.duplicates(clashes), clashes
    )


def named(wanted: Wanted, claim: Claim) -> tuple[str, str]:
    """Return the attribute that a claim comes from, and its value as given."""
    namespace, _ = claim
    if namespace == "upn":
        return UPN, wanted.upn
    if namespace == "sid":
        return "OnPremisesSecurityIdentifier", str(wanted.properties[SID_PROPERTY])
    for address in wanted.addresses:
        if (address.namespace, address.key) == claim:
            return PROXIES, address.text
    return PROXIES, f"smtp:{wanted.upn}"


def _quarantined_proxies(wanted: Wanted, keys: set[str], upn: str) -> list[tuple[str, str, str]]:
    """Return the proxy addresses to quarantine.

    The address of the UPN that the object gets may be one of them. A UPN that is quarantined itself
    is not quarantined a second time as an address.
    """
    found = [
        (PROXIES, address.key, address.text)
        for address in wanted.addresses
        if address.is_smtp and address.key in keys
    ]
    derived = fold(upn)
    if derived in keys and all(key != derived for _, key, _ in found):
        found.append((PROXIES, derived, f"smtp:{upn}"))
    return found


def _substitute_upn(claimant: Claimant, claims: Claims, policy: Policy) -> str:
    """Return the UPN that a user gets because another object holds the wanted one.

    Seed: "If this attribute is required for provisioning, like UserPrincipalName, the service
    assigns a placeholder value." A user that waited already keeps the one it has, whatever is
    computed anew, as long as the domain of that is verified.
    """
    wanted = claimant.wanted
    kept = claimant.waits or (policy.keep_conflicting_upn and claimant.updates is not None)
    if kept and (upn := policy.verified_upn(claimant.previous)):
        return upn
    try:
        return placeholder.draw(
            wanted.upn.partition("@")[0] + policy.placeholder_separator,
            policy.initial_domain,
            placeholder.digits(policy.seed, claimant.anchor, wanted.upn_key),
            lambda key: (
                claims.is_taken(("upn", key), claimant.number, claimant.own)
                or (
                    wanted.upn_proxy == 1
                    and claims.is_taken(("proxy", key), claimant.number, claimant.own)
                )
            ),
        )
    except PlaceholdersExhausted as error:
        raise _no_number_left(error, UPN, wanted.upn) from error


def _no_number_left(error: PlaceholdersExhausted, attribute: str, value: str) -> ExportError:
    return ExportError(SyncCode.GENERATED_UPN_CONFLICT, f"{error}.", ((attribute, value),))


def _new_object(claimant: Claimant, stamp: Stamp) -> TenantObject:
    """Make an object that the tenant does not have yet, and that gets all it asks for."""
    wanted = claimant.wanted
    get = wanted.properties.get
    shown = recipients.visible(wanted.addresses, mail=get("mail"))
    # Past the constructor, which takes twice as long; the order is that of ``_object``.
    return _new(
        TenantObject,
        (
            claimant.number,
            claimant.id,
            claimant.type,
            claimant.anchor,
            1,
            stamp.now,
            stamp.now,
            None,
            stamp.version,
            0,
            get("displayName") or "",
            wanted.upn or None,
            shown.mail,
            wanted.alias,
            recipients.as_list(shown.proxies),
            0,
            wanted.upn_proxy,
            None,
            0,
            canonical(wanted.properties),
            wanted.chosen_upn,
            None,
            stamp.client,
        ),
    )


def _object(claimant: Claimant, upn: str, shown: recipients.Visible, stamp: Stamp) -> TenantObject:
    """Make the object as it is to be."""
    wanted, previous = claimant.wanted, claimant.previous
    # The only place that lists the fields by position: keywords double the 0.5 us that this takes,
    # 2 % of the export of a new user. test_provision.py holds the order against the columns.
    return TenantObject(
        claimant.number,
        claimant.id,
        claimant.type,
        claimant.anchor,
        1,
        previous.created if previous is not None else stamp.now,
        stamp.now,
        None,
        stamp.version,
        previous.members_version if previous is not None else 0,
        wanted.properties.get("displayName") or "",
        upn or None,
        shown.mail,
        wanted.alias,
        recipients.as_list(shown.proxies),
        previous.exchange if previous is not None else 0,
        wanted.upn_proxy,
        previous.moera if previous is not None else None,
        previous.admin_role if previous is not None else 0,
        canonical(wanted.properties),
        wanted.chosen_upn,
        _usage_location(previous, wanted),
        previous.owner if previous is not None and stamp.client is None else stamp.client,
    )


def _usage_location(previous: TenantObject | None, wanted: Wanted) -> str | None:
    """Return what an administrator chose, while the directory wants what it wanted then."""
    if previous is None or previous.usage_location is None:
        return None
    name = "usageLocation"
    is_same = decode(previous.shadow).get(name) == wanted.properties.get(name)
    return previous.usage_location if is_same else None
