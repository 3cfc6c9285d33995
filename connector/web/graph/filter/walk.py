"""Tell whether an object, as it is written, meets a filter: the same as ``sql``, without a database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    from collections.abc import Mapping

    from connector.web.graph.filter.tree import Literals, Node, Path


def meets(node: Node, item: Any) -> bool:
    """Tell whether an object with all its properties, or an element, meets a bound filter."""
    match node:
        case And(conditions):
            return all(meets(each, item) for each in conditions)
        case Or(conditions):
            return any(meets(each, item) for each in conditions)
        case Not(condition):
            return not meets(condition, item)
        case Elements(path, condition):
            return any(meets(condition, each) for each in _at(item, path) or ())
        case _:
            return _about(node, _at(item, node.path))


def _about(node: Compare | In | Match | Size, found: Any) -> bool:
    match node:
        case Compare(_, operator, value):
            return _compare(found, operator, value)
        case In(_, values):
            return any(_compare(found, "eq", value) for value in values)
        case Match(function, _, text):
            return _match(found, function, fold(text))
        case Size(_, empty):
            return bool(found) is not empty


def _at(item: Any, path: Path) -> Any:
    for name in path:
        found: Mapping[str, Any] = item or {}
        item = found.get(name)
    return item


def _compare(found: Any, operator: str, value: Literals) -> bool:
    if value is None:
        return (found is None) is (operator == "eq")
    if isinstance(value, Moment):
        wanted: Any = value.text
        found = found and found.removesuffix("Z")
    else:
        wanted = fold(value) if isinstance(value, str) else value
        found = fold(found) if isinstance(found, str) else found
    if operator in {"eq", "ne"}:
        return bool(found == wanted) is (operator == "eq")
    if found is None:
        return False
    return bool(
        {
            "gt": found > wanted,
            "ge": found >= wanted,
            "lt": found < wanted,
            "le": found <= wanted,
        }[operator]
    )


def _match(found: Any, function: str, text: str) -> bool:
    if found is None:
        return False
    folded = fold(found)
    if function == "startswith":
        return folded.startswith(text)
    return folded.endswith(text) if function == "endswith" else text in folded
