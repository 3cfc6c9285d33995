"""The unique values that pending updates give up (port ``ports.Releases``)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable


class FewReleases(dict[str, str]):
    """Maps each value to the source anchor of its update, in memory."""

    def givers(self, keys: Iterable[str]) -> set[str]:
        return {self[key] for key in keys if key in self}


class ManyReleases:
    """The same in a temporary table, where there are too many values to be held in memory."""

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

    def __len__(self) -> int:
        return int(self._connection.execute("SELECT count(*) FROM temp.released").fetchone()[0])

    def givers(self, keys: Iterable[str]) -> set[str]:
        # One question for all: an object may have hundreds of addresses.
        rows = self._connection.execute(
            """SELECT DISTINCT r.anchor FROM json_each(?) k
               CROSS JOIN temp.released r ON r.key = k.value""",
            (json.dumps(list(keys)),),
        )
        return {anchor for (anchor,) in rows}
