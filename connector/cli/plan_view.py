"""Show the changes of a rehearsed run: grouped, the first of each group, and what it comes to.

In a terminal the signs are in colour and long lines are wrapped between words; in a pipe a line is a line.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import typer

from connector.cli.changes import error_line, shown
from connector.model import ObjectType, Operation
from connector.report.advice import counted
from connector.values.addresses import fold
from connector.values.printable import cut_within, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    Change = Mapping[str, Any]

FIRST = 5
"""Objects of a group, and errors of a kind, that are shown where not all are asked for."""

_SIGNS = {Operation.ADD: "+", Operation.UPDATE: "~", Operation.DELETE: "-"}
_COLOURS = {"+": "green", "~": "yellow", "-": "red"}
_MORE = "--full shows all"
_NO_WIDTH = 10**9
_HANGING = 2


class Line(NamedTuple):
    """A line to print: its indentation, a sign or nothing, and its parts.

    A part begins on a line of its own where they do not all fit on one.
    """

    indent: int
    sign: str
    parts: tuple[str, ...]


def totals(changes: Iterable[Change], errors: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Count the changes by operation, and the errors by what they mean for a value or an object."""
    operations = Counter(change["operation"] for change in changes)
    kinds = Counter(error["kind"] for error in errors)
    return {
        **{str(operation): operations[operation] for operation in Operation},
        "quarantined": kinds["quarantine"],
        "failed": kinds["export"] + kinds["synchronization"],
    }


def totals_line(counts: Mapping[str, int]) -> str:
    """Say what a plan comes to, in one line."""
    changes = ", ".join(f"{counts[operation]} to {operation}" for operation in Operation)
    line = f"Plan: {changes}; {counted(counts['quarantined'], 'value')} would be quarantined"
    return f"{line}, {counted(counts['failed'], 'object')} would fail" if counts["failed"] else line


def show_changes(changes: Sequence[Change], *, full: bool = False) -> None:
    """Print changes by operation and type, sorted by name: the first few of each, or all of them."""
    changes = sorted(changes, key=lambda change: (fold(change["name"]), change["dn"]))
    for operation in Operation:
        for kind in ObjectType:
            group = [
                change
                for change in changes
                if (change["operation"], change["type"]) == (operation, kind)
            ]
            for line in _group(operation, kind, group, full=full):
                _print(line)


def show_errors(
    errors: Iterable[Mapping[str, Any]], *, full: bool = False, before: str = ""
) -> None:
    """Print errors, a line each: the first few of each kind, or with ``full`` all of them."""
    errors = list(errors)
    for kind, verb in _KINDS.items():
        found = [error for error in errors if error["kind"] == kind]
        for error in found if full else found[: 2 * FIRST]:
            _print(Line(0, "", (before + error_line(error),)))
        if not full and (rest := len(found) - 2 * FIRST) > 0:
            _print(Line(0, "", (f"{before}{verb}: {rest} more; {_MORE}",)))


_KINDS = {
    "quarantine": "Quarantined",
    "export": "Failed",
    "synchronization": "Failed",
    "run": "Error",
}


def say(text: str) -> None:
    """Print one sentence, wrapped as the changes are."""
    _print(Line(0, "", (text,)))


def _group(
    operation: Operation, kind: ObjectType, group: Sequence[Change], *, full: bool
) -> Iterator[Line]:
    """Give a group a heading, a line an object with what changes of it, and a count of the rest."""
    if not group:
        return
    sign = _SIGNS[operation]
    yield Line(0, "", (f"{counted(len(group), kind)} to {operation}:",))
    for change in map(cut_within, islice(group, None if full else FIRST)):
        yield Line(2, sign, (change["name"], f"({change['dn']})"))
        if operation is Operation.UPDATE or (full and operation is Operation.ADD):
            yield from _attributes(change)
    if not full and (rest := len(group) - FIRST) > 0:
        yield Line(2, sign, (f"{rest} more; {_MORE}",))


def _attributes(change: Change) -> Iterator[Line]:
    for name, (old, new) in change["attributes"].items():
        yield Line(6, "", (f"{name}:", *difference(old, new)))
    members = change.get("members") or {}
    if any(members.values()):
        counts = f"{members['add']} to add, {members['remove']} to remove"
        yield Line(6, "", ("members:", counts))


def difference(old: object, new: object) -> tuple[str, ...]:
    """Say in parts what becomes of a value; of lists what they gain and lose."""
    if old is None and new is not None:
        return (shown(new),)
    if isinstance(old, list) and isinstance(new, list):
        gained = [f"+ {shown(item)}" for item in new if item not in old]
        lost = [f"- {shown(item)}" for item in old if item not in new]
        if gained or lost:
            return (*gained, *lost)
    return shown(old), f"-> {shown(new)}"


def _print(line: Line) -> None:
    sign = f"{line.sign} " if line.sign else ""
    indent = " " * line.indent
    parts = [printable(part) for part in line.parts if part]
    hanging = line.indent + (len(sign) or _HANGING)
    first, *rest = wrapped(parts, _width() - line.indent - len(sign), _width() - hanging)
    typer.echo(f"{indent}{_coloured(sign)}{first}")
    for text in rest:
        typer.echo(f"{' ' * hanging}{text}")


def wrapped(parts: Sequence[str], width: int, further: int) -> list[str]:
    """Break a text between its parts where it does not fit, and a part between words.

    ``width`` are the columns of the first line, ``further`` those of each line after it. A word that is
    too long has a line of its own.
    """
    whole = " ".join(parts)
    if len(whole) <= width // 2:
        return [whole]
    from rich.cells import cell_len

    if cell_len(whole) <= width:
        return [whole]
    lines: list[str] = []
    for part in parts:
        lines.append("")
        for word in part.split(" "):
            longer = f"{lines[-1]} {word}" if lines[-1] else word
            if lines[-1] and cell_len(longer) > (width if len(lines) == 1 else further):
                lines.append(word)
            else:
                lines[-1] = longer
    return lines


def _width() -> int:
    """Return the columns of the terminal; in a pipe there is no end of a line."""
    if not sys.stdout.isatty():
        return _NO_WIDTH
    from shutil import get_terminal_size

    return get_terminal_size().columns


def _coloured(sign: str) -> str:
    colour = _COLOURS.get(sign.strip())
    if colour is None or not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        return sign
    return typer.style(sign, fg=colour)
