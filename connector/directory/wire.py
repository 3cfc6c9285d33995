"""Decode the answers of an LDAP server (RFC 4511) as they stream in.

Pure: bytes in, messages out. ldap3's own decoder makes an object of every element and keeps the
whole answer; this one keeps only the message at hand. It checks every tag and every length: bytes
that are not LDAP raise MalformedAnswer, never anything else.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from connector.directory.ber import (
    ENUMERATED,
    INTEGER,
    LONG,
    LONGEST_LENGTH,
    OCTET_STRING,
    SEQUENCE,
    content,
    elements,
    integer,
    long_length,
)
from connector.directory.search_entry import Entry, Known, decode_entry
from connector.errors import DirectoryUnavailable, MalformedAnswer
from connector.values.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping

# The largest message taken: a group of 250,000 members with long names has about 30 MB.
MAX_MESSAGE = 64 << 20

BIND_RESPONSE, ENTRY, SEARCH_DONE, REFERENCE = 0x61, 0x64, 0x65, 0x73
EXTENDED_RESPONSE, INTERMEDIATE = 0x78, 0x79

CLOSED = "the connection was closed before the end of the answer"

_CONTROLS, _REFERRAL = 0xA0, 0xA3
_INTERMEDIATE_NAME, _INTERMEDIATE_VALUE = 0x80, 0x81
_HEADER = 2
_NOTHING_ABOVE: Mapping[bytes, tuple[bytes, ...]] = MappingProxyType({})


class Reference(NamedTuple):
    """A SearchResultReference: this part of the tree is on another server."""

    urls: tuple[str, ...]


class Intermediate(NamedTuple):
    """An IntermediateResponse; the server may leave out name and value."""

    name: str
    value: bytes


class Result(NamedTuple):
    """The last message of an operation, named by the tag of the response."""

    tag: int
    code: int
    matched: str
    message: str
    referrals: tuple[str, ...]
    controls: bytes


Message = Entry | Reference | Intermediate | Result


def messages(
    chunks: Iterable[bytes],
    message_id: int,
    *,
    ranges: bool = False,
    above: Mapping[bytes, tuple[bytes, ...]] = _NOTHING_ABOVE,
    leave: Callable[[int], bool] = lambda _: False,
) -> Generator[Message, None, bytes | None]:
    """Cut a byte stream into messages and decode those of one operation, up to its Result.

    ``ranges`` takes entries that show only a part of the values of an attribute, ``above`` has the
    classes above a class (see ``Known``). ``leave`` is asked after each chunk, with the number of bytes
    that came so far; at its word this ends, and returns what came of the next message.
    Raises MalformedAnswer for bytes that are not LDAP, DirectoryUnavailable for a notice of
    disconnection and for a stream that ends before the Result.
    """
    known = Known({}, {}, {}, ranges, above)
    parts: list[bytes] = []
    have, need, came = 0, 2, 0
    for chunk in chunks:
        parts.append(chunk)
        have += len(chunk)
        if have < need:
            continue
        data = parts[0] if len(parts) == 1 else b"".join(parts)
        at = 0
        while True:
            try:
                start, end = _frame(data, at, have)
                if end > have:
                    break
                message = _message(data, start, end, message_id, known)
            except (IndexError, ValueError) as error:
                raise MalformedAnswer(str(error)) from None
            at = end
            if message is not None:
                yield message
                if type(message) is Result:
                    return None
        parts = [data[at:]]
        have, need, came = have - at, end - at, came + at
        if leave(came + have):
            return parts[0]
    raise DirectoryUnavailable(CLOSED)


def blocks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Cut a byte stream into blocks of whole messages, for ``block_messages``.

    An empty chunk gives an empty block. Of a stream that ends within a message that part is dropped. Raises
    MalformedAnswer where no message begins.
    """
    parts: list[bytes] = []
    have, need = 0, _HEADER
    for chunk in chunks:
        if not chunk:
            yield b""
            continue
        parts.append(chunk)
        have += len(chunk)
        if have < need:
            continue
        data = parts[0] if len(parts) == 1 else b"".join(parts)
        at, wrong = 0, None
        try:
            while (end := _frame(data, at, have)[1]) <= have:
                at = end
            need = end - at
        except (IndexError, ValueError) as error:
            wrong = MalformedAnswer(str(error))
        if at:
            yield data[:at]
        if wrong is not None:
            raise wrong
        parts, have = [data[at:]], have - at


def block_messages(block: bytes, message_id: int, known: Known) -> Iterator[Message]:
    """Decode the messages of a block as ``messages`` does; ``known`` is kept from block to block."""
    at, size = 0, len(block)
    while at < size:
        try:
            start, end = _frame(block, at, size)
            message = _message(block, start, end, message_id, known)
        except (IndexError, ValueError) as error:
            raise MalformedAnswer(str(error)) from None
        at = end
        if message is not None:
            yield message
            if type(message) is Result:
                return


