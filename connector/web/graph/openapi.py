"""Describe every route in the form of OpenAPI 3.0, from the table that answers requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector import __version__
from connector.web.graph import schemas
from connector.web.graph.options import LARGEST_PAGE
from connector.web.graph.route import CAST, ID
from connector.web.graph.types import TYPES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connector.web.graph.route import Route

Part = dict[str, Any]

_QUERY: dict[str, tuple[str, Part]] = {
    "$select": ("The properties to write, joined by commas.", {"type": "string"}),
    "$filter": ("A condition that each object meets.", {"type": "string"}),
    "$top": (
        "The largest number of objects in a page.",
        {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE},
    ),
    "$orderby": ("A property, with asc or desc behind it.", {"type": "string"}),
    "$count": (
        "Whether to write how many objects there are; needs ConsistencyLevel.",
        {"type": "boolean"},
    ),
    "$search": ('Phrases such as "displayName:ann"; needs ConsistencyLevel.', {"type": "string"}),
    "$expand": ("A relation to write with each object.", {"type": "string"}),
    "$skiptoken": ("The place of a next page, from its link.", {"type": "string"}),
    "$deltatoken": ("The place of the changes since a round, from its link.", {"type": "string"}),
}
_PLACES: dict[str, tuple[str, Part]] = {
    ID: ("The id of the object; of a user also its user principal name.", {"type": "string"}),
    CAST: (
        "A type with its namespace.",
        {"type": "string", "enum": [f"graph.{of.name}" for of in TYPES]},
    ),
}
_USERS = "graph.user"
_EVENTUAL = {
    "name": "ConsistencyLevel",
    "in": "header",
    "description": "eventual: for $search, /$count, and with $count for advanced queries.",
    "schema": {"type": "string"},
}


def description(routes: Iterable[Route], root: str) -> Part:
    """Return the description of routes; ``root`` is the address of the version."""
    some = list(routes)
    paths: dict[str, Part] = {}
    for route in some:
        path = described_path(route, some)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, path)
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "The tenant in the shape of Microsoft Graph",
            "version": __version__,
            "description": "How true it is to Graph is in docs/graph.md of the project.",
        },
        "servers": [{"url": root}],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": schemas.COMPONENTS,
        },
    }


def described_path(route: Route, routes: Iterable[Route]) -> str:
    """Return the path of a route, of which two may not differ in the name of a placeholder alone.

    Where they would, the type that the tenant has stands for the name of one.
    """
    others = {other.path for other in routes}
    is_twin = CAST in route.path and route.path.replace(CAST, ID).removesuffix("/$count") in others
    return f"/{route.path.replace(CAST, _USERS) if is_twin else route.path}"


def _operation(route: Route, path: str) -> Part:
    found: Part = {
        "summary": route.summary,
        "operationId": _name(route),
        "parameters": list(_parameters(route, path)),
        "responses": {
            str(route.status): _answer(route),
            "default": {"description": "A refusal.", "content": _json(schemas.reference("error"))},
        },
        "x-role": "reader" if route.needs == "read" else "admin",
    }
    if route.body is not None:
        body = schemas.BODIES[route.body]
        found["requestBody"] = {"required": "required" in body, "content": _json(body)}
    return found


def _name(route: Route) -> str:
    parts = (part.strip("{}$") for part in route.path.replace(".", "/").split("/"))
    return route.method.lower() + "".join(part[:1].upper() + part[1:] for part in parts)


def _parameters(route: Route, path: str) -> Iterable[Part]:
    for name in path.split("/"):
        if (place := _PLACES.get(name)) is not None:
            text, schema = place
            yield _parameter(name.strip("{}"), "path", text, schema) | {"required": True}
    for option in route.takes:
        yield _parameter(option, "query", *_QUERY[option])
    if {"$search", "$count"} & set(route.takes):
        yield _EVENTUAL


def _parameter(name: str, place: str, text: str, schema: Part) -> Part:
    return {"name": name, "in": place, "description": text, "schema": schema}


def _answer(route: Route) -> Part:
    if route.answer == "nothing":
        return {"description": "It is done."}
    if route.answer == "count":
        content: Part = {"text/plain": {"schema": {"type": "integer"}}}
    else:
        content = _json(schemas.answer(route.answer))
    return {"description": route.summary, "content": content}


def _json(schema: Part) -> Part:
    return {"application/json": {"schema": schema}}
