"""Compute what an object looks like in the cloud from what was asked of it.

This is what the public documents call proxy calculation (docs/sources.md 6): UPN, mailNickname, mail
and proxyAddresses follow from the shadow values, the tenant's domains and the Exchange licence.
Uniqueness is not judged here; ``visible`` is told which addresses were refused.
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
    """Return the addresses that the object asks for, each once, at most one of them primary.

    Reserved suffixes, malformed values and legacy types are dropped in silence (docs/sources.md 6.4),
    and a mailbox keeps no address of an unverified domain. Without an SMTP proxy the mail
    attribute becomes the primary address (6.5, "mail only").
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


def sip_keys(entries: Iterable[Address]) -> list[str]:
    """Return what the uniqueness of the object's SIP addresses is judged by."""
    return [fold(e.text[4:].strip()) for e in entries if not e.key and e.text[:4].lower() == "sip:"]


def nickname(properties: Mapping[str, Any], entries: Sequence[Address]) -> str | None:
    """Choose the mailNickname at the first synchronization (docs/sources.md 6.2)."""
    given: str | None = properties.get("mailNickname")
    if given:
        return given
    primary = next((entry.text for entry in entries if entry.primary), "")
    secondary = next((entry.text for entry in entries if entry.key and not entry.primary), "")
    for address in (
        primary[5:],
        properties.get("mail"),
        properties.get("userPrincipalName"),
        secondary[5:],
    ):
        if address and (prefix := address.partition("@")[0]):
            return str(prefix)
    return None


def upn(properties: Mapping[str, Any], alias: str | None, policy: Policy) -> str:
    """Return the UPN that the user should have (docs/sources.md 6.1).

    The on-premises UPN if its suffix is verified, else ``<mailNickname>@<initial domain>``, and the
    same for one with white space or invisible characters. Raises Failure when it has no ``@``, or
    an illegal character in front of a verified suffix (docs/sources.md 12.3 weighs the two documents).
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
    """Make a mailNickname usable in front of an ``@``: replaced characters become underscores."""
    cleaned = "".join(c if c.isprintable() else "_" for c in _NOT_IN_PREFIX.sub("_", alias))
    return cleaned.strip(".")[:_LONGEST_PREFIX].rstrip(".")


def visible(
    entries: Sequence[Address],
    *,
    refused: Collection[str] = (),
    upn: str | None = None,
    moera: str | None = None,
    mail: str | None = None,
) -> Visible:
    """Compute the addresses to show: ``entries`` without the refused ones, UPN and MOERA added.

    ``upn`` and ``moera`` are given only where they stand among the proxies. Without a primary among
    the entries the MOERA becomes primary, or the UPN where there is no entry at all (docs/sources.md
    6.5); where the wanted primary was refused, the MOERA or the next one (10). mail follows the
    primary (6.4), else it is the shadow's.
    """
    if not refused and upn is None and moera is None:
        return _as_given(entries, mail)
    kept = [entry for entry in entries if entry.key not in refused]
    present = {entry.key for entry in kept}
    derived = [
        Address(f"smtp:{address}", key, primary=False)
        for address in (upn, moera)
        if address and (key := fold(address)) not in refused and key not in present
    ]
    derived = list({entry.key: entry for entry in derived}.values())
    shown = kept + derived
    if not any(entry.primary for entry in kept):
        shown = _promote(shown, _successor(entries, kept, derived, moera))
    primary = next((entry.text[5:] for entry in shown if entry.primary), None)
    if primary is None and mail and fold(mail) not in refused:
        primary = mail
    return Visible([entry.text for entry in shown], primary)


def as_list(proxies: Iterable[str]) -> str:
    """Write addresses as a JSON list."""
    return compact(list(proxies))


def _as_given(entries: Sequence[Address], mail: str | None) -> Visible:
    """Show what nobody contests and no licence adds to, which is nearly always the case."""
    for entry in entries:
        if entry.primary:
            mail = entry.text[5:]
            break
    return Visible([entry.text for entry in entries], mail)


def _successor(
    entries: Sequence[Address],
    kept: Sequence[Address],
    derived: Sequence[Address],
    moera: str | None,
) -> str | None:
    """Name the key of the address that becomes primary when no entry is."""
    lost_primary = any(entry.primary for entry in entries)
    kept_smtp = [entry.key for entry in kept if entry.key]
    if not kept_smtp and derived and not lost_primary:
        return derived[0].key
    if moera:
        return fold(moera)
    others = kept_smtp + [entry.key for entry in derived]
    return others[0] if lost_primary and others else None


def _promote(shown: Sequence[Address], key: str | None) -> list[Address]:
    return [
        Address(f"SMTP:{entry.text[5:]}", entry.key, primary=True)
        if key is not None and entry.key == key
        else entry
        for entry in shown
    ]
