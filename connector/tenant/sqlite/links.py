"""Write memberships and managers, and note for clients of Graph which were added and removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.values.canonical import compact

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Mapping, Sequence

    from connector.model import MemberChange
    from connector.tenant.sqlite.changes import Changes

_ADD = "INSERT OR IGNORE INTO link (parent, member, changed) VALUES (?, ?, ?)"
_REMOVE = "DELETE FROM link WHERE parent = ? AND member = ?"
# One statement for all that are deleted, which keeps no copy of what it changes (OR FAIL): an error takes the
# whole transaction back. A group that loses several members is written once.
_PARENTS_CHANGED = (
    "UPDATE OR FAIL object SET members_version = ?1, version = ?1, changed = ?3 WHERE number IN "
    "(SELECT parent FROM link WHERE member IN (SELECT value FROM json_each(?2)))"
)


class Links:
    """The memberships of one tenant; ``version`` is the change that sync clients count."""

    def __init__(self, connection: sqlite3.Connection, changes: Changes) -> None:
        self._connection = connection
        self._changes = changes

    def unlink(self, numbers: Collection[int], version: int) -> None:
        """Remove the memberships of deleted objects, on either end, and their managers and reports."""
        if not numbers:
            return
        run, some = self._connection.executemany, [(number,) for number in numbers]
        gone = compact(list(numbers))
        self._connection.execute(_PARENTS_CHANGED, (version, gone, self._changes.number()))
        self._changes.note_unlinked_of(gone)
        for end in ("parent", "member"):
            sql = f"DELETE FROM link WHERE {end} IN (SELECT value FROM json_each(?))"  # noqa: S608
            self._connection.execute(sql, (gone,))
        rows = self._connection.execute(
            "SELECT object FROM manager WHERE manager IN (SELECT value FROM json_each(?)) "
            "AND object <> manager",
            (gone,),
        )
        self._note([number for (number,) in rows.fetchall()], version)
        run("DELETE FROM manager WHERE object = ?1 OR manager = ?1", some)

    def change(
        self,
        groups: Collection[tuple[int, Sequence[MemberChange]]],
        numbers: Mapping[str, int],
        version: int,
    ) -> set[int]:
        """Add and remove memberships; return the numbers of the groups that this changed.

        ``numbers`` has the members by source anchor; others are ignored.
        """
        changed = {group for group, changes in groups if self._relink(group, changes, numbers)}
        self._connection.executemany(
            "UPDATE object SET members_version = ?1, version = ?1, changed = ?3 WHERE number = ?2",
            [(version, group, self._changes.number()) for group in sorted(changed)],
        )
        return changed

    def change_managers(
        self, changes: Collection[tuple[int, str]], numbers: Mapping[str, int], version: int
    ) -> set[int]:
        """Give objects a manager by source anchor, or none; return the numbers of those that this changed.

        ``numbers`` has the managers by source anchor; others are ignored.
        """
        changed = {
            number
            for number, anchor in changes
            if (not anchor or anchor in numbers) and self._set_manager(number, numbers.get(anchor))
        }
        self._note(sorted(changed), version)
        return changed

    def _set_manager(self, number: int, manager: int | None) -> bool:
        if manager is None:
            sql = "DELETE FROM manager WHERE object = ?"
            return self._connection.execute(sql, (number,)).rowcount > 0
        sql = (
            "INSERT INTO manager (object, manager) VALUES (?, ?) ON CONFLICT (object) "
            "DO UPDATE SET manager = excluded.manager WHERE manager <> excluded.manager"
        )
        return self._connection.execute(sql, (number, manager)).rowcount > 0

    def _note(self, numbers: Collection[int], version: int) -> None:
        """Let objects count as changed, for sync clients and for those of Graph."""
        self._connection.executemany(
            "UPDATE object SET version = ? WHERE number = ?",
            [(version, number) for number in numbers],
        )
        self._changes.note(numbers)

    def _relink(
        self, group: int, changes: Sequence[MemberChange], numbers: Mapping[str, int]
    ) -> bool:
        run, changed = self._connection.executemany, 0
        known = [(numbers[anchor], add) for anchor, add in changes if anchor in numbers]
        if removed := [(group, number) for number, add in known if not add]:
            self._changes.note_unlinked("parent = ? AND member = ?", removed)
            changed += run(_REMOVE, removed).rowcount
        if added := [(group, number, self._changes.number()) for number, add in known if add]:
            changed += run(_ADD, added).rowcount
        return changed > 0
