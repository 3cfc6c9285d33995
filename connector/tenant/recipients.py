"""Compute what an object looks like in the cloud from its shadow.

The public documents call this proxy calculation (docs/sources.md 6): UPN, mailNickname, mail and
proxyAddresses follow from the shadow, the tenant's domains and the Exchange licence. Uniqueness is
not judged here; ``visible`` is told which addresses are in quarantine.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from connector.tenant.objects import UPN
from connector.tenant.validation import not_valid
from connector.values.addresses import ProxyAddress, fold
from connector.values.canonical import compact

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from connector.tenant.objects import Policy

RESERVED = (".onmicrosoft.com", ".microsoftonline.com")
# Other address types than these are legacy protocols, which the service drops.
_KEPT_TYPES = frozenset({"sip", "x500", "eum", "spo"})
_UPN = re.compile(r'[^\s\\%&*+/=?{}|<>();:,\[\]"@]*[^\s\\%&*+/=?{}|<>();:,\[\]"@.]@([^\s@]+)')
_NOT_IN_PREFIX = re.compile(r'[\s\\%&*+/=?{}|<>();:,\[\]"@]')
_LONGEST_PREFIX = 64


class Visible(NamedTuple):
    """The addresses that an object shows."""

    proxies: list[str]
    mail: str | None


def addresses(
    properties: Mapping[str, Any], policy: Policy, *, mailbox: bool
) -> list[ProxyAddress]:
    """Return the addresses that the object asks for, each once.

    At most one is primary. Addresses with a reserved suffix, malformed ones and legacy types are
    dropped without an error (docs/sources.md 6.4); a mailbox also loses its addresses in unverified
    domains. Without an SMTP proxy the mail attribute becomes the primary address (6.5, "mail
    only").
    """
    found: dict[str, ProxyAddress] = {}
    has_smtp = has_primary = False
    for text in properties.get("proxyAddresses", ()):
        proxy = ProxyAddress.parse(text)
        if not proxy.is_mailbox:
            if _is_kept(proxy):
                found.setdefault(proxy.text, proxy)
            continue
        key = proxy.key
        if key.endswith(RESERVED) or (mailbox and not _is_verified(key, policy)):
            continue
        has_smtp = True
        primary = proxy.is_primary and not has_primary
        if primary or key not in found:
            has_primary = has_primary or primary
            found[key] = proxy if primary or not proxy.is_primary else proxy.as_secondary()
    if not has_smtp and (mail := properties.get("mail")):
        proxy = ProxyAddress.primary(mail.strip())
        key = proxy.key
        dropped = key.endswith(RESERVED) or (mailbox and not _is_verified(key, policy))
        if proxy.is_mailbox and not dropped:
            found[key] = proxy
    return list(found.values())


def _is_kept(proxy: ProxyAddress) -> bool:
    return proxy.kind in _KEPT_TYPES and proxy.address.isprintable() and bool(proxy.key)


def _is_verified(key: str, policy: Policy) -> bool:
    return key.rpartition("@")[2] in policy.verified


def nickname(properties: Mapping[str, Any], proxies: Sequence[ProxyAddress]) -> str | None:
    """Choose the mailNickname at the first synchronization (docs/sources.md 6.2)."""
    given: str | None = properties.get("mailNickname")
    if given:
        return given
    primary = next((proxy.address for proxy in proxies if proxy.is_primary), None)
    secondary = (proxy.address for proxy in proxies if proxy.is_smtp and not proxy.is_primary)
    for address in (
        primary,
        properties.get("mail"),
        properties.get("userPrincipalName"),
        next(secondary, None),
    ):
        if address and (prefix := address.partition("@")[0]):
            return str(prefix)
    return None


def upn(properties: Mapping[str, Any], alias: str | None, policy: Policy) -> str:
    """Return the UPN that the user should have (docs/sources.md 6.1).

    It is the on-premises UPN if the suffix of that is verified and it has neither white space nor
    invisible characters, else ``<mailNickname>@<initial domain>``. Raises ExportError when the UPN
    has no ``@``, or an illegal character in front of a verified suffix (docs/sources.md 12.3 weighs
    the two documents).
    """
    wanted: str = properties.get("userPrincipalName") or ""
    form = _UPN.fullmatch(wanted)
    if form and wanted.isprintable() and fold(form[1]) in policy.verified:
        return wanted
    prefix, _, domain = wanted.strip().partition("@")
    if wanted and not any(c.isspace() or not c.isprintable() for c in wanted):
        malformed = not prefix or not domain or wanted.count("@") != 1
        if malformed or fold(domain) in policy.verified:
            raise not_valid(UPN, wanted)
    prefix = routing_prefix(alias or prefix or properties.get("displayName", ""))
    if not prefix:
        raise not_valid(UPN, wanted)
    return f"{prefix}@{policy.initial_domain}"


def routing_prefix(alias: str) -> str:
    """Make a mailNickname usable before an ``@``: bad characters become underscores."""
    cleaned = "".join(c if c.isprintable() else "_" for c in _NOT_IN_PREFIX.sub("_", alias))
    return cleaned.strip(".")[:_LONGEST_PREFIX].rstrip(".")


def visible(
    proxies: Sequence[ProxyAddress],
    *,
    quarantined: Collection[str] = (),
    upn: str | None = None,
    moera: str | None = None,
    mail: str | None = None,
) -> Visible:
    """Compute the addresses that an object shows.

    These are ``proxies`` without those whose key is ``quarantined``, and ``upn`` and ``moera``,
    which are given only where they stand among the proxies. If no address is primary, the MOERA
    becomes primary, or the UPN if there is no address at all (docs/sources.md 6.5); if the primary is
    quarantined, the MOERA or the next address (10). mail is the primary address (6.4), else that of
    the shadow.
    """
    if not quarantined and upn is None and moera is None:
        # No quarantine and no licence, which is nearly always the case.
        for proxy in proxies:
            if proxy.is_primary:
                mail = proxy.address
                break
        return Visible([proxy.text for proxy in proxies], mail)
    kept = [proxy for proxy in proxies if not (proxy.is_smtp and proxy.key in quarantined)]
    present = {proxy.key for proxy in kept if proxy.is_smtp}
    added = [ProxyAddress.secondary(address) for address in (upn, moera) if address]
    added = [proxy for proxy in added if proxy.key not in quarantined and proxy.key not in present]
    added = list({proxy.key: proxy for proxy in added}.values())
    shown = kept + added
    if not any(proxy.is_primary for proxy in kept):
        shown = _promote(shown, _successor(proxies, kept, added, moera))
    primary = next((proxy.address for proxy in shown if proxy.is_primary), None)
    if primary is None and mail and fold(mail) not in quarantined:
        primary = mail
    return Visible([proxy.text for proxy in shown], primary)


def as_list(proxies: list[str]) -> str:
    """Write addresses as a JSON list."""
    return compact(proxies)


def _successor(
    proxies: Sequence[ProxyAddress],
    kept: Sequence[ProxyAddress],
    added: Sequence[ProxyAddress],
    moera: str | None,
) -> str | None:
    """Return the key of the address that becomes primary when no address is primary."""
    lost_primary = any(proxy.is_primary for proxy in proxies)
    kept_smtp = [proxy.key for proxy in kept if proxy.is_smtp]
    if not kept_smtp and added and not lost_primary:
        return added[0].key
    if moera:
        return fold(moera)
    others = kept_smtp + [proxy.key for proxy in added]
    return others[0] if lost_primary and others else None


def _promote(shown: Sequence[ProxyAddress], key: str | None) -> list[ProxyAddress]:
    return [proxy.as_primary() if proxy.is_smtp and proxy.key == key else proxy for proxy in shown]
