"""Find what a filter names: each property of a type as Graph spells it, each value as it is compared."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from connector.values import moments
from connector.web.graph.filter.tree import (
    And,
    Compare,
    Elements,
    Guid,
    In,
    Match,
    Moment,
    Not,
    Or,
    Size,
)
from connector.web.graph.properties import Field
from connector.web.graph.refusals import bad_request

if TYPE_CHECKING:
    from connector.web.graph.filter.tree import Literals, Node, Path
    from connector.web.graph.properties import Property
    from connector.web.graph.types import GraphType

_FRACTION = re.compile(r"([.]\d{6})\d+")
_DATE = len("2026-11-22")
_SECOND = len("2026-11-22T10:00:00")
# The resource page spells it so; the service writes the plural.
_CAUSES = {"proxyaddress": "ProxyAddresses"}
_EDM = {"text": "Edm.String", "flag": "Edm.Boolean", "moment": "Edm.DateTimeOffset"}


class Bound:
    """A filter whose names are those of a type.

    Its trees have paths as Graph spells them, and moments in UTC to the second (a fraction follows
    where one was given).
    """

    def __init__(self, of: GraphType, node: Node) -> None:
        self.type = of
        self.node = self._node(node)

    def property(self, path: Path) -> Property:
        return self.type.properties[path[0]]

    def value(self, path: Path) -> Field:
        """Return what a path outside ``any`` leads to."""
        found = self.property(path)
        if len(path) > 1:
            return found.fields[path[1]]
        return Field(found.kind, found.value)

    def _node(self, node: Node) -> Node:
        match node:
            case And(conditions):
                return And(tuple(map(self._node, conditions)))
            case Or(conditions):
                return Or(tuple(map(self._node, conditions)))
            case Not(condition):
                return Not(self._node(condition))
            case Size(path, empty):
                return Size((self._collection(path).name,), empty)
            case Elements(path, condition):
                found = self._collection(path)
                return Elements((found.name,), _within(found, condition))
            case _:
                path = self._path(node.path)
                return _compared(node, path, self.value(path), self.type.name)

    def _path(self, path: Path) -> Path:
        found = self._known(path[0])
        if len(path) == 1:
            return (found.name,)
        if found.kind != "complex":
            raise _no_property(path[1], found.name)
        return (found.name, *_field(found, path[1:]))

    def _collection(self, path: Path) -> Property:
        found = self._known(path[0])
        if len(path) > 1:
            raise _no_property(path[1], found.name)
        if not found.is_collection or found.elements is None:
            raise bad_request(
                f"Invalid filter clause: '{found.name}' cannot be asked for elements."
            )
        return found

    def _known(self, name: str) -> Property:
        spelled = self.type.spelled.get(name.lower())
        if spelled is None:
            raise _no_property(name, f"microsoft.graph.{self.type.name}")
        return self.type.properties[spelled]


def _within(collection: Property, node: Node) -> Node:
    """Bind the condition of an ``any``."""
    match node:
        case And(conditions):
            return And(tuple(_within(collection, each) for each in conditions))
        case Or(conditions):
            return Or(tuple(_within(collection, each) for each in conditions))
        case Not(condition):
            return Not(_within(collection, condition))
        case Compare() | In() | Match():
            path = _field(collection, node.path)
            return _compared(node, path, collection.fields["/".join(path)], collection.name)
        case _:
            raise bad_request("Invalid filter clause: an 'any' cannot stand within another one.")


def _field(owner: Property, path: Path) -> Path:
    """Return the path of a field as Graph spells it; that of an element itself is empty."""
    wanted = "/".join(path).lower()
    for name in owner.fields:
        if name.lower() == wanted:
            return (name,) if name else ()
    raise _no_property("/".join(path) or owner.name, owner.name)


def _compared(node: Compare | In | Match, path: Path, field: Field, owner: str) -> Node:
    name = path[-1] if path else owner
    match node:
        case Compare(_, operator, None):
            if operator not in {"eq", "ne"}:
                raise bad_request(f"Invalid filter clause: null is not {operator} anything.")
            if field.kind in {"texts", "complexes"}:
                raise _incompatible(name, field)
            return Compare(path, operator, None)
        case Compare(_, operator, value):
            if field.kind == "flag" and operator not in {"eq", "ne"}:
                raise _incompatible(name, field)
            return Compare(path, operator, _value(name, field, value))
        case In(_, values):
            return In(path, tuple(each and _value(name, field, each) for each in values))
        case Match(function, _, text):
            if field.kind != "text":
                raise _incompatible(name, field)
            return Match(function, path, text)


def _value(name: str, field: Field, value: Literals) -> Literals:
    """Return a value in the form in which it is compared; raises Refusal for one of another type."""
    match field.kind, value:
        case "text", str():
            return _CAUSES.get(value.lower(), value) if name == "propertyCausingError" else value
        case "text", Guid(text):
            return text
        case "flag", bool():
            return value
        case "moment", Moment(text):
            return Moment(_moment(text))
    raise _incompatible(name, field)


def _moment(text: str) -> str:
    """Return a moment in UTC without its Z, which sorts as the stored ones do."""
    whole = f"{text}T00:00:00Z" if len(text) == _DATE else text.upper()
    try:
        found = moments.timestamp(moments.read(_FRACTION.sub(r"\1", whole))).removesuffix("Z")
    except (ValueError, OverflowError) as error:
        raise bad_request(f"Invalid filter clause: '{text}' is not a date.") from error
    return found[:_SECOND] if found.endswith(".000000") else found


def _no_property(name: str, owner: str) -> Exception:
    return bad_request(
        f"Invalid filter clause: Could not find a property named '{name}' on type '{owner}'."
    )


def _incompatible(name: str, field: Field) -> Exception:
    return bad_request(
        "Invalid filter clause: A binary operator with incompatible types was detected for "
        f"'{name}', which is {_EDM.get(field.kind, 'a collection')}."
    )
