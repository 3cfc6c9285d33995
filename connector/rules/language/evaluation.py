"""One evaluation of an expression: what it reads, and how much it may do."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from connector.rules.language.values import (
    CHARACTERS,
    VALUES,
    ExpressionFailed,
    Marker,
    Reference,
    in_order,
    value_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from connector.rules.language.values import Result, Single, Value

    Run = Callable[["Evaluation"], Result]

WORK = 500_000
"""Calls and operators that an evaluation may carry out; long values count for more than one."""

REFERENCES = frozenset(
    (
        "directreports",
        "distinguishedname",
        "dn",
        "managedby",
        "manager",
        "member",
        "memberof",
        "owner",
        "roleoccupant",
        "secretary",
        "seealso",
        "uniquemember",
    )
)
"""The attributes whose values are DNs, in lower case."""

# So many characters, as powers of 2, are a unit of work; others than ASCII take longer to fold.
_UNIT = 5
_SLOW_UNIT = 2


class Surroundings(NamedTuple):
    """What an expression may know beside an entry.

    ``parameters`` has the values of ``%Domain.FQDN%`` and its like by their names without ``%``. ``clock``
    tells the time, ``draw`` a number between two (both included), ``guid`` a new GUID as text; where one
    is None, the function that needs it fails.
    """

    parameters: Mapping[str, str] = MappingProxyType({})
    clock: Callable[[], datetime] | None = None
    draw: Callable[[int, int], int] | None = None
    guid: Callable[[], str] | None = None


class Evaluation:
    """The state of one evaluation; ``variables`` are those of With, Select and Where."""

    __slots__ = ("_attributes", "_read", "_work", "surroundings", "variables")

    def __init__(
        self,
        attributes: Mapping[str, Sequence[str | bytes]],
        surroundings: Surroundings,
        variables: int,
    ) -> None:
        self._attributes = attributes
        self._read: dict[str, Value] = {}
        self._work = WORK
        self.surroundings = surroundings
        self.variables: list[Result] = [None] * variables

    def read(self, name: str) -> Value:
        """Return the value of an attribute, by its name in lower case; several in order of bytes."""
        try:
            return self._read[name]
        except KeyError:
            values: Sequence[Single] = self._attributes.get(name, ())
            if name in REFERENCES:
                values = [Reference(v) if type(v) is str else v for v in values]
            found = value_of(in_order(values) if len(values) > 1 else values)
            self._read[name] = found
            return found

    def spend(self, work: int) -> None:
        """Raise ExpressionFailed once the work of this evaluation is used up."""
        self._work -= work
        if self._work < 0:
            raise ExpressionFailed("the expression takes too much work for this object")


def weight(value: Result) -> int:
    """Return the work that a value is worth for its length: none for a short one."""
    kind = type(value)
    if isinstance(value, str):
        return len(value) >> (_UNIT if value.isascii() else _SLOW_UNIT)
    if kind is bytes:
        return len(value) >> _UNIT  # type: ignore[arg-type]
    if kind is tuple:
        return len(value) + sum(map(weight, value))  # type: ignore[arg-type]
    return 0


def positions(values: Sequence[Result]) -> int:
    """Return how many values stand in each list, 0 where none of them is a list.

    Raises ExpressionFailed for lists of different lengths, and for what is not a value.
    """
    count = 0
    for value in values:
        if type(value) is tuple:
            if count and len(value) != count:
                raise ExpressionFailed(f"{count} values stand beside {len(value)}")
            count = len(value)
        elif isinstance(value, Marker):
            raise ExpressionFailed(f"{value.value} is not a value to work with")
    return count


def at(value: Result, position: int) -> Single | None:
    """Return what counts at a position: of a list the value there, else the only value."""
    return value[position] if type(value) is tuple else value  # type: ignore[return-value]


def mapped(
    evaluation: Evaluation,
    values: Sequence[Result],
    apply: Callable[[Sequence[Single | None]], Value],
) -> Value:
    """Apply a function of single values, position by position where some of the values are lists.

    A position whose result is nothing drops out of the list.
    """
    count = positions(values)
    if not count:
        evaluation.spend(1)
        return apply(values)  # type: ignore[arg-type]
    found: list[Single] = []
    for position in range(count):
        evaluation.spend(1)
        result = apply([at(value, position) for value in values])
        if type(result) is tuple:
            found += result
        elif result is not None:
            found.append(result)  # type: ignore[arg-type]
    return value_of(found)


def refuse_too_large(result: Result) -> None:
    """Raise ExpressionFailed for a result that no property could take."""
    if type(result) is tuple:
        if len(result) > VALUES:
            raise ExpressionFailed(
                f"the result has {len(result):,} values; {VALUES:,} are the most"
            )
        length = sum(len(v) for v in result if isinstance(v, str | bytes))
    else:
        length = len(result) if isinstance(result, str | bytes) else 0
    if length > CHARACTERS:
        raise ExpressionFailed(f"the result has more than {CHARACTERS:,} characters")
