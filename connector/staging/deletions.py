"""The deletions that a guard stopped: a plan with a hash, approved as it is or discarded.

A plan may also hold memberships of groups that stay: pairs of the group's anchor and the member's; and
attributes that objects would lose which stay: their names by the object's anchor.

An approval holds for exactly the set that was shown: one object more or less, and the guard stops
again with a plan of another hash.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from connector.errors import UnknownObject
from connector.staging.state import State
from connector.storage.database import immediate
from connector.values.collation import name_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from connector.storage.database import Database

_HASH, _REASON, _APPROVED = "deletions-hash", "deletions-reason", "deletions-approved"
_ATTRIBUTES, _IMPORTED = "deletions-attributes", "deletions-imported"
_ALL = (_HASH, _REASON, _APPROVED, _ATTRIBUTES, _IMPORTED)
_NONE: Mapping[str, Sequence[str]] = {}


class PlannedDeletion(NamedTuple):
    """An object that would be deleted.

    With ``members`` it is a group that would lose so many of them, with ``attributes`` an object that
    would lose these.
    """

    anchor: str
    type: str
    name: str
    dn: str
    members: int | None = None
    attributes: Sequence[str] | None = None


class DeletionPlan(NamedTuple):
    """What waits for approval; ``hash`` is None when nothing does."""

    hash: str | None
    reason: str | None
    approved: bool
    objects: Sequence[PlannedDeletion]


def plan_hash(
    anchors: Iterable[str],
    memberships: Iterable[tuple[str, str]] = (),
    attributes: Mapping[str, Sequence[str]] = _NONE,
) -> str:
    """Name a set of deletions: equal for the same set, whatever its order."""
    lines = [*anchors, *map("\t".join, memberships)]
    lines += (f"{anchor}\t{name}=" for anchor, names in attributes.items() for name in names)
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:16]


class Deletions:
    """The plan that waits, if one does; ``memberships`` are pairs of source anchors everywhere."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._state = State(database)

    def hold(
        self,
        anchors: Sequence[str],
        reason: str,
        memberships: Sequence[tuple[str, str]] = (),
        attributes: Mapping[str, Sequence[str]] = _NONE,
    ) -> DeletionPlan:
        """Replace the plan with these deletions; they wait until their hash is approved."""
        groups = Counter(group for group, _ in memberships)
        objects: list[tuple[str, int | None]] = [(each, None) for each in (*anchors, *attributes)]
        with immediate(self._database) as connection:
            connection.execute("DELETE FROM deletion")
            connection.executemany(
                """INSERT OR IGNORE INTO deletion
                   SELECT a.anchor, coalesce(e.type, c.type, ''),
                       coalesce(json_extract(c.properties, '$.displayName'),
                                json_extract(e.attributes, '$.cn[0]'), ''),
                       coalesce(e.dn,
                                json_extract(c.properties, '$.onPremisesDistinguishedName'), ''),
                       a.members
                   FROM (SELECT ? AS anchor, ? AS members) a
                   LEFT JOIN entry e ON e.anchor = a.anchor
                   LEFT JOIN cloud_entry c ON c.anchor = a.anchor""",
                (*objects, *groups.items()),
            )
            self._state.set(_HASH, plan_hash(anchors, memberships, attributes))
            self._state.set(_REASON, reason)
            self._state.set(_APPROVED, None)
            self._state.set(_IMPORTED, None)
            self._state.set(_ATTRIBUTES, json.dumps(dict(attributes)) if attributes else None)
        return self.plan()

    def plan(self) -> DeletionPlan:
        stored = self._state.get(_HASH)
        attributes = self._attributes()
        found = self._database.conn.execute("SELECT anchor, type, name, dn, members FROM deletion")
        rows = sorted(found, key=lambda row: (name_key(row[3]), row[3], row[0]))
        return DeletionPlan(
            stored,
            self._state.get(_REASON),
            stored is not None and self._state.get(_APPROVED) == stored,
            [PlannedDeletion._make((*row, attributes.get(row[0]))) for row in rows],
        )

    def approve(self, wanted: str) -> DeletionPlan:
        """Let exactly the waiting plan through at the next run.

        Raises UnknownObject when no plan waits, or another one than the hash names.
        """
        self.refuse_other(wanted)
        with immediate(self._database):
            self._state.set(_APPROVED, wanted)
        return self.plan()

    def refuse_other(self, wanted: str) -> None:
        """Raise UnknownObject when no plan waits, or another one than the hash names."""
        waiting = self._state.get(_HASH)
        if waiting is None:
            raise UnknownObject("No deletions wait for approval.")
        if wanted != waiting:
            raise UnknownObject(
                f"The plan that waits is {waiting}, not {wanted}. "
                "Look at it again: connector deletions"
            )

    def are_approved(
        self,
        anchors: Iterable[str],
        memberships: Iterable[tuple[str, str]] = (),
        attributes: Mapping[str, Sequence[str]] = _NONE,
    ) -> bool:
        """Tell whether exactly this set was approved."""
        return self._state.get(_APPROVED) == plan_hash(anchors, memberships, attributes)

    def note_import(self) -> None:
        """Note that an import carried out the plan that was approved, if one was.

        What it removed is not asked for again where the tenant is told.
        """
        approved = self._state.get(_APPROVED)
        if approved is not None and approved != self._state.get(_IMPORTED):
            with immediate(self._database):
                self._state.set(_IMPORTED, approved)

    def were_imported(self, anchors: Iterable[str]) -> bool:
        """Tell whether the removal of all these objects was approved, and carried out by an import."""
        if self._state.get(_IMPORTED) is None:
            return False
        attributes = self._attributes()
        rows = self._database.conn.execute("SELECT anchor FROM deletion WHERE members IS NULL")
        return {anchor for (anchor,) in rows} - attributes.keys() >= set(anchors)

    def _attributes(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = json.loads(self._state.get(_ATTRIBUTES) or "{}")
        return found

    def discard(self) -> None:
        """Forget the plan, approved or not: the guard stops at the same deletions again."""
        if self._state.get(_HASH) is None:
            return
        with immediate(self._database) as connection:
            connection.execute("DELETE FROM deletion")
            for name in _ALL:
                self._state.set(name, None)
