"""Answer questions about the tenant: read-back, listings, identities, counts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from connector.errors import UnknownObject
from connector.model import ObjectType, ShadowObject
from connector.tenant.objects import ProvisioningError, TenantObject, cloud_anchor
from connector.tenant.shape import graph_json
from connector.tenant.store import COLUMNS
from connector.values import dn
from connector.values.addresses import ProxyAddress, fold
from connector.values.canonical import canonical, decode

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

_SELECT = f"SELECT {COLUMNS} FROM object "  # noqa: S608
_PAGE = 500
_NAMES = ("displayName", "onPremisesDistinguishedName")


class ObjectCounts(NamedTuple):
    """The number of live objects of each type, and of quarantined values."""

    user: int
    group: int
    contact: int
    quarantined: int


def counts(connection: sqlite3.Connection) -> ObjectCounts:
    # SQLite knows the size of a whole table: users, nearly always the most, follow from the others.
    everything, deleted, groups, contacts, quarantined = connection.execute(
        "SELECT (SELECT count(*) FROM object), "
        "(SELECT count(*) FROM object WHERE deleted IS NOT NULL), "
        "(SELECT count(*) FROM object WHERE type = 'group' AND deleted IS NULL), "
        "(SELECT count(*) FROM object WHERE type = 'contact' AND deleted IS NULL), "
        "(SELECT count(*) FROM provisioning_error)"
    ).fetchone()
    return ObjectCounts(everything - deleted - groups - contacts, groups, contacts, quarantined)


# --- read-back --------------------------------------------------------------------------------


def shadows(connection: sqlite3.Connection, since: int | None, upto: int) -> Iterator[ShadowObject]:
    """Yield what changed after version ``since``, up to ``upto``.

    First come the objects that were deleted or left the scope, then those that are there.
    """
    if since is not None:
        yield from _no_longer_synced(connection, since, upto)
    rows = connection.execute(
        "SELECT number, anchor, id, type, members_version, shadow FROM object "
        "WHERE version > ? AND version <= ? AND synced = 1 AND deleted IS NULL "
        "ORDER BY version, number",
        (since or 0, upto),
    )
    for number, anchor, cloud_id, kind, members_version, shadow in rows:
        members = None
        if kind == "group" and members_version > (since or 0):
            members = _member_anchors(connection, number)
        elif kind == "group" and since is None:
            members = []
        yield ShadowObject(
            source_anchor=anchor,
            cloud_anchor=cloud_anchor(kind, cloud_id),
            type=ObjectType(kind),
            properties=shadow,
            members=members,
        )


def _no_longer_synced(
    connection: sqlite3.Connection, since: int, upto: int
) -> Iterator[ShadowObject]:
    rows = connection.execute(
        "SELECT anchor, id, type, NULL FROM removed WHERE version > ?1 AND version <= ?2 "
        "UNION ALL SELECT anchor, id, type, iif(deleted IS NULL, shadow, NULL) FROM object "
        "WHERE version > ?1 AND version <= ?2 AND synced = 0 AND anchor IS NOT NULL ORDER BY anchor",
        (since, upto),
    ).fetchall()
    live = "SELECT 1 FROM object WHERE anchor = ? AND synced = 1 AND deleted IS NULL"
    for anchor, cloud_id, kind, shadow in rows:
        if connection.execute(live, (anchor,)).fetchone() is None:
            yield ShadowObject(
                source_anchor=anchor,
                cloud_anchor=cloud_anchor(kind, cloud_id),
                type=ObjectType(kind),
                properties=None,
                members=None,
                restored=None if shadow is None else _names(shadow),
            )


def _names(shadow: str) -> str:
    """Return the names in a shadow, as canonical JSON."""
    properties = decode(shadow)
    return canonical({name: properties[name] for name in _NAMES if name in properties})


def _member_anchors(connection: sqlite3.Connection, group: int) -> list[str]:
    sql = (
        "SELECT anchor FROM link JOIN object ON number = member "
        "WHERE parent = ? AND synced = 1 ORDER BY anchor"
    )
    return [anchor for (anchor,) in connection.execute(sql, (group,))]


# --- objects ----------------------------------------------------------------------------------


def objects(
    connection: sqlite3.Connection, kind: str | None, *, deleted: bool
) -> Iterator[dict[str, Any]]:
    """Stream objects as Graph JSON, by display name, then cloud id.

    An index gives the order within each type and SQLite merges the types while it reads them, so
    the first page is as fast in a large tenant as in a small one.
    """
    state = "deleted IS NOT NULL" if deleted else "deleted IS NULL"
    kinds = [ObjectType(kind)] if kind is not None else list(ObjectType)
    each = [f"{_SELECT} WHERE type = '{kind.value}' AND {state}" for kind in kinds]
    cursor = connection.execute(f"{' UNION ALL '.join(each)} ORDER BY display_name, id")
    while rows := cursor.fetchmany(_PAGE):
        items = [TenantObject._make(row) for row in rows]
        errors = errors_of(connection, [item.number for item in items])
        for item in items:
            yield graph_json(item, errors.get(item.number, ()))


def errors_of(
    connection: sqlite3.Connection, numbers: list[int]
) -> dict[int, list[ProvisioningError]]:
    """Return the provisioning errors of objects, in a stable order."""
    found: dict[int, list[ProvisioningError]] = {}
    sql = (
        "SELECT object, property, key, value, occurred FROM provisioning_error "  # noqa: S608
        f"WHERE object IN ({','.join('?' * len(numbers))}) ORDER BY object, property DESC, key"
    )
    for number, *fields in connection.execute(sql, numbers):
        found.setdefault(number, []).append(ProvisioningError._make(fields))
    return found


def members(connection: sqlite3.Connection, group: int) -> list[dict[str, str]]:
    rows = connection.execute(
        "SELECT id, type, display_name FROM link JOIN object ON number = member "
        "WHERE parent = ? ORDER BY display_name, id",
        (group,),
    )
    return [
        {"id": cloud_id, "objectType": kind, "displayName": name} for cloud_id, kind, name in rows
    ]


# --- identities -------------------------------------------------------------------------------


def find(connection: sqlite3.Connection, identity: str, *, deleted: bool) -> TenantObject:
    """Return the object that an identity names; raises UnknownObject."""
    found = resolve(connection, identity, deleted=deleted)
    if found is None:
        kind = "soft-deleted user" if deleted else "object of the tenant"
        raise UnknownObject(
            f"No {kind} has the UPN, address, source anchor, cloud id or DN {identity!r}. "
            f"`connector objects{' --deleted' if deleted else ''}` lists them."
        )
    return found


def show(connection: sqlite3.Connection, item: TenantObject) -> dict[str, Any]:
    """Return one object as Graph JSON, a group with its members."""
    shown = graph_json(item, errors_of(connection, [item.number]).get(item.number, ()))
    if item.type == "group":
        shown["members"] = members(connection, item.number)
    return shown


def resolve(connection: sqlite3.Connection, identity: str, *, deleted: bool) -> TenantObject | None:
    """Find the live object, or the soft-deleted user, that an identity names.

    The identity is tried in this order as: cloud id, source anchor, UPN, SMTP address, SIP address,
    DN. An address with its type prefix is tried among those of its type first.
    """
    if not _is_text(identity):
        return None
    state = "deleted IS NOT NULL" if deleted else "deleted IS NULL"
    address = ProxyAddress.parse(identity)
    key = address.key if address.namespace else fold(identity)
    namespaces = sorted(("upn", "proxy", "sip"), key=lambda name: name != address.namespace)
    held = "number = (SELECT holder FROM claim WHERE namespace = ? AND key = ?)"
    for condition, *values in (
        ("id = ?", identity.lower()),
        ("anchor = ?", identity),
        *((held, namespace, key) for namespace in namespaces),
    ):
        sql = f"{_SELECT} WHERE {condition} AND {state}"
        row = connection.execute(sql, values).fetchone()
        if row is not None:
            return TenantObject._make(row)
    return _search(connection, identity, key, state)


def _is_text(identity: str) -> bool:
    """Tell whether an identity is Unicode text.

    Bytes of a command line that are not UTF-8 come as lone surrogates; nothing has such a name.
    """
    try:
        identity.encode()
    except UnicodeEncodeError:
        return False
    return True


def _search(
    connection: sqlite3.Connection, identity: str, key: str, state: str
) -> TenantObject | None:
    """Search all objects for what no index has.

    These are DNs, and UPNs and mail addresses that the object has but does not hold.
    """
    dn_key = dn.key(identity) if "=" in identity else None
    for row in connection.execute(f"{_SELECT} WHERE {state} ORDER BY number"):
        item = TenantObject._make(row)
        if key in (fold(item.upn or ""), fold(item.mail or "")):
            return item
        if dn_key is not None and dn.key(distinguished_name(item) or "") == dn_key:
            return item
    return None


def distinguished_name(item: TenantObject) -> str | None:
    """Return the on-premises DN of the last export."""
    found = json.loads(item.shadow).get("onPremisesDistinguishedName")
    return None if found is None else str(found)
