"""``connector rules test`` without a directory: results, exit codes, carets, files."""

from __future__ import annotations

import io
import json

import pytest

from tests.unit.cli.conftest import SETTINGS


def test_a_value_is_printed_and_what_it_was_made_of(connector):
    done = connector("rules", "test", 'PCase("anne MARIE") & [title]')

    assert (done.code, done.out) == (0, "value  Anne Marie\n\n[title]  -\n")


@pytest.mark.parametrize(
    ("text", "code", "out"),
    [
        ("IgnoreThisFlow", 0, "ignore this flow  IgnoreThisFlow\n"),
        ("NULL", 0, "null  NULL\n"),
        ("1=1", 0, "value  True\n"),
        ("CBin(1,1)", 0, "value  base64 AQ==\n"),
        ('Split("a,b",",")', 0, "value  a\n       b\n"),
        ('Error("no title")', 1, "error  no title\n"),
        ('%Domain.FQDN% & "!"', 0, "value  contoso.com!\n"),
    ],
)
def test_the_outcome_decides_the_exit_code(connector, text, code, out):
    done = connector("rules", "test", text)

    assert (done.code, done.out) == (code, out)


def test_chance_and_time_may_be_tried(connector):
    done = connector("rules", "test", "IIF(Len(Guid())=36 && RandomNum(3,3)=3,Now()>NULL,1)")

    assert (done.code, done.out) == (0, "value  False\n")


def test_the_caret_has_a_line_of_its_own(connector):
    done = connector("rules", "test", "Trim(Pcase([o])) & foo")

    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "connector: Pcase is not a function; did you mean PCase?\n"
        "  Trim(Pcase([o])) & foo\n"
        "       ^^^^^\n"
        "connector: foo means nothing here: an attribute is written [foo].\n"
        "  Trim(Pcase([o])) & foo\n"
        "                     ^^^\n"
    )


def test_what_fails_without_an_attribute_is_warned_of(connector):
    done = connector("rules", "test", "Item([title],1)")

    assert done.code == 1
    assert done.err == (
        "Warning: this fails for every object without [title]: Item: there is no value\n"
    )


def test_the_expressions_of_a_file_need_neither_settings_nor_databases(connector, tmp_path):
    connector.file.unlink()
    file = tmp_path / "list.json"
    items = [
        {"expression": "UCase([o])", "attributes": {"O": ["x", "y"]}},
        {"expression": "Left([sn],"},
    ]
    file.write_text(json.dumps(items))

    done = connector("rules", "test", "--file", str(file))

    assert done.code == 0
    assert done.json == [
        {"outcome": "value", "value": ["X", "Y"], "error": None, "attributes": {"o": ["x", "y"]}},
        {
            "outcome": "mistake",
            "at": 10,
            "error": "a value is missing: the expression ends here",
        },
    ]


def test_standard_input_is_a_file(connector, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO('[{"expression": "1+1"}]'))

    done = connector("rules", "test", "--file", "-")

    assert [item["value"] for item in done.json] == [2]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "is not JSON: "),
        ("{}", "is not a JSON list."),
        ('[{"expression": "1", "attribute": {}}]', "item 1 is not an expression with its attri"),
        ('[{"expression": "1", "attributes": 5}]', "item 1: attributes is not an object"),
    ],
)
def test_a_file_of_another_kind_is_refused(connector, tmp_path, text, sentence):
    file = tmp_path / "list.json"
    file.write_text(text)

    done = connector("rules", "test", "--file", str(file))

    assert (done.code, done.out) == (2, "")
    assert sentence in done.err


@pytest.mark.parametrize("arguments", [(), ("1", "--file", "x"), ("--file", "x", "--object", "y")])
def test_one_of_expression_and_file_is_wanted(connector, arguments):
    assert connector("rules", "test", *arguments).code == 2


def test_an_object_needs_the_directory(connector):
    connector.file.write_text(SETTINGS.replace("ldap://localhost", "ldap://127.0.0.1:1"))

    unreachable = connector("rules", "test", "[cn]", "--object", "cn=ann,dc=contoso,dc=com")
    unknown = connector("rules", "test", "[cn]", "--object", "ann")

    assert (unreachable.code, unknown.code) == (4, 2)
    assert "Nothing is staged by the name ann" in unknown.err
