"""The manual page ``connector.1``, from the pages of the commands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import typer

from connector import __version__
from connector.cli.pages import read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LAST = ("Examples", "Exit codes", "Files", "Environment", "Documents")


def manual(command: Any) -> str:
    """Return the page of the whole program, a click command, as man(7) reads it."""
    context = command.make_context("connector", [], resilient_parsing=True)
    return "\n".join(_page(command, context)) + "\n"


def _page(command: Any, context: Any) -> Iterator[str]:
    page = read(command.help or "")
    yield f'.TH CONNECTOR 1 "" "connector {__version__}" "Directory sync connector"'
    yield from (".SH NAME", f"connector \\- {_text(page.summary).rstrip('.')}")
    yield from (
        ".SH SYNOPSIS",
        f".B {_text(' '.join(_usage(command, context)))}",
        ".SH DESCRIPTION",
    )
    yield from _paragraphs(page.paragraphs)
    yield from (".SH OPTIONS", *_options(command, context), ".SH COMMANDS")
    for name in command.list_commands(context):
        yield from _commands(command.get_command(context, name), context, name)
    for heading in (name for name in _LAST if name in page.sections):
        yield f".SH {heading.upper()}"
        yield from _verbatim(page.sections[heading])


def _commands(command: Any, above: Any, name: str) -> Iterator[str]:
    """Describe a command, then the commands below it."""
    context = typer.Context(command, parent=above, info_name=name)
    page = read(command.help or "")
    yield f".SS {_text(' '.join(_usage(command, context)))}"
    yield from _paragraphs([page.summary, *page.paragraphs])
    yield from _options(command, context)
    for heading, lines in page.sections.items():
        yield from (".PP", f"{_text(heading)}:", *_verbatim(lines))
    for below in getattr(command, "commands", {}):
        yield from _commands(command.get_command(context, below), context, below)


def _usage(command: Any, context: Any) -> list[str]:
    return [context.command_path, *command.collect_usage_pieces(context)]


def _options(command: Any, context: Any) -> Iterator[str]:
    for parameter in command.get_params(context):
        if record := parameter.get_help_record(context):
            yield from (".TP", f".B {_text(record[0])}", _text(record[1]))


def _paragraphs(paragraphs: Iterable[str]) -> Iterator[str]:
    for paragraph in paragraphs:
        yield from (".PP", *map(_text, paragraph.splitlines()))


def _verbatim(lines: Iterable[str]) -> Iterator[str]:
    yield from (".PP", ".nf", ".RS 4", *map(_text, lines), ".RE", ".fi")


def _text(text: str) -> str:
    """Escape what troff would take for its own: backslashes, hyphens, a dot or a quote at the start."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"\A(?=[.'])", r"\\&", escaped)
