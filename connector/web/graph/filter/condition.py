"""Turn a filter into the condition that the tenant looks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.tenant import selection
from connector.tenant.selection import All, Either, Equal, Has, Ordered
from connector.values.addresses import fold
from connector.web.graph.filter.tree import (
    And,
    Compare,
    Elements,
    In,
    Match,
    Moment,
    Not,
    Or,
    Size,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.tenant.selection import Condition
    from connector.web.graph.filter.binding import Bound
    from connector.web.graph.filter.tree import Literals, Node, Operator, Path
    from connector.web.graph.properties import Field, Property

    Find = Callable[[Path], Field]


def condition(bound: Bound) -> Condition:
    """Return the condition that an object meets which the filter asks for."""
    return _condition(bound, bound.node, bound.value)


def _condition(bound: Bound, node: Node, find: Find) -> Condition:
    match node:
        case And(conditions):
            return All(tuple(_condition(bound, each, find) for each in conditions))
        case Or(conditions):
            return Either(tuple(_condition(bound, each, find) for each in conditions))
        case Not(negated):
            return selection.Not(_condition(bound, negated, find))
        case Size(path, empty):
            there = Has(_elements(bound.property(path)))
            return selection.Not(there) if empty else there
        case Elements(path, each):
            found_in = bound.property(path)
            met = _condition(bound, each, lambda path: found_in.fields["/".join(path)])
            return Has(_elements(found_in), met)
        case _:
            return _about_value(node, find(node.path))


def _elements(collection: Property) -> selection.Elements:
    """Return the elements of a collection; binding lets no other one pass."""
    return collection.elements or "none"


def _about_value(node: Compare | In | Match, field: Field) -> Condition:
    match node:
        case Compare(_, operator, value):
            return _compare(field, operator, value)
        case In(_, values):
            return Either(tuple(_compare(field, "eq", value) for value in values))
        case Match(function, _, text):
            return selection.Match(field.value, function, fold(text))


def _compare(field: Field, operator: Operator, value: Literals) -> Condition:
    folded = field.kind == "text" and isinstance(value, str)
    other = _other(value)
    if operator == "eq":
        return Equal(field.value, other, folded)
    if operator == "ne":
        return selection.Not(Equal(field.value, other, folded))
    # Binding lets nothing be before or after null.
    return Ordered(field.value, operator, "" if other is None else other, folded)


def _other(value: Literals) -> str | int | None:
    match value:
        case None:
            return None
        case bool():
            return int(value)
        case str():
            return fold(value)
        case Moment(text):
            return text
        case _:
            return value.text
