"""Functions of dates, all of them in UTC."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from connector.rules.functions.arguments import DATE, a_text, a_whole
from connector.rules.functions.date_formats import formatted
from connector.rules.language.function import Function
from connector.rules.language.values import ExpressionFailed

if TYPE_CHECKING:
    from connector.rules.language.evaluation import Surroundings

# Active Directory counts in units of 100 ns since 1601 (MS-DTYP 2.3.3).
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_TICKS = 10
_MICROSECOND = timedelta(microseconds=1)
_MONTHS = {"yyyy": 12, "q": 3, "m": 1}
_SPANS = {
    "y": timedelta(days=1),
    "d": timedelta(days=1),
    "w": timedelta(days=1),
    "ww": timedelta(weeks=1),
    "h": timedelta(hours=1),
    "n": timedelta(minutes=1),
    "s": timedelta(seconds=1),
}


def _date_add(interval: str, count: int, date: datetime) -> datetime:
    unit = interval.strip().lower()
    if unit not in _MONTHS and unit not in _SPANS:
        known = " ".join([*_MONTHS, *_SPANS])
        raise ExpressionFailed(f"{unit!r} is not an interval; there are {known}")
    try:
        if unit in _SPANS:
            return date + _SPANS[unit] * count
        return _later(date, _MONTHS[unit] * count)
    except (ValueError, OverflowError):
        raise ExpressionFailed("the date is beyond the years 1 to 9999") from None


def _later(date: datetime, months: int) -> datetime:
    """Add months; where a month has no such day, its last one is meant."""
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    if not 1 <= year <= 9999:  # noqa: PLR2004 - the years that a date can have
        raise ValueError(year)
    day = min(date.day, monthrange(year, month + 1)[1])
    return date.replace(year=year, month=month + 1, day=day)


def _date_from_num(number: int) -> datetime:
    try:
        return _EPOCH + timedelta(microseconds=number // _TICKS)
    except OverflowError:
        raise ExpressionFailed(f"{number} is beyond the years 1 to 9999") from None


def _num_from_date(date: datetime) -> int:
    return (date - _EPOCH) // _MICROSECOND * _TICKS


def _now(surroundings: Surroundings) -> datetime:
    if surroundings.clock is None:
        raise ExpressionFailed("an expression has no clock here")
    return surroundings.clock()


FUNCTIONS = (
    Function(
        "DateAdd",
        (a_text("interval"), a_whole("count"), DATE),
        _date_add,
        "A date so many yyyy, q, m, y, d, w, ww, h, n or s later: years, quarters, months, days (y, d and w), "
        "weeks, hours, minutes, seconds.",
        (
            (
                'DateAdd("m", 3, CDate("2001-01-01"))',
                datetime(2001, 4, 1, tzinfo=UTC),
            ),
        ),
    ),
    Function(
        "DateFromNum",
        (a_whole("number"),),
        _date_from_num,
        "The date of a number of Active Directory: 100 ns since 1601.",
        (("DateFromNum(129699324000000000)", datetime(2012, 1, 1, 23, tzinfo=UTC)),),
    ),
    Function(
        "FormatDateTime",
        (DATE, a_text("format")),
        formatted,
        "A date as text; the format is made of yyyy, MM, dd, HH, mm, ss and the like.",
        (
            ('FormatDateTime(CDate("12/25/2007"),"yyyy-MM-dd")', "2007-12-25"),
            (
                'FormatDateTime(DateFromNum(130543784930000000),"yyyyMMddHHmmss.0Z")',
                "20140905081453.0Z",
            ),
        ),
    ),
    Function("Now", (), _now, "The time of the synchronization.", surroundings=True),
    Function(
        "NumFromDate",
        (DATE,),
        _num_from_date,
        "The number by which Active Directory keeps a date.",
        (('NumFromDate(CDate("2012-01-01 23:00:00"))', 129699324000000000),),
    ),
)
