"""Read a date that people or directories wrote."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

_LONGEST = 64
_ZONE = r"(?P<zone>Z|UTC|GMT|[+-]\d{1,2}(?::?\d\d)?)?"
_WRITTEN = re.compile(
    r"(?:(?P<year>\d{4})(?P<mark>[-/])(?P<month>\d\d?)(?P=mark)(?P<day>\d\d?)"
    r"|(?P<us_month>\d\d?)/(?P<us_day>\d\d?)/(?P<us_year>\d{4}))"
    r"(?:(?:T|[ ]+)(?P<hour>\d\d?)(?::(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.](?P<part>\d{1,9}))?)?)?"
    rf"[ ]*(?P<half>[AP]M)?)?[ ]*{_ZONE}",
    re.IGNORECASE | re.ASCII,
)
# The GeneralizedTime of LDAP (RFC 4517 3.3.13): 20140905081453.0Z
_GENERALIZED = re.compile(
    r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)(?P<hour>\d\d)(?:(?P<minute>\d\d)(?P<second>\d\d)?)?"
    rf"(?:[.,](?P<part>\d{{1,9}}))?{_ZONE}",
    re.ASCII,
)
_NOON = 12


def read_date(text: str) -> datetime | None:
    """Return the moment that a text means, in UTC; None for what is not a date.

    Year, month and day stand in this order, or as month/day/year. A time and a zone may follow; without
    a zone it is UTC. The form of LDAP, such as ``20140905081453.0Z``, is a date too.
    """
    if len(text) > _LONGEST:
        return None
    stripped = text.strip()
    match = _WRITTEN.fullmatch(stripped)
    if match is not None:
        found = match.groupdict()
        if found["us_year"]:
            found |= {name: found[f"us_{name}"] for name in ("year", "month", "day")}
        if found["zone"] and found["hour"] is None and found["zone"][0] in "+-":
            return None  # 2013-01-10-08 is not a date with a zone
        if found["hour"] and not found["minute"] and not found["half"]:
            return None
    elif (match := _GENERALIZED.fullmatch(stripped)) and match["zone"]:
        found = {**match.groupdict(), "half": None}
    else:
        return None
    try:
        return _moment(found)
    except (ValueError, OverflowError):
        return None


def _moment(found: dict[str, str | None]) -> datetime:
    hour = int(found["hour"] or 0)
    if found["half"]:
        if not 1 <= hour <= _NOON:
            raise ValueError("an hour beyond 12 has no AM or PM")
        hour = hour % _NOON + (_NOON if found["half"].upper() == "PM" else 0)
    year, month, day = (int(found[name] or 0) for name in ("year", "month", "day"))
    minute, second = int(found["minute"] or 0), int(found["second"] or 0)
    micro = int((found["part"] or "").ljust(6, "0")[:6])
    zone = _zone(found["zone"])
    return datetime(year, month, day, hour, minute, second, micro, zone).astimezone(UTC)


def _zone(written: str | None) -> timezone:
    if not written or written[0] not in "+-":
        return UTC
    digits = written[1:].replace(":", "")
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")  # noqa: PLR2004
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-offset if written[0] == "-" else offset)
