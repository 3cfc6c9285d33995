"""Answer questions about provisioning errors, and about who holds a value."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any

from connector.model import ObjectType
from connector.tenant.objects import UPN, ProvisioningError, twin
from connector.tenant.provisioning_errors import ProvisioningErrorRecord, Summary
from connector.tenant.sqlite.listing import Names
from connector.values.addresses import ProxyAddress, address_key, fold
from connector.values.canonical import decode

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

    from connector.tenant.provisioning_errors import ErrorQuery

_NAMES = {"DisplayName": "name", "UserPrincipalName": "upn"}
_PAGE = 500
_SUMMARY = "{0}.id, {0}.type, {0}.display_name, {0}.upn, {0}.anchor, {0}.shadow"
_NAMESPACE = "CASE {0}.property WHEN 'UserPrincipalName' THEN 'upn' ELSE 'proxy' END"
_TWIN = "CASE {0}.property WHEN 'UserPrincipalName' THEN 'proxy' ELSE 'upn' END"


def provisioning_errors(
    connection: sqlite3.Connection, query: ErrorQuery, *, one_namespace: bool = False
) -> Iterator[ProvisioningErrorRecord]:
    """Yield the provisioning errors that a query asks for.

    With ``one_namespace`` the holder may have the value as the other one of UPN and address. A user
    whose UPN is to stand among its addresses waits for both.
    """
    licensed = "(o.upn_proxy AND e.property = 'UserPrincipalName')"
    keys = _in_order(connection, query, query.limit)
    other = f"c.namespace = {_TWIN.format('e')} AND c.key = e.key"
    holder = f"c.namespace = {_NAMESPACE.format('e')} AND c.key = e.key"
    while page := list(islice(keys, _PAGE)):
        rows = connection.execute(
            f"SELECT e.property, e.value, e.occurred, {_SUMMARY.format('o')}, {_SUMMARY.format('h')} "  # noqa: S608
            "FROM json_each(:page) AS f "
            "CROSS JOIN provisioning_error AS e ON e.object = f.value ->> 0 "
            "AND e.property = f.value ->> 1 AND e.key = f.value ->> 2 "
            "CROSS JOIN object AS o ON o.number = e.object "
            "LEFT JOIN object AS h ON h.number = coalesce("
            f"(SELECT c.holder FROM claim AS c WHERE {holder}), "
            f"(SELECT c.holder FROM claim AS c WHERE (:twins OR {licensed}) AND {other} "
            "AND c.holder <> e.object)) "
            "ORDER BY f.key",
            {"page": json.dumps(page), "twins": one_namespace},
        )
        for attribute, value, occurred, *summaries in rows:
            yield ProvisioningErrorRecord(
                object=_summary(summaries[:6]),
                property=attribute,
                value=value,
                occurred=occurred,
                holder=None if summaries[6] is None else _summary(summaries[6:]),
            )


def objects_with_errors(
    connection: sqlite3.Connection, query: ErrorQuery
) -> Iterator[tuple[int, list[ProvisioningError]]]:
    """Yield the numbers of the objects that a query asks for, with those errors that it asks for.

    The order is that of the first error of each; the limit counts objects.
    """
    conditions, parameters = _conditions(query)
    numbers = _objects_in_order(connection, query)
    while page := list(islice(numbers, _PAGE)):
        found: dict[int, list[ProvisioningError]] = {number: [] for number in page}
        rows = connection.execute(
            "SELECT object, property, key, value, occurred FROM provisioning_error "  # noqa: S608
            f"WHERE {conditions} AND object IN (SELECT value FROM json_each(:page)) "
            "ORDER BY object, property, key",
            {**parameters, "page": json.dumps(page)},
        )
        for number, *fields in rows:
            found[number].append(ProvisioningError(*fields))
        yield from found.items()


def _objects_in_order(connection: sqlite3.Connection, query: ErrorQuery) -> Iterator[int]:
    """Yield the numbers of the objects, as many as the limit says.

    SQLite is fast where it sorts for the first errors alone, so more are asked for only where these
    belong to too few objects.
    """
    seen: set[int] = set()
    errors = query.limit
    while True:
        found = 0
        for number, _, _ in _in_order(connection, query, errors):
            found += 1
            if number not in seen and len(seen) != query.limit:
                seen.add(number)
                yield number
        if errors is None or found < errors or len(seen) == query.limit:
            return
        errors *= 4


def _in_order(
    connection: sqlite3.Connection, query: ErrorQuery, limit: int | None
) -> Iterator[tuple[int, str, str]]:
    """Yield what names each error that a query asks for, in its order, up to a limit of errors.

    The errors of one moment or name come by object; those of one object with the UPN first.
    """
    conditions, parameters = _conditions(query)
    others = "object, property <> 'UserPrincipalName', key, property"
    if (column := _NAMES.get(query.sort or "")) is not None:
        names = Names(
            "provisioning_error", column, others, conditions, parameters, query.descending
        )
        rows: Iterable[Any] = (row for _, row in names.in_order(connection))
    else:
        direction = "DESC" if query.descending else "ASC"
        # A search reads the whole table: in its own order, not in that of an index (hence the plus).
        scan = "" if query.search is None else "+"
        rows = connection.execute(
            f"SELECT occurred, {others} FROM provisioning_error WHERE {conditions} "  # noqa: S608
            f"ORDER BY {scan}occurred {direction}, object, property DESC, key LIMIT :limit",
            {**parameters, "limit": -1 if limit is None else limit},
        )
    for _, number, _, key, attribute in islice(rows, limit):
        yield number, attribute, key


def _conditions(query: ErrorQuery) -> tuple[str, dict[str, Any]]:
    """Return the condition of WHERE and its parameters.

    A plus before a column keeps SQLite on the index that gives the order.
    """
    found = []
    if query.anchor is not None:
        found.append("object IN (SELECT number FROM object WHERE anchor = :anchor)")
    if query.property is not None:
        found.append("+property = :property" if query.value is None else "property = :property")
    if query.type is not None:
        found.append("+type = :type")
    if query.value is not None:
        found.append("key = :key")
        if query.property is None:
            found.append("property IN ('UserPrincipalName', 'ProxyAddresses')")
        if query.case_sensitive:
            found.append("(value = :value OR substr(value, instr(value, ':') + 1) = :value)")
    if query.search is not None and query.case_sensitive:
        found.append(
            "(instr(name, :search) OR instr(coalesce(upn, ''), :search) OR instr(value, :search))"
        )
    elif query.search is not None:
        found.append("instr(search, :search)")
    parameters = {
        "anchor": query.anchor,
        "property": query.property,
        "type": query.type,
        "key": address_key(query.value or ""),
        "value": query.value,
        "search": query.search if query.case_sensitive else fold(query.search or ""),
    }
    return " AND ".join(found) or "TRUE", parameters


def holder_of(
    connection: sqlite3.Connection, attribute: str, value: str, *, one_namespace: bool = False
) -> Summary | None:
    """Return the holder of a value, None if nobody holds it.

    ``attribute`` is ``UserPrincipalName`` or ``ProxyAddresses``; ``one_namespace`` as above.
    """
    address = ProxyAddress.parse(value)
    claim = (
        ("upn", fold(value)) if attribute == UPN else (address.namespace or "proxy", address.key)
    )
    for each in (claim, twin(claim) if one_namespace else None):
        row = connection.execute(
            f"SELECT {_SUMMARY.format('h')} FROM claim AS c JOIN object AS h ON h.number = c.holder "  # noqa: S608
            "WHERE c.namespace = ? AND c.key = ?",
            each or ("", ""),
        ).fetchone()
        if row is not None:
            return _summary(row)
    return None


def _summary(row: Any) -> Summary:
    cloud_id, kind, name, upn, anchor, shadow = row
    dn = decode(shadow).get("onPremisesDistinguishedName")
    return Summary(
        id=cloud_id, type=ObjectType(kind), display_name=name, upn=upn, anchor=anchor, dn=dn
    )
