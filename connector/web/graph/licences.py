"""Assign licences to users, and take them away; there is one: Exchange."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.operations import cloud
from connector.web.graph import bodies, identities
from connector.web.graph.changing import check_options, entity, perform
from connector.web.graph.properties import EXCHANGE_SKU
from connector.web.graph.refusals import invalid
from connector.web.graph.types import USER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.web.exchange import Reply
    from connector.web.graph.request import Request

_ADD, _REMOVE = "addLicenses", "removeLicenses"
_MISSING = (
    "One or more parameters of the operation 'assignLicense' are missing from the request payload. "
    "The missing parameters: addLicenses, removeLicenses."
)


def assign(request: Request) -> Reply:
    """Change the licences of a user, and return the user."""
    check_options(request, USER)
    given = bodies.spelled(bodies.read_object(request.call.body), (_ADD, _REMOVE))
    if not given.keys() & {_ADD, _REMOVE}:
        raise invalid(_MISSING)
    added, removed = _skus(given, _ADD), _skus(given, _REMOVE)
    if added & removed:
        raise invalid("A license is to be added and removed at the same time.")
    with request.reading() as readers:
        item = identities.live(readers, USER, request.id)
    if removed and not item.exchange:
        raise invalid("User does not have a corresponding license.")
    if added or removed:
        perform(request, request.id, cloud.license_, identity=item.id, assign=bool(added))
        request.context.note_change(request.call, "assign license", item.id)
    return entity(request, item.id)


def _skus(given: Mapping[str, Any], name: str) -> set[str]:
    """Return the licences that are named, each by its id or in an object; raises Refusal."""
    some = given.get(name, [])
    if not isinstance(some, list):
        raise invalid(f"The parameter '{name}' is not a collection.")
    return {_sku(item, name) for item in some}


def _sku(item: Any, name: str) -> str:
    plans: object = []
    if name == _ADD and isinstance(item, dict):
        licence = bodies.spelled(item, ("disabledPlans", "skuId"))
        plans, item = licence.get("disabledPlans", []), licence.get("skuId")
    elif name == _ADD:
        item = None
    if not isinstance(item, str) or not isinstance(plans, list):
        raise invalid(f"The parameter '{name}' holds something else than licenses.")
    if item.lower() != EXCHANGE_SKU:
        raise invalid(f"License {item[:100]} does not correspond to a valid company License.")
    if plans:
        raise invalid("The plans of this license cannot be disabled one by one.")
    return EXCHANGE_SKU
