"""The help of every command is a page: a summary, what it does, options, and examples that would run."""

from __future__ import annotations

import re
import shlex
from contextlib import suppress
from itertools import groupby

import pytest
import typer
from typer.main import get_command

from connector.cli.app import build
from connector.cli.pages import WIDTH, Page, read

ROOT = get_command(build())
OPERATORS = {"&&", "||", "|", ">", ";"}


def pages(command, path=()):
    """Every command with the words that call it."""
    yield path, command
    for name, below in getattr(command, "commands", {}).items():
        yield from pages(below, (*path, name))


ALL = {" ".join(("connector", *path)): (path, command) for path, command in pages(ROOT)}
EXAMPLES = [
    line.removeprefix("$ ")
    for _, command in ALL.values()
    for line in read(command.help or "").sections.get("Examples", ())
]


@pytest.fixture(params=ALL)
def each(request):
    return ALL[request.param]


def calls(example):
    """The arguments of each connector that an example calls."""
    line, *_ = re.split(r" {2,}", example)
    words = shlex.shlex(line, posix=True, punctuation_chars="&|>;")
    words.whitespace_split = True
    parts = [list(part) for is_end, part in groupby(words, OPERATORS.__contains__) if not is_end]
    commands = [part[part[0] == "sudo" :] for part in parts]
    return [arguments for name, *arguments in commands if name == "connector"]


def parse(command, arguments, parent=None):
    """Parse a command line down to its last command, and run nothing."""
    context = command.make_context("connector", list(arguments), parent=parent)
    rest = [*getattr(context, "_protected_args", []), *context.args]
    if rest and hasattr(command, "commands"):
        _, below, arguments = command.resolve_command(context, rest)
        parse(below, arguments, context)


def test_a_page_says_in_a_line_what_the_command_does_and_then_in_a_paragraph(each):
    page = read(each[1].help or "")

    assert re.fullmatch(r"[A-Z].*\.", page.summary)
    assert page.paragraphs


def test_a_page_fits_into_its_width(each, connector, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")

    done = connector(*each[0], "--help")

    assert [line for line in done.out.splitlines() if len(line) > WIDTH] == []


def test_every_option_and_argument_is_explained(each):
    silent = [param.name for param in each[1].params if not getattr(param, "help", "")]

    assert silent == []


def test_a_page_has_an_example_of_its_command(each):
    examples = read(each[1].help or "").sections.get("Examples", ())
    called = [arguments for line in examples for arguments in calls(line.removeprefix("$ "))]

    assert [arguments for arguments in called if tuple(arguments[: len(each[0])]) == each[0]]


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_would_run(example):
    for arguments in calls(example):
        with suppress(typer.Exit):  # --help and --version end there
            parse(ROOT, arguments)


def test_help_lists_every_command_with_its_whole_summary(connector, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    out = " ".join(connector("--help").out.split())

    missing = [
        path[0]
        for path, command in pages(ROOT)
        if len(path) == 1
        and f" {path[0]} {read(command.help or '').summary.rstrip('.')}" not in out
    ]

    assert missing == []


def test_sections_stay_as_they_are_and_paragraphs_do_not():
    text = (
        "Do it.\n\nAt once,\nand well.\n\nExamples:\n  $ do     it\n  $ do\n\nExit codes:\n  1  no"
    )

    assert read(text) == Page(
        "Do it.",
        ("At once,\nand well.",),
        {"Examples": ("$ do     it", "$ do"), "Exit codes": ("1  no",)},
    )
