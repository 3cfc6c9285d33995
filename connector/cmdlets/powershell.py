"""Parse a line as PowerShell does: commands with their arguments, and pipes between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from connector.cmdlets.tokens import (
    DASHES,
    Group,
    Parameter,
    Script,
    Sign,
    Table,
    Token,
    Variable,
    Word,
    outside,
    tokens,
)
from connector.errors import CmdletFailed

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "DASHES",
    "Command",
    "Group",
    "Item",
    "Parameter",
    "Script",
    "Table",
    "Value",
    "Variable",
    "parse",
    "parse_all",
]

_MISSING = "Missing argument in parameter list."
# Words that begin a statement where a parenthesis or a brace follows.
_STATEMENTS = frozenset(
    {"do", "for", "foreach", "function", "if", "param", "switch", "try", "until", "while"}
)

Item = str | Variable | Script | Table | Group


class Value(NamedTuple):
    """An argument: one item, or several with commas between them."""

    items: tuple[Item, ...]


Element = Parameter | Value


class Command(NamedTuple):
    """One command of a pipeline with its arguments."""

    name: str
    elements: tuple[Element, ...]


Pipeline = list[Command | Group]


def parse_all(line: str) -> list[Pipeline]:
    """Return the pipelines between semicolons and ends of lines; raises CmdletFailed."""
    found: list[list[list[Token]]] = [[[]]]
    for token in tokens(line):
        match token:
            case Sign(";"):
                found.append([[]])
            case Sign("|"):
                found[-1].append([])
            case _:
                found[-1][-1].append(token)
    return [_pipeline(commands) for commands in found if commands != [[]]]


def parse(line: str) -> Pipeline:
    """Return the commands of one pipeline, none for an empty line or a comment.

    The first may be a line in parentheses. Raises CmdletFailed.
    """
    match parse_all(line):
        case []:
            return []
        case [one]:
            return one
        case _:
            raise CmdletFailed("Unexpected token ';': write one command in parentheses.")


def _pipeline(commands: Sequence[Sequence[Token]]) -> Pipeline:
    match commands:
        case [[Group() as group], *rest]:
            return [group, *map(_command, rest)]
        case [[Word(name), *rest], *_] if name.lower() in _STATEMENTS and any(
            isinstance(token, Group | Script) for token in rest
        ):
            raise outside(f"The statement '{name}'")
        case _:
            return list(map(_command, commands))


def _command(found: Sequence[Token]) -> Command:
    match found:
        case []:
            raise CmdletFailed("An empty pipe element is not allowed.")
        case [Variable(name), *_]:
            raise outside(f"The variable {name}")
        case [Word(name), *rest]:
            return Command(name, tuple(_elements(rest)))
        case [Group(), *_]:
            raise outside("A line in parentheses behind a pipe or before other words")
        case [Script(), *_] | [Table(), *_]:
            raise outside("A command that begins with a brace")
        case _:
            raise CmdletFailed("A command begins with the name of a cmdlet.")


def _elements(found: Sequence[Token]) -> list[Element]:
    """Join items separated by commas."""
    elements: list[Element] = []
    joining = False
    for token in found:
        before = elements[-1] if elements else None
        match token:
            case Word() | Variable() | Script() | Table() | Group():
                item = token.text if isinstance(token, Word) else token
                if joining and isinstance(before, Value):
                    elements[-1] = Value((*before.items, item))
                    joining = False
                else:
                    elements.append(Value((item,)))
            case Sign() if isinstance(before, Value) and not joining:
                joining = True
            case Parameter() if not joining:
                elements.append(token)
            case _:
                raise CmdletFailed(_MISSING)
    if joining:
        raise CmdletFailed(_MISSING)
    return elements
