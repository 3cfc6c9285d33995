"""The manual page holds every command, and no text that troff would take for a request."""

from __future__ import annotations

import re

from typer.main import get_command

from connector.cli.app import build
from connector.cli.manual import manual


def names(command, path=("connector",)):
    yield " ".join(path)
    for name, below in getattr(command, "commands", {}).items():
        yield from names(below, (*path, name))


def test_it_has_the_sections_of_a_manual_page():
    found = re.findall(r"^\.SH (.*)$", manual(get_command(build())), re.MULTILINE)

    assert found == [
        "NAME",
        "SYNOPSIS",
        "DESCRIPTION",
        "OPTIONS",
        "COMMANDS",
        "EXAMPLES",
        "EXIT CODES",
        "FILES",
        "ENVIRONMENT",
        "DOCUMENTS",
    ]


def test_every_command_is_in_it():
    headings = [
        line.removeprefix(".SS ")
        for line in manual(get_command(build())).splitlines()
        if line.startswith(".SS")
    ]
    missing = [
        name
        for name in list(names(get_command(build())))[1:]
        if not any(line.startswith(f"{name.replace('-', chr(92) + '-')} [") for line in headings)
    ]

    assert missing == []


def test_lines_of_text_are_no_requests_of_troff():
    requests = {"TH", "SH", "SS", "B", "TP", "PP", "nf", "fi", "RS", "RE"}

    odd = [
        line
        for line in manual(get_command(build())).splitlines()
        if line[:1] in {".", "'"} and line[1:].split(" ")[0] not in requests
    ]

    assert odd == []


def test_a_hyphen_is_one_that_can_be_copied():
    assert "\\-\\-dry\\-run" in manual(get_command(build()))
    assert "--" not in manual(get_command(build()))