def _frame(data: bytes, at: int, size: int) -> tuple[int, int]:
    """Return start and end of the content of the message at ``at``.

    An end beyond ``size`` asks for that many bytes before the next look.
    """
    if size - at < _HEADER:
        return at, at + _HEADER
    if data[at] != SEQUENCE:
        raise ValueError(f"tag 0x{data[at]:02x} where a message begins")
    length = data[at + 1]
    start = at + _HEADER
    if length >= LONG:
        start += length - LONG
        if 1 <= length - LONG <= LONGEST_LENGTH and start > size:
            return at, start
        start, end = long_length(data, at + 1)
        length = end - start
    if length > MAX_MESSAGE:
        raise ValueError(f"message of {length} bytes; the limit is {MAX_MESSAGE}")
    return start, start + length


def _message(data: bytes, start: int, end: int, message_id: int, known: Known) -> Message | None:
    """Decode one message; None for the answer to another operation."""
    if data[start] != INTEGER:
        raise ValueError("message without an id")
    at = start + 2 + data[start + 1]
    number = data[start + 2] if at == start + 3 else integer(data[start + 2 : at])
    tag = data[at]
    at, stop = long_length(data, at + 1)
    controls = b"" if stop == end else _controls(data, stop, end)
    if number != message_id:
        if number == 0:
            raise DirectoryUnavailable(_notice(data, tag, at, stop))
        return None
    if tag == ENTRY:
        return decode_entry(data, at, stop, controls, known)
    if tag == INTERMEDIATE:
        return _intermediate(data, at, stop)
    if tag == REFERENCE:
        return Reference(tuple(_texts(data, at, stop)))
    if tag in {SEARCH_DONE, BIND_RESPONSE, EXTENDED_RESPONSE}:
        return _result(tag, data, at, stop, controls)
    raise ValueError(f"operation 0x{tag:02x} in the answer")


def _controls(data: bytes, at: int, end: int) -> bytes:
    length = data[at + 1]
    start = at + 2
    stop = start + length
    if length >= LONG:
        start, stop = long_length(data, at + 1)
    if data[at] != _CONTROLS or stop != end:
        raise ValueError("something other than controls after the operation")
    return data[start:stop]


def _intermediate(data: bytes, at: int, end: int) -> Intermediate:
    found = {tag: data[a:b] for tag, a, b in elements(data, at, end)}
    return Intermediate(
        _text(found.get(_INTERMEDIATE_NAME, b"")), found.get(_INTERMEDIATE_VALUE, b"")
    )


def _result(tag: int, data: bytes, at: int, end: int, controls: bytes) -> Result:
    start, stop = content(data, at, end, ENUMERATED)
    code = integer(data[start:stop])
    start, stop = content(data, stop, end, OCTET_STRING)
    matched = _text(data[start:stop])
    start, stop = content(data, stop, end, OCTET_STRING)
    message = _text(data[start:stop])
    referrals: list[str] = []
    for inner, a, b in elements(data, stop, end):
        if inner == _REFERRAL:
            referrals += _texts(data, a, b)
    return Result(tag, code, matched, message, tuple(referrals), controls)


def _notice(data: bytes, tag: int, at: int, end: int) -> str:
    """Put an unsolicited notification (RFC 4511 4.4) into words."""
    if tag != EXTENDED_RESPONSE:
        raise ValueError("message without an id that is not a notice")
    result = _result(tag, data, at, end, b"")
    return f"a notice of disconnection with result {result.code} {result.message}".rstrip()


def _text(raw: bytes) -> str:
    """Read text meant for people, safe to print."""
    return printable(raw.decode("utf-8", "backslashreplace"))


def _texts(data: bytes, at: int, end: int) -> Iterator[str]:
    for tag, start, stop in elements(data, at, end):
        if tag != OCTET_STRING:
            raise ValueError("text that is not an octet string")
        yield _text(data[start:stop])


def decode_controls(raw: bytes) -> dict[str, bytes]:
    """Decode the controls of a message: their values by object identifier."""
    found: dict[str, bytes] = {}
    try:
        for tag, start, end in elements(raw, 0, len(raw)):
            if tag != SEQUENCE:
                raise ValueError("control that is not a sequence")  # noqa: TRY301
            parts = list(elements(raw, start, end))
            strings = [raw[a:b] for inner, a, b in parts if inner == OCTET_STRING]
            if not strings or parts[0][0] != OCTET_STRING:
                raise ValueError("control without an identifier")  # noqa: TRY301
            found[strings[0].decode("ascii")] = strings[1] if len(strings) > 1 else b""
    except (IndexError, ValueError) as error:
        raise MalformedAnswer(str(error)) from None
    return found
