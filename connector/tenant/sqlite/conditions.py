"""Write a condition in SQL; every value is bound, never written into the text.

A condition is 1 or 0 and never NULL: what an object does not have equals nothing and differs from
everything. So ``not`` turns each row round.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.tenant.selection import (
    All,
    Anchored,
    Column,
    Constant,
    Either,
    Element,
    Equal,
    First,
    Has,
    Match,
    Not,
    Ordered,
    Shadow,
    Texts,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connector.tenant.selection import Condition, Elements, Value

_SIGNS = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}
_TO_SECOND = len("2017-09-07T12:32:00")
# What is in lower case in the table; without a function around it an index finds it.
_FOLDED = frozenset({"id"})


def written(condition: Condition) -> tuple[str, list[str | int]]:
    """Return the condition over the table ``object``, and its parameters in their order."""
    writer = _Writer()
    return writer.write(condition), writer.values


def folded(sql: str) -> str:
    """Write what a text is compared by; SQLite itself folds what is ASCII, much faster."""
    if sql in _FOLDED:
        return sql
    beyond_ascii = f"length({sql}) < length(CAST({sql} AS BLOB))"
    return f"CASE WHEN {beyond_ascii} THEN fold({sql}) ELSE lower({sql}) END"


class _Writer:
    def __init__(self) -> None:
        self.values: list[str | int] = []

    def write(self, condition: Condition) -> str:
        match condition:
            case All(conditions) | Either(conditions):
                word = "AND" if isinstance(condition, All) else "OR"
                return _joined(word, [self.write(each) for each in conditions])
            case Not(negated):
                return f"(NOT {self.write(negated)})"
            case Has(elements, met):
                return self._has(elements, met)
            case Match():
                return self._match(condition)
            case _:
                return self._compare(condition)

    def _compare(self, condition: Equal | Ordered) -> str:
        other, sql = condition.other, _value(condition.value)
        if other is None:
            return f"({sql} IS NULL)"
        if condition.folded:
            sql = folded(sql)
        if isinstance(condition, Equal):
            return f"({sql} IS {self._bound(other)})"
        return f"coalesce({sql} {_SIGNS[condition.sign]} {self._bound(other)}, 0)"

    def _has(self, elements: Elements, met: Condition | None) -> str:
        rows, owner = _rows(elements)
        if met is not None:
            rows = f"{rows} AND {self.write(met)}"
        if owner is None:
            return f"(EXISTS (SELECT 1 {rows}))"
        # All are read at once: that takes less time than to look for those of each object.
        return f"(object.number IN (SELECT {owner} {rows}))"

    def _match(self, condition: Match) -> str:
        text, sql = condition.text, _value(condition.value)
        if not text:
            return f"({sql} IS NOT NULL)"
        match condition.how:
            case "startswith":
                found = f"substr({folded(sql)}, 1, {len(text)}) = {self._bound(text)}"
            case "endswith":
                found = f"substr({folded(sql)}, -{len(text)}) = {self._bound(text)}"
            case "contains":
                found = f"instr({folded(sql)}, {self._bound(text)}) > 0"
            case _:
                found = f"has_words({folded(sql)}, {self._bound(text)})"
        return f"coalesce({found}, 0)"

    def _bound(self, value: str | int) -> str:
        self.values.append(value)
        return "?"


def _value(value: Value) -> str:
    match value:
        case Column(name, second):
            return _cut(name, second=second)
        case Shadow(path):
            return f"shadow ->> '{path[0] if len(path) == 1 else '.'.join(('$', *path))}'"
        case First(values):
            return f"coalesce({', '.join(map(_value, values))})"
        case Anchored(anchored):
            return f"CASE WHEN anchor IS NOT NULL THEN {_value(anchored)} END"
        case Constant(text):
            return "NULL" if text is None else f"'{text}'"
        case Element(name, second):
            return _cut(f"e.{name}" if name else "value", second=second)


def _cut(sql: str, *, second: bool) -> str:
    return f"substr({sql}, 1, {_TO_SECOND})" if second else sql


def _rows(elements: Elements) -> tuple[str, str | None]:
    """Return a SELECT without its columns, with a row for each element.

    Where it gives those of all objects at once, the column with the number of the object follows.
    """
    match elements:
        case Texts("proxies"):
            return "FROM json_each(object.proxies) WHERE TRUE", None
        case Texts(name):
            return f"FROM json_each(object.shadow, '$.{name}') WHERE TRUE", None
        case "errors":
            return "FROM provisioning_error AS e WHERE TRUE", "e.object"
        case "licence":
            return "FROM (SELECT 1) WHERE object.exchange = 1", None
        case _:
            return "FROM (SELECT NULL AS value) WHERE FALSE", None


def _joined(word: str, conditions: Sequence[str]) -> str:
    """Join conditions in halves: SQLite limits how deep an expression is."""
    if len(conditions) == 1:
        return conditions[0]
    half = len(conditions) // 2
    return f"({_joined(word, conditions[:half])} {word} {_joined(word, conditions[half:])})"
