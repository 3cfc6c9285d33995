"""Read pages and counts of a collection from the tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.tenant.selection import All, Selection
from connector.web.graph.filter.condition import condition
from connector.web.graph.filter.tree import And, Compare
from connector.web.graph.wire import row_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connector.tenant.selection import Among, Keys, Order, Page
    from connector.tenant.service import TenantService
    from connector.web.graph.filter.tree import Node
    from connector.web.graph.options import Options
    from connector.web.graph.properties import Row

_ORDERS: dict[str, Order] = {
    "displayName": "display_name",
    "userPrincipalName": "upn",
    "createdDateTime": "created",
}


def page(tenant: TenantService, among: Among, options: Options, after: Keys = ()) -> Page:
    """Return one page of a collection, from the keys ``after`` on; raises ValueError for other keys."""
    return tenant.selections.page(_wanted(among, options), options.top, after)


def count(tenant: TenantService, among: Among, options: Options) -> int:
    """Return how many objects of a collection meet the filter and the search."""
    return tenant.selections.count(_wanted(among, options))


def rows(tenant: TenantService, numbers: Sequence[int], *, with_errors: bool = True) -> list[Row]:
    """Return objects in the order of their numbers; those that are gone are left out."""
    items = tenant.selections.objects(numbers)
    errors = tenant.questions.errors_of(numbers) if with_errors and numbers else {}
    return [row_of(items[each], errors.get(each, ())) for each in numbers if each in items]


def _wanted(among: Among, options: Options) -> Selection:
    met = [] if options.filter is None else [condition(options.filter)]
    if options.search is not None:
        met.append(options.search)
    return Selection(
        among,
        condition=All(tuple(met)) if met else None,
        upn=None if options.filter is None else _required_upn(options.filter.node),
        order=tuple((_ORDERS[name], falls) for name, falls in options.order),
    )


def _required_upn(node: Node) -> str | None:
    """Return the UPN that every object has which meets a filter, if there is one."""
    match node:
        case Compare(("userPrincipalName",), "eq", str(upn)):
            return upn
        case And(conditions):
            return next(filter(None, map(_required_upn, conditions)), None)
    return None
