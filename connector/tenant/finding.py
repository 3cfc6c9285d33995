"""Find an object by what people call it, and show it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from connector.errors import UnknownObject
from connector.model import manager_property
from connector.tenant.shape import graph_json

if TYPE_CHECKING:
    from connector.tenant.objects import TenantObject
    from connector.tenant.ports import Questions


def find(questions: Questions, identity: str, *, deleted: bool) -> TenantObject:
    """Return the object that an identity names; raises UnknownObject."""
    found = questions.resolve(identity, deleted=deleted)
    if found is None:
        raise unknown(identity, deleted=deleted)
    return found


def unknown(identity: str, *, deleted: bool) -> UnknownObject:
    """Return the error that nothing has an identity."""
    kind = "soft-deleted user" if deleted else "object of the tenant"
    return UnknownObject(
        f"No {kind} has the UPN, address, source anchor, cloud id, DN or name {identity!r}. "
        f"`connector objects{' --deleted' if deleted else ''}` lists them."
    )


def show(questions: Questions, item: TenantObject) -> dict[str, Any]:
    """Return one object as Graph JSON with its manager, a group with its members."""
    shown = graph_json(item, questions.errors_of([item.number]).get(item.number, ()))
    shown[manager_property(item.type)] = questions.manager(item.number)
    if item.type == "group":
        shown["members"] = questions.members(item.number)
    return shown


def distinguished_name(item: TenantObject) -> str | None:
    """Return the on-premises DN of the last export."""
    found = json.loads(item.shadow).get("onPremisesDistinguishedName")
    return None if found is None else str(found)
