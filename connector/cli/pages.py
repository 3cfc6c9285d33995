"""The help of a command as a page of a manual: what it does, its options, then examples and codes.

A command's docstring is its page. Its first line is the summary. Its paragraphs are wrapped, but where
a line that ends in a colon stands over indented ones, these are a section and stay as they are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    from collections.abc import Callable

WIDTH = 100
_BEYOND = 2**63
_SECTION = re.compile(r"([A-Z][\w ]*):\n((?:  .*\n?)+)")


class Page(NamedTuple):
    """What a docstring says: one line, paragraphs, and sections of lines by their headings."""

    summary: str
    paragraphs: tuple[str, ...]
    sections: dict[str, tuple[str, ...]]


def read(docstring: str) -> Page:
    """Take a docstring apart, as ``inspect.getdoc`` returns it."""
    parts = [part for part in docstring.split("\n\n") if part.strip()]
    found = {part: match for part in parts if (match := _SECTION.fullmatch(part))}
    summary, *paragraphs = (part for part in parts if part not in found)
    sections = {
        match[1]: tuple(line.removeprefix("  ") for line in match[2].splitlines())
        for match in found.values()
    }
    return Page(summary, tuple(paragraphs), sections)


class PagedCommand(TyperCommand):
    """A command that shows its page when it is asked for help, and refuses numbers beyond 64 bits."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        rest: list[str] = super().parse_args(ctx, args)
        for parameter in self.params:
            _check_number(ctx, parameter)
        return rest

    def get_short_help_str(self, limit: int = WIDTH) -> str:  # noqa: ARG002 -- no line is cut short
        return read(self.help or "").summary.rstrip(".")

    def format_help_text(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        _write_text(self.help or "", formatter)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        _write_sections(self.help or "", formatter)


class Group(TyperGroup):
    """Commands under one name, listed by their panels."""

    def get_short_help_str(self, limit: int = WIDTH) -> str:  # noqa: ARG002
        return read(self.help or "").summary.rstrip(".")

    def format_help_text(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        _write_text(self.help or "", formatter)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        _write_sections(self.help or "", formatter)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        panels: dict[str, list[tuple[str, str]]] = {}
        for name in self.list_commands(ctx):
            command: Any = self.get_command(ctx, name)
            row = name, command.get_short_help_str()
            panels.setdefault(command.rich_help_panel or "Commands", []).append(row)
        width = max(len(name) for rows in panels.values() for name, _ in rows)
        for panel, rows in panels.items():
            with formatter.section(panel):
                formatter.write_dl([(name.ljust(width), summary) for name, summary in rows])


class Commands(typer.Typer):
    """A typer application whose groups and commands have pages."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(cls=Group, rich_markup_mode=None, **settings)

    def command(self, name: str | None = None, **settings: Any) -> Callable[..., Any]:
        return super().command(name, cls=PagedCommand, **settings)


def _check_number(ctx: Any, parameter: Any) -> None:
    """Refuse a number that no database and no clock can hold, and what is not a number."""
    value = ctx.params.get(parameter.name)
    if isinstance(value, int | float) and not abs(value) < _BEYOND:
        raise typer.BadParameter("the number is out of range", ctx=ctx, param=parameter)


def _write_text(docstring: str, formatter: Any) -> None:
    page = read(docstring)
    formatter.write_paragraph()
    with formatter.indentation():
        formatter.write_text("\n\n".join([page.summary, *page.paragraphs]))


def _write_sections(docstring: str, formatter: Any) -> None:
    for heading, lines in read(docstring).sections.items():
        with formatter.section(heading):
            for line in lines:
                formatter.write(f"  {line}\n")
