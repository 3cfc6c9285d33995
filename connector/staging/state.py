"""Single facts that survive a restart, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connector.storage.database import Database


class State:
    """The table ``state``: one fact in each row."""

    def __init__(self, database: Database) -> None:
        self._connection = database.conn

    def get(self, name: str) -> str | None:
        row = self._connection.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def set(self, name: str, value: str | None) -> None:
        """Store a fact (None forgets it) within the caller's transaction."""
        if value is None:
            self._connection.execute("DELETE FROM state WHERE name = ?", (name,))
        else:
            self._connection.execute(
                "INSERT INTO state VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
                (name, value),
            )
