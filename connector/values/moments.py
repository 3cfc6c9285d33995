"""Write and read moments in time: ISO 8601 in UTC, marked with a ``Z``.

Everything that is stored, logged or shown to programs is written here, so that two texts of one kind
sort as their moments do. The clock is the caller's.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

_WITH_FRACTION = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.]\d+Z")
_TO_SECOND = len("2017-09-07T12:32:00")


def timestamp(moment: datetime) -> str:
    """Write a moment to the microsecond: the form that is stored."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def to_second(moment: datetime) -> str:
    """Write a moment to the second: the form that commands show."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def shortest(moment: datetime) -> str:
    """Write a moment with a fraction of a second only where it has one."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def for_a_file_name(moment: datetime) -> str:
    """Write a moment to the second without colons, which some file systems refuse."""
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def of_clock(seconds: float) -> str:
    """Write what a clock says, in seconds since 1970, to the millisecond: the form of the log."""
    whole = int(seconds)
    return f"{_second(whole)}.{int((seconds - whole) * 1000):03d}Z"


def without_fraction(text: str) -> str:
    """Return a moment as commands show it, to the second; any other text stays as it is."""
    return f"{text[:_TO_SECOND]}Z" if _WITH_FRACTION.fullmatch(text) else text


def read(text: str) -> datetime:
    """Read any of these forms but that of file names; raises ValueError.

    An offset such as ``+00:00`` in place of the ``Z`` is read too: earlier versions stored it so.
    """
    return datetime.fromisoformat(text)


@lru_cache(maxsize=1)
def _second(seconds: int) -> str:
    """Write a second once for all lines of the log that fall into it."""
    return to_second(datetime.fromtimestamp(seconds, UTC)).removesuffix("Z")
