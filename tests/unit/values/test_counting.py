from __future__ import annotations

import pytest

from connector.values.counting import counted


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 values"), (1, "1 value"), (2, "2 values"), (1000, "1000 values")]
)
def test_one_is_the_only_number_with_a_singular(number, text):
    assert counted(number, "value") == text


def test_a_plural_that_does_not_end_in_s_is_given():
    assert [counted(number, "entry", "entries") for number in (1, 2)] == ["1 entry", "2 entries"]
