"""Match requests with a table of routes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from connector.web.graph.paths import unqualified

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from connector.web.exchange import Reply
    from connector.web.graph.request import Request

ID, CAST = "{id}", "{cast}"


@dataclass(frozen=True, slots=True)
class Route:
    """One request that the API answers.

    ``path`` has the segments below the version, as Graph spells them; ``{id}`` stands for any text
    and ``{cast}`` for the name of a type with its namespace. ``answer`` names the schema of the
    answer in the description (``connector.web.graph.openapi``), ``body`` that of the request.
    ``takes`` are the query options that count.
    """

    method: str
    path: str
    do: Callable[[Request], Reply]
    summary: str
    answer: str
    needs: Literal["read", "write"] = "read"
    takes: tuple[str, ...] = ()
    body: str | None = None
    status: int = 200


@dataclass(frozen=True, slots=True)
class Match:
    """The routes of one path, by method, and what its placeholders stand for."""

    routes: Mapping[str, Route]
    id: str = ""
    cast: str = ""


class Unknown(Exception):
    """No route has the segment; ``is_of_graph`` says that Graph has what this server has not."""

    def __init__(self, segment: str, *, is_of_graph: bool) -> None:
        super().__init__(segment)
        self.segment = segment
        self.is_of_graph = is_of_graph


@dataclass(slots=True)
class _Node:
    next: dict[str, _Node] = field(default_factory=dict)
    routes: dict[str, Route] = field(default_factory=dict)
    is_absent: bool = False
    is_way: bool = True
    """Whether a route leads here or further, and not an absent path alone."""


class Table:
    """Finds the route of a path among many, in any case.

    ``absent`` are the paths of Graph that end what is here; nothing below them is looked for.
    """

    def __init__(self, routes: Iterable[Route], absent: Iterable[str] = ()) -> None:
        self.routes = tuple(routes)
        self._root = _Node()
        for route in self.routes:
            self._node(route.path).routes[route.method] = route
        for path in absent:
            self._node(path, is_way=False).is_absent = True

    def _node(self, path: str, *, is_way: bool = True) -> _Node:
        node = self._root
        for segment in path.split("/"):
            key = segment if segment in (ID, CAST) else segment.lower()
            node = node.next.setdefault(key, _Node(is_way=is_way))
        return node

    def match(self, segments: Sequence[str]) -> Match:
        """Return the routes of a path; raises Unknown where there are none."""
        furthest, is_way = 0, False
        for depth, node, values in _walks(self._root, segments, 0, {}):
            if node.is_absent:
                raise Unknown(segments[depth - 1], is_of_graph=True)
            if depth == len(segments) and node.routes:
                return Match(node.routes, values.get(ID, ""), values.get(CAST, ""))
            furthest = max(furthest, depth)
            is_way = is_way or (depth == len(segments) and node.is_way)
        segment = segments[min(furthest, len(segments) - 1)] if segments else ""
        raise Unknown(segment, is_of_graph=is_way and bool(segments))


def _walks(
    node: _Node, segments: Sequence[str], depth: int, values: Mapping[str, str]
) -> Iterator[tuple[int, _Node, Mapping[str, str]]]:
    """Yield how far each way through the tree goes, the most literal one first."""
    went_on = False
    if depth < len(segments) and not node.is_absent:
        for key, more in _keys(segments[depth]):
            if (after := node.next.get(key)) is not None:
                went_on = True
                yield from _walks(after, segments, depth + 1, {**values, **more})
    if not went_on:
        yield depth, node, values


def _keys(segment: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield what a segment may match, with what it gives a placeholder."""
    yield segment.lower(), {}
    if (name := unqualified(segment)) is not None:
        yield name.lower(), {}
        yield CAST, {CAST: name}
    yield ID, {ID: segment}
