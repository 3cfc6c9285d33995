"""Read the query options of a request: ``$select``, ``$filter``, ``$top`` and their kin."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.web.graph import search
from connector.web.graph.filter import advanced, binding, parser
from connector.web.graph.properties import is_extension
from connector.web.graph.refusals import bad_request, invalid, unsupported, unsupported_clause
from connector.web.graph.types import ANY, TYPES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from connector.tenant.selection import Condition
    from connector.web.graph.filter.binding import Bound
    from connector.web.graph.types import GraphType

PAGE = 100
LARGEST_PAGE = 999
LISTING = ("$select", "$filter", "$top", "$orderby", "$count", "$search", "$expand", "$skiptoken")
SINGLE = ("$select", "$expand")
_IGNORED = frozenset({"$format"})
_EXPANDED = re.compile(r"([A-Za-z]+)\s*(?:\((.*)\))?", re.DOTALL)
_ORDERED = re.compile(r"([A-Za-z]+)(?:\s+(asc|desc))?", re.IGNORECASE)
_SPELLED = {name.lower(): name for of in (*TYPES, ANY) for name in of.properties}


@dataclass(frozen=True, slots=True)
class Expansion:
    """A relation to write with each object, and the properties of those that it leads to."""

    relation: str
    select: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """What a request asks of a collection, or of one object.

    ``select`` is None where the type decides; ``order`` are names of properties, each with whether it
    falls.
    """

    select: tuple[str, ...] | None = None
    filter: Bound | None = None
    top: int = PAGE
    order: tuple[tuple[str, bool], ...] = ()
    count: bool = False
    search: Condition | None = None
    expand: tuple[Expansion, ...] = ()


def given(query: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the options of OData by their lower-case names; raises Refusal for one given twice."""
    found: dict[str, str] = {}
    for name, value in query:
        key = name.strip().lower()
        if not key.startswith("$"):
            continue
        if key in found:
            raise bad_request(f"Query option '{key}' was specified more than once.")
        found[key] = value
    return found


def read(
    asked: Mapping[str, str], of: GraphType, takes: Sequence[str], *, eventual: bool
) -> Options:
    """Return the options for a collection of a type; raises Refusal for what cannot be done.

    ``eventual`` says that the request has the header ConsistencyLevel. ``takes`` are the options that
    the route has; ``/$count`` takes no ``$count``, and is advanced by the header alone.
    """
    for name in asked:
        if name not in takes and name not in _IGNORED:
            raise invalid(f"The query option '{name}' is not supported here.")
    count = _flag(asked.get("$count"))
    is_advanced = eventual and (count or "$count" not in takes)
    condition = _filter(asked.get("$filter"), of, is_advanced=is_advanced)
    order = _order(asked.get("$orderby"), of)
    if condition is not None and order and not is_advanced:
        raise unsupported("Sorting not supported for current query.")
    return Options(
        select=selected(asked.get("$select")),
        filter=condition,
        top=_top(asked.get("$top")),
        order=order,
        count=count and eventual,
        search=_search(asked.get("$search"), of, eventual=eventual),
        expand=tuple(_expanded(asked.get("$expand"), of)),
    )


def selected(text: str | None) -> tuple[str, ...] | None:
    """Return the chosen properties as Graph spells them; names that no type has do not count, ``*`` is all.

    A directory extension is taken as it is spelled.
    """
    if text is None or not text.strip():
        return None
    names = [name.strip().lower() for name in text.split(",")]
    if "*" in names:
        names = list(_SPELLED)
    spelled = dict(zip(names, (name.strip() for name in text.split(",")), strict=False))
    chosen = (
        spelled[name] if is_extension(spelled.get(name, "")) else _SPELLED.get(name)
        for name in names
    )
    return tuple(dict.fromkeys(["id", *(name for name in chosen if name)]))


def _flag(text: str | None) -> bool:
    if text is None:
        return False
    if text.lower() not in {"true", "false"}:
        raise bad_request(f"Invalid value '{text}' for $count query option found.")
    return text.lower() == "true"


def _top(text: str | None) -> int:
    if text is None:
        return PAGE
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or not 1 <= int(text) <= LARGEST_PAGE:
        raise invalid(
            f"Invalid page size specified: '{text}'. Must be between 1 and {LARGEST_PAGE} inclusive."
        )
    return int(text)


def _filter(text: str | None, of: GraphType, *, is_advanced: bool) -> Bound | None:
    if text is None:
        return None
    found = binding.Bound(of, parser.parse(text))
    needs = advanced.needs_advanced(found.node)
    if needs is not None and not is_advanced:
        raise unsupported_clause(needs, of.resource)
    return found


def _order(text: str | None, of: GraphType) -> tuple[tuple[str, bool], ...]:
    if text is None:
        return ()
    found: list[tuple[str, bool]] = []
    for part in text.split(","):
        match = _ORDERED.fullmatch(part.strip())
        name = of.spelled.get(match[1].lower(), "") if match else ""
        if match is None or name not in of.orders:
            raise bad_request(f"Unsupported sort property '{part.strip()}' for '{of.resource}'.")
        found.append((name, (match[2] or "").lower() == "desc"))
    if len({name for name, _ in found}) < len(found):
        raise bad_request("A property is in $orderby twice.")
    return tuple(found)


def _search(text: str | None, of: GraphType, *, eventual: bool) -> Condition | None:
    if text is None:
        return None
    if not eventual:
        raise unsupported(
            "Request with $search query parameter only works through MSGraph with a special "
            "request header: 'ConsistencyLevel: eventual'"
        )
    return search.parse(text, of)


def _expanded(text: str | None, of: GraphType) -> Iterable[Expansion]:
    relations = {name.lower(): name for name in of.relations}
    for part in _split(text or ""):
        match = _EXPANDED.fullmatch(part.strip())
        name = match[1] if match else part.strip()
        relation = relations.get(name.lower())
        if match is None or relation is None:
            raise bad_request(
                "Parsing OData Select and Expand failed: Could not find a property named "
                f"'{name}' on type 'microsoft.graph.{of.name}'."
            )
        inner = given(_pairs(match[2] or ""))
        if inner.keys() - {"$select", "$levels"}:
            raise bad_request("Within $expand only $select is supported.")
        yield Expansion(relation, selected(inner.get("$select")))


def _pairs(text: str) -> Iterable[tuple[str, str]]:
    for part in text.split(";"):
        name, _, value = part.partition("=")
        if name.strip():
            yield name, value


def _split(text: str) -> Iterable[str]:
    """Split at the commas outside brackets."""
    part, depth = "", 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            yield part
            part = ""
        else:
            part += letter
    if part.strip():
        yield part
