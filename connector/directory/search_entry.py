"""Decode a SearchResultEntry (RFC 4511 4.5.2): the one hot path of reading a directory.

Pure. It is written flat, in one function, because it runs for every value of the directory; it
raises ``IndexError`` or ``ValueError`` for what is malformed, as ``ber`` does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from connector.directory.attributes import fold_name
from connector.directory.ber import LONG, OCTET_STRING, SEQUENCE, SET, long_length

if TYPE_CHECKING:
    from collections.abc import Sequence

_KEPT = 4096
_CLASSES = "objectclass"
# What stands before the only value of an attribute, by the size of that value: the length of the
# set, the tag of the value and its length.
_SINGLES = LONG - 2
_SINGLE = [bytes((size + 2, OCTET_STRING, size)) for size in range(_SINGLES)]


class Entry(NamedTuple):
    """A SearchResultEntry; ``controls`` is the undecoded list, see ``decode_controls``."""

    dn: str
    attributes: dict[str, Sequence[bytes]]
    controls: bytes


class Known(NamedTuple):
    """What an answer repeats in every entry, by the bytes that were checked when they first came.

    ``names`` has attribute names by their octet string and the tag of the set behind it, ``classes``
    the object classes by the length and the content of their set.
    """

    names: dict[bytes, str]
    classes: dict[bytes, Sequence[bytes]]


def decode_entry(  # noqa: C901, PLR0912 - flat on purpose, see above
    data: bytes, at: int, end: int, controls: bytes, known: Known
) -> Entry:
    """Decode a SearchResultEntry.

    Bytes that were checked once are known by sight (see Known). Everything else is checked on the
    way, and every element must end where the one around it says.
    """
    names, classes = known
    start, stop = long_length(data, at + 1)
    if data[at] != OCTET_STRING or data[stop] != SEQUENCE:
        raise ValueError("entry without name and attributes")
    dn = data[start:stop].decode("utf-8", "surrogateescape")
    at, stop = long_length(data, stop + 1)
    if stop != end:
        raise ValueError("bytes after the attributes")
    attributes: dict[str, Sequence[bytes]] = {}
    while at < stop:
        if data[at] != SEQUENCE:
            raise ValueError("attribute that is no sequence")
        length = data[at + 1]
        if length < LONG:
            at += 2
            last = at + length
        else:
            at, last = long_length(data, at + 1)
        value = at + 3 + data[at + 1]
        try:
            name = names[data[at:value]]
        except KeyError:
            name = _remember(names, data[at:value])
        at = value + 3
        size = last - at
        if 0 <= size < _SINGLES and data[value:at] == _SINGLE[size]:
            values: Sequence[bytes] = (data[at:last],)
        elif name == _CLASSES and size < LONG:
            try:
                values = classes[data[value:last]]
            except KeyError:
                values = _remember_classes(classes, data[value:last])
        else:
            values = _values(data, value, last)
        if name in attributes:
            values = (*attributes[name], *values)
        attributes[name] = values
        at = last
    if at != stop:
        raise ValueError("attributes longer than the entry")
    attributes.pop("", None)
    return Entry(dn, attributes, controls)


def _values(data: bytes, at: int, last: int) -> list[bytes]:
    """Decode the values of the set whose length is at ``at`` and whose content ends at ``last``."""
    at, end = long_length(data, at)
    if end != last:
        raise ValueError("attribute longer or shorter than its values")
    values = []
    while at < end:
        if data[at] != OCTET_STRING:
            raise ValueError("value that is no octet string")
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


def _remember(names: dict[bytes, str], header: bytes) -> str:
    if header[0] != OCTET_STRING or header[1] >= LONG or header[-1] != SET:
        raise ValueError("attribute without name and values")
    if len(names) >= _KEPT:
        names.clear()
    names[header] = name = fold_name(header[2:-1])
    return name


def _remember_classes(classes: dict[bytes, Sequence[bytes]], raw: bytes) -> Sequence[bytes]:
    if len(classes) >= _KEPT:
        classes.clear()
    classes[raw] = values = tuple(_values(raw, 0, len(raw)))
    return values
