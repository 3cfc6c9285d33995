"""Plan the exports: compare what the rules want with what was exported before.

A dry run, the report and the exporter read the same plan. It knows nothing of conflicts: the tenant
decides what becomes of a value that another object holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.model import Operation, PendingExport
from connector.values.addresses import UNIQUE, unique_keys
from connector.values.canonical import canonical, decode, read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.model import CloudObject, Exported


def plan(
    anchor: str,
    *,
    wanted: CloudObject | None,
    created: str,
    exported: Exported | None,
) -> PendingExport | None:
    """Return the export that one object needs, None for none.

    ``wanted`` is None for an object that is to be deleted, ``exported`` for one that the cloud does not
    have. An object whose type changed is deleted first and added in the next synchronization: the
    cloud cannot turn a contact into a user (behavior of the service, "Delete/Add").
    """
    if exported is None:
        return None if wanted is None else _add(anchor, wanted, created)
    if wanted is None or exported.type is not wanted.type:
        return PendingExport(
            Operation.DELETE, anchor, exported.type, created, read(exported.properties)
        )
    if canonical(wanted.properties) == exported.properties:
        return None
    before = decode(exported.properties)
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


def _add(anchor: str, wanted: CloudObject, created: str) -> PendingExport:
    properties = wanted.properties
    return PendingExport(
        Operation.ADD, anchor, wanted.type, created, properties, tuple(sorted(properties))
    )


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the properties that differ, sorted."""
    get = before.get
    names = [name for name, value in after.items() if get(name) != value]
    if len(before) != len(after) or before.keys() != after.keys():
        names = [name for name in before.keys() | after.keys() if get(name) != after.get(name)]
    return tuple(sorted(names))


def released(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the unique values that an update releases, sorted."""
    return tuple(sorted(unique_keys(before) - unique_keys(after)))
