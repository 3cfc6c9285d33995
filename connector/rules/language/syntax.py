"""What an expression consists of, as the parser gives it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from connector.rules.language.values import Result


class Constant(NamedTuple):
    """A text, a number or a literal such as ``NULL``; ``at`` and ``end`` are its place."""

    at: int
    end: int
    value: Result


class Attribute(NamedTuple):
    at: int
    end: int
    name: str


class Parameter(NamedTuple):
    at: int
    end: int
    name: str


class Variable(NamedTuple):
    at: int
    end: int
    name: str


class Word(NamedTuple):
    """A name alone: an option of a function, such as ``vbTextCompare``."""

    at: int
    end: int
    name: str


class Call(NamedTuple):
    at: int
    end: int
    name: str
    arguments: tuple[Node, ...]


class Sign(NamedTuple):
    """``-`` or ``+`` before an operand."""

    at: int
    end: int
    sign: str
    operand: Node


class Link(NamedTuple):
    """An operator of a chain and the operand behind it."""

    at: int
    operator: str
    operand: Node


class Chain(NamedTuple):
    """Operands with operators of one strength between them, from the left to the right."""

    at: int
    end: int
    first: Node
    links: tuple[Link, ...]


Node = Constant | Attribute | Parameter | Variable | Word | Call | Sign | Chain
