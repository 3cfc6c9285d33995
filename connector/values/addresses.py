"""Parse and compare user principal names and proxy addresses.

The only module that folds case: two values are the same when their keys are equal. A key is the
address without its type prefix, in NFC, casefolded (``ß`` equals ``SS``; the accents count).
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any, NamedTuple

from connector.errors import InvalidAddress

if TYPE_CHECKING:
    from collections.abc import Mapping


def fold(text: str) -> str:
    """Fold a text to what it is compared by."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


class ProxyAddress(NamedTuple):
    """An address at which an object receives mail; ``SMTP:`` marks the primary one."""

    scheme: str
    address: str

    @classmethod
    def parse(cls, text: str) -> ProxyAddress:
        """Split ``smtp:joe@contoso.com``; the text before the colon is kept as given.

        Raises InvalidAddress when there is no type prefix, or, for an SMTP address, when it has not
        exactly one ``@`` with something on both sides, or holds a space or a control character.
        """
        scheme, colon, address = text.strip().partition(":")
        if not colon or not scheme or not address:
            raise InvalidAddress(f"no proxy address (type:address): {text!r}")
        proxy = cls(scheme, address)
        if proxy.is_smtp:
            local, _, domain = address.partition("@")
            if (
                not local
                or not domain
                or "@" in domain
                or not address.isprintable()
                or " " in address
            ):
                raise InvalidAddress(f"malformed SMTP proxy address: {text!r}")
        return proxy

    @property
    def is_smtp(self) -> bool:
        return self.scheme.lower() == "smtp"

    @property
    def key(self) -> str:
        """What uniqueness is judged by: neither prefix nor case counts."""
        return fold(self.address)

    def __str__(self) -> str:
        return f"{self.scheme}:{self.address}"


def address_key(text: str) -> str:
    """Fold a UPN or an SMTP address that may or may not carry its type prefix."""
    prefix, colon, rest = text.partition(":")
    return fold(rest if colon and prefix.lower() == "smtp" else text)


UNIQUE = frozenset(("userPrincipalName", "proxyAddresses", "mail"))
"""The properties that ``unique_keys`` reads."""


def unique_keys(properties: Mapping[str, Any]) -> set[str]:
    """Name every unique value that an object may claim, by namespace.

    More than the tenant will claim in the end (whether a UPN is also a proxy address depends on a
    licence): they only put releases before claims, for which too many do no harm.
    """
    keys = set()
    if upn := properties.get("userPrincipalName"):
        keys |= {f"upn:{fold(upn)}", f"proxy:{fold(upn)}"}
    for text in properties.get("proxyAddresses", ()):
        try:
            proxy = ProxyAddress.parse(text)
        except InvalidAddress:
            continue
        if proxy.is_smtp:
            keys.add(f"proxy:{proxy.key}")
    if mail := properties.get("mail"):
        keys.add(f"proxy:{fold(mail)}")
    return keys
