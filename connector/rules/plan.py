"""Plan the exports: compare what the rules want with what the cloud was told.

Dry run, report and exporter read the same plan. It knows nothing of conflicts: what the tenant does
with a value that another object holds is the tenant's business.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.model import ObjectType, Operation, PendingExport
from connector.values.addresses import UNIQUE, unique_keys
from connector.values.canonical import canonical, decode, read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.model import CloudObject


def plan(
    anchor: str,
    *,
    wanted: CloudObject | None,
    created: str,
    exported_type: ObjectType | None,
    exported: str | None,
) -> PendingExport | None:
    """Return what the tenant has to be told about one object, None for nothing.

    ``exported`` is the canonical text of what it was told before, None for an object it does not
    have. An object whose type changed is deleted first and added in the next synchronization: the
    cloud cannot turn a contact into a user (behaviour of the service, "Delete/Add").
    """
    if wanted is None:
        if exported is None or exported_type is None:
            return None
        return PendingExport(Operation.DELETE, anchor, exported_type, created, read(exported))
    if exported is None:
        return PendingExport(
            Operation.ADD,
            anchor,
            wanted.type,
            created,
            wanted.properties,
            tuple(sorted(wanted.properties)),
        )
    if exported_type is not None and exported_type is not wanted.type:
        return PendingExport(Operation.DELETE, anchor, exported_type, created, read(exported))
    if canonical(wanted.properties) == exported:
        return None
    before = decode(exported)
    names = changed(before, wanted.properties)
    return PendingExport(
        Operation.UPDATE,
        anchor,
        wanted.type,
        created,
        wanted.properties,
        names,
        () if UNIQUE.isdisjoint(names) else released(before, wanted.properties),
    )


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Name the properties that differ, sorted."""
    return tuple(
        sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    )


def released(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Name the unique values that an update gives up, sorted."""
    return tuple(sorted(unique_keys(before) - unique_keys(after)))
