"""Check single values: lengths, characters, blanks, the form of addresses.

The checks follow IdFix attribute by attribute (its rules of version 2.2; the preparation guide of
Microsoft 365 for lengths and characters). What the tenant takes as it is, is not a finding, even where
IdFix names it: an apostrophe, and a partner's domain that the tenant cannot verify. Checks that compare
objects are in ``duplicates``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from connector.lint import findings
from connector.lint.findings import EDIT, REMOVE, Finding
from connector.model import ObjectType
from connector.values.addresses import ProxyAddress, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from connector.model import StagedEntry

    # Gives (error, update, message) for each fault of one value.
    Check = Callable[[str, StagedEntry], Iterator[tuple[str, str | None, str]]]

_ADDRESS_CHARACTERS = re.compile(r"[\s<>();,\[\]\"]")
_TARGET_CHARACTERS = re.compile(r"[\s\\<>();,\[\]\"]")
_X_CHARACTERS = re.compile(r"[\f\n\r\t\v\[\]\"]")
_OTHER_CHARACTERS = re.compile(r"[\s<>(),\[\]\"]")
_UPN_CHARACTERS = re.compile(r"[\s\\%&*+/=?{}|<>();:,\[\]\"]|[^\x00-\x7f]")
_ACCOUNT_CHARACTERS = re.compile(r"[\\\"|,/\[\]:<>+=;?*]")
_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_TOP_LEVEL = re.compile(r"[A-Za-z]{2,17}|xn--[A-Za-z0-9-]+")

# Names that no public name server answers for: a cloud cannot verify them.
_NOT_ROUTABLE = frozenset(
    (
        "corp",
        "domain",
        "example",
        "home",
        "internal",
        "intranet",
        "invalid",
        "lan",
        "local",
        "localdomain",
        "localhost",
        "private",
        "test",
    )
)
_UPN_LOST = "uses the initial domain"
_ADDRESS_LOST = "takes the address from a user with an Exchange licence"


def check(entry: StagedEntry, verified: Collection[str] = ()) -> Iterator[Finding]:
    """Yield the findings for one entry, in the order of the attributes' checks.

    A domain of ``verified`` (folded) is never called one that the cloud cannot verify.
    """
    for attribute, checks in _CHECKS.items():
        values = entry.attributes.get(attribute.lower(), ())
        for value in values:
            for one in checks:
                for error, update, message in one(value, entry):
                    action = REMOVE if update == "" else EDIT
                    yield Finding(
                        entry.dn,
                        entry.type.value,
                        attribute,
                        error,
                        value,
                        update or None,
                        action,
                        message,
                    )
    yield from _not_routable(entry, verified)
    yield from _blank_name(entry)
    yield from _mail_match(entry)


def _not_routable(entry: StagedEntry, verified: Collection[str]) -> Iterator[Finding]:
    """Report a domain that the cloud cannot verify where that costs a user a name or an address.

    The address of a group or a contact, and a target address, lead wherever their owner wants.
    """
    if entry.type is not ObjectType.USER:
        return
    for value in entry.attributes.get("userprincipalname", ()):
        if (top := _unknown_to_the_world(value, verified)) is not None:
            yield _cannot_be_verified(entry, "userPrincipalName", value, top, _UPN_LOST)
    for value in entry.attributes.get("proxyaddresses", ()):
        proxy = ProxyAddress.parse(value)
        if proxy.is_mailbox and (top := _unknown_to_the_world(proxy.address, verified)) is not None:
            yield _cannot_be_verified(entry, "proxyAddresses", value, top, _ADDRESS_LOST)


def _unknown_to_the_world(address: str, verified: Collection[str]) -> str | None:
    """Return the top level of an address's domain if no public name server answers for it."""
    domain = fold(address.strip()).rpartition("@")[2]
    top = domain.rpartition(".")[2]
    return top if top in _NOT_ROUTABLE and "." in domain and domain not in verified else None


def _cannot_be_verified(
    entry: StagedEntry, attribute: str, value: str, top: str, lost: str
) -> Finding:
    return Finding(
        entry.dn,
        entry.type.value,
        attribute,
        findings.TOP_LEVEL_DOMAIN,
        value,
        None,
        EDIT,
        f".{top} is not routable: the cloud cannot verify it and {lost}",
    )


def _blank_name(entry: StagedEntry) -> Iterator[Finding]:
    values = entry.attributes.get("displayname", ())
    if any(value.strip() for value in values):
        return
    name = next(iter(entry.attributes.get("cn", ())), None)
    yield Finding(
        entry.dn,
        entry.type.value,
        "displayName",
        findings.BLANK,
        "",
        name,
        EDIT,
        "there is no display name; the cloud shows the common name",
    )


