"""Work falls due without drift, without a storm of retries, and without trust in a jumping clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.operations.due import (
    bind_again_after,
    due,
    full_cycle_due,
    next_on_grid,
    retry_after,
)

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("last", "is_due"),
    [
        (None, True),
        (NOON - HOUR, True),
        (NOON - HOUR + timedelta(seconds=1), False),
        (NOON, False),
        (NOON + HOUR, True),  # the clock was set back: better once too often than never
    ],
)
def test_work_is_due_when_its_interval_has_passed(last, is_due):
    assert due(NOON, last, HOUR) is is_due


@pytest.mark.parametrize(
    ("now", "following"), [(100.0, 110.0), (109.9, 110.0), (110.0, 120.0), (137.0, 140.0)]
)
def test_the_time_that_work_takes_does_not_move_the_grid(now, following):
    assert next_on_grid(100.0, now, 10.0) == following


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(1, 1e5))
def test_the_next_moment_is_ahead_and_no_further_than_one_interval(start, passed, every):
    now = start + passed

    assert 0 <= next_on_grid(start, now, every) - now <= every * 1.001


def test_retries_come_ever_later_up_to_the_usual_interval():
    waits = [retry_after(failures, timedelta(minutes=30)).total_seconds() for failures in range(1, 11)]  # fmt: skip

    assert waits == [10, 20, 40, 80, 160, 320, 640, 1280, 1800, 1800]


def test_a_short_interval_is_stretched_to_five_minutes_at_most():
    waits = [retry_after(failures, timedelta(seconds=1)).total_seconds() for failures in (1, 2, 9, 500)]  # fmt: skip

    assert waits == [1, 2, 256, 300]


@pytest.mark.parametrize(
    ("every", "last_full", "last_import", "is_due"),
    [
        (None, None, None, False),
        (None, None, NOON - 168 * HOUR, False),
        (None, None, NOON - 169 * HOUR, True),
        (None, NOON - 900 * HOUR, NOON, False),
        (24 * HOUR, None, NOON, True),
        (24 * HOUR, NOON - 23 * HOUR, NOON, False),
        (24 * HOUR, NOON - 24 * HOUR, NOON, True),
        (None, None, NOON + HOUR, False),
    ],
)
def test_a_full_cycle_is_due_on_schedule_and_after_a_week_without_an_import(
    every, last_full, last_import, is_due
):
    due_now = full_cycle_due(NOON, every=every, last_full=last_full, last_import=last_import)

    assert due_now is is_due


def test_a_refused_password_waits_a_quarter_of_an_hour_and_then_an_hour_at_most():
    minutes = [bind_again_after(refusals) / timedelta(minutes=1) for refusals in (1, 2, 3, 4, 99)]

    assert minutes == [15, 30, 60, 60, 60]
