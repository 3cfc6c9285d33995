"""Write and read what a sync client may look at: its own objects, their errors, and who holds their values.

Both ends use it, as ``lines``. Of an object of somebody else no more is written than a conflict tells: what it is
called and which kind of object it is.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

from connector.model import ObjectType
from connector.tenant.clashes import Clash
from connector.tenant.objects import TenantObject
from connector.tenant.provisioning_errors import (
    ErrorQuery,
    ProvisioningErrorRecord,
    Sort,
    Summary,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_VALUES = 2000
"""Identities that are looked up at a time."""

_TEXT = (str, type(None))
QUERY: dict[str, type | tuple[type, ...]] = {
    "property": _TEXT,
    "value": _TEXT,
    "search": _TEXT,
    "type": _TEXT,
    "sort": _TEXT,
    "descending": bool,
    "limit": (int, type(None)),
    "case_sensitive": bool,
    "anchor": _TEXT,
}
"""The fields of a query for errors, and their kinds."""

_KINDS = tuple(get_type_hints(TenantObject).values())
_NAMES = {"display_name", "type"}
_TOLD = _NAMES | {"id", "synced", "deleted", "exchange", "admin_role"}
_NOTHING = {
    "number": 0,
    "created": "",
    "version": 0,
    "members_version": 0,
    "proxies": "[]",
    "upn_proxy": 0,
    "shadow": "{}",
}
_HIDDEN: dict[str, Any] = {
    name: _NOTHING.get(name) for name in TenantObject._fields if name not in _TOLD
}


# --- objects ----------------------------------------------------------------------------------


def is_own(item: TenantObject, client: int) -> bool:
    """Tell whether an object is the client's, or a synchronized one that nobody owns."""
    return item.owner == client or (item.owner is None and item.synced is not None)


def shown(item: TenantObject, client: int) -> TenantObject:
    """Return an object as its client, or another one, may see it; who owns it is not told."""
    if is_own(item, client):
        return item._replace(owner=None)
    return item._replace(**_HIDDEN)


def object_from(value: Any) -> TenantObject:
    """Read an object; raises TypeError for another form."""
    if not isinstance(value, list) or len(value) != len(_KINDS):
        raise TypeError
    if not all(map(isinstance, value, _KINDS)):
        raise TypeError
    found = TenantObject._make(value)
    ObjectType(found.type)
    return found


def graph_from(value: Any) -> dict[str, Any]:
    """Read an object of Graph JSON, which has what is shown of each; raises TypeError for another form."""
    if not isinstance(value, dict) or not isinstance(value["onPremisesProvisioningErrors"], list):
        raise TypeError
    if not all(isinstance(value[name], str) for name in ("id", "objectType", "displayName")):
        raise TypeError
    return value


# --- errors -----------------------------------------------------------------------------------


def query_to(query: ErrorQuery) -> dict[str, Any]:
    """Write a query for errors."""
    return asdict(query)


def query_from(fields: Mapping[str, Any]) -> ErrorQuery:
    """Read a query for errors, whose fields have their kinds; raises ValueError."""
    query = ErrorQuery(**fields)
    if query.type is not None:
        ObjectType(query.type)
    if query.sort not in {None, *get_args(Sort)} or (query.limit or 0) < 0:
        raise ValueError("the order or the limit is not one")
    return query


def record_to(record: ProvisioningErrorRecord, holder: Summary | None) -> list[Any]:
    """Write a provisioning error, with its holder as the client may see it."""
    return [[*record.object], record.property, record.value, record.occurred, holder and [*holder]]


def record_from(value: Any) -> ProvisioningErrorRecord:
    """Read a provisioning error; raises TypeError, ValueError for another form."""
    waiter, name, text, occurred, holder = value
    if not all(isinstance(one, str) for one in (name, text, occurred)):
        raise TypeError
    found = None if holder is None else summary_from(holder)
    return ProvisioningErrorRecord(summary_from(waiter), name, text, occurred, found)


def summary_of(item: TenantObject) -> Summary:
    """Return what is told of the holder of a value."""
    return Summary(item.id, ObjectType(item.type), item.display_name, item.upn, item.anchor, None)


def summary_from(value: Any) -> Summary:
    """Read the names of an object; raises TypeError, ValueError for another form."""
    name, kind, *texts = value
    if not all(isinstance(one, str) for one in (name, kind, texts[0])):
        raise TypeError
    if len(texts) != len(Summary._fields) - 2 or not all(isinstance(one, _TEXT) for one in texts):
        raise TypeError
    return Summary(name, ObjectType(kind), *texts)


def clash_from(value: Any) -> Clash:
    """Read what another object holds; raises TypeError, ValueError for another form."""
    attribute, text, holder = value
    if not isinstance(attribute, str) or not isinstance(text, str):
        raise TypeError
    return Clash(attribute, text, object_from(holder))
