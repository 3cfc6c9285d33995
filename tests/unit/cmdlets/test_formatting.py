"""Objects are shown as PowerShell shows them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from connector.cmdlets.formatting import as_json, listing, selected, shown, table
from connector.cmdlets.texts import text

ANN = {"Name": "Ann", "Age": 7, "Errors": []}
BOBBY = {"Name": "Bobby", "Age": None, "Errors": ["a", "b"]}


def test_a_table_is_as_wide_as_its_values():
    assert list(table([ANN, BOBBY])) == [
        "",
        "Name  Age Errors",
        "----  --- ------",
        "Ann   7   {}",
        "Bobby     {a, b}",
        "",
    ]


def test_a_list_has_a_line_for_each_property():
    assert list(listing([ANN, BOBBY], ["Name", "Errors"])) == [
        "",
        "Name   : Ann",
        "Errors : {}",
        "",
        "Name   : Bobby",
        "Errors : {a, b}",
        "",
    ]


@pytest.mark.parametrize("show", [table, listing, shown])
def test_nothing_is_shown_of_nothing(show):
    assert list(show([])) == []


def test_objects_with_few_properties_are_a_table_and_others_a_list():
    wide = dict.fromkeys("abcde", 1)

    assert list(shown([ANN])) == list(table([ANN]))
    assert list(shown([wide])) == list(listing([wide]))
    assert list(shown([wide], ["a", "b"])) == list(table([wide], ["a", "b"]))


def test_single_values_are_shown_as_they_are():
    assert list(shown([True, "a"])) == ["True", "a"]


def test_properties_are_chosen_by_name_or_pattern_in_any_case():
    assert selected([ANN], ["NAME"]) == [{"Name": "Ann"}]
    assert selected([ANN], ["*e*"]) == [ANN]
    assert selected([ANN], ["Age", "Shoe"]) == [{"Age": 7, "Shoe": None}]


def test_json_of_one_object_is_an_object_and_of_several_a_list():
    def parsed(items, **options):
        [written] = as_json(items, **{"compress": False, "as_array": False, **options})
        return json.loads(written)

    assert parsed([ANN]) == ANN
    assert parsed([ANN, BOBBY]) == [ANN, BOBBY]
    assert parsed([ANN], as_array=True) == [ANN]
    assert list(as_json([], compress=False, as_array=False)) == []


def test_compressed_json_is_one_line():
    assert list(as_json([ANN], compress=True, as_array=False)) == [
        '{"Name":"Ann","Age":7,"Errors":[]}'
    ]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, ""),
        (True, "True"),
        (timedelta(minutes=30), "00:30:00"),
        (timedelta(days=7, seconds=1), "7.00:00:01"),
        (datetime(2026, 11, 3, 0, 5, 9, tzinfo=UTC), "11/3/2026 12:05:09 AM"),
        (datetime(2026, 11, 23, 13, 30, tzinfo=UTC), "11/23/2026 1:30:00 PM"),
        ([{"a": 1}], "{@{a=1}}"),
    ],
)
def test_values_are_written_as_powershell_writes_them(value, written):
    assert text(value) == written


def test_times_in_json_are_iso_8601():
    item = {"At": datetime(2026, 11, 3, tzinfo=UTC), "Every": timedelta(hours=1)}

    assert list(as_json([item], compress=True, as_array=False)) == [
        '{"At":"2026-11-03T00:00:00Z","Every":"01:00:00"}'
    ]


def test_hostile_values_cannot_leave_their_line():
    hostile = {"Name": "a\n\x1b[31mb\u202e", "Other": "c"}

    for lines in (
        table([hostile]),
        listing([hostile]),
        as_json([hostile], compress=True, as_array=False),
    ):
        assert all(line.isprintable() for line in lines)


LONG = {"Name": "Bobby Tables", "Text": "one two three four five six seven", "Id": "x" * 30}


def test_a_table_that_a_terminal_has_no_room_for_becomes_a_list():
    assert list(table([ANN], width=15)) == list(table([ANN]))
    assert list(table([LONG, ANN], ["Name", "Text"], width=30)) == [
        "",
        "Name : Bobby Tables",
        "Text : one two three four five",
        "       six seven",
        "",
        "Name : Ann",
        "Text : ",
        "",
    ]


def test_a_value_is_never_folded_within_a_word():
    assert list(listing([LONG], width=20)) == [
        "",
        "Name : Bobby Tables",
        "Text : one two three",
        "       four five six",
        "       seven",
        f"Id   : {'x' * 30}",
        "",
    ]


@pytest.mark.parametrize("show", [table, listing, shown])
def test_without_a_terminal_nothing_is_wrapped(show):
    assert f"{LONG['Text']}" in "\n".join(show([LONG]))
