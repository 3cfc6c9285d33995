"""Print: JSON for programs, tables and lines for people; directory values are always escaped."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.streams import complain
from connector.values.printable import cut, cut_within, json_text, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_GAP = "  "
_COUNTERS = ("adds", "updates", "deletes", "unchanged", "errors", "quarantined")


def line(text: str = "") -> None:
    """Print one line."""
    typer.echo(printable(text))


def note(text: str) -> None:
    """Print a remark that is not part of the answer, which does not fail for it."""
    complain(printable(text))


def as_json(value: Any, *, whole: bool = False) -> None:
    """Print a value; its texts are cut, or else ``whole``."""
    typer.echo(json_text(value if whole else cut_within(value)))


def as_json_list(items: Iterable[Any], *, whole: bool = False) -> None:
    """Print a list item by item, as ``as_json`` does: it may not fit into memory."""
    separator = "["
    for item in items:
        typer.echo(separator)
        typer.echo(json_text(item if whole else cut_within(item)), nl=False)
        separator = ","
    typer.echo("[]" if separator == "[" else "\n]")


def facts(pairs: Mapping[str, object]) -> None:
    """Print names and values, one pair a line; a list takes a line an item."""
    width = max(map(len, pairs), default=0)
    for name, value in pairs.items():
        values = value if isinstance(value, list) else [value]
        for position, item in enumerate(values):
            line(f"{name if position == 0 else '':<{width}}{_GAP}{text(item)}")


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table: drawn in a terminal, plain and aligned in a pipe."""
    cells = [[printable(text(cell)) for cell in row] for row in rows]
    if sys.stdout.isatty():
        _drawn(columns, cells)
    else:
        _aligned(columns, cells)


def steps(run_steps: Sequence[Mapping[str, Any]]) -> None:
    """Print the steps of a run with the counters that counted something."""
    counted = [name for name in _COUNTERS if any(step[name] for step in run_steps)]
    columns = ("Step", "Result", *(name.capitalize() for name in counted), "Seconds")
    names = ("name", "result", *counted, "seconds")
    table(columns, ([step[name] for name in names] for step in run_steps))


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
            return cut(str(value))


def _aligned(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    for row in (columns, *cells):
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        typer.echo(_GAP.join(padded).rstrip())


def _drawn(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in cells:
        drawn.add_row(*(Text(cell, overflow="fold") for cell in row))
    Console().print(drawn)
