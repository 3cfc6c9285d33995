"""Write objects as Graph does: no key that Graph's types do not have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.values.canonical import decode
from connector.web.graph.properties import Row, extension, is_extension
from connector.web.graph.types import BY_TENANT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connector.tenant.objects import ProvisioningError, TenantObject
    from connector.web.graph.types import GraphType


def row_of(item: TenantObject, errors: Iterable[ProvisioningError] = ()) -> Row:
    return Row(item, decode(item.shadow), errors)


def written(row: Row, chosen: Iterable[str] | None = None) -> dict[str, Any]:
    """Return an object with the chosen properties, or with those that its type is written with.

    Chosen names that the type does not have are left out; a directory extension is null where the object has none.
    """
    of = type_of(row)
    known = of.properties
    if chosen is None:
        return {name: known[name].read(row) for name in of.defaults}
    return {
        name: known[name].read(row) if name in known else extension(row, name)
        for name in chosen
        if name in known or is_extension(name)
    }


def complete(row: Row) -> dict[str, Any]:
    """Return an object with every property of its type."""
    return {each.name: each.read(row) for each in type_of(row).every}


def type_of(row: Row) -> GraphType:
    return BY_TENANT[row.item.type]
