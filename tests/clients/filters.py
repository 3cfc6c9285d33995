"""Parse filters with odata-query and odatapy where they can; print what they read in another way.

The argument is a file with a metadata document and filters, each with its tree as lists: ``["eq", path,
value]``, ``["and", ...]`` and so on.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

from odata_query import ast
from odata_query.exceptions import ODataException
from odata_query.grammar import ODataLexer, ODataParser
from odatapy.edm.csdl import CsdlAbstractEdmProvider
from odatapy.edm.model import Edm
from odatapy.edm.xml_io import parse_metadata
from odatapy.errors import UriParserException
from odatapy.server.uri.expression import (
    Binary,
    LambdaReference,
    ListExpression,
    Literal,
    Member,
    Method,
    Unary,
)
from odatapy.server.uri.parser import Parser

_COMPARED = {
    ast.Eq: "eq",
    ast.NotEq: "ne",
    ast.Gt: "gt",
    ast.GtE: "ge",
    ast.Lt: "lt",
    ast.LtE: "le",
    ast.In: "in",
}


def joined(word: str, *sides: Any) -> Any:
    """Return a tree with all that is joined by one word side by side."""
    found: list[Any] = [word]
    for side in sides:
        found += side[1:] if side[0] == word else [side]
    return found


def of_odata_query(node: Any) -> Any:  # noqa: C901, PLR0911 - one case a kind of node
    match node:
        case ast.BoolOp(op, left, right):
            word = "and" if isinstance(op, ast.And) else "or"
            return joined(word, of_odata_query(left), of_odata_query(right))
        case ast.UnaryOp(_, operand):
            return ["not", of_odata_query(operand)]
        case ast.Compare(comparator, left, right):
            return [_COMPARED[type(comparator)], of_odata_query(left), of_odata_query(right)]
        case ast.Call(func, args):
            return [func.name, *map(of_odata_query, args)]
        case ast.CollectionLambda(owner, _, inner):
            return ["any", of_odata_query(owner), of_odata_query(inner.expression)]
        case ast.Attribute(owner, name):
            return f"{of_odata_query(owner)}/{name}"
        case ast.Identifier(name):
            return name
        case ast.List(items):
            return [of_odata_query(item) for item in items]
        case ast.Null():
            return None
        case ast.Boolean(text):
            return text == "true"
        case _:
            return node.val


def of_odatapy(node: Any) -> Any:  # noqa: C901, PLR0911 - one case a kind of node
    match node:
        case Binary() if node.operator.is_logical:
            return joined(node.operator.value, of_odatapy(node.left), of_odatapy(node.right))
        case Binary() if isinstance(node.left, Member) and node.left.count:
            return ["count", "/".join(node.left.path), node.operator.value]
        case Binary():
            return [node.operator.value, of_odatapy(node.left), of_odatapy(node.right)]
        case Unary():
            return ["not", of_odatapy(node.operand)]
        case Method():
            return [node.method.value, *map(of_odatapy, node.parameters)]
        case Member() if node.lambda_expression is not None:
            return ["any", "/".join(node.path), of_odatapy(node.lambda_expression.body)]
        case Member():
            return "/".join(filter(None, [node.lambda_variable, *node.path]))
        case LambdaReference():
            return node.name
        case ListExpression():
            return [of_odatapy(item) for item in node.items]
        case Literal() if node.text.startswith("'"):
            return node.text[1:-1].replace("''", "'")
        case Literal():
            return {"null": None, "true": True, "false": False}.get(node.text, node.text)
    raise TypeError(node)


def model(metadata: str) -> Any:
    """Make odatapy's model of a metadata document."""
    provider = CsdlAbstractEdmProvider()
    provider.get_schemas = lambda: parse_metadata(metadata)
    return Edm(provider)


def main() -> None:
    given = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    edm = model(given["metadata"])

    def by_odata_query(text: str) -> Any:
        return of_odata_query(ODataParser().parse(ODataLexer().tokenize(text)))

    def by_odatapy(text: str) -> Any:
        found = Parser(edm).parse_uri("users", f"$filter={quote(text)}")
        return of_odatapy(found.filter.expression)

    seen: dict[str, Any] = {}
    for name, parse in (("odata-query", by_odata_query), ("odatapy", by_odatapy)):
        parsed, others = 0, []
        for text, tree in given["filters"]:
            try:
                found = parse(text)
            except (ODataException, UriParserException):
                continue
            parsed += 1
            if found != tree:
                others.append([text, found])
        seen[name] = {"parsed": parsed, "in another way": others}
    print(json.dumps(seen))


main()
