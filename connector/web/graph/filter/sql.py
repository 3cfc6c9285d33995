"""Write the condition of a filter in SQL; every value is bound, never written into the text.

A condition is 1 or 0 and never NULL: what an object does not have equals nothing and differs from
everything. So ``not`` turns each row round.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    from collections.abc import Callable, Sequence

    from connector.web.graph.filter.binding import Bound
    from connector.web.graph.filter.tree import Literals, Node, Path
    from connector.web.graph.properties import Field, Property

Value = str | int
# What is in lower case in the table; without a function around it an index finds it.
_FOLDED = frozenset({"id"})
_SIGNS = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}


def condition(bound: Bound) -> tuple[str, list[Value]]:
    """Return the condition over the table ``object``, and its parameters in their order."""
    return _Writer(bound).whole()


def folded(sql: str) -> str:
    """Write what a text is compared by; SQLite itself folds what is ASCII, much faster."""
    if sql in _FOLDED:
        return sql
    beyond_ascii = f"length({sql}) < length(CAST({sql} AS BLOB))"
    return f"CASE WHEN {beyond_ascii} THEN fold({sql}) ELSE lower({sql}) END"


class _Writer:
    def __init__(self, bound: Bound) -> None:
        self._bound = bound
        self._values: list[Value] = []

    def whole(self) -> tuple[str, list[Value]]:
        return self._node(self._bound.node, self._bound.value), self._values

    def _node(self, node: Node, field: Callable[[Path], Field]) -> str:
        match node:
            case And(conditions) | Or(conditions):
                word = "AND" if isinstance(node, And) else "OR"
                return _either(word, [self._node(each, field) for each in conditions])
            case Not(negated):
                return f"(NOT {self._node(negated, field)})"
            case Size(path, empty):
                return f"({'NOT ' * empty}{_there(self._bound.property(path))})"
            case Elements(path, each):
                found_in = self._bound.property(path)
                met = self._node(each, lambda path: found_in.fields["/".join(path)])
                return f"({_there(found_in, f' AND {met}')})"
            case _:
                return self._about_value(node, field(node.path))

    def _about_value(self, node: Compare | In | Match, field: Field) -> str:
        match node:
            case Compare(_, operator, value):
                return self._compare(field, operator, value)
            case In(_, values):
                return _either("OR", [self._compare(field, "eq", value) for value in values])
            case Match(function, _, text):
                return self._match(field.sql, function, fold(text))

    def _compare(self, field: Field, operator: str, value: Literals) -> str:
        sql = folded(field.sql) if field.kind == "text" and isinstance(value, str) else field.sql
        is_or_not = {"eq": "IS", "ne": "IS NOT"}.get(operator)
        if value is None:
            return f"({sql} {is_or_not} NULL)"
        bound = self._bind(value)
        if is_or_not is not None:
            return f"({sql} {is_or_not} {bound})"
        return f"coalesce({sql} {_SIGNS[operator]} {bound}, 0)"

    def _match(self, sql: str, function: str, text: str) -> str:
        if not text:
            return f"({sql} IS NOT NULL)"
        match function:
            case "startswith":
                found = f"substr({folded(sql)}, 1, {len(text)}) = {self._bind(text)}"
            case "endswith":
                found = f"substr({folded(sql)}, -{len(text)}) = {self._bind(text)}"
            case _:
                found = f"instr({folded(sql)}, {self._bind(text)}) > 0"
        return f"coalesce({found}, 0)"

    def _bind(self, value: Literals) -> str:
        match value:
            case Moment(text):
                self._values.append(text)
            case bool():
                self._values.append(int(value))
            case str():
                self._values.append(fold(value))
        return "?"


def _either(word: str, conditions: Sequence[str]) -> str:
    """Join conditions in halves: SQLite limits how deep an expression is."""
    if len(conditions) == 1:
        return conditions[0]
    half = len(conditions) // 2
    return f"({_either(word, conditions[:half])} {word} {_either(word, conditions[half:])})"


def _there(collection: Property, met: str = "") -> str:
    """Write the condition that a collection has an element, or one that meets a condition."""
    if collection.owner is None:
        return f"EXISTS (SELECT 1 {collection.rows}{met})"
    return f"object.number IN (SELECT {collection.owner} {collection.rows}{met})"
