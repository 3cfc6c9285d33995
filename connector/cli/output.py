"""Print: JSON for programs, tables and lines for people; directory values are always escaped."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.streams import complain
from connector.values import moments, screen
from connector.values.printable import cut, cut_within, json_text, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]

WIDTH = "CONNECTOR_WIDTH"
"""The variable that tells how many columns the screen has that shows the output later (a story's)."""

_COUNTERS = ("adds", "updates", "deletes", "unchanged", "errors", "quarantined")


def width() -> int | None:
    """Return how many columns the screen has that reads the output; None where none does."""
    if sys.stdout.isatty():
        return shutil.get_terminal_size().columns
    told = os.environ.get(WIDTH, "")
    return int(told) if told.isdecimal() and int(told) else None


def line(text: str = "", *, hanging: int = 2, **style: Any) -> None:
    """Print one line; on a screen that is too narrow it goes on in the next ones, between words.

    ``hanging`` is how much further in these begin; ``style`` is that of ``typer.style``.
    """
    text, columns = printable(text), width()
    for part in [text] if columns is None else screen.wrapped(text, columns, hanging=hanging):
        typer.secho(part, **style) if style else typer.echo(part)


def to_type(lines: Iterable[str]) -> None:
    """Print lines to type, indented; they stay whole on any screen, so that they can be pasted."""
    for each in lines:
        typer.echo(f"  {printable(each)}")


def names(columns: tuple[str, str], rows: Iterable[tuple[str, str]]) -> None:
    """Print names with a text each; on a narrow screen a text goes on below its beginning."""
    listed = list(rows)
    widest = max(len(name) for name, _ in [columns, *listed])
    line(f"{columns[0]:<{widest}}  {columns[1]}", bold=True)
    for name, text_ in listed:
        line(f"{name:<{widest}}  {text_}", hanging=widest + 2)


def note(text: str) -> None:
    """Print a remark that is not part of the answer, which does not fail for it."""
    complain(printable(text))


def clear() -> None:
    """Clear the screen, where standard output is one."""
    if sys.stdout.isatty():
        typer.echo("\x1b[2J\x1b[H", nl=False)


def data(text: str) -> None:
    """Print a line for a program, however long it is."""
    typer.echo(printable(text))


def as_json(value: Any, *, whole: bool = False) -> None:
    """Print a value; its texts are cut, or else ``whole``."""
    typer.echo(json_text(value if whole else cut_within(value)))


def as_json_list(items: Iterable[Any], *, whole: bool = False) -> None:
    """Print a list item by item, as ``as_json`` does: it may not fit into memory."""
    separator = "["
    for item in items:
        text_ = json_text(item if whole else cut_within(item))
        typer.echo(f"{separator}\n{text_}", nl=False)
        separator = ","
    typer.echo("[]" if separator == "[" else "\n]")


def facts(pairs: Mapping[str, object]) -> None:
    """Print names and values, one pair a line; a list takes a line an item."""
    names, values = [], []
    for name, value in pairs.items():
        for position, item in enumerate(value if isinstance(value, list) else [value]):
            names.append("" if position else name)
            values.append(printable(text(item)))
    for part in screen.pairs(names, values, width()):
        typer.echo(part.rstrip())


def table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, followed: bool = False
) -> None:
    """Print a table. On a screen that is too narrow for it each row becomes a block of its own.

    An empty line parts the blocks, also from a text that has ``followed`` them.
    """
    cells = _cells(rows)
    lines = screen.aligned([columns, *cells])
    if cells and not _fit(lines):
        lines = screen.blocks(columns, cells, width() or 0) + [""] * followed
    else:
        lines[0] = typer.style(lines[0], bold=True)
    for part in lines:
        typer.echo(part)


def steps(run_steps: Sequence[Mapping[str, Any]]) -> None:
    """Print the steps of a run with the counters that counted something.

    On a screen that is too narrow for a table a step is a sentence.
    """
    counted = [name for name in _COUNTERS if any(step[name] for step in run_steps)]
    columns = ("Step", "Result", *(name.capitalize() for name in counted), "Seconds")
    names = ("name", "result", *counted, "seconds")
    rows = [[step[name] for name in names] for step in run_steps]
    if fits(columns, rows):
        table(columns, rows)
    else:
        facts({step["name"]: _sentence(step, counted) for step in run_steps})


def fits(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bool:
    """Tell whether a table fits on the screen; into a pipe it always does."""
    return _fit(screen.aligned([columns, *_cells(rows)]))


def _cells(rows: Iterable[Sequence[object]]) -> list[list[str]]:
    return [[printable(text(cell)) for cell in row] for row in rows]


def _fit(lines: Iterable[str]) -> bool:
    most = width()
    return most is None or all(screen.columns_of(line) <= most for line in lines)


def _sentence(step: Mapping[str, Any], counted: Iterable[str]) -> str:
    counts = [_counted(step[name], name) for name in counted if step[name]]
    ended = f"{step['result']} in {text(step['seconds'])} s"
    return f"{ended}: {', '.join(counts)}" if counts else ended


def _counted(number: int, counter: str) -> str:
    return f"{number} {counter.removesuffix('s') if number == 1 else counter}"


def text(value: object) -> str:
    """Write a value so that it fits a table cell; a long one is cut."""
    match value:
        case None:
            return "-"
        case True:
            return "yes"
        case False:
            return "no"
        case float():
            return f"{value:.2f}"
        case _:
            return cut(moments.without_fraction(str(value)))
