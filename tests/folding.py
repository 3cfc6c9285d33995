"""What addresses and names are compared by, said once more: no test judges by the product's own fold.

As plain as can be, and slower.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING
from unicodedata import ucd_3_2_0

if TYPE_CHECKING:
    from collections.abc import Iterator

# The backslash first: the others get one.
_SEPARATORS = '\\,+";\n'
_ATTRIBUTES = {
    "2.5.4.3": "cn",
    "commonname": "cn",
    "surname": "sn",
    "userid": "uid",
    "organizationalunitname": "ou",
    "domaincomponent": "dc",
}


def text(value: str) -> str:
    """Fold a text (docs/sources.md 15.3): NFC, then casefold."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", value).casefold())


def address(value: str) -> str:
    """Fold an address of any type without its prefix, or a UPN."""
    return text(value.partition(":")[2] if ":" in value else value)


def dn(name: str) -> str:
    """Fold a DN (RFC 4514, 4518), with every ``,`` and ``+`` of a value as a pair."""
    components = re.findall(r'(?s)(?:\\.|"(?:\\.|[^"\\])*"|[^,;\\"])+', name)
    return ",".join("+".join(sorted(_pairs(component))) for component in components)


def name_text(value: str) -> str:
    """Fold the value of a name: Unicode 3.2, simple lower case, NFKC, one space for many."""
    letters = "".join(map(_lower, value))
    words = ucd_3_2_0.normalize("NFKC", letters).split(" ")
    return " ".join(word for word in words if word)


def split(name: str) -> tuple[str, str]:
    """Split a DN into its first component and the DN above it."""
    first = re.match(r"(?s)(?:\\.|[^,\\])*", name)
    assert first is not None
    return first[0].strip(), name[first.end() + 1 :].lstrip()


def is_below(name: str, base: str) -> bool:
    """Tell whether a DN is the base itself or stands below it."""
    return f",{dn(name)}".endswith(f",{dn(base)}")


def _pairs(component: str) -> Iterator[str]:
    """Fold each ``attribute=value`` of a component."""
    for part in re.findall(r'(?s)(?:\\.|"(?:\\.|[^"\\])*"|[^+\\"])+', component):
        attribute, _, value = part.partition("=")
        attribute = attribute.strip().lower()
        value = re.sub(r'(?s)\A\s*"(.*)"\s*\Z', r"\1", value)
        raw = re.sub(
            rb"(?s)\\(?:([0-9a-fA-F]{2})|(.))",
            lambda found: bytes.fromhex(found[1].decode()) if found[1] else found[2],
            value.encode("utf-8", "surrogateescape"),
        )
        folded = name_text(raw.decode("utf-8", "surrogateescape"))
        for special in _SEPARATORS:
            folded = folded.replace(special, f"\\{ord(special):02x}")
        yield f"{_ATTRIBUTES.get(attribute, attribute)}={folded}"


def _lower(character: str) -> str:
    """Return the simple lower case of a letter of Unicode 3.2."""
    if ucd_3_2_0.category(character) not in ("Lu", "Lt"):
        return character
    lower = "i" if character == "\u0130" else character.lower()
    return character if ucd_3_2_0.category(lower) == "Cn" else lower
