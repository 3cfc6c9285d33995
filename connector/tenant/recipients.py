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
from connector.values.addresses import fold
from connector.values.canonical import compact

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from connector.tenant.objects import Policy

_RESERVED = (".onmicrosoft.com", ".microsoftonline.com")
# Other address types than these are legacy protocols, which the service drops.
_KEPT_TYPES = frozenset({"sip", "x500", "eum", "spo"})
_SMTP = re.compile(r'smtp:[^\s<>()\[\];,":@]+@[^\s<>()\[\];,":@]+', re.IGNORECASE)
_TYPED = re.compile(r"([a-z0-9]+):.*\S.*", re.IGNORECASE | re.DOTALL)
_UPN = re.compile(r'[^\s\\%&*+/=?{}|<>();:,\[\]"@]*[^\s\\%&*+/=?{}|<>();:,\[\]"@.]@([^\s@]+)')
_NOT_IN_PREFIX = re.compile(r'[\s\\%&*+/=?{}|<>();:,\[\]"@]')
_LONGEST_PREFIX = 64


class Address(NamedTuple):
    """One proxy address; ``key`` is empty unless it is an SMTP one."""

    text: str
    key: str
    primary: bool


class Visible(NamedTuple):
    """The addresses that an object shows."""

    proxies: list[str]
    mail: str | None


def addresses(properties: Mapping[str, Any], policy: Policy, *, mailbox: bool) -> list[Address]:
    """Return the addresses that the object asks for, each once.

    At most one is primary. Addresses with a reserved suffix, malformed ones and legacy types are
    dropped without an error (docs/sources.md 6.4); a mailbox also loses its addresses in unverified
    domains. Without an SMTP proxy the mail attribute becomes the primary address (6.5, "mail
    only").
    """
    found: dict[str, Address] = {}
    has_smtp = has_primary = False
    for raw in properties.get("proxyAddresses", ()):
        text = raw.strip()
        if _SMTP.fullmatch(text) is None:
            if _is_kept(text):
                found.setdefault(text, Address(text, "", primary=False))
            continue
        key = fold(text[5:])
        if not _is_deliverable(text, key, policy, mailbox=mailbox):
            continue
        has_smtp = True
        primary = not has_primary and text.startswith("SMTP:")
        if primary or key not in found:
            has_primary = has_primary or primary
            text = text if primary or not text.startswith("SMTP:") else f"smtp:{text[5:]}"
            found[key] = Address(text, key, primary)
    if not has_smtp and (mail := properties.get("mail")):
        text = f"SMTP:{mail.strip()}"
        key = fold(text[5:])
        if _SMTP.fullmatch(text) and _is_deliverable(text, key, policy, mailbox=mailbox):
            found[key] = Address(text, key, primary=True)
    return list(found.values())


def _is_kept(text: str) -> bool:
    typed = _TYPED.fullmatch(text)
    return typed is not None and typed[1].lower() in _KEPT_TYPES and text.isprintable()


def _is_deliverable(text: str, key: str, policy: Policy, *, mailbox: bool) -> bool:
    if key.endswith(_RESERVED) or not text.isprintable():
        return False
    return not mailbox or key.rpartition("@")[2] in policy.verified


def sip_keys(addresses: Iterable[Address]) -> list[str]:
    """Return the keys of the SIP addresses, by which their uniqueness is judged."""
    return [
        fold(e.text[4:].strip()) for e in addresses if not e.key and e.text[:4].lower() == "sip:"
    ]


def nickname(properties: Mapping[str, Any], addresses: Sequence[Address]) -> str | None:
    """Choose the mailNickname at the first synchronization (docs/sources.md 6.2)."""
    given: str | None = properties.get("mailNickname")
    if given:
        return given
    primary = next((address.text for address in addresses if address.primary), "")
    secondary = next(
        (address.text for address in addresses if address.key and not address.primary), ""
    )
    for text in (
        primary[5:],
        properties.get("mail"),
        properties.get("userPrincipalName"),
        secondary[5:],
    ):
        if text and (prefix := text.partition("@")[0]):
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
    addresses: Sequence[Address],
    *,
    quarantined: Collection[str] = (),
    upn: str | None = None,
    moera: str | None = None,
    mail: str | None = None,
) -> Visible:
    """Compute the addresses that an object shows.

    These are ``addresses`` without those whose key is ``quarantined``, and ``upn`` and ``moera``,
    which are given only where they stand among the proxies. If no address is primary, the MOERA
    becomes primary, or the UPN if there is no address at all (docs/sources.md 6.5); if the primary is
    quarantined, the MOERA or the next address (10). mail is the primary address (6.4), else that of
    the shadow.
    """
    if not quarantined and upn is None and moera is None:
        return _as_given(addresses, mail)
    kept = [address for address in addresses if address.key not in quarantined]
    present = {address.key for address in kept}
    derived = [
        Address(f"smtp:{text}", key, primary=False)
        for text in (upn, moera)
        if text and (key := fold(text)) not in quarantined and key not in present
    ]
    derived = list({address.key: address for address in derived}.values())
    shown = kept + derived
    if not any(address.primary for address in kept):
        shown = _promote(shown, _successor(addresses, kept, derived, moera))
    primary = next((address.text[5:] for address in shown if address.primary), None)
    if primary is None and mail and fold(mail) not in quarantined:
        primary = mail
    return Visible([address.text for address in shown], primary)


def as_list(proxies: Iterable[str]) -> str:
    """Write addresses as a JSON list."""
    return compact(list(proxies))


def _as_given(addresses: Sequence[Address], mail: str | None) -> Visible:
    """Show exactly the wanted addresses; no quarantine and no licence is common."""
    for address in addresses:
        if address.primary:
            mail = address.text[5:]
            break
    return Visible([address.text for address in addresses], mail)


def _successor(
    addresses: Sequence[Address],
    kept: Sequence[Address],
    derived: Sequence[Address],
    moera: str | None,
) -> str | None:
    """Return the key of the address that becomes primary when no address is primary."""
    lost_primary = any(address.primary for address in addresses)
    kept_smtp = [address.key for address in kept if address.key]
    if not kept_smtp and derived and not lost_primary:
        return derived[0].key
    if moera:
        return fold(moera)
    others = kept_smtp + [address.key for address in derived]
    return others[0] if lost_primary and others else None


def _promote(shown: Sequence[Address], key: str | None) -> list[Address]:
    return [
        Address(f"SMTP:{address.text[5:]}", address.key, primary=True)
        if key is not None and address.key == key
        else address
        for address in shown
    ]
