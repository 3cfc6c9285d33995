"""The deletions that a guard stopped: a plan with a hash, approved as it is or discarded.

A plan may hold memberships too, of groups that are to stay: pairs of the group's anchor and the member's.

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
    """What waits for approval: no hash when nothing does."""

    hash: str | None
    reason: str | None
    approved: bool
    objects: Sequence[PlannedDeletion]


def digest(anchors: Iterable[str], memberships: Iterable[tuple[str, str]] = ()) -> str:
    """Name a set of deletions: equal for the same set, whatever its order."""
    lines = [*anchors, *map("\t".join, memberships)]
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:16]


def hold(
    database: Database,
    anchors: Sequence[str],
    reason: str,
    memberships: Sequence[tuple[str, str]] = (),
) -> DeletionPlan:
    """Replace the plan with these deletions; they wait until their hash is approved."""
    state = State(database)
    groups = Counter(group for group, _ in memberships)
    objects: list[tuple[str, int | None]] = [(anchor, None) for anchor in anchors]
    with immediate(database) as connection:
        connection.execute("DELETE FROM deletion")
        connection.executemany(
            """INSERT OR IGNORE INTO deletion
               SELECT a.anchor, coalesce(e.type, c.type, ''), coalesce(
                   json_extract(c.properties, '$.displayName'), json_extract(e.attributes, '$.cn[0]'), ''),
                   coalesce(e.dn, json_extract(c.properties, '$.onPremisesDistinguishedName'), ''), a.members
               FROM (SELECT ? AS anchor, ? AS members) a
               LEFT JOIN entry e ON e.anchor = a.anchor LEFT JOIN cloud_entry c ON c.anchor = a.anchor""",
            (*objects, *groups.items()),
        )
        state.set(_HASH, digest(anchors, memberships))
        state.set(_REASON, reason)
        state.set(_APPROVED, None)
    return plan(database)


def plan(database: Database) -> DeletionPlan:
    state = State(database)
    stored = state.get(_HASH)
    rows = database.conn.execute(
        "SELECT anchor, type, name, dn, members FROM deletion ORDER BY dn, anchor"
    )
    return DeletionPlan(
        stored,
        state.get(_REASON),
        stored is not None and state.get(_APPROVED) == stored,
        [PlannedDeletion(*row) for row in rows],
    )


def approve(database: Database, wanted: str) -> DeletionPlan:
    """Let exactly the waiting plan through at the next run.

    Raises UnknownObject when no plan waits, or another one than the hash names.
    """
    waiting = State(database).get(_HASH)
    if waiting is None:
        raise UnknownObject("No deletions wait for approval.")
    if wanted != waiting:
        raise UnknownObject(
            f"The plan that waits is {waiting}, not {wanted}. Look at it again: connector deletions"
        )
    with immediate(database):
        State(database).set(_APPROVED, waiting)
    return plan(database)


def is_approved(
    database: Database, anchors: Iterable[str], memberships: Iterable[tuple[str, str]] = ()
) -> bool:
    return State(database).get(_APPROVED) == digest(anchors, memberships)


def discard(database: Database) -> None:
    """Forget the plan, approved or not: the guard stops at the same deletions again."""
    state = State(database)
    if state.get(_HASH) is None:
        return
    with immediate(database) as connection:
        connection.execute("DELETE FROM deletion")
        for name in (_HASH, _REASON, _APPROVED):
            state.set(name, None)
