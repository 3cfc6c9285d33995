"""What the language knows of a function: a row of the table, with its arguments."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from connector.rules.language import values

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.rules.language.values import Result, Single


class Kind(Enum):
    """What an argument is, and so how it is taken.

    A function is called for each value where an argument before VALUES has several. VALUES takes all
    values as a tuple. WORD is a name or a text in the expression itself, as are ATTRIBUTE (a name in a
    text) and VARIABLE. What is LATER is not evaluated before the function wants it.
    """

    ONE = "a value"
    TEXT = "text"
    TEXT_OR_OCTETS = "text or octets"
    NUMBER = "number"
    WHOLE = "whole number"
    TRUTH = "truth value"
    DATE = "date"
    OCTETS = "octets"
    VALUES = "values"
    WORD = "word"
    ATTRIBUTE = "name of an attribute"
    VARIABLE = "variable"
    LATER = "expression"


CONVERTERS: dict[Kind, Callable[[Single], Any]] = {
    Kind.ONE: lambda value: value,
    Kind.TEXT: values.text,
    Kind.TEXT_OR_OCTETS: values.text_or_octets,
    Kind.NUMBER: values.number,
    Kind.WHOLE: values.whole,
    Kind.TRUTH: values.truth,
    Kind.DATE: values.date,
    Kind.OCTETS: values.octets,
}
"""How a single value is taken for an argument of a kind."""


class Argument(NamedTuple):
    """An argument; ``words`` are those that a WORD may be.

    ``nothing`` is what nothing is taken for; with None a call without a value here is nothing itself.
    """

    name: str
    kind: Kind
    optional: bool = False
    words: tuple[str, ...] = ()
    nothing: str | None = None


class Function(NamedTuple):
    """A row of the table of functions.

    ``compute`` takes the arguments and returns a value; with ``form`` it is called when an expression is
    compiled, takes what evaluates its arguments, and returns what evaluates the call. ``nothing`` is the
    result where the first argument is nothing. With ``repeats`` the last so many arguments may come
    again. With ``surroundings`` the first thing that ``compute`` takes are the Surroundings, and the
    result changes from one evaluation to the next. ``about`` is a sentence about it, ``examples`` are
    expressions with their results.
    """

    name: str
    arguments: tuple[Argument, ...]
    compute: Callable[..., Any]
    about: str
    examples: tuple[tuple[str, Result], ...] = ()
    nothing: Result = None
    form: bool = False
    repeats: int = 0
    surroundings: bool = False

    @property
    def required(self) -> int:
        """How many arguments a call has at least."""
        return sum(not argument.optional for argument in self.arguments)

    def argument(self, position: int) -> Argument | None:
        """Return the argument at a position, None where there is none."""
        if position < len(self.arguments):
            return self.arguments[position]
        if not self.repeats:
            return None
        again = (position - len(self.arguments)) % self.repeats
        return self.arguments[len(self.arguments) - self.repeats + again]

    @property
    def usage(self) -> str:
        """How it is called: ``InStr(text, searched[, start[, compare]])``."""
        shown, closing = "", ""
        for argument in self.arguments:
            comma = ", " if shown else ""
            shown += f"[{comma}{argument.name}" if argument.optional else f"{comma}{argument.name}"
            closing += "]" * argument.optional
        more = ", ..." if self.repeats else ""
        return f"{self.name}({shown}{more}{closing})"
