"""Compare distinguished names (RFC 4514) as the directories do, without asking one.

A DN is never an identity here; it places an entry in the tree and resolves references. Its values are
compared by caseIgnoreMatch over the Unicode 3.2 of RFC 4518, as slapd does it: simple case mapping, a
character at a time, then NFKC; runs of inner spaces are one. ``ß`` stays ``ß``, unlike in an address
(``values/addresses.py``). ``docs/decisions.md``, "Comparison of names", says where the servers differ.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING
from unicodedata import ucd_3_2_0 as unicode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_WORDS = "cn|uid|ou|dc|o|c|l|st|sn|mail"
# Most first components need nothing but lower case, and telling so is cheap (50,000 members in a group).
_PLAIN = rf"(?:{_WORDS})=[!#-*\-./0-:<-\[\]-~]+(?: [!#-*\-./0-:<-\[\]-~]+)*"
_is_plain = re.compile(_PLAIN, re.IGNORECASE | re.ASCII).fullmatch
_are_plain = re.compile(rf"(?:{_PLAIN}\n)+", re.IGNORECASE | re.ASCII).fullmatch
# So many are looked at together: one that is not plain costs that many their short way.
_TOGETHER = 256
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_FIRST = re.compile(rf'(?:[^\\",;]+|\\.|{_QUOTED}|["\\])*', re.DOTALL)
_PARTS = re.compile(rf'(?:[^\\"+]+|\\.|{_QUOTED}|["\\])+', re.DOTALL)
_ESCAPED = re.compile(r"\\(?:([0-9a-fA-F]{2})|(.))", re.DOTALL)
_PAIR = re.compile(r"\\[0-9a-fA-F]{2}")
_SINGLE = re.compile(r"\\(.)", re.DOTALL)
_STRUCTURE = re.compile(r'[\x00-\x1f,+"\\;]')
_AROUND = " \t\r\n"

# Names of the attributes that DNs are made of, in lower case (RFC 4519, 4524, 2798; PKCS #9).
_NAMES = {
    other: name
    for name, others in {
        "c": "countryname 2.5.4.6",
        "cn": "commonname 2.5.4.3",
        "co": "friendlycountryname 0.9.2342.19200300.100.1.43",
        "dc": "domaincomponent 0.9.2342.19200300.100.1.25",
        "description": "2.5.4.13",
        "displayname": "2.16.840.1.113730.3.1.241",
        "email": "emailaddress pkcs9email 1.2.840.113549.1.9.1",
        "employeenumber": "2.16.840.1.113730.3.1.3",
        "givenname": "gn 2.5.4.42",
        "l": "localityname 2.5.4.7",
        "mail": "rfc822mailbox 0.9.2342.19200300.100.1.3",
        "mobile": "mobiletelephonenumber 0.9.2342.19200300.100.1.41",
        "o": "organizationname 2.5.4.10",
        "ou": "organizationalunitname 2.5.4.11",
        "serialnumber": "2.5.4.5",
        "sn": "surname 2.5.4.4",
        "st": "stateorprovincename 2.5.4.8",
        "telephonenumber": "2.5.4.20",
        "title": "2.5.4.12",
        "uid": "userid 0.9.2342.19200300.100.1.1",
    }.items()
    for other in others.split()
}


def key(dn: str) -> str:
    """Fold a DN so that two spellings of one name become equal; never raises.

    Neither case nor spaces count, nor how a character is escaped, the order of the parts of a
    component, or which of its names an attribute has. In a key only separators are ``,`` and ``+``.
    """
    first, comma, above = dn.partition(",")
    if _is_plain(first):
        first = first.lower()
    else:
        first, comma, above = _cut(dn)
        first = _component(first)
    return f"{first},{_above(above)}" if comma else first


def keys(values: Sequence[bytes]) -> list[str]:
    """Fold the DNs of an attribute as ``key`` does, in a fifth of the time where they have one parent.

    The keys come in another order than the values, which are UTF-8 with ``surrogateescape`` where they are none.
    """
    found: list[str] = []
    for start in range(0, len(values), _TOGETHER):
        some = values[start : start + _TOGETHER]
        text = b"\n".join(some).decode("utf-8", "surrogateescape") + "\n"
        # A line break may also stand in a name.
        if text.count("\n") != len(some):
            found += [key(value.decode("utf-8", "surrogateescape")) for value in some]
        elif (folded := _keys_below_one(text, len(some))) is not None:
            found += folded
        else:
            found += _keys_below_some(text[:-1].split("\n"))
    return found


def _keys_below_one(text: str, lines: int) -> list[str] | None:
    """Fold names, each of which ends with a line break; None unless they are plain and have one parent."""
    first, _, _ = text.partition("\n")
    rest = first[first.find(",") :] if "," in first else ""
    # As often as there are lines, so each of them ends so.
    if text.count(f"{rest}\n") != lines:
        return None
    firsts = text.replace(f"{rest}\n", "\n") if rest else text
    if not _are_plain(firsts):
        return None
    above = _above(rest[1:])
    if rest.isascii() and above == rest[1:].lower():
        return text[:-1].lower().split("\n")
    return [f"{line},{above}" for line in firsts[:-1].lower().split("\n")]


def _keys_below_some(names: Iterable[str]) -> list[str]:
    below: dict[str, list[str]] = {}
    for name in names:
        first, comma, above = name.partition(",")
        below.setdefault(comma + above, []).append(first)
    found: list[str] = []
    for rest, firsts in below.items():
        text = "\n".join(firsts) + "\n"
        if _are_plain(text):
            tail = f",{_above(rest[1:])}" if rest else ""
            found += [line + tail for line in text[:-1].lower().split("\n")]
        else:
            found += [key(first + rest) for first in firsts]
    return found


def value_key(value: str) -> str:
    """Fold the value of an attribute as a name is folded: equal values have equal keys."""
    folded = (
        value.lower() if value.isascii() else unicode.normalize("NFKC", value.translate(_LOWER))
    )
    if "  " in folded:
        folded = re.sub(" {2,}", " ", folded)
    return folded.strip(" ")


def is_below(dn_key: str, base_key: str) -> bool:
    """Tell whether a folded DN is the base itself or stands below it."""
    return dn_key == base_key or not base_key or dn_key.endswith("," + base_key)


def ancestors(dn_key: str) -> Iterator[str]:
    """Yield the folded DNs above a folded DN, the nearest first."""
    _, comma, above = dn_key.partition(",")
    while comma:
        yield above
        _, comma, above = above.partition(",")


def parent(dn: str) -> str:
    """Return the DN above, empty for a name of one component."""
    return _cut(dn)[2].lstrip()


def rdn_value(dn: str) -> str:
    """Return the unescaped value of the first component: a name for people to read."""
    return _unescaped(_cut(dn)[0].partition("=")[2])


def rdn_values(dn: str) -> dict[str, str]:
    """Return the unescaped values of the first component by attribute, in lower case."""
    parts = (part.partition("=") for part in _PARTS.findall(_cut(dn)[0]))
    return {_attribute(name): _unescaped(value) for name, _, value in parts}


def rdn(attribute: str, value: str) -> str:
    """Return a first component of a DN with the value's special characters escaped (RFC 4514)."""
    escaped = re.sub(r'[,+"\\<>;=]|^[ #]| $', r"\\\g<0>", value)
    return f"{attribute}={escaped}"


