"""Show the changes of a rehearsed run: grouped, the first of each group, and what it comes to.

On a terminal the signs are in colour.
"""

from __future__ import annotations

import os
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import typer

from connector.cli import output
from connector.cli.changes import error_line
from connector.model import ObjectType, Operation
from connector.report.object_history import shown
from connector.values import screen
from connector.values.collation import name_key
from connector.values.counting import counted
from connector.values.printable import cut_within, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    Change = Mapping[str, Any]

FIRST = 5
"""Objects of a group, and errors of a kind, that are shown where not all are asked for."""

_SIGNS = {Operation.ADD: "+", Operation.UPDATE: "~", Operation.DELETE: "-"}
_COLOURS = {"+": "green", "~": "yellow", "-": "red"}
_MORE = "--full shows all"
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
    changes = sorted(
        changes, key=lambda change: (name_key(change["name"]), change["name"], change["dn"])
    )
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
            output.line(before + error_line(error))
        if not full and (rest := len(found) - 2 * FIRST) > 0:
            output.line(f"{before}{verb}: {rest} more; {_MORE}")


_KINDS = {
    "quarantine": "Quarantined",
    "export": "Failed",
    "synchronization": "Failed",
    "run": "Error",
}


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
    """Print a line; on a screen that is too narrow, its parts and the rest of these below each other."""
    sign = f"{line.sign} " if line.sign else ""
    indent = " " * line.indent
    parts = [printable(part) for part in line.parts if part]
    whole, columns = indent + sign + " ".join(parts), output.width()
    if columns is None or screen.columns_of(whole) <= columns:
        lines = [whole]
    else:
        first, *rest = parts
        hanging = len(sign) or _HANGING
        lines = screen.wrapped(f"{indent}{sign}{first}", columns, hanging=hanging)
        for part in rest:
            lines += screen.wrapped(f"{indent}{' ' * hanging}{part}", columns)
    start = len(indent + sign)
    typer.echo(indent + _coloured(sign) + lines[0][start:])
    for further in lines[1:]:
        typer.echo(further)


def _coloured(sign: str) -> str:
    colour = _COLOURS.get(sign.strip())
    if colour is None or os.environ.get("NO_COLOR"):
        return sign
    return typer.style(sign, fg=colour)
