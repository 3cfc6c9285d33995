"""Keep the sync clients of a tenant, and what was taken from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.tenant.clients import Client
from connector.values.canonical import compact

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Mapping

    from connector.tenant.objects import TenantObject
    from connector.tenant.writes import Writes

_COLUMNS = "number, id, host, place, last_export, app"
_NOTE = (
    """INSERT OR REPLACE INTO taken (client, anchor, type, id, version) VALUES (?, ?, ?, ?, ?)"""
)


class Clients:
    """Implements ``ports.Clients``."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def all(self) -> list[Client]:
        rows = self._connection.execute(f"SELECT {_COLUMNS} FROM client ORDER BY number")  # noqa: S608
        return [Client._make(row) for row in rows]

    def objects(self) -> dict[int, int]:
        return dict(
            self._connection.execute(
                "SELECT owner, count(*) FROM object WHERE owner IS NOT NULL AND deleted IS NULL "
                "GROUP BY owner"
            ).fetchall()
        )

    def quarantined(self, number: int) -> int:
        [(found,)] = self._connection.execute(
            "SELECT count(*) FROM provisioning_error e JOIN object o ON o.number = e.object "
            "WHERE o.owner = ? OR o.owner IS NULL",
            (number,),
        )
        return int(found)

    def add(self, client: str, host: str, place: str) -> int:
        [(number,)] = self._connection.execute(
            "INSERT INTO client (id, host, place) VALUES (?, ?, ?) RETURNING number",
            (client, host, place),
        ).fetchall()
        return int(number)

    def move(self, number: int, host: str, place: str) -> None:
        self._connection.execute(
            "UPDATE client SET host = ?, place = ? WHERE number = ?", (host, place, number)
        )

    def bind(self, number: int, app: str) -> None:
        self._connection.execute("UPDATE client SET app = ? WHERE number = ?", (app, number))

    def note_export(self, number: int, at: str) -> None:
        self._connection.execute("UPDATE client SET last_export = ? WHERE number = ?", (at, number))

    def adopt(self, number: int) -> None:
        self._connection.execute(
            "UPDATE object SET owner = ? WHERE owner IS NULL AND anchor IS NOT NULL "
            "AND synced IS NOT NULL",
            (number,),
        )

    def are_several(self) -> bool:
        """Tell whether several connectors share the tenant: then one may write for long, batch by batch."""
        row = self._connection.execute("SELECT count(*) FROM client").fetchone()
        return int(row[0]) > 1

    def anchors(self, number: int) -> list[str]:
        rows = self._connection.execute(
            "SELECT DISTINCT anchor FROM object WHERE owner = ? AND anchor IS NOT NULL ORDER BY anchor",
            (number,),
        )
        return [anchor for (anchor,) in rows]

    def remove(self, number: int) -> None:
        for sql in (
            "DELETE FROM batch WHERE client = ?",
            "DELETE FROM taken WHERE client = ?",
            "DELETE FROM client WHERE number = ?",
        ):
            self._connection.execute(sql, (number,))

    # --- batches ------------------------------------------------------------------------------

    def results_of(self, batch: str, client: int | None) -> str | None:
        # Those from before clients were told apart have none.
        sql = "SELECT results FROM batch WHERE id = ? AND (client IS ? OR client IS NULL)"
        row = self._connection.execute(sql, (batch, client)).fetchone()
        return None if row is None else str(row[0])

    def remember_batch(self, batch: str, results: str, client: int | None) -> None:
        run = self._connection.execute
        run("INSERT INTO batch (id, results, client) VALUES (?, ?, ?)", (batch, results, client))
        run(
            "DELETE FROM batch WHERE client IS ?1 AND number NOT IN "
            "(SELECT number FROM batch WHERE client IS ?1 ORDER BY number DESC LIMIT 2)",
            (client,),
        )

    # --- what was taken -----------------------------------------------------------------------

    def taken_from(self, number: int, anchors: Collection[str]) -> set[str]:
        rows = self._connection.execute(
            "SELECT anchor FROM taken WHERE client = ? AND anchor IN (SELECT value FROM json_each(?))",
            (number, compact(list(anchors))),
        )
        return {anchor for (anchor,) in rows}

    def note(self, writes: Writes, before: Mapping[int, TenantObject], version: int) -> None:
        """Keep what was taken from whom; those from whom it was hear that it went, or came again."""
        self._note_taken(writes.updated, before, version)
        if self._connection.execute("SELECT 1 FROM taken LIMIT 1").fetchone():
            self._connection.executemany(
                "UPDATE taken SET version = ? WHERE anchor = ?",
                [(version, anchor) for anchor in writes.came_or_went(before)],
            )

    def _note_taken(
        self, items: Iterable[TenantObject], before: Mapping[int, TenantObject], version: int
    ) -> None:
        for item in items:
            known = before.get(item.number)
            if known is None or known.owner in {None, item.owner}:
                continue
            named = (item.anchor, item.type)
            self._connection.execute(_NOTE, (known.owner, *named, item.id, version))
            self._connection.execute(
                "DELETE FROM taken WHERE client = ? AND anchor = ? AND type = ?",
                (item.owner, *named),
            )

    def take_over(self, number: int, anchors: Collection[str], version: int) -> list[str]:
        rows = self._connection.execute(
            """SELECT number, owner, anchor, type, id FROM object
               WHERE anchor IN (SELECT value FROM json_each(?)) AND owner <> ?
               ORDER BY anchor, type""",
            (compact(list(anchors)), number),
        ).fetchall()
        for item, owner, anchor, kind, cloud_id in rows:
            self._connection.execute(_NOTE, (owner, anchor, kind, cloud_id, version))
            self._connection.execute(
                "UPDATE object SET owner = ?1, version = ?2, members_version = "
                "CASE type WHEN 'group' THEN ?2 ELSE members_version END WHERE number = ?3",
                (number, version, item),
            )
        back = self._connection.execute(
            "DELETE FROM taken WHERE client = ? AND anchor IN (SELECT value FROM json_each(?)) "
            "RETURNING anchor",
            (number, compact(list(anchors))),
        ).fetchall()
        return sorted({row[2] for row in rows} | {anchor for (anchor,) in back})
