"""Answer questions about the tenant: read-back, listings, identities, counts."""

from __future__ import annotations

import json
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING, Any

from connector.model import ObjectType, ShadowObject
from connector.tenant.finding import distinguished_name
from connector.tenant.objects import ProvisioningError, TenantObject, cloud_anchor
from connector.tenant.ports import ObjectCounts
from connector.tenant.shape import graph_json
from connector.tenant.sqlite.columns import COLUMNS
from connector.tenant.sqlite.errors import objects_with_errors
from connector.tenant.sqlite.listing import Names
from connector.values import dn
from connector.values.addresses import ProxyAddress, fold
from connector.values.canonical import canonical, decode

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from connector.tenant.provisioning_errors import ErrorQuery

_SELECT = f"SELECT {COLUMNS} FROM object "  # noqa: S608
# The order of every list of names: as people sort them. The store gives SQLite the function.
BY_NAME = "name_key(display_name), display_name, id"
_PAGE = 500
_NAMING = ("displayName", "onPremisesDistinguishedName")


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


def shadows(
    connection: sqlite3.Connection, since: int | None, upto: int, client: int | None = None
) -> Iterator[ShadowObject]:
    """Yield what changed after version ``since``, up to ``upto``.

    First come the objects that were deleted or left the scope, or were taken from the client, then those
    that are there. With ``client`` only its own ones come, and those without an owner.
    """
    if client is not None:
        yield from _taken(connection, client, since or 0, upto)
    if since is not None:
        yield from _no_longer_synced(connection, since, upto, client)
    rows = connection.execute(
        "SELECT number, anchor, id, type, members_version, shadow, owner, "  # noqa: S608
        "(SELECT m.anchor FROM manager JOIN object m ON m.number = manager.manager "
        "WHERE manager.object = object.number AND m.synced = 1) FROM object "
        f"WHERE version > ? AND version <= ? AND synced = 1 AND deleted IS NULL {_own(client)}"
        "ORDER BY version, number",
        (since or 0, upto),
    )
    for number, anchor, cloud_id, kind, members_version, shadow, owner, manager in rows:
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
            owned=client is None or owner is not None,
            manager=manager,
        )


def _own(client: int | None) -> str:
    """Return the condition of what a client reads back; what has no owner is anybody's."""
    return "" if client is None else f"AND (owner = {client:d} OR owner IS NULL) "


def _taken(
    connection: sqlite3.Connection, client: int, since: int, upto: int
) -> Iterator[ShadowObject]:
    rows = connection.execute(
        "SELECT anchor, id, type, EXISTS (SELECT 1 FROM object WHERE anchor = taken.anchor "
        "AND synced = 1 AND deleted IS NULL) FROM taken "
        "WHERE client = ? AND version > ? AND version <= ? ORDER BY anchor, type",
        (client, since, upto),
    ).fetchall()
    for anchor, cloud_id, kind, there in rows:
        name = cloud_anchor(kind, cloud_id)
        yield ShadowObject(
            anchor, name, ObjectType(kind), None, None, taken=True, there=bool(there)
        )


def _no_longer_synced(
    connection: sqlite3.Connection, since: int, upto: int, client: int | None
) -> Iterator[ShadowObject]:
    rows = connection.execute(
        "SELECT anchor, id, type, NULL FROM removed WHERE version > ?1 AND version <= ?2 "  # noqa: S608
        "UNION ALL SELECT anchor, id, type, CASE WHEN deleted IS NULL THEN shadow END FROM object "
        f"WHERE version > ?1 AND version <= ?2 AND synced = 0 AND anchor IS NOT NULL {_own(client)}"
        "ORDER BY anchor, type, id",
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
                restored=None if shadow is None else _named(shadow),
            )


def _named(shadow: str) -> str:
    """Return what a shadow calls its object, as canonical JSON."""
    properties = decode(shadow)
    return canonical({name: properties[name] for name in _NAMING if name in properties})


def _member_anchors(connection: sqlite3.Connection, group: int) -> list[str]:
    sql = (
        "SELECT anchor FROM link JOIN object ON number = member "
        "WHERE parent = ? AND synced = 1 ORDER BY anchor, number"
    )
    return [anchor for (anchor,) in connection.execute(sql, (group,))]


# --- objects ----------------------------------------------------------------------------------


def objects(
    connection: sqlite3.Connection, kind: str | None, *, deleted: bool
) -> Iterator[dict[str, Any]]:
    """Stream objects as Graph JSON, by display name as people sort names, then cloud id."""
    kinds = [ObjectType(kind).value] if kind is not None else [each.value for each in ObjectType]
    found = _soft_deleted(connection, kinds) if deleted else _live(connection, kinds)
    while numbers := list(islice(found, _PAGE)):
        items = _by_number(connection, numbers)
        errors = errors_of(connection, numbers)
        for number in numbers:
            yield graph_json(items[number], errors.get(number, ()))


