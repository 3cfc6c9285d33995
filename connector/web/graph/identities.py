"""Find the object that a path names, by its id or, of a user, by its user principal name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.tenant.objects import UPN
from connector.values.addresses import fold
from connector.web.graph.refusals import not_found

if TYPE_CHECKING:
    from connector.assembly import Readers
    from connector.tenant.objects import TenantObject
    from connector.web.graph.types import GraphType


def live(readers: Readers, of: GraphType | None, identity: str) -> TenantObject:
    """Return the object of a type, or of any, that is not deleted; raises Refusal."""
    item = _by_id(readers, identity)
    if item is None and of is not None and of.name == "user":
        item = _by_upn(readers, identity)
    if item is None or item.deleted is not None or (of is not None and item.type != of.tenant):
        raise not_found(identity)
    return item


def deleted(readers: Readers, identity: str) -> TenantObject:
    """Return a soft-deleted object by its id; raises Refusal."""
    item = _by_id(readers, identity)
    if item is None or item.deleted is None:
        raise not_found(identity)
    return item


def _by_id(readers: Readers, identity: str) -> TenantObject | None:
    key = identity.lower()
    return readers.tenant.by_id([key]).get(key)


def _by_upn(readers: Readers, identity: str) -> TenantObject | None:
    if "@" not in identity:
        return None
    holder = readers.tenant.holder_of(UPN, identity)
    item = None if holder is None else _by_id(readers, holder.id)
    return item if item is not None and fold(item.upn or "") == fold(identity) else None
