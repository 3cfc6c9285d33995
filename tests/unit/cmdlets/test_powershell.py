"""Lines are read as PowerShell reads them."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.cmdlets.powershell import (
    Command,
    Parameter,
    Script,
    Value,
    Variable,
    parse,
    parse_all,
)
from connector.errors import CmdletFailed


def elements(line):
    [command] = parse(f"Do {line}")
    assert isinstance(command, Command)
    return list(command.elements)


def value(*items):
    return Value(items)


def test_a_line_is_a_name_with_parameters_and_values():
    assert parse("Get-It -Name Joe -All") == [
        Command(
            "Get-It", (Parameter("Name", colon=False), value("Joe"), Parameter("All", colon=False))
        )
    ]


@pytest.mark.parametrize("line", ["", "   ", "# a remark", "\t"])
def test_a_line_without_a_command_is_no_command(line):
    assert parse(line) == []


def test_a_remark_ends_a_line():
    assert elements("-All # everything") == [Parameter("All", colon=False)]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("'a b'", "a b"),
        ('"a b"', "a b"),
        ("'it''s'", "it's"),
        ('"say ""hi"""', 'say "hi"'),
        ('"a`"b`tc"', 'a"b\tc'),
        ("a`|b", "a|b"),
        ("a' 'b", "a b"),
        ("''", ""),
        ("'`n'", "`n"),
        ("'-Name'", "-Name"),
        ("-5", "-5"),
        ("$true", "$true"),
        ("\u201ca b\u201d", "a b"),
        ("\u2018a b\u2019", "a b"),
        ("'a|b,c;d#e'", "a|b,c;d#e"),
        ("'|'", "|"),
        ("','", ","),
    ],
)
def test_quotes_keep_a_word_together_and_are_taken_away(written, read):
    assert elements(written) == [value(read)]


@pytest.mark.parametrize("dash", "-\u2013\u2014\u2015")
def test_a_dash_that_a_word_processor_made_longer_is_a_dash(dash):
    """The seed itself prints an en dash before ErrorCategory PropertyConflict."""
    assert elements(f"{dash}All") == [Parameter("All", colon=False)]


def test_a_colon_gives_a_parameter_its_value():
    assert elements("-Force:$false -Name:'a b' -X: y") == [
        Parameter("Force", colon=True),
        value("$false"),
        Parameter("Name", colon=True),
        value("a b"),
        Parameter("X", colon=True),
        value("y"),
    ]


def test_commas_make_a_list():
    assert elements("a, b,'c d' ,e f") == [value("a", "b", "c d", "e"), value("f")]


def test_pipes_part_commands():
    assert [command[0] for command in parse("Get-It|Select-Object a | Format-List")] == [
        "Get-It",
        "Select-Object",
        "Format-List",
    ]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("Get-It 'a", "missing the terminator: '"),
        ('Get-It "a', 'missing the terminator: "'),
        ("Get-It |", "empty pipe element"),
        ("| Get-It", "empty pipe element"),
        ("Get-It a,", "Missing argument"),
        ("Get-It ,a", "Missing argument"),
        ("Get-It -X ,a", "Missing argument"),
        ("Get-It a, -X", "Missing argument"),
        ("Get-It a; Get-It b", "one command in parentheses"),
        ("-All", "name of a cmdlet"),
        ("Get-It a)", r"Unexpected token '\)'"),
        ("Get-It }", "Unexpected token '}'"),
        ("Get-It <# a", "terminator '#>' is missing"),
        ("$users = Get-It", r"The variable \$users is outside"),
        ('Get-It "a$b"', r'A variable in quotes, as in "a\$b", is outside'),
        ('Get-It "$(a)"', "A variable in quotes"),
        ("Get-It $(Get-It)", r"'\$\(' is outside"),
        ("Get-It > it.txt", "'>' outside quotes .* Out-File FILE"),
        ("Get-It 2>$null", "'>' outside quotes"),
        ("Get-It && Get-It", "'&' outside quotes"),
        ("& Get-It", "'&' outside quotes"),
        ("Get-It || Get-It", "'||' is outside".replace("||", r"\|\|")),
        ("Get-It @'\na\n'@", "A here-string is outside"),
        ("Get-It @parameters", "Splatting with @ is outside"),
    ],
)
def test_what_is_no_line_is_refused_with_its_reason(line, complaint):
    with pytest.raises(CmdletFailed, match=complaint):
        parse(line)


def test_what_stands_in_braces_needs_no_blank_before_it():
    assert parse("?{$_.X}") == [Command("?", (value(Script("$_.X")),))]
    assert parse("Get-It|?{$_.X -eq 1}|%{$_.X}") == [
        Command("Get-It", ()),
        Command("?", (value(Script("$_.X -eq 1")),)),
        Command("%", (value(Script("$_.X")),)),
    ]


def test_a_variable_is_not_taken_for_its_name():
    assert elements("$user.Name a$b '$c' $true $NULL") == [
        value(Variable("$user.Name")),
        value(Variable("a$b")),
        value("$c"),
        value("$true"),
        value("$NULL"),
    ]


def test_a_backtick_keeps_a_dollar_in_quotes():
    assert elements('"`$a"') == [value("$a")]


@pytest.mark.parametrize(
    "lines",
    [
        "Get-It a; Get-It b",
        "Get-It a;;Get-It b;",
        "Get-It a\nGet-It b\n",
        "# first\nGet-It a # that\r\n\r\nGet-It b",
        "<# first\nof all #> Get-It `\n  a\nGet-It `\r\nb",
    ],
)
def test_semicolons_and_ends_of_lines_part_pipelines(lines):
    assert parse_all(lines) == [
        [Command("Get-It", (value("a"),))],
        [Command("Get-It", (value("b"),))],
    ]


def test_a_pipe_and_a_comma_carry_a_line_on():
    assert parse("Get-It a,\n b |\n Sort-It") == [
        Command("Get-It", (value("a", "b"),)),
        Command("Sort-It", ()),
    ]


@given(st.text(max_size=40))
def test_any_text_in_single_quotes_comes_back(text):
    quoted = "".join(c * 2 if c in "'\u2018\u2019\u201a\u201b" else c for c in text)

    assert elements(f"'{quoted}'") == [value(text)]


@given(st.text(alphabet="ab-'\"`|,;:# $\n(){}@<>&", max_size=30))
def test_any_line_is_read_or_refused(line):
    with suppress(CmdletFailed):
        assert all(command[0] is not None for command in parse(line))
