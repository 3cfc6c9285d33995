"""Answer for users, groups and contacts: collections, single objects, and how they belong together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from connector.tenant.selection import Led, Live, Nobody, Selection
from connector.web.graph import identities, listing
from connector.web.graph.refusals import not_found, unknown_segment
from connector.web.graph.types import ANY, BY_NAME, NEVER_THERE

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.tenant.selection import Among, Linked
    from connector.web.exchange import Reply
    from connector.web.graph.request import Request
    from connector.web.graph.types import GraphType

    Handler = Callable[[Request], Reply]


def every(of: GraphType) -> Handler:
    """Make the answer for all objects of a type."""

    def answer(request: Request) -> Reply:
        with request.reading() as readers:
            among = Live(of.tenant)
            return listing.page(request, readers.tenant, of, among)

    return answer


def how_many(of: GraphType) -> Handler:
    def answer(request: Request) -> Reply:
        with request.reading() as readers:
            among = Live(of.tenant)
            return listing.count(request, readers.tenant, of, among)

    return answer


def one(of: GraphType | None) -> Handler:
    """Make the answer for one object of a type; without a type, of any."""

    def answer(request: Request) -> Reply:
        with request.reading() as readers:
            item = identities.live(readers, of, request.id)
            return listing.single(request, readers.tenant, item.number, typed=of is None)

    return answer


def manager(of: GraphType) -> Handler:
    """Make the answer with the manager of an object; raises Refusal where it has none."""

    def answer(request: Request) -> Reply:
        with request.reading() as readers:
            item = identities.live(readers, of, request.id)
            among = Selection(Led(item.number, up=True))
            numbers = readers.tenant.selections.page(among, 1).numbers
            if not numbers:
                raise not_found(listing.MANAGER)
            return listing.single(request, readers.tenant, numbers[0], typed=True)

    return answer


def related(of: GraphType, relation: str) -> Handler:
    """Make the answer for what a relation of an object leads to."""

    def answer(request: Request) -> Reply:
        with request.reading() as readers:
            item = identities.live(readers, of, request.id)
            kind, among = _narrowed(listing.relation(relation, item.number), request.cast)
            return listing.page(request, readers.tenant, kind, among)

    return answer


def how_many_related(of: GraphType, relation: str) -> Handler:
    def answer(request: Request) -> Reply:
        with request.reading() as readers:
            item = identities.live(readers, of, request.id)
            kind, among = _narrowed(listing.relation(relation, item.number), request.cast)
            return listing.count(request, readers.tenant, kind, among)

    return answer


def _narrowed(among: Linked | Led | None, cast: str) -> tuple[GraphType, Among]:
    """Return the type of what a relation leads to, and those alone of the type in the path."""
    kind = cast_to(cast)
    if among is None or kind is None:
        return kind or ANY, Nobody()
    if kind is ANY:
        return ANY, among
    return kind, replace(among, type=kind.tenant)


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
