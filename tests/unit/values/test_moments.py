"""A moment has one spelling for each use, and the texts sort as the moments do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from connector.values import moments

EIGHT = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
THERE = EIGHT.astimezone(timezone(timedelta(hours=5, minutes=30)))
LATER = EIGHT + timedelta(microseconds=1500)


@pytest.mark.parametrize(
    ("write", "moment", "text"),
    [
        (moments.timestamp, EIGHT, "2026-01-05T08:00:00.000000Z"),
        (moments.timestamp, THERE, "2026-01-05T08:00:00.000000Z"),
        (moments.timestamp, LATER, "2026-01-05T08:00:00.001500Z"),
        (moments.to_second, THERE, "2026-01-05T08:00:00Z"),
        (moments.to_second, LATER, "2026-01-05T08:00:00Z"),
        (moments.shortest, THERE, "2026-01-05T08:00:00Z"),
        (moments.shortest, LATER, "2026-01-05T08:00:00.001500Z"),
        (moments.for_a_file_name, THERE, "20260105T080000Z"),
    ],
)
def test_a_moment_is_written_in_utc(write, moment, text):
    assert write(moment) == text


@pytest.mark.parametrize(
    ("since_1970", "text"),
    [
        (0.0, "1970-01-01T00:00:00.000Z"),
        (1.0009, "1970-01-01T00:00:01.000Z"),
        (1767600000.25, "2026-01-05T08:00:00.250Z"),
        (1767600000.75, "2026-01-05T08:00:00.750Z"),
        (1767600001.75, "2026-01-05T08:00:01.750Z"),
    ],
)
def test_what_a_clock_says_is_written_to_the_millisecond(since_1970, text):
    assert moments.of_clock(since_1970) == text


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-05T08:00:00.000000Z",
        "2026-01-05T08:00:00.000Z",
        "2026-01-05T08:00:00Z",
        "2026-01-05T08:00:00+00:00",
        "2026-01-05T13:30:00+05:30",
    ],
)
def test_every_form_is_read_back_and_the_offset_that_older_versions_stored(text):
    assert moments.read(text) == EIGHT


def test_what_is_not_a_moment_is_refused():
    with pytest.raises(ValueError, match="yesterday"):
        moments.read("yesterday")


def test_stored_texts_sort_as_their_moments():
    texts = [moments.timestamp(moment) for moment in (EIGHT, LATER, EIGHT + timedelta(seconds=1))]

    assert sorted(texts) == texts
