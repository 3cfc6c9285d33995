"""The part of BER (X.690) that LDAP uses: definite lengths, low tags, no constructed strings.

Reads raise ``IndexError`` or ``ValueError`` on malformed bytes; ``wire`` turns both into the one
protocol error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

BOOLEAN, INTEGER, OCTET_STRING, ENUMERATED, SEQUENCE, SET = 0x01, 0x02, 0x04, 0x0A, 0x30, 0x31

LONG = 0x80
LONGEST_LENGTH = 4
_TWO_OCTETS = 0x82
_LONGEST_INTEGER = 8


def long_length(data: bytes, at: int) -> tuple[int, int]:
    """Read the length octets at ``at``, in either form: the content's start and its end."""
    first = data[at]
    start = at + 1
    if first < LONG:
        return start, start + first
    if first == _TWO_OCTETS:
        return at + 3, at + 3 + (data[at + 1] << 8 | data[at + 2])
    count = first - LONG
    if not 1 <= count <= LONGEST_LENGTH:
        raise ValueError("indefinite or oversized length")
    stop = start + count
    if stop > len(data):
        raise ValueError("length cut off")
    return stop, stop + int.from_bytes(data[start:stop], "big")


def content(data: bytes, at: int, end: int, tag: int) -> tuple[int, int]:
    """Return where the content of the element at ``at`` starts and ends, which is not after ``end``."""
    if data[at] != tag:
        raise ValueError(f"tag 0x{data[at]:02x} where 0x{tag:02x} belongs")
    start, stop = long_length(data, at + 1)
    if stop > end:
        raise ValueError("element longer than what holds it")
    return start, stop


def elements(data: bytes, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Walk the elements between ``at`` and ``end``: tag, start and end of the content of each."""
    while at < end:
        start, stop = content(data, at, end, data[at])
        yield data[at], start, stop
        at = stop


def sequence(data: bytes, tag: int = SEQUENCE) -> list[tuple[int, bytes]]:
    """Split a value that is one constructed element into tags and contents."""
    start, stop = content(data, 0, len(data), tag)
    if stop != len(data):
        raise ValueError("bytes after the element")
    return [(inner, data[a:b]) for inner, a, b in elements(data, start, stop)]


def integer(raw: bytes) -> int:
    """Decode a non-negative INTEGER or ENUMERATED."""
    if not 1 <= len(raw) <= _LONGEST_INTEGER or raw[0] >= LONG:
        raise ValueError("integer empty, negative or too large")
    return int.from_bytes(raw, "big")


def boolean(raw: bytes) -> bool:
    if len(raw) != 1:
        raise ValueError("boolean of more or less than one octet")
    return raw != b"\x00"


def element(tag: int, value: bytes) -> bytes:
    """Encode one element."""
    size = len(value)
    if size < LONG:
        return bytes((tag, size)) + value
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, LONG | len(length))) + length + value