def _mail_match(entry: StagedEntry) -> Iterator[Finding]:
    """Report a mail attribute that is not the primary address: the cloud shows the latter."""
    mail = next(iter(entry.attributes.get("mail", ())), None)
    proxies = map(ProxyAddress.parse, entry.attributes.get("proxyaddresses", ()))
    primary = next((proxy for proxy in proxies if proxy.is_primary and proxy.key), None)
    if mail and primary and fold(mail.strip()) != primary.key:
        yield Finding(
            entry.dn,
            entry.type.value,
            "mail",
            findings.MAIL_MATCH,
            mail,
            primary.address,
            EDIT,
            f"mail is not the primary address {primary.address}",
        )


def _at_most(limit: int, *, accounts: int | None = None) -> Check:
    """Check a length; ``accounts`` is the limit for users where it differs."""

    def length(value: str, entry: StagedEntry) -> Iterator[tuple[str, str | None, str]]:
        allowed = accounts if accounts and entry.type is ObjectType.USER else limit
        if len(value) > allowed:
            message = f"{len(value)} characters, {allowed} are allowed"
            yield findings.LENGTH, value[:allowed], message

    return length


def _without(pattern: re.Pattern[str]) -> Check:
    def characters(value: str, _: StagedEntry) -> Iterator[tuple[str, str | None, str]]:
        if found := sorted(set(pattern.findall(value))):
            message = "characters that are not allowed: " + " ".join(map(repr, found))
            yield findings.CHARACTER, pattern.sub("", value), message

    return characters


def _leading_period(value: str, entry: StagedEntry) -> Iterator[tuple[str, str | None, str]]:
    if value.startswith("."):
        fallback = next(iter(entry.attributes.get("cn", ())), "")
        yield findings.CHARACTER, value.lstrip(".") or fallback, "it must not start with a period"


def _one_colon(value: str, _: StagedEntry) -> Iterator[tuple[str, str | None, str]]:
    proxy = ProxyAddress.parse(value)
    if ":" in proxy.address and not proxy.kind.startswith("x"):
        update = f"{proxy.scheme}:{proxy.address.replace(':', '')}"
        yield findings.CHARACTER, update, "a second colon is not allowed"


def _proxy(value: str, entry: StagedEntry) -> Iterator[tuple[str, str | None, str]]:
    proxy = ProxyAddress.parse(value)
    if not proxy.scheme:
        yield (
            findings.FORMAT,
            f"smtp:{value}" if "@" in value else None,
            "it has no type, such as smtp:",
        )
    elif proxy.is_smtp:
        for error, update, message in _without(_ADDRESS_CHARACTERS)(proxy.address, entry):
            yield error, f"{proxy.scheme}:{update}", message
        yield from _address(proxy.address, entry)
    else:
        pattern = _X_CHARACTERS if proxy.kind in {"x400", "x500"} else _OTHER_CHARACTERS
        yield from _without(pattern)(value, entry)


def _target(value: str, entry: StagedEntry) -> Iterator[tuple[str, str | None, str]]:
    yield from _without(_TARGET_CHARACTERS)(value, entry)
    proxy = ProxyAddress.parse(value)
    if proxy.is_smtp:
        yield from _address(proxy.address, entry)


def _address(value: str, _: StagedEntry) -> Iterator[tuple[str, str | None, str]]:
    """Check the form of an address (RFC 2822 as IdFix reads it); a person must choose a new one."""
    local, at, domain = value.strip().rpartition("@")
    if not at or not local or not domain:
        yield findings.FORMAT, None, "no address of the form name@domain"
        return
    if not all(_ATOM.fullmatch(atom) for atom in local.split(".")):
        yield findings.LOCAL_PART, None, f"{local!r} is not a name before the @"
    *labels, top = domain.split(".")
    if not labels or not all(_LABEL.fullmatch(label) for label in labels):
        yield findings.DOMAIN_PART, None, f"{domain!r} is not a domain"
    if not _TOP_LEVEL.fullmatch(top):
        yield findings.TOP_LEVEL_DOMAIN, None, f"{top!r} is not a top-level domain"


_CHECKS: dict[str, tuple[Check, ...]] = {
    "displayName": (_at_most(255),),
    "givenName": (_at_most(63),),
    "mail": (_at_most(256),),
    "mailNickname": (_at_most(64), _leading_period),
    "proxyAddresses": (_at_most(256), _one_colon, _proxy),
    "sAMAccountName": (_at_most(256, accounts=20), _without(_ACCOUNT_CHARACTERS)),
    "targetAddress": (_at_most(255), _one_colon, _target),
    "userPrincipalName": (_at_most(113), _without(_UPN_CHARACTERS), _address),
}
