"""Answer for users, groups and contacts: collections, single objects, and how they belong together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from connector.web.graph import identities, listing, reading
from connector.web.graph.refusals import not_found, unknown_segment
from connector.web.graph.types import ANY, BY_NAME, NEVER_THERE

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.web.exchange import Reply
    from connector.web.graph.reading import Collection
    from connector.web.graph.request import Request
    from connector.web.graph.types import GraphType

    Handler = Callable[[Request], Reply]


def every(of: GraphType) -> Handler:
    """Make the answer for all objects of a type."""

    def answer(request: Request) -> Reply:
        with request.reading() as readers:
            among = reading.live(of.tenant)
            return listing.page(request, readers.tenant.database.conn, of, among)

    return answer


def how_many(of: GraphType) -> Handler:
    def answer(request: Request) -> Reply:
        with request.reading() as readers:
            among = reading.live(of.tenant)
            return listing.count(request, readers.tenant.database.conn, of, among)

    return answer


def one(of: GraphType | None) -> Handler:
    """Make the answer for one object of a type; without a type, of any."""

    def answer(request: Request) -> Reply:
        with request.reading() as readers:
            item = identities.live(readers, of, request.id)
            connection = readers.tenant.database.conn
            return listing.single(request, connection, item.number, typed=of is None)

    return answer


def manager(of: GraphType) -> Handler:
    """Make the answer with the manager of an object; raises Refusal where it has none."""

    def answer(request: Request) -> Reply:
        with request.reading() as readers:
            item = identities.live(readers, of, request.id)
            connection = readers.tenant.database.conn
            number = reading.manager(connection, item.number)
            if number is None:
                raise not_found(listing.MANAGER)
            return listing.single(request, connection, number, typed=True)

    return answer


def related(of: GraphType, relation: str) -> Handler:
    """Make the answer for what a relation of an object leads to."""

    def answer(request: Request) -> Reply:
        with request.reading() as readers:
            item = identities.live(readers, of, request.id)
            kind, among = _narrowed(listing.relation(relation, item.number), request.cast)
            return listing.page(request, readers.tenant.database.conn, kind, among)

    return answer


def how_many_related(of: GraphType, relation: str) -> Handler:
    def answer(request: Request) -> Reply:
        with request.reading() as readers:
            item = identities.live(readers, of, request.id)
            kind, among = _narrowed(listing.relation(relation, item.number), request.cast)
            return listing.count(request, readers.tenant.database.conn, kind, among)

    return answer


def _narrowed(among: Collection | None, cast: str) -> tuple[GraphType, Collection]:
    """Return the type of what a relation leads to, and those alone of the type in the path."""
    kind = cast_to(cast)
    if among is None or kind is None:
        return kind or ANY, reading.NOTHING
    if kind is ANY:
        return ANY, among
    condition = f"{among.condition} AND object.type = ?"
    return kind, replace(among, condition=condition, values=(*among.values, kind.tenant))


def cast_to(name: str) -> GraphType | None:
    """Return the type that a path names, ANY where it names none.

    None stands for a type that Graph has and the tenant has no objects of; raises Refusal for
    any other name.
    """
    folded = name.lower()
    if folded in {"", ANY.name.lower()}:
        return ANY
    if folded in NEVER_THERE:
        return None
    if (found := BY_NAME.get(folded)) is None:
        raise unknown_segment(name)
    return found