class _Lower(dict[int, str]):
    """The simple lower case of each character by its number, for ``str.translate``.

    Only letters have one, and only what was a letter in Unicode 3.2: the tables of all servers are old.
    """

    def __missing__(self, number: int) -> str:
        character = chr(number)
        if unicode.category(character) in ("Lu", "Lt"):
            # The first one alone: the dot of a Turkish capital i is none of a simple mapping.
            lower = character.lower()[0]
            if unicode.category(lower) != "Cn":
                character = lower
        self[number] = character
        return character


_LOWER = _Lower()


def _cut(dn: str) -> tuple[str, str, str]:
    """Cut a DN after its first component: that, the separator if there is one, the rest."""
    found = _FIRST.match(dn)
    end = found.end() if found else len(dn)
    return dn[:end], dn[end : end + 1], dn[end + 1 :]


@lru_cache(maxsize=4096)
def _above(dn: str) -> str:
    """Fold the DN above an entry, which most entries share with others."""
    components = []
    comma = ","
    while comma:
        first, comma, dn = _cut(dn)
        components.append(_component(first))
    return ",".join(components)


def _component(text: str) -> str:
    """Fold one component, whose parts may stand in any order."""
    if "+" not in text:
        return _part(text)
    return "+".join(sorted(map(_part, _PARTS.findall(text))))


def _part(text: str) -> str:
    """Fold ``attribute=value``; any other text is folded all the same."""
    name, equals, value = text.partition("=")
    if not equals:
        return value_key(text.strip(_AROUND))
    folded = value_key(_unescaped(value))
    return f"{_attribute(name)}={_STRUCTURE.sub(_as_pair, folded)}"


@lru_cache(maxsize=256)
def _attribute(name: str) -> str:
    """Return the one name of an attribute, in lower case."""
    name = name.strip(_AROUND).lower().removeprefix("oid.")
    return _NAMES.get(name, name)


def _unescaped(value: str) -> str:
    """Undo the escapes and quotes of a value, and the spaces around it (RFC 4514; quotes: RFC 2253)."""
    value = value.strip(_AROUND)
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = value[1:-1]
    if "\\" not in value:
        return value
    backslashes = len(value) - len(value.rstrip("\\"))
    return _decode(value + " " if backslashes % 2 else value)


def _as_pair(character: re.Match[str]) -> str:
    return f"\\{ord(character[0]):02x}"


def _decode(text: str) -> str:
    """Undo RFC 4514 escapes; hexadecimal pairs are UTF-8 octets."""
    if not _PAIR.search(text):
        return _SINGLE.sub(r"\1", text)
    raw = bytearray()
    position = 0
    for match in _ESCAPED.finditer(text):
        raw += text[position : match.start()].encode("utf-8", "surrogateescape")
        pair, character = match.groups()
        raw += bytes.fromhex(pair) if pair else character.encode("utf-8", "surrogateescape")
        position = match.end()
    raw += text[position:].encode("utf-8", "surrogateescape")
    return raw.decode("utf-8", "surrogateescape")
