"""Answer with pages of objects, or with one, whatever collection they are of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.tenant.selection import Led, Linked
from connector.web.graph import options, paging, reading
from connector.web.graph.refusals import bad_request, invalid
from connector.web.graph.types import ANY
from connector.web.graph.wire import type_of, written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connector.tenant.selection import Among, Keys
    from connector.tenant.service import TenantService
    from connector.web.exchange import Reply
    from connector.web.graph.options import Expansion, Options
    from connector.web.graph.properties import Row
    from connector.web.graph.request import Request
    from connector.web.graph.types import GraphType

MOST_EXPANDED = 20
MANAGER = "manager"
_ERRORS = "onPremisesProvisioningErrors"
_NO_COUNT = "$count is not currently supported."


def page(request: Request, tenant: TenantService, of: GraphType, among: Among) -> Reply:
    """Return a page of a collection, with the link to the next one.

    ``of`` is the type of all its objects, or ``types.ANY``: then each names its own.
    """
    asked = options.given(request.call.query)
    eventual = request.is_eventual()
    after: Keys = ()
    if (token := asked.get("$skiptoken")) is not None:
        place = paging.read(token, request.place().lower())
        asked, eventual, after = dict(place.asked), place.eventual, place.after
    wanted = options.read(asked, of, request.takes, eventual=eventual)
    try:
        found = reading.page(tenant, among, wanted, after)
    except ValueError as error:
        raise bad_request("Invalid value specified for $skiptoken.") from error
    body: dict[str, Any] = {}
    if wanted.count and not after:
        body["@odata.count"] = reading.count(tenant, among, wanted)
    if found.last is not None:
        place = paging.Place(request.place().lower(), asked, eventual, found.last)
        body["@odata.nextLink"] = (
            f"{request.root()}/{request.place()}?$skiptoken={paging.token(place)}"
        )
    body["value"] = objects(request, tenant, found.numbers, wanted, typed=of is ANY)
    return request.json(body, of=_fragment(of, wanted))


def count(request: Request, tenant: TenantService, of: GraphType, among: Among) -> Reply:
    """Return the number of objects as plain text; raises Refusal without ConsistencyLevel."""
    if not request.is_eventual():
        raise invalid(_NO_COUNT)
    asked = options.given(request.call.query)
    wanted = options.read(asked, of, request.takes, eventual=True)
    return request.text(str(reading.count(tenant, among, wanted)))


def single(request: Request, tenant: TenantService, number: int, *, typed: bool = False) -> Reply:
    """Return one object that is there; ``typed`` says so in it."""
    row = reading.rows(tenant, [number])[0]
    of = type_of(row)
    wanted = options.read(
        options.given(request.call.query), of, request.takes, eventual=request.is_eventual()
    )
    [found] = objects(request, tenant, [number], wanted, typed=typed)
    fragment = "directoryObjects" if typed else _fragment(of, wanted)
    return request.json(found, of=f"{fragment}/$entity")


def objects(
    request: Request,
    tenant: TenantService,
    numbers: Sequence[int],
    wanted: Options,
    *,
    typed: bool,
) -> list[dict[str, Any]]:
    """Return objects as they are written, with their chosen properties and relations.

    ``typed`` says with each of which type it is.
    """
    with_errors = wanted.select is None or _ERRORS in wanted.select
    found = []
    for row in reading.rows(tenant, numbers, with_errors=with_errors):
        item = _written(request, row, wanted.select, typed=typed)
        for expansion in wanted.expand:
            item[expansion.relation] = _expanded(request, tenant, row, expansion)
        found.append(item)
    return found


def _written(
    request: Request, row: Row, select: tuple[str, ...] | None, *, typed: bool
) -> dict[str, Any]:
    item = written(row, select)
    if typed and request.says_types():
        return {"@odata.type": f"#microsoft.graph.{type_of(row).name}", **item}
    return item


def _expanded(
    request: Request, tenant: TenantService, row: Row, expansion: Expansion
) -> list[dict[str, Any]] | dict[str, Any] | None:
    """Return the first objects that a relation leads to, or the only one; no object here has an owner."""
    wanted = options.Options(select=expansion.select, top=MOST_EXPANDED)
    is_one = expansion.relation == MANAGER
    among = relation(expansion.relation, row.item.number)
    if among is None:
        return []
    numbers = reading.page(tenant, among, wanted).numbers
    found = objects(request, tenant, numbers, wanted, typed=True)
    return next(iter(found), None) if is_one else found


def relation(name: str, number: int) -> Linked | Led | None:
    """Return what a relation of an object leads to, None where it never leads to anything."""
    folded = name.lower()
    if folded == "directreports":
        return Led(number, up=False)
    if folded == MANAGER:
        return Led(number, up=True)
    if not folded.endswith(("members", "memberof")):
        return None
    up, transitive = folded.endswith("memberof"), folded.startswith("transitive")
    return Linked(number, up=up, transitive=transitive)


def _fragment(of: GraphType, wanted: Options) -> str:
    if wanted.select is None:
        return of.collection
    return f"{of.collection}({','.join(name for name in wanted.select if name in of.properties)})"
