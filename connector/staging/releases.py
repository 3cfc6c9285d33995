"""The values that an export releases, where there are too many of them to be held in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3


class ManyReleases(Mapping[str, str]):
    """Maps a unique value to the source anchor whose update gives it up, by a temporary table."""

    def __init__(self, connection: sqlite3.Connection, session: int) -> None:
        self._connection = connection
        connection.execute("DROP TABLE IF EXISTS temp.released")
        connection.execute(
            "CREATE TEMP TABLE released (key TEXT PRIMARY KEY, anchor TEXT NOT NULL) WITHOUT ROWID"
        )
        connection.execute(
            """INSERT OR REPLACE INTO temp.released
               SELECT value, anchor FROM pending_export, json_each(releases)
               WHERE releases IS NOT NULL AND tried IS NOT ?""",
            (session,),
        )
        connection.commit()

    def __getitem__(self, key: str) -> str:
        row = self._connection.execute("SELECT anchor FROM temp.released WHERE key = ?", (key,))
        found = row.fetchone()
        if found is None:
            raise KeyError(key)
        return str(found[0])

    def __iter__(self) -> Iterator[str]:
        yield from (key for (key,) in self._connection.execute("SELECT key FROM temp.released"))

    def __len__(self) -> int:
        return int(self._connection.execute("SELECT count(*) FROM temp.released").fetchone()[0])
