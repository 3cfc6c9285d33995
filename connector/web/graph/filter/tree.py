"""The tree of a filter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Operator = Literal["eq", "ne", "gt", "ge", "lt", "le"]
Function = Literal["startswith", "endswith", "contains"]


@dataclass(frozen=True, slots=True)
class Moment:
    """A date, or a date with a time, as it was written."""

    text: str


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it was written."""

    text: str


@dataclass(frozen=True, slots=True)
class Guid:
    """A GUID without quotes."""

    text: str


Literals = str | bool | None | Moment | Number | Guid
# Names that lead to a value: a property, or one of a complex property. Within ``any`` they start at the
# element; the element itself has none.
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compare:
    path: Path
    operator: Operator
    value: Literals


@dataclass(frozen=True, slots=True)
class In:
    path: Path
    values: tuple[Literals, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """Whether a text starts with, ends with or contains another one."""

    function: Function
    path: Path
    text: str


@dataclass(frozen=True, slots=True)
class Elements:
    """Whether any element of a collection meets a condition."""

    path: Path
    condition: Node


@dataclass(frozen=True, slots=True)
class Size:
    """Whether a collection is empty."""

    path: Path
    empty: bool


@dataclass(frozen=True, slots=True)
class Not:
    condition: Node


@dataclass(frozen=True, slots=True)
class And:
    conditions: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    conditions: tuple[Node, ...]


Node = Compare | In | Match | Elements | Size | Not | And | Or


def first_name(node: Node) -> str:
    """Return the property that a filter names first."""
    match node:
        case Not(condition):
            return first_name(condition)
        case And(conditions) | Or(conditions):
            return first_name(conditions[0])
        case _:
            return node.path[0] if node.path else ""
