"""Tell what became of an object, run by run; each object that an identity means is told by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from connector.report.identity import Named, objects_meant

if TYPE_CHECKING:
    from connector.staging.changes import CloudChange
    from connector.staging.space import ConnectorSpace
    from connector.tenant.service import TenantService


class ObjectHistory(NamedTuple):
    """One object, and what the cloud took of it, newest first."""

    object: Named
    changes: list[CloudChange]


def histories(space: ConnectorSpace, tenant: TenantService, identity: str) -> list[ObjectHistory]:
    """Return the history of each object that an identity means and that any run changed.

    An object that is gone is found by what it was called when it was deleted. Raises AmbiguousIdentity
    when several objects have the identity as a name.
    """
    found = objects_meant(space, tenant, identity) or [
        Named(name, None, anchor, dn or None, None)
        for anchor, (name, dn) in space.history.deleted_as(identity).items()
    ]
    told = [ObjectHistory(one, space.history.changes_of([one.anchor or ""])) for one in found]
    return [each for each in told if each.changes]
