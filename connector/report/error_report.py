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
from connector.report import cures
from connector.rules.default_flows import FLOWS
from connector.values.addresses import address_key, fold
from connector.values.collation import name_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from connector.model import Failure, StagedEntry
    from connector.staging.failures import FailureRecord
    from connector.staging.space import ConnectorSpace
    from connector.tenant.clashes import Clash
    from connector.tenant.objects import TenantObject
    from connector.tenant.provisioning_errors import ErrorQuery, ProvisioningErrorRecord, Summary
    from connector.tenant.service import TenantService

AMBIGUOUS_ANCHOR = "AmbiguousSourceAnchor"
QUARANTINED = "QuarantinedAttributeValueMustBeUnique"

_UNIQUE = frozenset(
    {
        SyncCode.ATTRIBUTE_VALUE_MUST_BE_UNIQUE,
        SyncCode.INVALID_SOFT_MATCH,
        SyncCode.OBJECT_TYPE_MISMATCH,
    }
)
_PAGE = 500

UNIQUE_PROPERTIES = (
    "UserPrincipalName",
    "ProxyAddresses",
    "OnPremisesSecurityIdentifier",
    "SourceAnchor",
)
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
        quarantined = _quarantined(tenant, tenant.provisioning_errors(asked))
    if kind != "quarantine":
        failed = _failures(space, tenant, query)
    if sort is None:
        return islice(merge(quarantined, failed, key=itemgetter("occurredDateTime")), limit)
    return islice(sorted((*quarantined, *failed), key=lambda row: _sort_key(row, sort)), limit)


def _failures(space: ConnectorSpace, tenant: TenantService, query: ErrorQuery) -> Iterator[Row]:
    for record in space.failures.all(query.anchor):
        row = _failure(record, space, tenant)
        if _matches(row, query):
            yield row


def _quarantined(
    tenant: TenantService, records: Iterable[ProvisioningErrorRecord]
) -> Iterator[Row]:
    """Yield the rows of quarantined values; the objects behind them are read page by page."""
    rest = iter(records)
    while page := list(islice(rest, _PAGE)):
        known = tenant.by_id(
            {one.id for record in page for one in (record.object, record.holder) if one}
        )
        for record in page:
            holder = None if record.holder is None else known.get(record.holder.id)
            waiter = known.get(record.object.id)
            if waiter is None:  # it was deleted since, where another site has the tenant
                continue
            stays = holder is None and tenant.stays_in_quarantine(record, waiter)
            yield _quarantine(record, waiter, holder, stays=stays)


def _quarantine(
    record: ProvisioningErrorRecord,
    waiter: TenantObject,
    holder: TenantObject | None,
    *,
    stays: bool,
) -> Row:
    held = cures.held(record.property, record.value, holder)
    return {
        "kind": "quarantine",
        "error": QUARANTINED,
        "category": "PropertyConflict",
        "propertyCausingError": record.property,
        "value": record.value,
        "message": f"{record.property} {record.value} is quarantined: {held}.",
        "suggestion": cures.of_quarantine(
            record.property, record.value, waiter, holder, stays=stays
        ),
        "occurredDateTime": record.occurred,
        "attempts": 1,
        "object": object_row(record.object),
        "conflictsWith": object_row(record.holder) if record.holder else None,
    }


def _failure(record: FailureRecord, space: ConnectorSpace, tenant: TenantService) -> Row:
    failure, subject = record.failure, _failed_object(record)
    clashes = _clashes(record, tenant)
    name = subject["displayName"] or subject["distinguishedName"] or failure.anchor
    return {
        "kind": "export",
        "error": failure.error,
        "category": "PropertyConflict" if failure.error in _UNIQUE else None,
        "propertyCausingError": failure.attribute,
        "value": failure.value,
        "message": failure.message,
        "suggestion": cures.of_failure(
            failure, name, subject["id"], clashes, deleted=_deleted(failure, tenant, clashes)
        ),
        "occurredDateTime": record.first_at,
        "attempts": record.attempts,
        "object": subject,
        "conflictsWith": _holder(clashes[0].holder) if clashes else _other_entry(record, space),
    }


def _clashes(record: FailureRecord, tenant: TenantService) -> list[Clash]:
    """Return what others hold of a failed object's values, that on which it failed first."""
    failure = record.failure
    if failure.error not in cures.CLASHES or record.type is None or record.properties is None:
        return []
    found = tenant.clashes(record.type, failure.anchor, json.loads(record.properties))
    cause = (failure.attribute, failure.value)
    return sorted(found, key=lambda clash: (clash.attribute, clash.value) != cause)


def _deleted(
    failure: Failure, tenant: TenantService, clashes: Sequence[Clash]
) -> TenantObject | None:
    """Return the soft-deleted user that the source anchor of a failed object brings back."""
    return tenant.deleted_with(failure.anchor) if clashes else None


def _other_entry(record: FailureRecord, space: ConnectorSpace) -> Row | None:
    """Describe the other entry with the same source anchor, which the cloud does not tell apart."""
    if record.failure.error != AMBIGUOUS_ANCHOR:
        return None
    for found in space.lookup.find(record.failure.anchor):
        if found.dn != record.dn and found.entry is not None:
            return {
                "id": None,
                "objectType": found.entry.type.value,
                "displayName": _first(found.entry, "displayname"),
                "userPrincipalName": _first(found.entry, "userprincipalname"),
                "sourceAnchor": found.anchor,
                "distinguishedName": found.dn,
            }
    return None


def _first(entry: StagedEntry, attribute: str) -> str | None:
    return next(iter(entry.attributes.get(attribute, ())), None)


def _holder(item: TenantObject) -> Row:
    return {
        "id": item.id,
        "objectType": item.type,
        "displayName": item.display_name,
        "userPrincipalName": item.upn,
        "sourceAnchor": item.anchor,
        "distinguishedName": json.loads(item.shadow).get("onPremisesDistinguishedName"),
    }


def object_row(summary: Summary) -> Row:
    """Return the names that an object is known by, as a row of the errors has them."""
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
