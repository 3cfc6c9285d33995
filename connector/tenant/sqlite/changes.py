"""Count the changes of what Graph shows, and note what was removed, for those who ask what changed.

``delta`` reads what is written here. ``object.version`` counts for sync clients alone: they are not told what
a sweep or an administrator does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.tenant.machine import utc_now
from connector.values import moments

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection, Iterable
    from datetime import datetime

COLUMNS = ("changed", "own_changed")
"""The last change of an object, and the last one that was not of its members alone."""


class Changes:
    """The changes of one tenant; a transaction is one change. ``now`` gives the tenant's time."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.now: Callable[[], datetime] = utc_now
        self._connection = connection
        self._number: int | None = None

    def begin(self) -> None:
        """Let the transaction that begins be a change of its own."""
        self._number = None

    def number(self) -> int:
        """Return the number of the change that this transaction is."""
        if self._number is None:
            sql = (
                "INSERT INTO change (number, at, mark) SELECT max(number) + 1, ?, "
                "lower(hex(randomblob(8))) FROM change RETURNING number"
            )
            rows = self._connection.execute(sql, (moments.timestamp(self.now()),)).fetchall()
            self._number = int(rows[0][0])
        return self._number

    def note(self, numbers: Collection[int]) -> None:
        """Note that objects changed whose rows are not written."""
        if numbers:
            values = [(self.number(), number) for number in numbers]
            sql = "UPDATE object SET changed = ?1, own_changed = ?1 WHERE number = ?2"
            self._connection.executemany(sql, values)

    def note_gone(self, objects: Iterable[tuple[str, str]]) -> None:
        """Note objects, by type and cloud id, that are deleted for good; one may be made twice in a batch."""
        values = [(kind, self.number(), name) for kind, name in objects]
        self._connection.executemany(
            "INSERT OR IGNORE INTO gone (type, changed, id) VALUES (?, ?, ?)", values
        )

    def note_unlinked(self, condition: str, values: Collection[tuple[Any, ...]]) -> None:
        """Note the memberships that are about to be removed, by a condition on the table ``link``."""
        if values:
            sql = (
                "INSERT OR REPLACE INTO unlinked (parent, member, type, changed) "  # noqa: S608
                f"SELECT parent, id, type, {self.number()} "
                f"FROM link JOIN object ON number = member WHERE {condition}"
            )
            self._connection.executemany(sql, values)

    def note_unlinked_of(self, members: str) -> None:
        """Note the memberships of objects that are about to be deleted; ``members`` is a JSON array of numbers."""
        wanted = "member IN (SELECT value FROM json_each(?))"
        # Those that were noted before go first: to replace rows, SQLite would keep a copy of what it changes.
        self._connection.execute(
            "DELETE FROM unlinked WHERE (parent, member) IN "  # noqa: S608 - a constant
            f"(SELECT parent, id FROM link JOIN object ON number = member WHERE {wanted})",
            (members,),
        )
        self._connection.execute(
            "INSERT OR FAIL INTO unlinked (parent, member, type, changed) "  # noqa: S608 - a constant
            f"SELECT parent, id, type, ? FROM link JOIN object ON number = member WHERE {wanted}",
            (self.number(), members),
        )

    def begin_timeline(self) -> None:
        """Let nobody go on from what was told before: the tenant is in another past now."""
        self._connection.execute(
            "UPDATE state SET value = lower(hex(randomblob(8))) WHERE name = 'timeline'"
        )

    def forget(self, until: str) -> None:
        """Forget what was removed up to a time; from the last change before it a client can still go on."""
        run = self._connection.execute
        [(last,)] = run("SELECT max(number) FROM change WHERE at <= ?", (until,)).fetchall()
        run("DELETE FROM change WHERE number < ?", (last,))
        run("DELETE FROM gone WHERE changed <= ?", (last,))
        run("DELETE FROM unlinked WHERE changed <= ?", (last,))
