"""Tables for people and JSON for programs, which no directory value can break."""

from __future__ import annotations

import json
import re

import pytest

from connector.cli import output


def test_a_table_in_a_pipe_is_plain_and_aligned(capsys):
    output.table(("Name", "Errors"), [["Ann", 1], ["Bartholomew", None]])

    assert capsys.readouterr().out == "Name         Errors\nAnn          1\nBartholomew  -\n"


def test_a_table_without_rows_has_its_head(capsys):
    output.table(("Name", "Errors"), [])

    assert capsys.readouterr().out == "Name  Errors\n"


@pytest.mark.parametrize("is_terminal", [True, False])
def test_a_value_can_neither_format_nor_escape_its_cell(capsys, monkeypatch, is_terminal):
    monkeypatch.setattr("sys.stdout.isatty", lambda: is_terminal, raising=False)

    output.table(("Name",), [["[bold]x[/bold] \x1b[31m\n"]])

    assert "[bold]x[/bold] \\u001b[31m\\u000a" in capsys.readouterr().out


def test_facts_are_aligned_and_lists_take_a_line_an_item(capsys):
    output.facts({"Name": "Ann", "Addresses": ["a", "b"]})

    assert capsys.readouterr().out == "Name       Ann\nAddresses  a\n           b\n"


def test_a_list_is_printed_item_by_item_as_one_json_array(capsys):
    items = [{"a": "ü"}, {"a": "\udc80"}]

    output.as_json_list(iter(items))

    assert json.loads(capsys.readouterr().out) == items


def test_an_empty_list_is_an_empty_array(capsys):
    output.as_json_list([])

    assert json.loads(capsys.readouterr().out) == []


@pytest.mark.parametrize("value", ["x" * 5000, ["x" * 5000]])
def test_a_long_text_is_cut_in_tables_facts_and_json(capsys, value):
    output.table(("Name",), [[value]])
    output.facts({"Name": value})
    output.as_json({"name": value})
    output.as_json_list([{"name": value}])

    assert max(map(len, capsys.readouterr().out.splitlines())) < 300


def test_json_has_a_long_text_whole_where_that_is_asked_for(capsys):
    output.as_json("x" * 5000, whole=True)
    output.as_json_list(["x" * 5000], whole=True)

    said, listed = capsys.readouterr().out.split("\n", 1)

    assert (json.loads(said), json.loads(listed)) == ("x" * 5000, ["x" * 5000])


def test_steps_show_the_counters_that_counted(capsys):
    step = dict.fromkeys(("adds", "updates", "deletes", "unchanged", "errors", "quarantined"), 0)
    output.steps([{"name": "export", "result": "success", "seconds": 0.5, **step, "adds": 3}])

    assert capsys.readouterr().out == (
        "Step    Result   Adds  Seconds\nexport  success  3     0.50\n"
    )


STEPS = [
    {
        "name": name,
        "result": result,
        "adds": 303,
        "updates": 1,
        "deletes": 0,
        "unchanged": unchanged,
        "errors": 1,
        "quarantined": 3,
        "seconds": 0.5,
    }
    for name, result, unchanged in (
        ("directory-import", "success", 3),
        ("export", "completed-export-errors", 0),
    )
]
COLUMNS = ("Object", "Property", "Value", "Held by", "Since")
CONFLICTS: list[list[object]] = [
    [
        "Bob",
        "ProxyAddresses",
        "smtp:joe.of.the.accounts.department@contoso.com",
        "Ann Arbor (user)",
        "2026-11-26T12:00:00.123456Z",
    ],
    ["Eve", "UserPrincipalName", "eve@contoso.com", None, "2026-11-26T12:00:00.000000Z"],
]


@pytest.fixture
def on_a_screen(capsys, monkeypatch):
    """The text of a command on a terminal of so many columns, without colours."""

    def shown(columns, show):
        with monkeypatch.context() as patched:
            patched.setattr("sys.stdout.isatty", lambda: True, raising=False)
            patched.setenv("COLUMNS", str(columns))
            show()
        return re.sub("\x1b\\[[0-9;]*m", "", capsys.readouterr().out)

    return shown


def test_a_table_that_is_too_wide_becomes_blocks(on_a_screen):
    assert on_a_screen(80, lambda: output.table(COLUMNS, CONFLICTS)) == (
        "Object    Bob\n"
        "Property  ProxyAddresses\n"
        "Value     smtp:joe.of.the.accounts.department@contoso.com\n"
        "Held by   Ann Arbor (user)\n"
        "Since     2026-11-26T12:00:00Z\n"
        "\n"
        "Object    Eve\n"
        "Property  UserPrincipalName\n"
        "Value     eve@contoso.com\n"
        "Held by   -\n"
        "Since     2026-11-26T12:00:00Z\n"
    )


@pytest.mark.parametrize("columns", [200, None])
def test_a_table_that_fits_stays_one_and_so_does_one_in_a_pipe(on_a_screen, capsys, columns):
    wide = (
        "Object  Property           Value                                            "
        "Held by           Since\n"
        "Bob     ProxyAddresses     smtp:joe.of.the.accounts.department@contoso.com  "
        "Ann Arbor (user)  2026-11-26T12:00:00Z\n"
        "Eve     UserPrincipalName  eve@contoso.com                                  "
        "-                 2026-11-26T12:00:00Z\n"
    )

    if columns:
        assert on_a_screen(columns, lambda: output.table(COLUMNS, CONFLICTS)) == wide
    else:
        output.table(COLUMNS, CONFLICTS)

        assert capsys.readouterr().out == wide


def test_steps_that_are_too_wide_for_a_table_are_sentences(on_a_screen):
    assert on_a_screen(80, lambda: output.steps(STEPS)) == (
        "directory-import  success in 0.50 s: 303 adds, 1 update, 3 unchanged, 1 error, 3\n"
        "                  quarantined\n"
        "export            completed-export-errors in 0.50 s: 303 adds, 1 update, 1\n"
        "                  error, 3 quarantined\n"
    )


def test_a_line_that_is_too_long_goes_on_between_words(on_a_screen):
    text = "Quarantined: UserPrincipalName joe@contoso.com of Bob, held by Ann"

    assert on_a_screen(40, lambda: output.line(text)) == (
        "Quarantined: UserPrincipalName\n  joe@contoso.com of Bob, held by Ann\n"
    )


def test_a_command_whose_output_is_shown_later_is_told_the_width(capsys, monkeypatch):
    monkeypatch.setenv(output.WIDTH, "40")

    output.line("Quarantined: UserPrincipalName joe@contoso.com of Bob, held by Ann")

    assert capsys.readouterr().out.splitlines()[0] == "Quarantined: UserPrincipalName"
