"""Every route of the API, in one table; the description at ``/v1.0/openapi.json`` is made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.web.graph import (
    absent,
    company,
    entities,
    listing,
    lookups,
    openapi,
    recycle_bin,
)
from connector.web.graph.change_routes import CHANGING
from connector.web.graph.options import LISTING, SINGLE
from connector.web.graph.route import Route, Table
from connector.web.graph.types import CONTACT, GROUP, TYPES, USER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.web.exchange import Reply
    from connector.web.graph.request import Request
    from connector.web.graph.types import GraphType

COUNTING = ("$filter", "$search")
_CHOOSING = ("$select",)
_RELATIONS = {
    USER: ("memberOf", "transitiveMemberOf", "directReports"),
    GROUP: ("members", "transitiveMembers", "memberOf", "transitiveMemberOf", "owners"),
    CONTACT: ("memberOf", "transitiveMemberOf", "directReports"),
}


def _describe(request: Request) -> Reply:
    return request.json(openapi.description(TABLE.routes, request.root()))


def _of(of: GraphType) -> Iterator[Route]:
    """Yield the routes that read objects of a type."""
    at, what = of.collection, of.collection[:-1]
    yield Route("GET", at, entities.every(of), f"List {at}", f"{of.name}[]", takes=LISTING)
    yield Route(
        "GET", f"{at}/$count", entities.how_many(of), f"Count {at}", "count", takes=COUNTING
    )
    yield Route("GET", f"{at}/{{id}}", entities.one(of), f"Get a {what}", of.name, takes=SINGLE)
    for relation in _RELATIONS[of]:
        path = f"{at}/{{id}}/{relation}"
        related, counted = (
            entities.related(of, relation),
            entities.how_many_related(of, relation),
        )
        for place, kind in ((path, ""), (f"{path}/{{cast}}", " of one type")):
            yield Route(
                "GET",
                place,
                related,
                f"List {relation} of a {what}{kind}",
                "directoryObject[]",
                takes=LISTING,
            )
            yield Route(
                "GET",
                f"{place}/$count",
                counted,
                f"Count {relation} of a {what}{kind}",
                "count",
                takes=COUNTING,
            )
    if listing.MANAGER in of.relations:
        path = f"{at}/{{id}}/{listing.MANAGER}"
        about = f"Get the manager of a {what}"
        yield Route("GET", path, entities.manager(of), about, "directoryObject", takes=SINGLE)
    yield Route(
        "POST",
        f"{at}/{{id}}/getMemberGroups",
        lookups.member_groups(of),
        f"List the ids of all groups that a {what} belongs to",
        "text[]",
        body="getMemberGroups",
    )
    yield Route(
        "POST",
        f"{at}/getByIds",
        lookups.by_ids,
        "Get directory objects by their ids",
        "directoryObject[]",
        body="getByIds",
        takes=_CHOOSING,
    )


READING = (
    *(route for of in TYPES for route in _of(of)),
    Route(
        "GET",
        "directoryObjects/{id}",
        entities.one(None),
        "Get a user, group or contact",
        "directoryObject",
        takes=SINGLE,
    ),
    Route(
        "POST",
        "directoryObjects/getByIds",
        lookups.by_ids,
        "Get directory objects by their ids",
        "directoryObject[]",
        body="getByIds",
        takes=_CHOOSING,
    ),
    Route(
        "POST",
        "directoryObjects/{id}/getMemberGroups",
        lookups.member_groups(None),
        "List the ids of all groups that an object belongs to",
        "text[]",
        body="getMemberGroups",
    ),
    *(
        route
        for place in ("directory/deletedItems", "directory/deletedItems/{cast}")
        for route in (
            Route(
                "GET",
                place,
                recycle_bin.every,
                "List deleted users",
                "directoryObject[]",
                takes=LISTING,
            ),
            Route(
                "GET",
                f"{place}/$count",
                recycle_bin.how_many,
                "Count deleted users",
                "count",
                takes=COUNTING,
            ),
        )
    ),
    Route(
        "GET",
        "directory/deletedItems/{id}",
        recycle_bin.one,
        "Get a deleted user",
        "directoryObject",
        takes=SINGLE,
    ),
    Route(
        "GET",
        "organization",
        company.organizations,
        "List the tenant",
        "organization[]",
        takes=_CHOOSING,
    ),
    Route(
        "GET",
        "organization/{id}",
        company.organization,
        "Get the tenant",
        "organization",
        takes=_CHOOSING,
    ),
    Route("GET", "domains", company.domains, "List domains", "domain[]", takes=_CHOOSING),
    Route("GET", "domains/{id}", company.domain, "Get a domain", "domain", takes=_CHOOSING),
    Route(
        "GET",
        company.SYNC,
        company.synchronizations,
        "List the synchronization",
        "onPremisesDirectorySynchronization[]",
        takes=_CHOOSING,
    ),
    Route(
        "GET",
        f"{company.SYNC}/{{id}}",
        company.synchronization,
        "Get the synchronization",
        "onPremisesDirectorySynchronization",
        takes=_CHOOSING,
    ),
    Route(
        "GET",
        "subscribedSkus",
        company.skus,
        "List licences that can be assigned",
        "subscribedSku[]",
        takes=_CHOOSING,
    ),
    Route(
        "GET",
        "subscribedSkus/{id}",
        company.sku,
        "Get a licence that can be assigned",
        "subscribedSku",
        takes=_CHOOSING,
    ),
    Route("GET", "openapi.json", _describe, "Describe every route of this API", "description"),
)
TABLE = Table((*READING, *CHANGING), absent.paths())
