"""Evaluate the call of a function that takes values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.rules.language.evaluation import mapped, positions, weight
from connector.rules.language.function import CONVERTERS, Kind
from connector.rules.language.values import Marker, listed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from connector.rules.language.evaluation import Evaluation, Run
    from connector.rules.language.function import Function
    from connector.rules.language.values import Result, Single, Value

    # What evaluates an argument, or the word that it is.
    Given = Run | str


_LISTS_AND_MARKERS = frozenset((tuple, Marker))


def called(function: Function, arguments: Sequence[Given]) -> Run:
    """Return what evaluates a call with these arguments."""
    taken = [function.argument(position) for position in range(len(arguments))]
    kinds = [argument.kind for argument in taken if argument is not None]
    singles = [n for n, kind in enumerate(kinds) if kind not in (Kind.VALUES, Kind.WORD)]
    converters = [(n, CONVERTERS[kinds[n]]) for n in singles]
    wholes = [n for n, kind in enumerate(kinds) if kind is Kind.VALUES]

    is_plain = not wholes and not function.surroundings and len(singles) == len(kinds)
    compute, nothing = function.compute, function.nothing
    instead = [
        (n, a.nothing) for n, a in enumerate(taken) if a is not None and a.nothing is not None
    ]
    plain = [convert for _, convert in converters]

    def run(evaluation: Evaluation) -> Result:
        given: list[Any] = [a(evaluation) if callable(a) else a for a in arguments]
        for n, substitute in instead:
            if given[n] is None:
                given[n] = substitute
        if is_plain and _LISTS_AND_MARKERS.isdisjoint(map(type, given)):
            # What ``mapped`` and ``_Call`` do with single values, in a third of the time.
            evaluation.spend(1 + sum(map(weight, given)))
            for n, convert in enumerate(plain):
                if given[n] is None:
                    return nothing if n == 0 else None
                given[n] = convert(given[n])
            result: Value = compute(*given)
            evaluation.spend(weight(result))
            return result
        for n in wholes:
            positions((given[n],))
            evaluation.spend(weight(given[n]))
            given[n] = listed(given[n])
        call = _Call(function, evaluation, given, converters)
        return mapped(evaluation, [given[n] for n in singles], call.apply)

    return run


class _Call:
    """A call whose arguments are known: ``apply`` takes one value each of those that may be lists."""

    __slots__ = ("_converters", "_evaluation", "_function", "_given")

    def __init__(
        self,
        function: Function,
        evaluation: Evaluation,
        given: list[Any],
        converters: Sequence[tuple[int, Callable[[Single], Any]]],
    ) -> None:
        self._function = function
        self._evaluation = evaluation
        self._given = given
        self._converters = converters

    def apply(self, values: Sequence[Single | None]) -> Value:
        function, evaluation = self._function, self._evaluation
        arguments = self._given.copy()
        for value, (n, convert) in zip(values, self._converters, strict=True):
            if value is None:
                return function.nothing if n == 0 else None  # type: ignore[return-value]
            evaluation.spend(weight(value))
            arguments[n] = convert(value)
        if function.surroundings:
            arguments.insert(0, evaluation.surroundings)
        result: Value = function.compute(*arguments)
        evaluation.spend(weight(result))
        return result
