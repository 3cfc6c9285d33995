"""Write a date in a format of one's own, as .NET has them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from connector.rules.language.values import ExpressionFailed

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

_PART = re.compile(
    r"'(?P<quoted>[^']*)'|\"(?P<double>[^\"]*)\"|\\(?P<escaped>.)|%(?=[A-Za-z])"
    r"|(?P<part>y+|M+|d+|H+|h+|m+|s+|f+|F+|t+|z+|K)",
    re.DOTALL,
)
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DIGITS = 7
_NOON = 12

_WRITERS: dict[str, Callable[[datetime], str]] = {
    "y": lambda date: str(date.year % 100),
    "yy": lambda date: f"{date.year % 100:02}",
    "yyy": lambda date: f"{date.year:03}",
    "yyyy": lambda date: f"{date.year:04}",
    "yyyyy": lambda date: f"{date.year:05}",
    "M": lambda date: str(date.month),
    "MM": lambda date: f"{date.month:02}",
    "MMM": lambda date: _MONTHS[date.month - 1][:3],
    "MMMM": lambda date: _MONTHS[date.month - 1],
    "d": lambda date: str(date.day),
    "dd": lambda date: f"{date.day:02}",
    "ddd": lambda date: _DAYS[date.weekday()][:3],
    "dddd": lambda date: _DAYS[date.weekday()],
    "H": lambda date: str(date.hour),
    "HH": lambda date: f"{date.hour:02}",
    "h": lambda date: str((date.hour - 1) % _NOON + 1),
    "hh": lambda date: f"{(date.hour - 1) % _NOON + 1:02}",
    "m": lambda date: str(date.minute),
    "mm": lambda date: f"{date.minute:02}",
    "s": lambda date: str(date.second),
    "ss": lambda date: f"{date.second:02}",
    "t": lambda date: "AP"[date.hour >= _NOON],
    "tt": lambda date: ("AM", "PM")[date.hour >= _NOON],
    "z": lambda _: "+0",
    "zz": lambda _: "+00",
    "zzz": lambda _: "+00:00",
    "K": lambda _: "Z",
}


def formatted(date: datetime, pattern: str) -> str:
    """Return a date in a format, such as ``yyyy-MM-dd``; other characters stand for themselves.

    Names of months and days are English. Raises ExpressionFailed for a part that means nothing.
    """

    def write(match: re.Match[str]) -> str:
        literal = match["quoted"] or match["double"] or match["escaped"]
        part = match["part"]
        if part is None:
            return literal or ""
        if part[0] in "fF" and len(part) <= _DIGITS:
            digits = f"{date.microsecond:06}0"[: len(part)]
            return digits if part[0] == "f" else digits.rstrip("0")
        if part not in _WRITERS:
            raise ExpressionFailed(f"{part!r} means nothing in a format")
        return _WRITERS[part](date)

    return _PART.sub(write, pattern)
