"""Functions that make one kind of value from another."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any
from uuid import UUID

from connector.rules.functions.arguments import ONE, PIECE, TEXT, a_whole
from connector.rules.language import values
from connector.rules.language.function import Argument, Function, Kind
from connector.rules.language.values import ExpressionFailed, Reference, room_for, unfit, within
from connector.values.sids import sid_in

if TYPE_CHECKING:
    from connector.rules.language.values import Single

_ENCODINGS = {"Unicode": "utf-16-le", "ASCII": "ascii", "UTF8": "utf-8"}
_ENCODING = Argument("encoding", Kind.WORD, optional=True, words=tuple(_ENCODINGS))
_GUID = re.compile(
    r"(?:\{GUID\}|GUID)".replace("GUID", r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
)
_GUID_OCTETS = 16
_MOST_OCTETS = 8


def is_guid(written: str) -> bool:
    """Tell whether a text is a GUID, in braces or without."""
    return _GUID.fullmatch(written.strip()) is not None


def _c_bin(number: int, size: int) -> bytes:
    if not 1 <= size <= _MOST_OCTETS:
        raise ExpressionFailed(f"a number takes 1 to {_MOST_OCTETS} octets, not {size}")
    try:
        return number.to_bytes(size, "little", signed=number < 0)
    except OverflowError:
        raise ExpressionFailed(f"{number} does not fit into {size} octets") from None


def _c_guid(written: str) -> bytes:
    if not is_guid(written):
        raise unfit(written, "a GUID")
    return UUID(written.strip().strip("{}")).bytes_le


def _c_num(value: Single) -> int | float:
    if type(value) is bytes:
        if len(value) > _MOST_OCTETS:
            raise unfit(value, "a number")
        return within(int.from_bytes(value, "little"))
    return int(value) if type(value) is bool else values.number(value)


def _from_base64(written: str, encoding: str = "Unicode") -> str:
    try:
        return b64decode(written, validate=True).decode(_ENCODINGS[encoding])
    except ValueError:
        raise unfit(written, f"a text of {encoding} in base64") from None


def _to_base64(value: str | bytes) -> str:
    room_for(len(value) * 2)
    octets = value if isinstance(value, bytes) else value.encode("utf-16-le", "surrogatepass")
    return b64encode(octets).decode()


def _from_hex(written: str) -> str:
    try:
        return bytes.fromhex(written).decode()
    except ValueError:
        raise unfit(written, "UTF-8 in hexadecimal") from None


def _to_hex(written: str) -> str:
    room_for(len(written) * 2)
    return written.encode("utf-8", "surrogatepass").hex().upper()


def _from_guid(octets: bytes) -> str:
    if len(octets) != _GUID_OCTETS:
        raise unfit(octets, "a GUID")
    return str(UUID(bytes_le=octets))


def _from_sid(value: Any) -> str:
    """Write a security identifier; the text of one stays as it is."""
    if (written := sid_in(value)) is None:
        raise unfit(value, "a security identifier")
    return written


FUNCTIONS = (
    Function(
        "CBin",
        (a_whole("number"), a_whole("size")),
        _c_bin,
        "A number as octets, the lowest first.",
    ),
    Function(
        "CBool",
        (ONE,),
        values.truth,
        "True for a number that is not 0, for True, and for the text TRUE.",
        (('CBool("a" = "A")', True), ("CBool(0)", False)),
        nothing=False,
    ),
    Function(
        "CDate",
        (ONE,),
        values.date,
        "A date: year-month-day or month/day/year, with a time and a zone or without. It is UTC.",
        (
            (
                'FormatDateTime(CDate("2013-01-10 4:00 PM -8"),"yyyy-MM-dd HH:mm")',
                "2013-01-11 00:00",
            ),
        ),
    ),
    Function(
        "CGuid",
        (TEXT,),
        _c_guid,
        "The octets of a GUID, in the order of Windows.",
        (
            (
                'CGuid("{00112233-4455-6677-8899-aabbccddeeff}")',
                bytes.fromhex("33221100554477668899aabbccddeeff"),
            ),
        ),
    ),
    Function(
        "CNum",
        (ONE,),
        _c_num,
        "A number; of octets the lowest comes first.",
        (('CNum("42")', 42),),
    ),
    Function(
        "ConvertFromBase64",
        (TEXT, _ENCODING),
        _from_base64,
        "A text from base64; UTF-16 unless told otherwise.",
        (
            ('ConvertFromBase64("SABlAGwAbABvACAAdwBvAHIAbABkACEA")', "Hello world!"),
            ('ConvertFromBase64("SGVsbG8gd29ybGQh", UTF8)', "Hello world!"),
        ),
    ),
    Function(
        "ConvertFromUTF8Hex",
        (TEXT,),
        _from_hex,
        "A text from its UTF-8 in hexadecimal.",
        (('ConvertFromUTF8Hex("48656C6C6F20776F726C6421")', "Hello world!"),),
    ),
    Function(
        "ConvertToBase64",
        (PIECE,),
        _to_base64,
        "Octets, or the UTF-16 of a text, in base64.",
        (('ConvertToBase64("Hello world!")', "SABlAGwAbABvACAAdwBvAHIAbABkACEA"),),
    ),
    Function(
        "ConvertToUTF8Hex",
        (TEXT,),
        _to_hex,
        "The UTF-8 of a text in hexadecimal.",
        (('ConvertToUTF8Hex("Hello world!")', "48656C6C6F20776F726C6421"),),
    ),
    Function(
        "CRef",
        (TEXT,),
        Reference,
        "A DN, which names another entry.",
        (('CRef("cn=Joe,dc=contoso,dc=com")', "cn=Joe,dc=contoso,dc=com"),),
    ),
    Function(
        "CStr",
        (ONE,),
        values.text,
        "A text; a date is written in ISO 8601. Octets are none.",
        (("CStr(42)", "42"), ("CStr(1=1)", "True")),
    ),
    Function(
        "StringFromGuid",
        (Argument("guid", Kind.OCTETS),),
        _from_guid,
        "The text of a GUID.",
        (
            (
                'StringFromGuid(CGuid("00112233-4455-6677-8899-aabbccddeeff"))',
                "00112233-4455-6677-8899-aabbccddeeff",
            ),
        ),
    ),
    Function(
        "StringFromSid",
        (Argument("sid", Kind.TEXT_OR_OCTETS),),
        _from_sid,
        "The text of a security identifier, such as S-1-5-21-1-2-3-1104.",
    ),
)
