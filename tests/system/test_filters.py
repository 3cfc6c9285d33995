"""Two OData libraries read a filter as the API does, where they can read it."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings

from connector.web.graph.filter.tree import And, Elements, In, Match, Moment, Not, Or, Size
from connector.web.graph.types import USER
from tests.properties.filters import TREES, printed
from tests.system.graph_server import CLIENTS, ENVIRONMENT

if TYPE_CHECKING:
    from connector.web.graph.filter.tree import Node
    from connector.web.graph.properties import Property

pytestmark = pytest.mark.clients

FILTERS = 300
_TYPES = {
    "text": "Edm.String",
    "flag": "Edm.Boolean",
    "moment": "Edm.DateTimeOffset",
    "texts": "Collection(Edm.String)",
}
_DOCUMENT = """\
<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
<Schema Namespace="g" xmlns="http://docs.oasis-open.org/odata/ns/edm">{types}
<EntityContainer Name="all"><EntitySet Name="users" EntityType="g.user"/></EntityContainer>
</Schema></edmx:DataServices></edmx:Edmx>
"""


def metadata() -> str:
    """Describe a user as Graph's own metadata document would."""
    types, own = [], ""
    for each in USER.every:
        own += _property(each.name, _type(each))
        if each.kind in {"complex", "complexes"}:
            fields = "".join(_property(n, _TYPES[f.kind]) for n, f in each.fields.items() if n)
            types.append(f'<ComplexType Name="{each.name}">{fields}</ComplexType>')
    key = '<Key><PropertyRef Name="id"/></Key>'
    types.append(f'<EntityType Name="user">{key}{own}</EntityType>')
    return _DOCUMENT.format(types="".join(types))


def _type(each: Property) -> str:
    if each.kind in _TYPES:
        return _TYPES[each.kind]
    return f"Collection(g.{each.name})" if each.is_collection else f"g.{each.name}"


def _property(name: str, kind: str) -> str:
    return f'<Property Name="{name}" Type="{kind}"/>'


def as_lists(node: Node, at: str = "") -> Any:
    """Write a tree as the other program does."""
    match node:
        case And(conditions) | Or(conditions):
            found: list[Any] = ["and" if isinstance(node, And) else "or"]
            for each in (as_lists(condition, at) for condition in conditions):
                found += each[1:] if each[0] == found[0] else [each]
            return found
        case Not(condition):
            return ["not", as_lists(condition, at)]
        case Size(path, empty):
            return ["count", "/".join(path), "eq" if empty else "ne"]
        case Elements(path, condition):
            return ["any", "/".join(path), as_lists(condition, "x")]
        case _:
            return _about(node, "/".join(filter(None, [at, *node.path])))


def _about(node: Any, path: str) -> Any:
    match node:
        case In(_, values):
            return ["in", path, [_value(value) for value in values]]
        case Match(function, _, text):
            return [function, path, text]
        case _:
            return [node.operator, path, _value(node.value)]


def _value(value: Any) -> Any:
    return f"{value.text}Z" if isinstance(value, Moment) else value


def some_filters() -> list[Any]:
    found: list[Any] = []

    @settings(max_examples=FILTERS, derandomize=True, database=None)
    @given(tree=TREES)
    def collect(tree: Node) -> None:
        found.append([printed(tree), as_lists(tree)])

    collect()
    return found


def test_two_libraries_read_a_filter_in_the_same_way(tmp_path):
    filters = some_filters()
    file = tmp_path / "filters.json"
    file.write_text(json.dumps({"metadata": metadata(), "filters": filters}))
    done = subprocess.run(
        [str(ENVIRONMENT / "bin" / "python"), str(CLIENTS / "filters.py"), str(file)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    seen = json.loads(done.stdout)

    assert {name: found["in another way"] for name, found in seen.items()} == {
        "odata-query": [],
        "odatapy": [],
    }
    assert min(found["parsed"] for found in seen.values()) > len(filters) / 2
