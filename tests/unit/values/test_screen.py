"""Text on a screen: columns that are below each other, and lines that end between words."""

from __future__ import annotations

import pytest

from connector.values import screen


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("held by Ann", ["held by Ann"]),
        ("held by Ann Arbor", ["held by Ann", "Arbor"]),
        ("by joe.a.very.long@contoso.com now", ["by", "joe.a.very.long@contoso.com", "now"]),
        ("joe.a.very.long@contoso.com", ["joe.a.very.long@contoso.com"]),
        ("  held by Ann Arbor", ["  held by", "  Ann Arbor"]),
        ("", [""]),
    ],
)
def test_a_line_ends_between_words_and_a_long_word_stays_whole(text, lines):
    assert screen.wrapped(text, 12) == lines


def test_what_goes_on_is_indented():
    assert screen.wrapped("held by Ann Arbor", 12, hanging=2) == ["held by Ann", "  Arbor"]


def test_nothing_of_a_text_is_lost_between_its_lines():
    text = "cn=Ann  Arbor,ou=users,dc=contoso,dc=com and  so on"

    assert " ".join(screen.wrapped(text, 16)).split() == text.split()


@pytest.mark.parametrize(
    ("text", "columns"), [("Ann", 3), ("山田", 4), ("A\u030ak", 2), ("Zoë", 3)]
)
def test_wide_characters_take_two_columns_and_combining_ones_none(text, columns):
    assert screen.columns_of(text) == columns


def test_columns_are_below_each_other_whatever_their_characters():
    rows = [("Name", "Id"), ("山田", "1"), ("Ann", "2")]

    assert screen.aligned(rows) == ["Name  Id", "山田  1", "Ann   2"]


def test_a_block_has_a_line_for_each_filled_cell_of_a_row():
    rows = [("Bob", "", "joe@contoso.com"), ("Eve", "1", "eve@contoso.com")]

    assert screen.blocks(("Object", "Errors", "Value"), rows, 40) == [
        "Object  Bob",
        "Value   joe@contoso.com",
        "",
        "Object  Eve",
        "Errors  1",
        "Value   eve@contoso.com",
    ]


def test_a_long_value_goes_on_below_itself():
    assert screen.pairs(["Why"], ["the cloud has no object of this name"], 27) == [
        "Why  the cloud has no",
        "     object of this name",
    ]


def test_on_a_very_narrow_screen_a_value_is_below_its_name():
    assert screen.pairs(["Distinguished"], ["the cloud"], 20) == ["Distinguished", "  the cloud"]


def test_on_a_screen_without_end_a_value_stays_on_its_line():
    assert screen.pairs(["Why"], ["x " * 200 + "x"], None) == ["Why  " + "x " * 200 + "x"]
