"""Tables for people and JSON for programs, which no directory value can break."""

from __future__ import annotations

import json

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
