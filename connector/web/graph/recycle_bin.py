"""Answer for what was soft-deleted: only users are (docs/sources.md 7.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.tenant.selection import Deleted, Nobody
from connector.web.graph import identities, listing
from connector.web.graph.entities import cast_to
from connector.web.graph.types import ANY

if TYPE_CHECKING:
    from connector.tenant.selection import Among
    from connector.web.exchange import Reply
    from connector.web.graph.request import Request
    from connector.web.graph.types import GraphType


def every(request: Request) -> Reply:
    """Return the deleted objects of the type in the path."""
    with request.reading() as readers:
        of, among = _asked(request)
        return listing.page(request, readers.tenant, of, among)


def how_many(request: Request) -> Reply:
    with request.reading() as readers:
        of, among = _asked(request)
        return listing.count(request, readers.tenant, of, among)


def one(request: Request) -> Reply:
    with request.reading() as readers:
        item = identities.deleted(readers, request.id)
        return listing.single(request, readers.tenant, item.number, typed=True)


def _asked(request: Request) -> tuple[GraphType, Among]:
    of = cast_to(request.cast)
    if of is None:
        return ANY, Nobody()
    return of, Deleted(of.tenant or None)
