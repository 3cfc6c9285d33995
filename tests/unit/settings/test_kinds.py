"""Each kind of value is read from one form and written back in it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.settings.kinds import duration_text, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("5m", 300), ("1h", 3600), ("1d", 86400)]
)
def test_a_duration_is_a_number_and_a_unit(text, seconds):
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text", ["", "1", "s", "1.5h", "-1h", "1 h", "1w", "1h30m", "\u0661s", 5, None]
)
def test_anything_else_is_no_duration(text):
    with pytest.raises(ValueError, match="whole number and a unit"):
        parse_duration(text)


@given(st.integers(1, 10**8))
def test_a_duration_is_read_as_it_was_written(seconds):
    duration = timedelta(seconds=seconds)

    assert parse_duration(duration_text(duration)) == duration
