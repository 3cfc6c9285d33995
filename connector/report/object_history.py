"""Tell what became of an object, run by run, and what a run did, object by object."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from connector.report.identity import Named, described, objects_meant

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        for anchor, (name, dn) in sorted(
            space.history.deleted_as(identity).items(), key=lambda each: each[1]
        )
    ]
    told = [ObjectHistory(one, space.history.changes_of([one.anchor or ""])) for one in found]
    return [each for each in told if each.changes]


def changes_of_run(space: ConnectorSpace, run: int) -> Iterator[tuple[Named, CloudChange]]:
    """Yield what the cloud took in a run, with the object of each change, as it was called last."""
    names = _Names(space)
    for change in space.history.changes_in(run):
        yield names.of(change.anchor), change


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
