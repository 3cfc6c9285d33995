"""What addresses and names are compared by, said once more: no test judges by the product's own fold.

As plain as can be, and slower.
"""

from __future__ import annotations

import re
import unicodedata

_SPECIAL = ',+"\\<>;='


def text(value: str) -> str:
    """Fold a text (docs/sources.md 15.3): NFC, then casefold."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", value).casefold())


def address(value: str) -> str:
    """Fold an address of any type without its prefix, or a UPN."""
    return text(value.partition(":")[2] if ":" in value else value)


def dn(name: str) -> str:
    """Fold a DN (RFC 4514): neither case nor spaces around a part count, nor how one is escaped."""
    name = re.sub(r"(?:\\[0-9a-fA-F]{2})+", _characters, name)
    parts = re.findall(r"(?s)(?:\\.|[^,\\])+", name)
    return text(",".join(re.sub(r"\s*(?<!\\)([=+])\s*", r"\1", part).strip() for part in parts))


def split(name: str) -> tuple[str, str]:
    """Split a DN into its first component and the DN above it."""
    first = re.match(r"(?s)(?:\\.|[^,\\])*", name)
    assert first is not None
    return first[0].strip(), name[first.end() + 1 :].lstrip()


def is_below(name: str, base: str) -> bool:
    """Tell whether a DN is the base itself or stands below it."""
    return f",{dn(name)}".endswith(f",{dn(base)}")


def _characters(pairs: re.Match[str]) -> str:
    found = bytes.fromhex(pairs[0].replace("\\", "")).decode("utf-8", "surrogateescape")
    return "".join(f"\\{c}" if c in _SPECIAL else c for c in found)
