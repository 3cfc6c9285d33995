"""Work out what an object asks for, without a look at what others hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from connector.tenant import known_issues, recipients, validation
from connector.tenant.objects import SID_PROPERTY, UPN
from connector.values.addresses import fold
from connector.values.canonical import decode

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from connector.tenant.objects import Claim, Errors, Policy, TenantObject
    from connector.values.addresses import ProxyAddress


_UPN = "userPrincipalName"


class Wanted(NamedTuple):
    """What an object asks for.

    ``claims`` are all unique values that it needs for that. ``upn`` is empty for groups and
    contacts, ``upn_key`` its folded form. ``alias`` is the mailNickname. ``upn_proxy`` is 1 if the
    UPN is to stand among the proxy addresses. ``chosen_upn`` is what an administrator chose, while the
    directory wants what it wanted then.
    """

    properties: Mapping[str, Any]
    upn: str
    upn_key: str
    alias: str | None
    addresses: list[ProxyAddress]
    upn_proxy: int
    claims: list[Claim]
    chosen_upn: str | None = None


def want(
    properties: Mapping[str, Any],
    object_type: str,
    previous: TenantObject | None,
    errors: Errors,
    policy: Policy,
) -> Wanted:
    """Return what an object asks for.

    Raises ExportError for values that the tenant accepts from no object.
    """
    validation.check(properties)
    mailbox = previous is not None and previous.exchange == 1
    addresses = recipients.addresses(properties, policy, mailbox=mailbox)
    before = {} if previous is None else decode(previous.shadow)
    alias = _alias(properties, before, addresses, previous)
    upn = upn_key = ""
    upn_proxy = 0
    chosen = None
    if object_type == "user":
        if previous is None:
            upn = recipients.upn(properties, alias, policy)
        else:
            if before.get(_UPN) == properties.get(_UPN):
                chosen = previous.chosen_upn
            kept = _kept_upn(properties, before, previous, errors, policy)
            upn = kept or recipients.upn(properties, alias, policy)
            is_same = properties.get(_UPN) == before.get(_UPN)
            upn = (is_same and _digits_kept(upn, previous, errors, policy)) or upn
            if previous.synced == 1:
                validation.check_federation(previous.upn, upn, policy.federated)
            upn_proxy = _upn_proxy(properties, before, previous)
        upn_key = fold(upn)
    claims = _claims(properties, addresses, upn_key, upn_proxy, previous)
    # By position, here only: keywords take 0.5 us longer, 2 % of the export of a new user.
    # test_wanted.py holds the order.
    return Wanted(properties, upn, upn_key, alias, addresses, upn_proxy, claims, chosen)


def without(wanted: Wanted, clashes: Container[Claim]) -> dict[str, Any]:
    """Return the properties without the addresses, and the mail, of these claims."""
    properties = dict(wanted.properties)
    properties["proxyAddresses"] = [
        address.text
        for address in wanted.addresses
        if (address.namespace, address.key) not in clashes
    ]
    if ("proxy", fold(properties.get("mail", "").strip())) in clashes:
        del properties["mail"]
    return properties


def _claims(
    properties: Mapping[str, Any],
    addresses: list[ProxyAddress],
    upn_key: str,
    upn_proxy: int,
    previous: TenantObject | None,
) -> list[Claim]:
    """Return the claims of an object that gets everything it asks for."""
    claims: list[Claim] = [
        (address.namespace, address.key) for address in addresses if address.namespace
    ]
    if upn_key:
        claims.append(("upn", upn_key))
    if upn_proxy:
        claims.append(("proxy", upn_key))
    if previous is not None and previous.moera:
        claims.append(("proxy", fold(previous.moera)))
    if sid := properties.get(SID_PROPERTY):
        claims.append(("sid", fold(sid)))
    return claims


def _alias(
    properties: Mapping[str, Any],
    before: Mapping[str, Any],
    addresses: list[ProxyAddress],
    previous: TenantObject | None,
) -> str | None:
    """Return the mailNickname.

    After the first synchronization only its on-premises value changes it.
    """
    if previous is None or previous.nickname is None:
        return recipients.nickname(properties, addresses)
    given = properties.get("mailNickname")
    if given and given != before.get("mailNickname"):
        return str(given)
    return previous.nickname


def _kept_upn(
    properties: Mapping[str, Any],
    before: Mapping[str, Any],
    previous: TenantObject,
    errors: Errors,
    policy: Policy,
) -> str | None:
    """Return the chosen, current or quarantined UPN unless the on-premises UPN changed.

    docs/sources.md 6.1: the UPN is calculated anew only then, and when a user is restored or a sync
    client takes it over. What an administrator chose outlives that too, in a verified domain.
    """
    if before.get(_UPN) != properties.get(_UPN):
        return None
    if previous.synced != 1:
        chosen = previous.chosen_upn
        return chosen if chosen and fold(chosen.rpartition("@")[2]) in policy.verified else None
    waiting = next((error for error in errors.values() if error.attribute == UPN), None)
    if waiting is None or known_issues.stays_in_quarantine(waiting, previous, policy.known_issues):
        return previous.upn
    return waiting.value


def _digits_kept(upn: str, previous: TenantObject, errors: Errors, policy: Policy) -> str | None:
    """Return the UPN of a user which waits for one that the tenant computed, and that stays so.

    docs/sources.md 13.2: what is computed anew comes to the same UPN, and gives it back no more than
    a sweep does.
    """
    waiting = errors.get((UPN, fold(upn))) if errors else None
    if waiting is None or previous.deleted is not None:
        return None
    if not known_issues.stays_in_quarantine(waiting, previous, policy.known_issues):
        return None
    return policy.verified_upn(previous)


def _upn_proxy(
    properties: Mapping[str, Any], before: Mapping[str, Any], previous: TenantObject
) -> int:
    """Return 1 if the UPN is to stand among the proxy addresses, else 0.

    It does so with a licence. A user whose licence was removed is still a recipient: the next
    change of its addresses or UPN adds the UPN again (proxyAddresses article, scenario 4).
    """
    if not previous.moera:
        return 0
    changed = any(properties.get(name) != before.get(name) for name in ("proxyAddresses", _UPN))
    return 1 if previous.exchange or previous.upn_proxy or changed else 0
