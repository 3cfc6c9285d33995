"""How one property is made of attributes: the functions that the flow table names.

Each takes the source and the lower-case names of the attributes to read, and gives None for no value.
"""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING, NamedTuple

from connector.rules import readings
from connector.rules.accounts import Account, is_upn_in, of_uid, upn_of
from connector.values.addresses import ProxyAddress, fold
from connector.values.sids import sid_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connector.rules.readings import Attributes

    Names = tuple[str, ...]

LONGEST_DESCRIPTION = 448
"""Characters; the default rules cut description, info, url and postOfficeBox there."""

LARGEST_PICTURE = 100 * 1024
"""Bytes: what thumbnailPhoto may have (docs/sources.md 2.4)."""

_ACCOUNT_DISABLED = 0x2


class Source(NamedTuple):
    """What a transform may read: an entry, and the domain of the base DN.

    ``domains`` are the verified ones, for a base DN without a domain; the first stands in for it.
    """

    attributes: Attributes
    dn: str
    domain: str
    domains: Sequence[str] = ()


def text(source: Source, names: Names) -> str | None:
    """Trim, as the default rules do with most texts; the first value counts, which is the one that staging chose."""
    return readings.text(source.attributes, names)


def texts(source: Source, names: Names) -> list[str] | None:
    """Make a list of one value: Graph has lists where Active Directory has one."""
    value = text(source, names)
    return None if value is None else [value]


def description(source: Source, names: Names) -> str | None:
    value = text(source, names)
    return None if value is None else value[:LONGEST_DESCRIPTION]


def user_principal_name(source: Source, names: Names) -> str | None:
    """Take the UPN as it stands, else make one of the account name.

    Not trimmed, unlike other texts: the tenant decides what becomes of a UPN with spaces. A ``uid`` may
    carry its own domain. Where the base DN has none, the mail address counts if its domain is verified.
    """
    upn_name, account_name, uid_name, mail_name = names
    attributes = source.attributes
    for upn in attributes.get(upn_name, ()):
        if upn.strip():
            return upn
    account = readings.text(attributes, (account_name,))
    if account and source.domain:
        return f"{account}@{source.domain}"
    uid = readings.text(attributes, (uid_name,))
    if not account and not uid:
        return None
    named = Account(account, "") if account else of_uid(uid or "")
    if named.domain or source.domain:
        return upn_of(named, source.domain)
    mail = readings.text(attributes, (mail_name,))
    if mail and is_upn_in(mail, source.domains):
        return mail
    return upn_of(named, source.domains[0]) if source.domains else None


def account_name(source: Source, names: Names) -> str | None:
    """Take sAMAccountName, else the account that uid names, without a domain."""
    account_name, uid_name = names
    account = readings.text(source.attributes, (account_name,))
    if account is None and (uid := readings.text(source.attributes, (uid_name,))):
        return of_uid(uid).name
    return account


def account_enabled(source: Source, names: Names) -> bool:
    """Read bit 2 of userAccountControl; an account without one is enabled."""
    return not readings.number(source.attributes, names[0]) & _ACCOUNT_DISABLED


def proxy_addresses(source: Source, names: Names) -> list[str] | None:
    """Trim, and keep one of those that differ by case only: the one marked primary, if any."""
    values = source.attributes.get(names[0])
    if not values:
        return None
    kept: dict[str, str] = {}
    for value in values:
        proxy = value.strip()
        key = fold(proxy)
        before = kept.get(key)
        if before is None or (
            ProxyAddress.parse(proxy).is_primary and not ProxyAddress.parse(before).is_primary
        ):
            kept[key] = proxy
    kept.pop("", None)
    return sorted(kept.values()) or None


def usage_location(source: Source, names: Names) -> str | None:
    """Take usageLocation, else what Exchange knows; that flows only where mailNickname is set."""
    own_name, exchange_name, nickname_name = names
    if value := readings.text(source.attributes, (own_name,)):
        return value
    if readings.text(source.attributes, (nickname_name,)):
        return readings.text(source.attributes, (exchange_name,))
    return None


def extension_attributes(source: Source, names: Names) -> dict[str, str] | None:
    """Collect extensionAttribute1 to 15 in one complex property, as Graph shows them."""
    attributes = source.attributes
    found = {
        f"extensionAttribute{number}": value
        for number, name in enumerate(names, start=1)
        if name in attributes and (value := readings.text(attributes, (name,)))
    }
    return found or None


def security_identifier(source: Source, names: Names) -> str | None:
    """Write an objectSid as ``S-1-5-21-...``; a text of that form is taken as it is."""
    for value in source.attributes.get(names[0], ()):
        raw = b64decode(value)
        if written := sid_in(raw) or sid_in(raw.decode("ascii", "replace")):
            return written
    return None


def mail_enabled(source: Source, _names: Names) -> bool:
    return readings.mail_enabled(source.attributes)


def security_enabled(source: Source, _names: Names) -> bool:
    return readings.security_enabled(source.attributes)


def picture(source: Source, names: Names) -> dict[str, str | int] | None:
    """Return the size of a picture in bytes and its SHA-256, which is what staging keeps of it."""
    for value in source.attributes.get(names[0], ())[:1]:
        size, _, digest = value.partition(" ")
        return {"bytes": int(size), "sha256": digest} if size != "0" else None
    return None


def distinguished_name(source: Source, _names: Names) -> str:
    return source.dn


def domain_name(source: Source, _names: Names) -> str | None:
    return source.domain or None
