"""Write a condition in SQL; every value is bound, never written into the text.

A condition is true or false and never NULL: what an object does not have equals nothing and differs from
everything. So ``not`` turns each row round.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from connector.tenant.selection import (
    NOTHING,
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
    Shadow,
    Texts,
)

if TYPE_CHECKING:
    from connector.tenant.selection import Condition, Elements, Ordered, Value

_SIGNS = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}
_TO_SECOND = len("2017-09-07T12:32:00")
_WORD = re.compile(r"\w+")
# Letters of every script are those of words.
_LETTERS = 'COLLATE "und-x-icu"'


def written(condition: Condition) -> tuple[str, list[str | int]]:
    """Return the condition over the table ``object``, and its parameters in their order."""
    writer = _Writer()
    return writer.write(condition), writer.values


def folded(sql: str) -> str:
    """Write what a text is compared by; what is ASCII is folded much faster."""
    if sql == "id":
        return sql  # it is in lower case in the table, where an index finds it
    return f"CASE WHEN octet_length({sql}) = length({sql}) THEN lower({sql}) ELSE fold({sql}) END"


class _Writer:
    def __init__(self) -> None:
        self.values: list[str | int] = []

    def write(self, condition: Condition) -> str:
        match condition:
            case All(conditions) | Either(conditions):
                word = " AND " if isinstance(condition, All) else " OR "
                return f"({word.join(map(self.write, conditions))})"
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
        if condition.value == NOTHING:
            return "FALSE"
        if isinstance(condition.value, Shadow) and isinstance(other, int):
            other = "true" if other else "false"  # as JSON writes it
        if condition.folded:
            sql = folded(sql)
        if not isinstance(condition, Equal):
            # No text in the table has NUL, and none comes between it and the next letter.
            bound = self._bound(other.replace("\0", "\1") if isinstance(other, str) else other)
            return f"coalesce({sql} {_SIGNS[condition.sign]} {bound}, FALSE)"
        if isinstance(other, str) and "\0" in other:
            return "FALSE"
        found = f"{sql} = {self._bound(other)}"
        return found if sql == "id" else f"coalesce({found}, FALSE)"

    def _has(self, elements: Elements, met: Condition | None) -> str:
        rows, owner = _rows(elements)
        if met is not None:
            rows = f"{rows} AND {self.write(met)}"
        if owner is None:
            return f"(EXISTS (SELECT 1 {rows}))"
        return f"(object.number IN (SELECT {owner} {rows}))"

    def _match(self, condition: Match) -> str:
        text, sql = condition.text, _value(condition.value)
        if not text:
            return f"({sql} IS NOT NULL)"
        if "\0" in text:
            return "FALSE"
        match condition.how:
            case "startswith":
                found = f"left({folded(sql)}, {len(text)}) = {self._bound(text)}"
            case "endswith":
                found = f"right({folded(sql)}, {len(text)}) = {self._bound(text)}"
            case "contains":
                found = f"strpos({folded(sql)}, {self._bound(text)}) > 0"
            case _:
                return self._words(folded(sql), text)
        return f"coalesce({found}, FALSE)"

    def _words(self, sql: str, text: str) -> str:
        beginnings = [rf"\m{word}" for word in _WORD.findall(text)]
        words = [f"({sql}) {_LETTERS} ~ {self._bound(each)}" for each in beginnings]
        return f"coalesce({' AND '.join(words) or 'TRUE'}, FALSE)"

    def _bound(self, value: str | int) -> str:
        self.values.append(value)
        return "%s" if isinstance(value, int) else "%s::text"


def _value(value: Value) -> str:
    match value:
        case Column(name, second):
            return _cut(name, second=second)
        case Shadow(path):
            *objects, last = path
            inner = "".join(f" -> '{name}'" for name in objects)
            return f"((shadow::json{inner} ->> '{last}') COLLATE \"C\")"
        case First(values):
            return f"coalesce({', '.join(map(_value, values))})"
        case Anchored(anchored):
            return f"(CASE WHEN anchor IS NOT NULL THEN {_value(anchored)} END)"
        case Constant(text):
            return "NULL::text" if text is None else f"('{text}'::text COLLATE \"C\")"
        case Element(name, second):
            return _cut(f"e.{name or 'value'}", second=second)


def _cut(sql: str, *, second: bool) -> str:
    return f"left({sql}, {_TO_SECOND})" if second else sql


def _rows(elements: Elements) -> tuple[str, str | None]:
    """Return a SELECT without its columns, with a row for each element.

    Where it gives those of all objects at once, the column with the number of the object follows.
    """
    match elements:
        case Texts("proxies"):
            return _texts("object.proxies::json"), None
        case Texts(name):
            return _texts(f"object.shadow::json -> '{name}'"), None
        case "errors":
            return "FROM provisioning_error AS e WHERE TRUE", "e.object"
        case "licence":
            return "FROM (SELECT 1) AS e WHERE object.exchange = 1", None
        case _:
            return "FROM (SELECT NULL::text AS value) AS e WHERE FALSE", None


def _texts(array: str) -> str:
    return (
        'FROM (SELECT value COLLATE "C" AS value '  # noqa: S608
        f"FROM json_array_elements_text({array}) AS value) AS e WHERE TRUE"
    )
