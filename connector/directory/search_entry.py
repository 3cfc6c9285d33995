"""Decode a SearchResultEntry (RFC 4511 4.5.2): the one hot path of reading a directory.

Pure. It is written flat, in one function, because it runs for every value of the directory; it
raises ``IndexError`` or ``ValueError`` for what is malformed, as ``ber`` does.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from connector.directory.attributes import fold_name
from connector.directory.ber import LONG, OCTET_STRING, SEQUENCE, SET, long_length
from connector.values.schema import listed_with_kinds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_KEPT = 8192
_CLASSES = "objectclass"
# Tag and length of the attribute, of its name, of the set of its values and of the one value there.
_AROUND_NAME = 8
# Object classes of more bytes are not remembered.
_LONG_LIST = 1024


class Entry(NamedTuple):
    """A SearchResultEntry; ``controls`` is the undecoded list, see ``decode_controls``."""

    dn: str
    attributes: dict[str, Sequence[bytes]]
    controls: bytes


class Known(NamedTuple):
    """The bytes that an answer repeats in every entry, checked when they first came.

    ``singles`` has the names of attributes with one short value by all that stands before that value,
    from the tag of the attribute to the length of the value. ``names`` has attribute names by their
    octet string and the tag of the set behind it, ``classes`` the object classes by the length and the
    content of their set. ``ranges`` lets parts of the values of an attribute pass, under a name that
    says so (see ``fold_name``). ``above`` has the classes to add behind a class that stands below them
    (see ``Schema.kinds_above``).
    """

    singles: dict[bytes, str]
    names: dict[bytes, str]
    classes: dict[bytes, Sequence[bytes]]
    ranges: bool = False
    above: Mapping[bytes, tuple[bytes, ...]] = MappingProxyType({})


def decode_entry(data: bytes, at: int, end: int, controls: bytes, known: Known) -> Entry:
    """Decode a SearchResultEntry.

    Bytes that were checked once are known by sight (see Known). Everything else is checked on the
    way, and every element must end where the one around it says.
    """
    start, stop = long_length(data, at + 1)
    if data[at] != OCTET_STRING or data[stop] != SEQUENCE:
        raise ValueError("entry without name and attributes")
    dn = data[start:stop].decode("utf-8", "surrogateescape")
    at, stop = long_length(data, stop + 1)
    if stop != end:
        raise ValueError("bytes after the attributes")
    attributes: dict[str, Sequence[bytes]] = {}
    singles = known.singles
    while at < stop:
        value = at + _AROUND_NAME + data[at + 3]
        name = singles.get(data[at:value])
        values: Sequence[bytes]
        if name is not None:
            at += 2 + data[at + 1]
            values = (data[value:at],)
        else:
            name, values, at = _attribute(data, at, known)
        if name in attributes:
            values = (*attributes[name], *values)
        attributes[name] = values
    if at != stop:
        raise ValueError("attributes longer than the entry")
    attributes.pop("", None)
    return Entry(dn, attributes, controls)


def _attribute(data: bytes, at: int, known: Known) -> tuple[str, Sequence[bytes], int]:
    """Decode the attribute at ``at``, remembering what may come again; return where it ends, too."""
    if data[at] != SEQUENCE:
        raise ValueError("attribute that is not a sequence")
    begin = at
    at, last = long_length(data, at + 1)
    value = at + 3 + data[at + 1]
    try:
        name = known.names[data[at:value]]
    except KeyError:
        name = _remember(known.names, data[at:value], ranges=known.ranges)
    if name == _CLASSES:
        try:
            return name, known.classes[data[value:last]], last
        except KeyError:
            return name, _remember_classes(known, data[value:last]), last
    values = _values(data, value, last)
    if len(values) == 1:
        _remember_single(known.singles, data[begin : last - len(values[0])], name)
        return name, tuple(values), last
    return name, values, last


def _values(data: bytes, at: int, last: int) -> list[bytes]:
    """Decode the values of the set whose length is at ``at`` and whose content ends at ``last``."""
    at, end = long_length(data, at)
    if end != last:
        raise ValueError("attribute longer or shorter than its values")
    values = []
    while at < end:
        if data[at] != OCTET_STRING:
            raise ValueError("value that is not an octet string")
        length = data[at + 1]
        if length < LONG:
            start = at + 2
            at = start + length
        else:
            start, at = long_length(data, at + 1)
        values.append(data[start:at])
    if at != end:
        raise ValueError("value longer than the set that holds it")
    return values


def _remember(names: dict[bytes, str], header: bytes, *, ranges: bool) -> str:
    if header[0] != OCTET_STRING or header[1] >= LONG or header[-1] != SET:
        raise ValueError("attribute without name and values")
    if len(names) >= _KEPT:
        names.clear()
    names[header] = name = fold_name(header[2:-1], ranges=ranges)
    return name


def _remember_single(singles: dict[bytes, str], header: bytes, name: str) -> None:
    """Remember what stands before an only value, if every length in it has its short form."""
    if header[1] < LONG and len(header) == header[3] + _AROUND_NAME:
        if len(singles) >= _KEPT:
            singles.clear()
        singles[header] = name


def _remember_classes(known: Known, raw: bytes) -> Sequence[bytes]:
    values = listed_with_kinds(_values(raw, 0, len(raw)), known.above)
    if len(raw) < _LONG_LIST:
        if len(known.classes) >= _KEPT:
            known.classes.clear()
        known.classes[raw] = values
    return values
