"""Dates are read as people and directories write them; anything else is not a date."""

from __future__ import annotations

import pytest

from connector.rules.language.dates import read_date


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2013-01-10 4:00 PM -8", "2013-01-11 00:00:00"),
        ("12/25/2007", "2007-12-25 00:00:00"),
        ("2001-1-1", "2001-01-01 00:00:00"),
        ("2001/01/01 12:30 AM", "2001-01-01 00:30:00"),
        ("2012-01-01 23:00:00", "2012-01-01 23:00:00"),
        ("2012-01-01T23:00:00.25Z", "2012-01-01 23:00:00.250000"),
        ("2012-01-01T23:00+01:30", "2012-01-01 21:30:00"),
        ("20140905081453.0Z", "2014-09-05 08:14:53"),
        ("201409050814-0100", "2014-09-05 09:14:00"),
        (" 2001-01-01 ", "2001-01-01 00:00:00"),
    ],
)
def test_a_date_is_read(text, moment):
    assert str(read_date(text)) == f"{moment}+00:00"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2001-13-01",
        "2001-02-29",
        "2001-01/01",
        "25/12/2007",
        "2001-01-01 25:00",
        "2001-01-01 13:00 PM",
        "2001-01-01 0:00 AM",
        "2001-01-01 5",
        "2013-01-10-08",
        "0001-01-01 00:00 +1",
        "20140905081453",
        "\u0662\u0660\u0660\u0661-01-01",
        "2001-01-01" + " " * 60,
    ],
)
def test_what_is_not_a_date_is_none(text):
    assert read_date(text) is None
