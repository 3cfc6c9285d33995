"""Parse and compare user principal names and proxy addresses.

The only module that folds case, and the only one that takes a proxy address apart. Two values are the
same when their keys are equal. A key is the address without its type prefix, in NFC, casefolded
(``ß`` equals ``SS``; the accents count).
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

# docs/sources.md 6.7: the characters that an SMTP address may not have.
_MAILBOX = re.compile(r'[^\s<>()\[\];,":@]+@[^\s<>()\[\];,":@]+')

# An SMTP address in which no character is special to anything: a mailbox, and what stands in it can be a UPN.
# Nothing of it can be matched in two ways, so a look takes no longer than the text is.
PLAIN = r"(?:SMTP|smtp):[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*@[A-Za-z0-9.-]+"
_ALL_PLAIN = re.compile(rf"{PLAIN}(?:\n{PLAIN})*")

# Which addresses only one object may hold (docs/sources.md 15.2), by type. The usual spellings save a look.
_NAMESPACES = {"smtp": "proxy", "sip": "sip", "SMTP": "proxy", "SIP": "sip"}
_new = tuple.__new__


def fold(text: str) -> str:
    """Fold a text to what it is compared by."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


class ProxyAddress(NamedTuple):
    """An address of an object, such as ``smtp:joe@contoso.com``; ``SMTP:`` marks the primary one.

    ``text`` is the whole, trimmed; ``scheme`` stands before its first colon and ``address`` after
    it, both as given. Uniqueness is judged by ``namespace`` (``proxy`` for SMTP, ``sip``, empty for
    the types that need not be unique) and ``key``, the folded address without spaces around it.
    All is worked out once, by ``parse``, because every address of a first sync passes here.
    """

    text: str
    scheme: str
    address: str
    namespace: str
    key: str

    @classmethod
    def parse(cls, text: str) -> ProxyAddress:
        """Take an address apart; never raises.

        A text without a type prefix has an empty scheme. Whether the service would keep an address
        is another question: see ``is_mailbox``.
        """
        text = text.strip()
        scheme, colon, address = text.partition(":")
        if not (scheme and colon):
            return cls(text, "", text, "", fold(text))
        namespace = _NAMESPACES.get(scheme) or _NAMESPACES.get(scheme.lower(), "")
        # Past the constructor, which takes as long as all the rest.
        return _new(cls, (text, scheme, address, namespace, fold(address.strip())))

    @classmethod
    def primary(cls, address: str) -> ProxyAddress:
        """Return the primary SMTP address ``SMTP:<address>``."""
        return cls.parse(f"SMTP:{address}")

    @classmethod
    def secondary(cls, address: str) -> ProxyAddress:
        """Return the secondary SMTP address ``smtp:<address>``."""
        return cls.parse(f"smtp:{address}")

    @property
    def kind(self) -> str:
        """The type in lower case: ``smtp``, ``sip``, ``x500``, ...; empty without a prefix."""
        return self.scheme.lower()

    @property
    def is_smtp(self) -> bool:
        """Whether the type is SMTP, in any case; the address may be malformed all the same."""
        return self.namespace == "proxy"

    @property
    def is_primary(self) -> bool:
        """Whether this is the address that mail comes from: only ``SMTP`` in capitals says so."""
        return self.scheme == "SMTP"

    @property
    def is_mailbox(self) -> bool:
        """Whether this is an SMTP address that the service keeps.

        It has the form ``name@domain``, without spaces, invisible or forbidden characters
        (docs/sources.md 6.4 and 6.7); the service drops any other SMTP address in silence.
        """
        return (
            self.namespace == "proxy"
            and _MAILBOX.fullmatch(self.address) is not None
            and self.address.isprintable()
        )

    def as_primary(self) -> ProxyAddress:
        return self.primary(self.address)

    def as_secondary(self) -> ProxyAddress:
        return self.secondary(self.address)


def plain_keys(texts: Sequence[str]) -> list[str] | None:
    """Return the keys of SMTP addresses that are all of usual characters; None unless they are.

    A few steps for all of them together, where ``ProxyAddress.parse`` takes as many for each.
    """
    text = "\n".join(texts)
    if _ALL_PLAIN.fullmatch(text) is None:
        return None
    keys = text.lower().replace("smtp:", "").split("\n")
    # A text that is two lines itself is none of them.
    return keys if len(keys) == len(texts) else None


def address_key(text: str) -> str:
    """Fold a UPN or an SMTP address that may or may not carry its type prefix.

    Another type stays part of the key: ``x500:joe`` is not ``joe``.
    """
    proxy = ProxyAddress.parse(text)
    return proxy.key if proxy.is_smtp else fold(text)


SECURITY_IDENTIFIER = "onPremisesSecurityIdentifier"
UNIQUE = frozenset(("userPrincipalName", "proxyAddresses", "mail", SECURITY_IDENTIFIER))
"""The properties that ``unique_keys`` reads."""


def unique_keys(properties: Mapping[str, Any]) -> set[str]:
    """Name every unique value that an object may claim, by namespace.

    More than the tenant will claim in the end (whether a UPN is also a proxy address depends on a
    licence): they only put releases before claims, for which too many do no harm.
    """
    keys = set()
    if upn := properties.get("userPrincipalName"):
        keys |= {f"upn:{fold(upn)}", f"proxy:{fold(upn)}"}
    texts = properties.get("proxyAddresses", ())
    plain = plain_keys(texts)
    if plain is not None:
        keys.update([f"proxy:{key}" for key in plain])
    else:
        keys.update(_keys_of_addresses(texts))
    if mail := properties.get("mail"):
        keys.add(f"proxy:{fold(mail.strip())}")
    if identifier := properties.get(SECURITY_IDENTIFIER):
        keys.add(f"sid:{fold(identifier)}")
    return keys


def _keys_of_addresses(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        proxy = ProxyAddress.parse(text)
        if proxy.is_mailbox or proxy.namespace == "sip":
            yield f"{proxy.namespace}:{proxy.key}"
