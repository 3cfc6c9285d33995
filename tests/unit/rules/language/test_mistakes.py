"""The place of a mistake is drawn below the expression, however wide it is."""

from __future__ import annotations

import pytest

from connector.rules.language.mistakes import Mistake, pointed


@pytest.mark.parametrize(
    ("text", "at", "length", "width", "lines"),
    [
        ("Trim(Pcase(x))", 5, 5, None, ("Trim(Pcase(x))", "     ^^^^^")),
        ("Left([sn],", 10, 1, 80, ("Left([sn],", "          ^")),
        ("", 0, 1, None, ("", "^")),
        ("a\n\tb", 3, 1, None, ("a  b", "   ^")),
        ('"\u6771\u4eac" x', 5, 1, None, ('"\u6771\u4eac" x', "       ^")),
        ("a" * 50, 45, 9, 40, (f"...{'a' * 25}", " " * 23 + "^" * 5)),
        ("a" * 90, 45, 9, 40, (f"...{'a' * 34}...", " " * 23 + "^" * 9)),
        ("a" * 90, 2, 99, 40, (f"{'a' * 34}...", "  " + "^" * 32)),
    ],
)
def test_the_carets_stand_under_the_place(text, at, length, width, lines):
    assert pointed(text, Mistake(at, length, "said"), width) == lines
