"""Compare distinguished names (RFC 4514) without asking the directory.

A DN is never an identity here; it places an entry in the tree and resolves references.
"""

from __future__ import annotations

import re

from connector.values.addresses import fold

_SPACES = re.compile(r"\s*(?<!\\)([,=+])\s*")
# Most names need no rewriting, and telling so is cheaper than doing it (50,000 members in a group).
_LOOSE = re.compile(r"(?<!\\)[,=+]\s|\s[,=+]")
_UNUSUAL = re.compile(r'\\(?![,+"\\<>;=])')
_ESCAPED = re.compile(r"\\(?:([0-9a-fA-F]{2})|(.))", re.DOTALL)


def key(dn: str) -> str:
    """Fold a DN so that two spellings of one name become equal.

    Case and the spaces around ``,``, ``=`` and ``+`` do not count, nor does the way in which a
    character is escaped.
    """
    if "\\" in dn and _UNUSUAL.search(dn):
        dn = _normal_escapes(dn)
    elif " " not in dn:
        return fold(dn)
    dn = dn.strip()
    return fold(_SPACES.sub(r"\1", dn) if _LOOSE.search(dn) else dn)


def is_below(dn_key: str, base_key: str) -> bool:
    """Tell whether a folded DN is the base itself or stands below it."""
    return dn_key == base_key or not base_key or dn_key.endswith("," + base_key)


def parent(dn: str) -> str:
    """Return the DN above, empty for a name of one component."""
    return dn[_end_of_first(dn) + 1 :].lstrip()


def rdn_value(dn: str) -> str:
    """Return the unescaped value of the first component: a name for people to read."""
    value = dn[: _end_of_first(dn)].partition("=")[2].strip(" ")
    backslashes = len(value) - len(value.rstrip("\\"))
    return _decode(value + " " if backslashes % 2 else value)


def rdn(attribute: str, value: str) -> str:
    """Return a first component of a DN with the value's special characters escaped (RFC 4514)."""
    escaped = re.sub(r'[,+"\\<>;=]|^[ #]| $', r"\\\g<0>", value)
    return f"{attribute}={escaped}"


def _end_of_first(dn: str) -> int:
    """Return the position of the first comma that is not escaped, the length for none."""
    escaped = False
    for position, character in enumerate(dn):
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif character == ",":
            return position
    return len(dn)


def _normal_escapes(dn: str) -> str:
    r"""Write each escaped character one way: specials as ``\c``, everything else as itself."""
    out: list[str] = []
    position = 0
    for match in re.finditer(r"(?:\\(?:[0-9a-fA-F]{2}|.))+", dn, re.DOTALL):
        out.append(dn[position : match.start()])
        text = _decode(match.group())
        out.extend("\\" + c if c in ',+"\\<>;=' else c for c in text)
        position = match.end()
    out.append(dn[position:])
    return "".join(out)


def _decode(text: str) -> str:
    """Undo RFC 4514 escapes; hexadecimal pairs are UTF-8 octets."""
    raw = bytearray()
    position = 0
    for match in _ESCAPED.finditer(text):
        raw += text[position : match.start()].encode("utf-8", "surrogateescape")
        pair, character = match.groups()
        raw += bytes.fromhex(pair) if pair else character.encode("utf-8", "surrogateescape")
        position = match.end()
    raw += text[position:].encode("utf-8", "surrogateescape")
    return raw.decode("utf-8", "surrogateescape")
