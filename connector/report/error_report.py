"""List the errors of both sides: quarantined values and failed objects.

The tenant has the provisioning errors: the object went through without a value, and nothing is retried.
The connector space has the export and sync errors: the object did not go through, and is retried.
"""

from __future__ import annotations

import json
from dataclasses import replace
from heapq import merge
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Literal

from connector.model import SyncCode
from connector.rules.flow import FLOWS
from connector.values.addresses import address_key, fold
from connector.values.collation import name_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from connector.staging.failures import FailureRecord
    from connector.staging.space import ConnectorSpace
    from connector.tenant.provisioning_errors import ErrorQuery, ProvisioningErrorRecord, Summary
    from connector.tenant.service import TenantService

QUARANTINED = "QuarantinedAttributeValueMustBeUnique"

_UNIQUE = frozenset(
    {
        SyncCode.ATTRIBUTE_VALUE_MUST_BE_UNIQUE,
        SyncCode.INVALID_SOFT_MATCH,
        SyncCode.OBJECT_TYPE_MISMATCH,
    }
)
_RELEASE = (
    "Change or remove the value on one of the two objects in the directory and sync; "
    "the next hourly sweep (or `connector tenant sweep`) gives it to the object that waits."
)
_CORRECT = "Correct or remove the duplicate value in the directory; the next cycle tries again."
_OTHER = "Correct the object in the directory; the next cycle tries again."

UNIQUE_PROPERTIES = ("UserPrincipalName", "ProxyAddresses", "OnPremisesSecurityIdentifier")
"""The properties whose values are unique in the tenant."""

OTHER_PROPERTIES = frozenset(
    name
    for rows in FLOWS.values()
    for row in rows
    for name in (row.property, *row.sources, *row.names)
) | {"mS-DS-ConsistencyGuid"}
"""What a failed object may be told for otherwise: any property, or attribute that becomes one."""

_OBJECT_FIELDS = (
    "id",
    "objectType",
    "displayName",
    "userPrincipalName",
    "sourceAnchor",
    "distinguishedName",
)
FIELDS = (
    "kind",
    "error",
    "category",
    "propertyCausingError",
    "value",
    "message",
    "suggestion",
    "occurredDateTime",
    "attempts",
    *_OBJECT_FIELDS,
)
"""The fields of a row, and those of its object, to sort by."""

Row = dict[str, Any]


def error_rows(  # noqa: PLR0913 - two databases, the question, and three ways to narrow the list
    space: ConnectorSpace,
    tenant: TenantService,
    query: ErrorQuery,
    *,
    kind: Literal["quarantine", "export"] | None = None,
    sort: str | None = None,
    limit: int | None = None,
) -> list[Row]:
    """Return the rows of ``stream_errors`` as a list."""
    return list(stream_errors(space, tenant, query, kind=kind, sort=sort, limit=limit))


def stream_errors(  # noqa: PLR0913 - as above
    space: ConnectorSpace,
    tenant: TenantService,
    query: ErrorQuery,
    *,
    kind: Literal["quarantine", "export"] | None = None,
    sort: str | None = None,
    limit: int | None = None,
) -> Iterator[Row]:
    """Yield the rows of ``connector errors`` as they are read, oldest first, or sorted by a field.

    The query chooses errors of both sides; its own order and limit do not count. All comparisons
    ignore case. ``sort`` may also name a field of the object, such as ``displayName``; only then are all
    rows kept in memory.
    """
    quarantined: Iterable[Row] = ()
    failed: Iterable[Row] = ()
    if kind != "export":
        asked = replace(query, limit=limit if sort is None else None)
        quarantined = map(_quarantine, tenant.provisioning_errors(asked))
    if kind != "quarantine":
        failed = _failures(space, tenant, query)
    if sort is None:
        return islice(merge(quarantined, failed, key=itemgetter("occurredDateTime")), limit)
    return islice(sorted((*quarantined, *failed), key=lambda row: _sort_key(row, sort)), limit)


def _failures(space: ConnectorSpace, tenant: TenantService, query: ErrorQuery) -> Iterator[Row]:
    for record in space.failures.all(query.anchor):
        row = _failure(record, tenant)
        if _matches(row, query):
            yield row


def _quarantine(record: ProvisioningErrorRecord) -> Row:
    holder = record.holder
    held_by = f"{holder.display_name} ({holder.type})" if holder else "nobody any more"
    return {
        "kind": "quarantine",
        "error": QUARANTINED,
        "category": "PropertyConflict",
        "propertyCausingError": record.property,
        "value": record.value,
        "message": f"{record.property} {record.value} is quarantined: held by {held_by}.",
        "suggestion": _RELEASE,
        "occurredDateTime": record.occurred,
        "attempts": 1,
        "object": _object(record.object),
        "conflictsWith": _object(holder) if holder else None,
    }


def _failure(record: FailureRecord, tenant: TenantService) -> Row:
    failure = record.failure
    holder = None
    if failure.error in _UNIQUE and failure.attribute and failure.value:
        holder = tenant.holder_of(failure.attribute, failure.value)
    return {
        "kind": "export",
        "error": failure.error,
        "category": "PropertyConflict" if failure.error in _UNIQUE else None,
        "propertyCausingError": failure.attribute,
        "value": failure.value,
        "message": failure.message,
        "suggestion": _CORRECT if failure.error in _UNIQUE else _OTHER,
        "occurredDateTime": record.first_at,
        "attempts": record.attempts,
        "object": _failed_object(record),
        "conflictsWith": _object(holder) if holder else None,
    }


def _object(summary: Summary) -> Row:
    return {
        "id": summary.id,
        "objectType": summary.type.value,
        "displayName": summary.display_name,
        "userPrincipalName": summary.upn,
        "sourceAnchor": summary.anchor,
        "distinguishedName": summary.dn,
    }


def _failed_object(record: FailureRecord) -> Row:
    """Describe an object by its pending properties, because the cloud may not have it."""
    wanted = json.loads(record.properties) if record.properties else {}
    return {
        "id": record.cloud_anchor.partition("_")[2] if record.cloud_anchor else None,
        "objectType": record.type,
        "displayName": wanted.get("displayName"),
        "userPrincipalName": wanted.get("userPrincipalName"),
        "sourceAnchor": record.failure.anchor,
        "distinguishedName": record.dn or wanted.get("onPremisesDistinguishedName"),
    }


def _matches(row: Row, query: ErrorQuery) -> bool:
    subject = row["object"]
    if query.property is not None and not _same(row["propertyCausingError"], query.property):
        return False
    if query.type is not None and subject["objectType"] != query.type:
        return False
    if query.value is not None and address_key(row["value"] or "") != address_key(query.value):
        return False
    if query.search is None:
        return True
    texts = (subject["displayName"], subject["userPrincipalName"], row["value"])
    return any(fold(query.search) in fold(text) for text in texts if text)


def _same(name: str | None, other: str) -> bool:
    return name is not None and fold(name) == fold(other)


def _sort_key(row: Row, field: str) -> tuple[bool, str]:
    """Sort by a field of the row or of its object; rows without it come last."""
    value = row.get(field, row["object"].get(field))
    return value is None, name_key(str(value))
