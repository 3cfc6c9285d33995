"""The values of the expression language, and how one kind of them is taken for another.

A value is nothing (None), one text, number, truth value, date or octets, or a tuple of two and more of
these: one value and a list of one are the same, and so are nothing and a list of none. Values of a
directory are texts; beside a number they count as numbers, beside a truth value as truth values.
"""

from __future__ import annotations

import math
import re
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING

from connector.rules.language.dates import read_date
from connector.values.moments import shortest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Single = str | bytes | bool | int | float | datetime
Value = Single | tuple[Single, ...] | None

CHARACTERS = 1_000_000
"""Characters, or octets, that one value may have, and all values of a result together."""

VALUES = 10_000
"""Values that a result may have."""

_LARGEST = 2**63
_DIGITS = 15
_DECIMAL = re.compile(r"[+-]?[0-9]{1,30}(?:[.][0-9]{1,30})?")
_HEXADECIMAL = re.compile(r"&[Hh]([0-9A-Fa-f]{1,16})")
_LONGEST_NUMBER = 70
_SHOWN = 40


class Marker(Enum):
    """What an expression may give instead of a value.

    ``AUTHORITATIVE_NULL`` ends the chain of rules without a value, ``IGNORE_THIS_FLOW`` leaves what the
    cloud has.
    """

    AUTHORITATIVE_NULL = "AuthoritativeNull"
    IGNORE_THIS_FLOW = "IgnoreThisFlow"


Result = Value | Marker


class Reference(str):
    """The DN of another entry: ``Contains`` compares it as a whole."""

    __slots__ = ()


class ExpressionFailed(Exception):
    """An expression has no value for an object: the only error that an evaluation raises.

    ``triggered`` says that the function ``Error`` was called, whose text the message is. ``at`` is the
    place of the function or operator that failed, -1 where there is none.
    """

    def __init__(self, message: str, *, triggered: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.triggered = triggered
        self.at = -1

    def __str__(self) -> str:
        return self.message


def listed(value: Value) -> tuple[Single, ...]:
    """Return a value as a tuple of any length."""
    if type(value) is tuple:
        return value
    return () if value is None else (value,)  # type: ignore[return-value]


def value_of(values: Sequence[Single]) -> Value:
    """Return a list of any length as a value."""
    if len(values) > 1:
        return tuple(values)
    return values[0] if values else None


def in_order(values: Iterable[Single]) -> tuple[Single, ...]:
    """Sort texts and octets by their bytes, as the values of an attribute stand."""
    return tuple(sorted(values, key=lambda value: (_octets_of(value), type(value) is bytes)))


def text(value: Single) -> str:
    """Return a value as text. Raises ExpressionFailed for octets."""
    kind = type(value)
    if kind is str or kind is Reference:
        return value  # type: ignore[return-value]
    if kind is bool:
        return "True" if value else "False"
    if kind is int:
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{value:.{_DIGITS}g}"
    if isinstance(value, datetime):
        return shortest(value)
    raise unfit(value, "a text")


def text_or_octets(value: Single) -> str | bytes:
    """Return octets as they are, and any other value as text."""
    return value if type(value) is bytes else text(value)


def number(value: Single) -> int | float:
    """Return a value as a number. Raises ExpressionFailed for what does not count as one."""
    kind = type(value)
    if kind is int or kind is float:
        return value  # type: ignore[return-value]
    if isinstance(value, str) and (found := number_in(value)) is not None:
        return found
    raise unfit(value, "a number")


def whole(value: Single) -> int:
    """Return a value as a whole number. Raises ExpressionFailed for any other."""
    found = number(value)
    if type(found) is float and not found.is_integer():
        raise unfit(value, "a whole number")
    return int(within(int(found)))


def truth(value: Single | None) -> bool:
    """Return a value as a truth value: a number but 0 is True, nothing is False.

    Raises ExpressionFailed for what does not count as one.
    """
    if value is None or type(value) is bool:
        return bool(value)
    if isinstance(value, int | float):
        return value != 0
    if isinstance(value, str):
        word = value.strip().lower()
        if word in ("true", "false"):
            return word == "true"
        if (found := number_in(word)) is not None:
            return found != 0
    raise unfit(value, "True or False")


def date(value: Single) -> datetime:
    """Return a value as a date. Raises ExpressionFailed for what does not count as one."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, str) and (found := read_date(value)) is not None:
        return found
    raise unfit(value, "a date")


def octets(value: Single) -> bytes:
    """Return octets. Raises ExpressionFailed for anything else."""
    if type(value) is bytes:
        return value
    raise unfit(value, "octets")


def number_in(written: str) -> int | float | None:
    """Return the number that a text is: decimal, or hexadecimal behind ``&H``; None for none.

    Raises ExpressionFailed for a number that is too large.
    """
    if len(written) > _LONGEST_NUMBER:
        return None
    stripped = written.strip()
    if _DECIMAL.fullmatch(stripped):
        return within(float(stripped) if "." in stripped else int(stripped))
    hexadecimal = _HEXADECIMAL.fullmatch(stripped)
    return within(int(hexadecimal[1], 16)) if hexadecimal else None


def within(result: float) -> int | float:
    """Return a number if it has at most 64 bits. Raises ExpressionFailed for a larger one."""
    if isinstance(result, float):
        if not math.isfinite(result):
            raise ExpressionFailed("the number is too large")
        return result
    if not -_LARGEST <= result <= _LARGEST:
        raise ExpressionFailed("the number is too large: it has more than 64 bits")
    return result


def room_for(length: int) -> None:
    """Raise ExpressionFailed for a length that no value may have."""
    if length > CHARACTERS:
        raise ExpressionFailed(f"the value would have more than {CHARACTERS:,} characters")


def unfit(value: Single, wanted: str) -> ExpressionFailed:
    """Return the error for a value that does not count as what is wanted."""
    return ExpressionFailed(f"{described(value)} is not {wanted}")


def described(value: Single) -> str:
    """Name a value in a sentence; a long one is cut."""
    if type(value) is bytes:
        return f"a value of {len(value)} octets"
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= _SHOWN else f'"{value[:_SHOWN]}..."'
    return text(value)


def _octets_of(value: Single) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
