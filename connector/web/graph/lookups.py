"""Answer look-ups of many ids at once, and of all groups that an object is a member of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.tenant.selection import Equal, Linked, Selection, Shadow
from connector.web.graph import bodies, identities, listing, options
from connector.web.graph.refusals import bad_request, invalid, is_text
from connector.web.graph.types import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.web.exchange import Reply
    from connector.web.graph.entities import Handler
    from connector.web.graph.request import Request
    from connector.web.graph.types import GraphType

MOST_IDS = 1000
_NO_TYPE = "directoryobject"
_ONLY_SECURITY = "securityEnabledOnly"


def by_ids(request: Request) -> Reply:
    """Return the objects with the ids in the body, in their order, those that are there."""
    body = bodies.spelled(request.body(), ("ids", "types"))
    ids = _texts(body, "ids")
    kinds = {name.lower() for name in _texts(body, "types", missing=())}
    if len(ids) > MOST_IDS:
        raise invalid(f"The limit of {MOST_IDS} ids in a request has been exceeded.")
    tenants = {BY_NAME[kind].tenant for kind in kinds if kind in BY_NAME}
    if "contact" in kinds:
        tenants.add("contact")
    anything = not kinds or _NO_TYPE in kinds
    with request.reading() as readers:
        keys = list(dict.fromkeys(each.lower() for each in ids))
        found = readers.tenant.by_id(keys)
        numbers = [
            found[key].number
            for key in keys
            if key in found
            and found[key].deleted is None
            and (anything or found[key].type in tenants)
        ]
        wanted = options.Options(
            select=options.selected(options.given(request.call.query).get("$select"))
        )
        items = listing.objects(request, readers.tenant, numbers, wanted, typed=True)
        return request.json({"value": items}, of="directoryObjects")


def member_groups(of: GraphType | None) -> Handler:
    """Make the answer with the ids of the groups that an object belongs to, over groups as well."""

    def answer(request: Request) -> Reply:
        body = bodies.spelled(request.body(), (_ONLY_SECURITY,))
        only_security = body.get(_ONLY_SECURITY)
        if not isinstance(only_security, bool):
            raise bad_request(f"{_ONLY_SECURITY} is true or false, and has to be given.")
        with request.reading() as readers:
            item = identities.live(readers, of, request.id)
            among = Linked(item.number, up=True, transitive=True)
            security = Equal(Shadow(("securityEnabled",)), 1) if only_security else None
            ids = readers.tenant.selections.ids(Selection(among, security))
            return request.json({"value": ids}, of="Collection(Edm.String)")

    return answer


def _texts(body: Mapping[str, Any], name: str, missing: tuple[str, ...] | None = None) -> list[str]:
    found = body.get(name)
    if found is None and missing is not None:
        return list(missing)
    if not isinstance(found, list) or not all(map(is_text, found)):
        raise bad_request(f"{name} is a list of texts.")
    return found