def _live(connection: sqlite3.Connection, kinds: list[str]) -> Iterator[int]:
    names = (
        Names("object", "display_name", "id, number", f"deleted IS NULL AND type = '{kind}'")
        for kind in kinds
    )
    for _, (_, _, number) in merge(*(each.in_order(connection) for each in names)):
        yield number


def _soft_deleted(connection: sqlite3.Connection, kinds: list[str]) -> Iterator[int]:
    rows = connection.execute(
        "SELECT number FROM object WHERE deleted IS NOT NULL "  # noqa: S608
        f"AND type IN (SELECT value FROM json_each(?)) ORDER BY {BY_NAME}",
        (json.dumps(kinds),),
    )
    return (number for (number,) in rows)


def _by_number(connection: sqlite3.Connection, numbers: list[int]) -> dict[int, TenantObject]:
    sql = f"{_SELECT} WHERE number IN ({','.join('?' * len(numbers))})"
    return {row[0]: TenantObject._make(row) for row in connection.execute(sql, numbers)}


def errors_of(
    connection: sqlite3.Connection, numbers: Sequence[int]
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


def with_errors(connection: sqlite3.Connection, query: ErrorQuery) -> Iterator[dict[str, Any]]:
    """Stream objects as Graph JSON, with those provisioning errors alone that the query asks for.

    The limit of the query counts objects.
    """
    some = iter(objects_with_errors(connection, query))
    while page := dict(islice(some, _PAGE)):
        items = _by_number(connection, list(page))
        for number, errors in page.items():
            yield graph_json(items[number], errors)


def is_synchronized(connection: sqlite3.Connection) -> bool:
    query = "SELECT 1 FROM object WHERE synced = 1 LIMIT 1"
    return connection.execute(query).fetchone() is not None


def memberships(connection: sqlite3.Connection) -> Iterator[dict[str, str]]:
    """Stream the members of all groups, in the order in which groups and members came."""
    rows = connection.execute(
        "SELECT g.id, m.id, m.type FROM link JOIN object g ON g.number = parent "
        "JOIN object m ON m.number = member ORDER BY parent, member"
    )
    for group, member, kind in rows:
        yield {"group": group, "member": member, "objectType": kind}


def members(connection: sqlite3.Connection, group: int) -> list[dict[str, str]]:
    rows = connection.execute(
        "SELECT id, type, display_name FROM link JOIN object ON number = member "  # noqa: S608
        f"WHERE parent = ? ORDER BY {BY_NAME}",
        (group,),
    )
    return [
        {"id": cloud_id, "objectType": kind, "displayName": name} for cloud_id, kind, name in rows
    ]


def manager(connection: sqlite3.Connection, number: int) -> dict[str, str] | None:
    """Return the manager of an object, None where it has none."""
    row = connection.execute(
        "SELECT o.id, o.type, o.display_name FROM manager m JOIN object o ON o.number = m.manager "
        "WHERE m.object = ?",
        (number,),
    ).fetchone()
    return row and dict(zip(("id", "objectType", "displayName"), row, strict=True))


# --- identities -------------------------------------------------------------------------------


def resolve(connection: sqlite3.Connection, identity: str, *, deleted: bool) -> TenantObject | None:
    """Find the live object, or the soft-deleted user, that an identity names.

    The identity is tried in this order as: cloud id, source anchor, UPN, SMTP address, SIP address,
    DN. An address with its type prefix is tried among those of its type first.
    """
    if not identity or not _is_text(identity):
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


def named(connection: sqlite3.Connection, name: str, *, deleted: bool) -> list[TenantObject]:
    """Return the objects that people call so, whatever the case, by display name, then cloud id.

    A name is a display name, a sAMAccountName, or the uid or cn that a DN begins with.
    """
    wanted = fold(name)
    if not wanted or not _is_text(name):
        return []
    # Of text that is not ASCII SQLite does not know the lower case.
    part = wanted if wanted.isascii() and wanted.isalnum() else ""
    state = "deleted IS NOT NULL" if deleted else "deleted IS NULL"
    rows = connection.execute(
        f"{_SELECT} WHERE {state} AND (instr(lower(display_name), :part) OR instr(lower(shadow), :part))"
        f" ORDER BY {BY_NAME}",
        {"part": part},
    )
    items = map(TenantObject._make, rows)
    return [item for item in items if wanted in map(fold, _names(item))]


def _names(item: TenantObject) -> Iterator[str]:
    yield item.display_name
    shadow = json.loads(item.shadow)
    yield str(shadow.get("onPremisesSamAccountName") or "")
    first = dn.rdn_values(str(shadow.get("onPremisesDistinguishedName") or ""))
    yield from (first.get(attribute, "") for attribute in ("uid", "cn"))


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
