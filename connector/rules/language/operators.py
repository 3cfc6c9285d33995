"""What the operators do, position by position where an operand has several values."""

from __future__ import annotations

import operator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from connector.rules.language.evaluation import at, mapped, positions, weight
from connector.rules.language.values import (
    ExpressionFailed,
    Marker,
    date,
    number,
    room_for,
    text,
    truth,
    within,
)
from connector.values.addresses import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from connector.rules.language.evaluation import Evaluation, Run
    from connector.rules.language.values import Result, Single, Value

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def chained(first: Run, links: Sequence[tuple[str, Run]]) -> Run:
    """Return what evaluates operands with operators of one strength between them."""
    sign = links[0][0]
    if sign in ("&&", "||"):
        return _logical([first, *(run for _, run in links)], ends_with=sign == "||")
    if sign == "&":
        return _concatenated([first, *(run for _, run in links)])
    steps = [
        (_compared(sign) if sign in _COMPARISONS else _COUNTS[sign], run) for sign, run in links
    ]

    def run(evaluation: Evaluation) -> Result:
        left = first(evaluation)
        for apply, operand in steps:
            right = operand(evaluation)
            evaluation.spend(weight(left) + weight(right))
            left = mapped(evaluation, (left, right), apply)
        return left

    return run


def signed(sign: str, operand: Run) -> Run:
    """Return what evaluates an operand with a sign before it."""

    def apply(values: Sequence[Single | None]) -> Value:
        (value,) = values
        if value is None:
            return None
        return within(-number(value)) if sign == "-" else number(value)

    return lambda evaluation: mapped(evaluation, (operand(evaluation),), apply)


def truths(value: Result) -> bool | tuple[bool, ...]:
    """Return a condition as truth values: nothing is False. Raises ExpressionFailed for others."""
    if isinstance(value, Marker):
        raise ExpressionFailed(f"{value.value} is not a condition")
    if type(value) is tuple:
        return tuple(map(truth, value))
    return truth(value)  # type: ignore[arg-type]


def _logical(runs: Sequence[Run], *, ends_with: bool) -> Run:
    """Return what evaluates ``&&``, or ``||``, which ``ends_with`` the first operand that is True.

    An operand that cannot change the result is not evaluated.
    """
    first, *others = runs
    join = operator.or_ if ends_with else operator.and_

    def run(evaluation: Evaluation) -> Result:
        met = truths(first(evaluation))
        for operand in others:
            if _is_settled(met, ends_with):
                return met
            other = truths(operand(evaluation))
            count = positions((met, other))
            evaluation.spend(1 + count)
            if count:
                met = tuple(join(bool(at(met, n)), bool(at(other, n))) for n in range(count))
            else:
                met = other
        return met

    return run


def _is_settled(met: bool | tuple[bool, ...], result: bool) -> bool:  # noqa: FBT001
    """Tell whether all of a condition is the result that no further operand changes."""
    return all(one is result for one in (met if isinstance(met, tuple) else (met,)))


def _concatenated(runs: Sequence[Run]) -> Run:
    def run(evaluation: Evaluation) -> Result:
        def apply(values: Sequence[Single | None]) -> Value:
            joined = _joined(values)
            evaluation.spend(weight(joined))
            return joined

        return mapped(evaluation, [operand(evaluation) for operand in runs], apply)

    return run


def _joined(values: Sequence[Single | None]) -> str | bytes:
    """Join texts, or octets with octets; nothing is an empty text."""
    parts = [value for value in values if value is not None]
    if parts and all(type(part) is bytes for part in parts):
        room_for(sum(map(len, parts)))  # type: ignore[arg-type]
        return b"".join(parts)  # type: ignore[arg-type]
    texts = [text(part) for part in parts]
    room_for(sum(map(len, texts)))
    return "".join(texts)


def _compared(sign: str) -> Callable[[Sequence[Single | None]], Value]:
    compare = _COMPARISONS[sign]

    def apply(values: Sequence[Single | None]) -> Value:
        left, right = values
        if left is None or right is None:
            return compare(left, right) if sign in ("=", "<>") else False
        return compare(*_comparable(left, right, ordered=sign not in ("=", "<>")))

    return apply


def _comparable(left: Single, right: Single, *, ordered: bool) -> tuple[object, object]:
    """Return what two values are compared by: as dates, truth values, numbers, else as texts."""
    if type(left) is str and type(right) is str:
        return fold(left), fold(right)
    pair = left, right
    if any(isinstance(one, datetime) for one in pair):
        return date(left), date(right)
    octets = [type(one) is bytes for one in pair]
    if any(octets):
        if not all(octets):
            raise ExpressionFailed("octets are compared with octets alone")
        return pair
    if any(type(one) is bool for one in pair):
        if ordered:
            raise ExpressionFailed("truth values have no order")
        return truth(left), truth(right)
    if any(isinstance(one, int | float) for one in pair):
        return number(left), number(right)
    return fold(str(left)), fold(str(right))


def _counted(
    count: Callable[[float, float], float],
) -> Callable[[Sequence[Single | None]], Value]:
    def apply(values: Sequence[Single | None]) -> Value:
        left, right = values
        if left is None or right is None:
            return None
        try:
            return within(count(number(left), number(right)))
        except OverflowError:
            raise ExpressionFailed("the number is too large") from None

    return apply


def _divided(left: float, right: float) -> float:
    if right == 0:
        raise ExpressionFailed("a number is divided by 0")
    if isinstance(left, int) and isinstance(right, int) and left % right == 0:
        return left // right
    return left / right


_COUNTS = {
    "+": _counted(operator.add),
    "-": _counted(operator.sub),
    "*": _counted(operator.mul),
    "/": _counted(_divided),
}
