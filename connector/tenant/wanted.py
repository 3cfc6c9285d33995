"""Say what an object asks for, without a look at what others hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from connector.tenant import recipients, validation
from connector.tenant.objects import UPN
from connector.tenant.quarantine import SID_PROPERTY
from connector.values.addresses import fold
from connector.values.canonical import decode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.tenant.objects import Claim, Errors, Policy, TenantObject
    from connector.values.addresses import ProxyAddress


class Wanted(NamedTuple):
    """What an object asks for; ``claims`` are all unique values that this needs.

    ``upn`` is empty for groups and contacts. ``upn_proxy`` says whether the UPN is to stand among
    the proxy addresses.
    """

    properties: Mapping[str, Any]
    upn: str
    upn_key: str
    alias: str | None
    proxies: list[ProxyAddress]
    upn_proxy: int
    claims: list[Claim]


def want(
    properties: Mapping[str, Any],
    object_type: str,
    previous: TenantObject | None,
    errors: Errors,
    policy: Policy,
) -> Wanted:
    """Say what an object asks for; raises Failure for values that can never be accepted."""
    validation.check(properties)
    mailbox = previous is not None and previous.exchange == 1
    proxies = recipients.addresses(properties, policy, mailbox=mailbox)
    before = {} if previous is None else decode(previous.shadow)
    alias = _alias(properties, before, proxies, previous)
    upn = upn_key = ""
    upn_proxy = 0
    if object_type == "user":
        if previous is None:
            upn = recipients.upn(properties, alias, policy)
        else:
            kept = _kept_upn(properties, before, previous, errors)
            upn = kept or recipients.upn(properties, alias, policy)
            if previous.synced == 1:
                validation.check_federation(previous.upn, upn, policy.federated)
            upn_proxy = _upn_proxy(properties, before, previous)
        upn_key = fold(upn)
    claims = _claims(properties, proxies, upn_key, upn_proxy, previous)
    return Wanted(properties, upn, upn_key, alias, proxies, upn_proxy, claims)


def with_upn(wanted: Wanted, upn: str, previous: TenantObject) -> Wanted:
    """Ask for another UPN, and for its address in place of the other one's."""
    key = fold(upn)
    claims = _claims(wanted.properties, wanted.proxies, key, wanted.upn_proxy, previous)
    return wanted._replace(upn=upn, upn_key=key, claims=claims)


def _claims(
    properties: Mapping[str, Any],
    proxies: list[ProxyAddress],
    upn_key: str,
    upn_proxy: int,
    previous: TenantObject | None,
) -> list[Claim]:
    """Name the unique values that an object needs to be what it is to be."""
    claims: list[Claim] = [(proxy.namespace, proxy.key) for proxy in proxies if proxy.namespace]
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
    proxies: list[ProxyAddress],
    previous: TenantObject | None,
) -> str | None:
    """After the first synchronization, mailNickname follows only its on-premises value."""
    if previous is None or previous.nickname is None:
        return recipients.nickname(properties, proxies)
    given = properties.get("mailNickname")
    if given and given != before.get("mailNickname"):
        return str(given)
    return previous.nickname


def _kept_upn(
    properties: Mapping[str, Any],
    before: Mapping[str, Any],
    previous: TenantObject,
    errors: Errors,
) -> str | None:
    """Keep the UPN, or the one waited for, unless its on-premises value changed.

    behaviour.md 6.1: it is recalculated only then, and when a user comes back or is taken over.
    """
    name = "userPrincipalName"
    if previous.synced != 1 or before.get(name) != properties.get(name):
        return None
    waiting = next((error.value for error in errors.values() if error.attribute == UPN), None)
    return waiting or previous.upn


def _upn_proxy(
    properties: Mapping[str, Any], before: Mapping[str, Any], previous: TenantObject
) -> int:
    """Whether the UPN stands among the proxies: with a licence, or again after it went.

    A user whose licence was removed is still a recipient; the next change of its addresses or UPN
    adds the UPN again (proxyAddresses article, scenario 4).
    """
    if not previous.moera:
        return 0
    changed = any(
        properties.get(name) != before.get(name) for name in ("proxyAddresses", "userPrincipalName")
    )
    return 1 if previous.exchange or previous.upn_proxy or changed else 0
