"""The controls of content synchronization (RFC 4533) and of paged results (RFC 2696).

Pure. Decoders raise MalformedAnswer for a value that does not follow its ASN.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from connector.directory.ber import (
    BOOLEAN,
    ENUMERATED,
    INTEGER,
    OCTET_STRING,
    SET,
    boolean,
    element,
    elements,
    sequence,
)
from connector.directory.wire import decode_controls
from connector.errors import MalformedAnswer

if TYPE_CHECKING:
    from collections.abc import Sequence

SYNC_REQUEST = "1.3.6.1.4.1.4203.1.9.1.1"
SYNC_STATE = "1.3.6.1.4.1.4203.1.9.1.2"
SYNC_DONE = "1.3.6.1.4.1.4203.1.9.1.3"
SYNC_INFO = "1.3.6.1.4.1.4203.1.9.1.4"
PAGED_RESULTS = "1.2.840.113556.1.4.319"
DIRSYNC = "1.2.840.113556.1.4.841"
SHOW_DELETED = "1.2.840.113556.1.4.417"

PRESENT, ADD, MODIFY, DELETE = range(4)

_REFRESH_ONLY = b"\x01"
# Object security (only what the account may read), ancestors first, incremental values of links: a
# signed integer of 32 bits.
_DIRSYNC_FLAGS = (0x00000001 | 0x00000800 | 0x80000000).to_bytes(4, "big")
_DIRSYNC_BYTES = 1 << 20
_UUID_SIZE = 16
_STATES = {bytes((state,)) for state in (PRESENT, ADD, MODIFY, DELETE)}
_NEW_COOKIE, _REFRESH_DELETE, _REFRESH_PRESENT, _ID_SET = 0x80, 0xA1, 0xA2, 0xA3

# How OpenLDAP writes a Sync State control without a cookie: one comparison instead of a walk.
_PLAIN_STATE = b"\x30\x33\x04\x18" + SYNC_STATE.encode() + b"\x04\x17\x30\x15\x0a\x01"
_PLAIN_STATE_SIZE = len(_PLAIN_STATE) + 1 + 2 + _UUID_SIZE
_PLAIN_UUID = b"\x04\x10"


class SyncDone(NamedTuple):
    """``cookie`` is None when absent, and when empty: OpenLDAP 2.6.14 sends an empty one."""

    cookie: bytes | None
    refresh_deletes: bool


class SyncInfo(NamedTuple):
    """What an intermediate message says of entries that it does not carry."""

    present: Sequence[bytes] = ()
    deleted: Sequence[bytes] = ()
    ends_present_phase: bool = False


class DirsyncAnswer(NamedTuple):
    """``more`` says that the answer goes on; ``cookie`` is where the next one starts."""

    more: bool
    cookie: bytes


def sync_request(cookie: bytes | None) -> bytes:
    value = element(ENUMERATED, _REFRESH_ONLY)
    if cookie:
        value += element(OCTET_STRING, cookie)
    return element(0x30, value)


def sync_state(controls: bytes) -> tuple[int, bytes]:
    """Return state and UUID of an entry from its controls."""
    if len(controls) == _PLAIN_STATE_SIZE and controls.startswith(_PLAIN_STATE):
        at = len(_PLAIN_STATE)
        if controls[at] <= DELETE and controls[at + 1 : at + 3] == _PLAIN_UUID:
            return controls[at], controls[at + 3 :]
    value = decode_controls(controls).get(SYNC_STATE)
    if value is None:
        raise MalformedAnswer("an entry without its sync state")
    match _sequence(value):
        case [(0x0A, state), (0x04, uuid), *_] if len(uuid) == _UUID_SIZE and state in _STATES:
            return state[0], uuid
    raise MalformedAnswer("a sync state that does not follow RFC 4533")


def sync_done(controls: bytes) -> SyncDone | None:
    """Return what the Sync Done control says, None when the server sent none."""
    value = decode_controls(controls).get(SYNC_DONE)
    if value is None:
        return None
    cookie, refresh_deletes = None, False
    for tag, part in _sequence(value):
        if tag == OCTET_STRING:
            cookie = part or None
        elif tag == BOOLEAN:
            refresh_deletes = _boolean(part)
    return SyncDone(cookie, refresh_deletes)


def sync_info(value: bytes) -> SyncInfo:
    """Decode a Sync Info message; its cookie is one of a refresh under way and not kept."""
    tag = value[0] if value else 0
    if tag in {_NEW_COOKIE, _REFRESH_DELETE}:
        return SyncInfo()
    if tag == _REFRESH_PRESENT:
        _sequence(value, tag)
        return SyncInfo(ends_present_phase=True)
    if tag != _ID_SET:
        raise MalformedAnswer(f"a sync info of unknown kind 0x{tag:02x}")
    refresh_deletes, uuids = False, list[bytes]()
    for inner, part in _sequence(value, tag):
        if inner == BOOLEAN:
            refresh_deletes = _boolean(part)
        elif inner == SET:
            uuids = _uuids(part)
    return SyncInfo(deleted=uuids) if refresh_deletes else SyncInfo(present=uuids)


def page_request(size: int, cookie: bytes) -> bytes:
    return element(0x30, element(INTEGER, _integer(size)) + element(OCTET_STRING, cookie))


def page_cookie(controls: bytes) -> bytes | None:
    """Return the cookie of the next page, empty after the last; None if the server did not page."""
    value = decode_controls(controls).get(PAGED_RESULTS)
    if value is None:
        return None
    match _sequence(value):
        case [(0x02, _), (0x04, cookie)]:
            return cookie
    raise MalformedAnswer("a page control that does not follow RFC 2696")


def dirsync_request(cookie: bytes) -> bytes:
    """Ask for what changed since the cookie (MS-ADTS 3.1.1.3.4.1.3), for all there is without one."""
    parts = element(INTEGER, _DIRSYNC_FLAGS) + element(INTEGER, _integer(_DIRSYNC_BYTES))
    return element(0x30, parts + element(OCTET_STRING, cookie))


def dirsync_answer(controls: bytes) -> DirsyncAnswer:
    """Return what the DirSync control at the end of an answer says."""
    value = decode_controls(controls).get(DIRSYNC)
    if value is None:
        raise MalformedAnswer("no DirSync control at the end of its answer")
    match _sequence(value):
        case [(0x02, more), (0x02, _), (0x04, cookie)] if cookie:
            return DirsyncAnswer(any(more), cookie)
    raise MalformedAnswer("a DirSync control that does not follow MS-ADTS")


def _integer(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def _sequence(value: bytes, tag: int = 0x30) -> list[tuple[int, bytes]]:
    try:
        return sequence(value, tag)
    except (IndexError, ValueError) as error:
        raise MalformedAnswer(f"a control value with {error}") from None


def _boolean(raw: bytes) -> bool:
    try:
        return boolean(raw)
    except ValueError as error:
        raise MalformedAnswer(str(error)) from None


def _uuids(raw: bytes) -> list[bytes]:
    uuids: list[bytes] = []
    try:
        for tag, start, end in elements(raw, 0, len(raw)):
            if tag != OCTET_STRING or end - start != _UUID_SIZE:
                raise ValueError("no UUID")  # noqa: TRY301
            uuids.append(raw[start:end])
    except (IndexError, ValueError):
        raise MalformedAnswer("a set of UUIDs that does not follow RFC 4533") from None
    return uuids
