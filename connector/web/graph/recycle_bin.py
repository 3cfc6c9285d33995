"""Answer for what was soft-deleted: only users are (docs/sources.md 7.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.web.graph import identities, listing, reading
from connector.web.graph.entities import cast_to
from connector.web.graph.types import ANY

if TYPE_CHECKING:
    from connector.web.exchange import Reply
    from connector.web.graph.reading import Collection
    from connector.web.graph.request import Request
    from connector.web.graph.types import GraphType


def every(request: Request) -> Reply:
    """Return the deleted objects of the type in the path."""
    with request.reading() as readers:
        of, among = _asked(request)
        return listing.page(request, readers.tenant.database.conn, of, among)


def how_many(request: Request) -> Reply:
    with request.reading() as readers:
        of, among = _asked(request)
        return listing.count(request, readers.tenant.database.conn, of, among)


def one(request: Request) -> Reply:
    with request.reading() as readers:
        item = identities.deleted(readers, request.id)
        return listing.single(request, readers.tenant.database.conn, item.number, typed=True)


def _asked(request: Request) -> tuple[GraphType, Collection]:
    of = cast_to(request.cast)
    if of is None:
        return ANY, reading.NOTHING
    return of, reading.deleted(of.tenant or None)
