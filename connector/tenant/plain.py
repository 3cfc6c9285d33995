"""Work out what an object asks for where nothing about it is unusual, as nearly nothing is.

It comes to what ``wanted.want`` comes to, in half the time, or leaves the object to that. A property
test holds the two together.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from connector.tenant.objects import SID_PROPERTY, TenantObject, claims_of
from connector.tenant.recipients import RESERVED, as_list
from connector.tenant.validation import LONGEST, LONGEST_PROXY, MOST_PROXIES, NUL
from connector.tenant.wanted import Wanted
from connector.values.addresses import PLAIN, ProxyAddress, fold
from connector.values.canonical import canonical

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from connector.tenant.objects import Claim, Errors, Policy, Stamp

_PLAIN = re.compile(PLAIN)
_AFTER_SCHEME = len("smtp:")
NOTHING: Mapping[str, Any] = {}
_DECIDING = (
    "proxyAddresses",
    "userPrincipalName",
    "mail",
    "mailNickname",
    "displayName",
    "usageLocation",
    SID_PROPERTY,
)
_new = tuple.__new__
_LAST_SYNC = TenantObject._fields.index("last_sync")
_SHADOW = TenantObject._fields.index("shadow")
_DISPLAY_NAME = LONGEST["displayName"]
_GIVEN_NAME = LONGEST["givenName"]
_MAIL = LONGEST["mail"]
_NICKNAME = LONGEST["mailNickname"]
_SID = LONGEST[SID_PROPERTY]
_TARGET = LONGEST["targetAddress"]
_UPN = LONGEST["userPrincipalName"]


class Keeping(NamedTuple):
    """An object that keeps all its values: of it only ``shadow`` changes, what the client says."""

    previous: TenantObject
    shadow: str

    @property
    def number(self) -> int:
        return self.previous.number

    def written(self, stamp: Stamp) -> TenantObject:
        """Return the object as it is to be."""
        # By position: a copy with other fields would take four times as long. test_plain.py holds the order.
        previous = self.previous
        return _new(
            TenantObject,
            (
                *previous[:_LAST_SYNC],
                stamp.now,
                None,
                stamp.version,
                *previous[_LAST_SYNC + 3 : _SHADOW],
                self.shadow,
                None,
                previous.usage_location,
                previous.owner if stamp.client is None else stamp.client,
            ),
        )


def want_plainly(
    properties: Mapping[str, Any],
    object_type: str,
    policy: Policy,
    previous: TenantObject | None = None,
    before: Mapping[str, Any] = NOTHING,
) -> Wanted | None:
    """Return what an object asks for; None where the general way has to look.

    Plain are SMTP addresses of usual characters, each once and at most one of them primary, a given
    mailNickname, and a UPN in a verified domain that is one of the addresses. ``previous`` is an object
    that ``is_plain``, and ``before`` what was asked of it: there the UPN may be any that stays.
    """
    get = properties.get
    alias = get("mailNickname")
    if (
        not alias
        or len(alias) > _NICKNAME
        or len(get("displayName", "")) > _DISPLAY_NAME
        or len(get("givenName", "")) > _GIVEN_NAME
        or len(get("mail", "")) > _MAIL
        or len(get("targetAddress", "")) > _TARGET
        or len(get("userPrincipalName", "")) > _UPN
        or len(sid := get(SID_PROPERTY, "")) > _SID
    ):
        return None
    found = _addresses(get("proxyAddresses"))
    if found is None:
        return None
    if previous is not None and alias == before.get("mailNickname"):
        alias = alias if previous.nickname is None else previous.nickname
    claims: list[Claim] = [("proxy", key) for key in found]
    upn = upn_key = ""
    if object_type == "user":
        asked = get("userPrincipalName")
        if previous is not None and previous.upn and before.get("userPrincipalName") == asked:
            upn, upn_key = previous.upn, fold(previous.upn)
        elif previous is not None and policy.federated:
            return None
        else:
            upn = asked or ""
            upn_key = upn.lower()
            # It has the form of a UPN, because an address with the same key has.
            if upn_key not in found:
                return None
            if upn_key.partition("@")[2] not in policy.verified:
                return None
        claims.append(("upn", upn_key))
    if sid:
        claims.append(("sid", fold(sid)))
    # Past the constructor, which takes twice as long.
    return _new(Wanted, (properties, upn, upn_key, alias, [*found.values()], 0, claims, None))


def is_plain(item: TenantObject, errors: Errors) -> bool:
    """Tell whether nothing but its shadow decides about an object that the tenant has."""
    return (
        item.synced == 1
        and item.deleted is None
        and not item.exchange
        and not item.moera
        and item.chosen_upn is None
        and not errors
    )


def keep(item: TenantObject, before: Mapping[str, Any], after: Mapping[str, Any]) -> Keeping | None:
    """Return an object that ``is_plain`` and keeps all its values; None where it may give up or claim one.

    ``before`` is what was asked of it. It shows all the addresses that it asked for, in their order, and nothing
    differs that decides about a value or about an error. So the result does not depend on who holds which value.
    """
    get, was = after.get, before.get
    for name in _DECIDING:
        if get(name) != was(name):
            return None
    is_kept = (
        item.nickname is not None
        and bool(get("mailNickname"))
        and item.upn_proxy == 0
        and (item.type != "user" or bool(item.upn))
        and item.display_name == (get("displayName") or "")
        and item.proxies == as_list(get("proxyAddresses") or [])
        and len(get("givenName", "")) <= _GIVEN_NAME
        and len(get("targetAddress", "")) <= _TARGET
        and NUL not in (shadow := canonical(after))
    )
    return Keeping(item, shadow) if is_kept else None


def own_claims(item: TenantObject, before: Mapping[str, Any], wanted: Wanted) -> Collection[Claim]:
    """Return what ``claims_of`` returns; nearly always that is what the object asks for again."""
    if (
        item.upn == (wanted.upn or None)
        and before.get(SID_PROPERTY) == wanted.properties.get(SID_PROPERTY)
        and item.proxies == as_list([address.text for address in wanted.addresses])
    ):
        return wanted.claims
    return claims_of(item)


def _addresses(texts: list[str] | None) -> dict[str, ProxyAddress] | None:
    """Return addresses by key; None unless all of them are plain, and there are some."""
    if not texts or len(texts) > MOST_PROXIES:
        return None
    found: dict[str, ProxyAddress] = {}
    has_primary = False
    for text in texts:
        if _PLAIN.fullmatch(text) is None or len(text) > LONGEST_PROXY:
            return None
        address = text[_AFTER_SCHEME:]
        key = address.lower()
        if key.endswith(RESERVED):
            return None
        if text[0] == "S":
            if has_primary:
                return None
            has_primary = True
            found[key] = _new(ProxyAddress, (text, "SMTP", address, "proxy", key))
        else:
            found[key] = _new(ProxyAddress, (text, "smtp", address, "proxy", key))
    return found if len(found) == len(texts) else None
