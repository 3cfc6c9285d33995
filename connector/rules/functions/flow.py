"""Functions that decide what is evaluated, and functions that name an attribute in a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.rules.functions.arguments import later
from connector.rules.language.evaluation import positions
from connector.rules.language.function import Argument, Function, Kind
from connector.rules.language.operators import truths
from connector.rules.language.values import ExpressionFailed, Marker, listed, text, value_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connector.rules.language.evaluation import Evaluation, Run
    from connector.rules.language.values import Result, Single, Value

_VARIABLE = Argument("$variable", Kind.VARIABLE)
_ITEM = Argument("$item", Kind.VARIABLE)
_LONGEST = 1_000  # characters of a message
_NAME = Argument("name", Kind.ATTRIBUTE)


def _error(message: Run) -> Run:
    def run(evaluation: Evaluation) -> Result:
        value = message(evaluation)
        positions((value,))
        said = " ".join(map(text, listed(value)))[:_LONGEST]  # type: ignore[arg-type]
        raise ExpressionFailed(said, triggered=True)

    return run


def _iif(condition: Run, then: Run, otherwise: Run) -> Run:
    def run(evaluation: Evaluation) -> Result:
        met = truths(condition(evaluation))
        evaluation.spend(1)
        if type(met) is tuple:
            return _by_position(evaluation, met, then, otherwise)
        return then(evaluation) if met else otherwise(evaluation)

    return run


def _by_position(evaluation: Evaluation, met: Sequence[bool], then: Run, otherwise: Run) -> Result:
    """Choose for each position; what no position chooses is not evaluated, and NULL drops out."""
    evaluation.spend(len(met))
    if all(met) or not any(met):
        value = then(evaluation) if met[0] else otherwise(evaluation)
        return _spread(value, len(met))
    chosen, other = then(evaluation), otherwise(evaluation)
    for value in (chosen, other):
        positions((value, tuple(met)))
    found: list[Single] = []
    for n, holds in enumerate(met):
        value = chosen if holds else other
        one = value[n] if type(value) is tuple else value
        if one is not None:
            found.append(one)  # type: ignore[arg-type]
    return value_of(found)


def _spread(value: Result, count: int) -> Result:
    """Return what every position of a list chose."""
    if isinstance(value, Marker) or value is None:
        return value
    if type(value) is tuple:
        positions((value, (True,) * count))
        return value
    return (value,) * count  # type: ignore[return-value]


def _switch(*pairs: Run) -> Run:
    def run(evaluation: Evaluation) -> Result:
        chosen: Run | None = None
        for condition, value in zip(pairs[::2], pairs[1::2], strict=True):
            met = truths(condition(evaluation))
            evaluation.spend(1)
            if type(met) is tuple:
                raise ExpressionFailed(f"a condition has {len(met)} values, and one decides")
            if met and chosen is None:
                chosen = value
        return chosen(evaluation) if chosen else None

    return run


def _with(slot: int, value: Run, expression: Run) -> Run:
    def run(evaluation: Evaluation) -> Result:
        evaluation.spend(1)
        evaluation.variables[slot] = value(evaluation)
        return expression(evaluation)

    return run


def _select(slot: int, values: Run, expression: Run) -> Run:
    def run(evaluation: Evaluation) -> Result:
        found: list[Single] = []
        for item in _items(evaluation, values):
            evaluation.variables[slot] = item
            value = expression(evaluation)
            positions((value,))
            found += listed(value)  # type: ignore[arg-type]
            evaluation.spend(1 + len(listed(value)))  # type: ignore[arg-type]
        return value_of(found)

    return run


def _where(slot: int, values: Run, condition: Run) -> Run:
    def run(evaluation: Evaluation) -> Result:
        found: list[Single] = []
        for item in _items(evaluation, values):
            evaluation.variables[slot] = item
            evaluation.spend(1)
            met = truths(condition(evaluation))
            if type(met) is tuple:
                raise ExpressionFailed(f"the condition has {len(met)} values, and one decides")
            if met:
                found.append(item)
        return value_of(found)

    return run


def _items(evaluation: Evaluation, values: Run) -> tuple[Single, ...]:
    value = values(evaluation)
    positions((value,))
    return listed(value)  # type: ignore[arg-type]


def _imported_value(name: str) -> Run:
    return lambda evaluation: evaluation.read(name)


def _value_count(name: str) -> Run:
    def run(evaluation: Evaluation) -> Value:
        return len(listed(evaluation.read(name)))

    return run


FUNCTIONS = (
    Function(
        "Error",
        (later("message"),),
        _error,
        "A sync error of this text: the object keeps what the cloud has.",
        form=True,
    ),
    Function(
        "IIF",
        (later("condition"), later("then"), later("otherwise")),
        _iif,
        "One of two values; the other one is not evaluated.",
        (('IIF("Intern"="intern","t-" & "ann","ann")', "t-ann"),),
        form=True,
    ),
    Function(
        "ImportedValue",
        (_NAME,),
        _imported_value,
        "The attribute of this name, as [name] is.",
        form=True,
    ),
    Function(
        "Select",
        (_ITEM, later("values"), later("expression")),
        _select,
        "What the expression gives for each of the values.",
        (('Select($item,Split("1-2,3-4",","),Replace($item,"-",""))', ("12", "34")),),
        form=True,
    ),
    Function(
        "Switch",
        (later("condition"), later("value")),
        _switch,
        "The value behind the first condition that holds, else NULL. Every condition is evaluated.",
        (
            (
                'Switch("Rome"="London","English","Rome"="Rome","Italian",True,Error("Unknown"))',
                "Italian",
            ),
            ('Switch(False,"x")', None),
        ),
        form=True,
        repeats=2,
    ),
    Function(
        "Where",
        (_ITEM, later("values"), later("condition")),
        _where,
        "Those of the values for which the condition holds.",
        (('Where($item,Split("a,bb,cc",","),Len($item)>1)', ("bb", "cc")),),
        form=True,
    ),
    Function(
        "With",
        (_VARIABLE, later("value"), later("expression")),
        _with,
        "What the expression gives, in which the variable stands for the value.",
        (('With($name,Trim(" Ann "),$name & $name)', "AnnAnn"),),
        form=True,
    ),
)

COUNTING = (
    Function(
        "ValueCount",
        (_NAME,),
        _value_count,
        "How many values the attribute of this name has.",
        (('ValueCount("member")', 0),),
        form=True,
    ),
)
