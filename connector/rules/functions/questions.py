"""Functions that ask something of a value: those of evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.rules.functions.arguments import ONE, VALUE
from connector.rules.functions.conversion import is_guid
from connector.rules.language import values
from connector.rules.language.function import Argument, Function, Kind
from connector.rules.language.values import ExpressionFailed

if TYPE_CHECKING:
    from connector.rules.language.values import Single


def _is_bit_set(number: int, flag: int) -> bool:
    return number & flag != 0


def _is_date(value: Single) -> bool:
    return _does(values.date, value)


def _is_empty(value: Single) -> bool:
    return value in ("", b"")


def _is_guid(value: Single) -> bool:
    return isinstance(value, str) and is_guid(value)


def _is_null(given: tuple[Single, ...]) -> bool:
    return not given


def _is_null_or_empty(given: tuple[Single, ...]) -> bool:
    return all(map(_is_empty, given))


def _is_numeric(value: Single) -> bool:
    return _does(values.number, value)


def _is_present(given: tuple[Single, ...]) -> bool:
    return not _is_null_or_empty(given)


def _is_string(value: Single) -> bool:
    return type(value) is not bytes


def _does(convert: object, value: Single) -> bool:
    try:
        convert(value)  # type: ignore[operator]
    except ExpressionFailed:
        return False
    return True


FUNCTIONS = (
    Function(
        "IsBitSet",
        (Argument("value", Kind.WHOLE), Argument("flag", Kind.WHOLE)),
        _is_bit_set,
        "Whether a number has a bit.",
        (("IsBitSet(&HF,4)", True),),
        nothing=False,
    ),
    Function(
        "IsDate",
        (ONE,),
        _is_date,
        "Whether CDate takes a value.",
        (('IsDate("2001-01-01")', True), ('IsDate("soon")', False)),
        nothing=False,
    ),
    Function(
        "IsEmpty",
        (ONE,),
        _is_empty,
        "Whether a value is there, and is an empty text.",
        (('IsEmpty("")', True), ("IsEmpty(NULL)", False)),
        nothing=False,
    ),
    Function(
        "IsGuid",
        (ONE,),
        _is_guid,
        "Whether CGuid takes a value.",
        (
            ('IsGuid("{00001111-aaaa-2222-bbbb-3333cccc4444}")', True),
            ('IsGuid("00001111")', False),
        ),
        nothing=False,
    ),
    Function(
        "IsNull",
        (VALUE,),
        _is_null,
        "Whether there is nothing: no attribute, or NULL.",
        (("IsNull([displayName])", True), ('IsNull("")', False)),
    ),
    Function(
        "IsNullOrEmpty",
        (VALUE,),
        _is_null_or_empty,
        "Whether there is nothing, or nothing but empty texts.",
        (("IsNullOrEmpty([displayName])", True), ('IsNullOrEmpty("")', True)),
    ),
    Function(
        "IsNumeric",
        (ONE,),
        _is_numeric,
        "Whether CNum takes a value that is not octets.",
        (('IsNumeric("42")', True), ('IsNumeric("4x")', False)),
        nothing=False,
    ),
    Function(
        "IsPresent",
        (VALUE,),
        _is_present,
        "Whether there is a value that is not an empty text.",
        (("IsPresent([displayName])", False), ('IsPresent("x")', True)),
    ),
    Function(
        "IsString",
        (ONE,),
        _is_string,
        "Whether CStr takes a value: it is False for octets.",
        (('IsString("x")', True), ("IsString(CBin(1,1))", False)),
        nothing=False,
    ),
)
