"""The deletions that a guard stopped: a plan with a hash, approved as it is or discarded.

A plan may also hold memberships of groups that stay: pairs of the group's anchor and the member's.

An approval holds for exactly the set that was shown: one object more or less, and the guard stops
again with a plan of another hash.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from connector.errors import UnknownObject
from connector.staging.state import State
from connector.storage.database import immediate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from connector.storage.database import Database

_HASH, _REASON, _APPROVED = "deletions-hash", "deletions-reason", "deletions-approved"


class PlannedDeletion(NamedTuple):
    """An object that would be deleted; with ``members`` a group that would lose so many of them."""

    anchor: str
    type: str
    name: str
    dn: str
    members: int | None = None


class DeletionPlan(NamedTuple):
    """What waits for approval; ``hash`` is None when nothing does."""

    hash: str | None
    reason: str | None
    approved: bool
    objects: Sequence[PlannedDeletion]


def plan_hash(anchors: Iterable[str], memberships: Iterable[tuple[str, str]] = ()) -> str:
    """Name a set of deletions: equal for the same set, whatever its order."""
    lines = [*anchors, *map("\t".join, memberships)]
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:16]


class Deletions:
    """The plan that waits, if one does; ``memberships`` are pairs of source anchors everywhere."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._state = State(database)

    def hold(
        self, anchors: Sequence[str], reason: str, memberships: Sequence[tuple[str, str]] = ()
    ) -> DeletionPlan:
        """Replace the plan with these deletions; they wait until their hash is approved."""
        groups = Counter(group for group, _ in memberships)
        objects: list[tuple[str, int | None]] = [(anchor, None) for anchor in anchors]
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
            self._state.set(_HASH, plan_hash(anchors, memberships))
            self._state.set(_REASON, reason)
            self._state.set(_APPROVED, None)
        return self.plan()

    def plan(self) -> DeletionPlan:
        stored = self._state.get(_HASH)
        rows = self._database.conn.execute(
            "SELECT anchor, type, name, dn, members FROM deletion ORDER BY dn, anchor"
        )
        return DeletionPlan(
            stored,
            self._state.get(_REASON),
            stored is not None and self._state.get(_APPROVED) == stored,
            [PlannedDeletion(*row) for row in rows],
        )

    def approve(self, wanted: str) -> DeletionPlan:
        """Let exactly the waiting plan through at the next run.

        Raises UnknownObject when no plan waits, or another one than the hash names.
        """
        waiting = self._state.get(_HASH)
        if waiting is None:
            raise UnknownObject("No deletions wait for approval.")
        if wanted != waiting:
            raise UnknownObject(
                f"The plan that waits is {waiting}, not {wanted}. "
                "Look at it again: connector deletions"
            )
        with immediate(self._database):
            self._state.set(_APPROVED, waiting)
        return self.plan()

    def are_approved(
        self, anchors: Iterable[str], memberships: Iterable[tuple[str, str]] = ()
    ) -> bool:
        """Tell whether exactly this set was approved."""
        return self._state.get(_APPROVED) == plan_hash(anchors, memberships)

    def discard(self) -> None:
        """Forget the plan, approved or not: the guard stops at the same deletions again."""
        if self._state.get(_HASH) is None:
            return
        with immediate(self._database) as connection:
            connection.execute("DELETE FROM deletion")
            for name in (_HASH, _REASON, _APPROVED):
                self._state.set(name, None)
