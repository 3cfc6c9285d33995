"""Tell what became of an object, run by run, and what a run did, object by object."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from connector.report.identity import Named, described, objects_meant
from connector.values import moments
from connector.values.printable import cut

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.model import ExcludedEntry
    from connector.staging.changes import CloudChange
    from connector.staging.space import ConnectorSpace
    from connector.tenant.service import TenantService


class ObjectHistory(NamedTuple):
    """One object, what the cloud took of it, newest first, and why it is left out today if it is."""

    object: Named
    changes: list[CloudChange]
    left_out: ExcludedEntry | None = None


def histories(space: ConnectorSpace, tenant: TenantService, identity: str) -> list[ObjectHistory]:
    """Return the history of each object that an identity means and that any run changed.

    An object that is gone is found by what it was called when it was deleted. Raises AmbiguousIdentity
    when several objects have the identity as a name.
    """
    found = objects_meant(space, tenant, identity) or [
        Named(name, None, anchor, dn or None, None)
        for anchor, (name, dn) in sorted(
            space.history.deleted_as(identity).items(), key=lambda each: each[1]
        )
    ]
    told = [
        ObjectHistory(
            one, space.history.changes_of([one.anchor or ""]), space.excluded.at(one.anchor or "")
        )
        for one in found
    ]
    return [each for each in told if each.changes]


def changes_of_run(space: ConnectorSpace, run: int) -> Iterator[tuple[Named, CloudChange]]:
    """Yield what the cloud took in a run, with the object of each change, as it was called last."""
    names = _Names(space)
    for change in space.history.changes_in(run):
        yield names.of(change.anchor), change


def change_rows(change: CloudChange) -> Iterator[list[object]]:
    """Yield a row an attribute: run, start, change, attribute, before, after.

    A deleted object has one row without attributes.
    """
    head: list[object] = [change.run, change.started, change.operation]
    if change.operation == "deleted" or not change.attributes:
        yield [*head, "", "", ""]
        return
    for name, (before, after) in change.attributes.items():
        match change.operation, name:
            case "quarantined", _:
                yield [*head, name, f"held by {before}", after]
            case _, "members":
                yield [*head, name, f"{before} removed", f"{after} added"]
            case _:
                yield [*head, name, shown(before), shown(after)]


def shown(value: object) -> str:
    """Write a value of a change in a line; a long one is cut."""
    if value is None:
        return "(none)"
    if isinstance(value, list):
        return ", ".join(cut(moments.without_fraction(str(one))) for one in value)
    return cut(str(value))


class _Names:
    """The last names of objects by source anchor; those that are gone are looked up once, all together."""

    def __init__(self, space: ConnectorSpace) -> None:
        self._space = space
        self._known: dict[str, Named] = {}
        self._gone: dict[str, tuple[str, str]] | None = None

    def of(self, anchor: str) -> Named:
        if anchor not in self._known:
            staged = described(self._space.lookup.at(anchor))
            self._known[anchor] = staged[0] if staged else self._of_gone(anchor)
        return self._known[anchor]

    def _of_gone(self, anchor: str) -> Named:
        if self._gone is None:
            self._gone = self._space.history.deleted()
        name, dn = self._gone.get(anchor, ("", ""))
        return Named(name, None, anchor, dn or None, None)
