"""Keep the sync clients of a tenant, and what was taken from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.tenant.clients import Client
from connector.tenant.postgresql.columns import kept

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from connector.tenant.objects import TenantObject
    from connector.tenant.postgresql.session import Session

_NOTE = """INSERT INTO taken (client, anchor, type, id, version) VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (client, anchor, type) DO UPDATE SET id = excluded.id, version = excluded.version"""


class Clients:
    """Implements ``ports.Clients``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def all(self) -> list[Client]:
        sql = "SELECT number, id, host, place, last_export, app FROM client ORDER BY number"
        return [Client._make(row) for row in self._session.rows(sql)]

    def objects(self) -> dict[int, int]:
        sql = (
            "SELECT owner, count(*) FROM object WHERE owner IS NOT NULL AND deleted IS NULL "
            "GROUP BY owner"
        )
        return {int(owner): int(number) for owner, number in self._session.rows(sql)}

    def quarantined(self, number: int) -> int:
        row = self._session.row(
            "SELECT count(*) FROM provisioning_error e JOIN object o ON o.number = e.object "
            "WHERE o.owner = %s OR o.owner IS NULL",
            (number,),
        )
        return int(row[0]) if row else 0

    def add(self, client: str, host: str, place: str) -> int:
        row = self._session.row("SELECT coalesce(max(number), 0) + 1 FROM client")
        number = int(row[0]) if row else 1
        self._session.run(
            "INSERT INTO client (number, id, host, place) VALUES (%s, %s, %s, %s)",
            (number, client, host, place),
        )
        return number

    def move(self, number: int, host: str, place: str) -> None:
        self._session.run(
            "UPDATE client SET host = %s, place = %s WHERE number = %s", (host, place, number)
        )

    def bind(self, number: int, app: str) -> None:
        self._session.run("UPDATE client SET app = %s WHERE number = %s", (app, number))

    def note_export(self, number: int, at: str) -> None:
        self._session.run("UPDATE client SET last_export = %s WHERE number = %s", (at, number))

    def adopt(self, number: int) -> None:
        self._session.run(
            "UPDATE object SET owner = %s WHERE owner IS NULL AND anchor IS NOT NULL "
            "AND synced IS NOT NULL",
            (number,),
        )

    def anchors(self, number: int) -> list[str]:
        rows = self._session.rows(
            "SELECT DISTINCT anchor FROM object WHERE owner = %s AND anchor IS NOT NULL ORDER BY anchor",
            (number,),
        )
        return [anchor for (anchor,) in rows]

    def remove(self, number: int) -> None:
        for sql in (
            "DELETE FROM batch WHERE client = %s",
            "DELETE FROM taken WHERE client = %s",
            "DELETE FROM client WHERE number = %s",
        ):
            self._session.run(sql, (number,))

    # --- batches ------------------------------------------------------------------------------

    def results_of(self, batch: str, client: int | None) -> str | None:
        row = self._session.row(
            "SELECT results FROM batch WHERE id = %s "
            "AND (client IS NOT DISTINCT FROM %s OR client IS NULL)",
            (batch, client),
        )
        return None if row is None else str(row[0])

    def remember_batch(self, batch: str, results: str, client: int | None) -> None:
        self._session.run(
            "INSERT INTO batch (number, id, results, client) "
            "SELECT coalesce(max(number), 0) + 1, %s, %s, %s FROM batch",
            (batch, results, client),
        )
        self._session.run(
            "DELETE FROM batch WHERE client IS NOT DISTINCT FROM %s AND number NOT IN (SELECT number "
            "FROM batch WHERE client IS NOT DISTINCT FROM %s ORDER BY number DESC LIMIT 2)",
            (client, client),
        )

    # --- what was taken -----------------------------------------------------------------------

    def taken_from(self, number: int, anchors: Collection[str]) -> set[str]:
        sql = "SELECT anchor FROM taken WHERE client = %s AND anchor = ANY(%s)"
        return {row[0] for row in self._session.rows(sql, (number, kept(anchors)))}

    def note_taken(
        self, items: Iterable[TenantObject], before: Mapping[int, TenantObject], version: int
    ) -> None:
        for item in items:
            known = before.get(item.number)
            if known is None or known.owner in {None, item.owner}:
                continue
            named = (item.anchor, item.type)
            self._session.run(_NOTE, (known.owner, *named, item.id, version))
            self._session.run(
                "DELETE FROM taken WHERE client = %s AND anchor = %s AND type = %s",
                (item.owner, *named),
            )

    def take_over(self, number: int, anchors: Collection[str], version: int) -> list[str]:
        rows = self._session.rows(
            "SELECT number, owner, anchor, type, id FROM object WHERE anchor = ANY(%s) "
            "AND owner <> %s ORDER BY anchor, type",
            (kept(anchors), number),
        )
        for item, owner, anchor, kind, cloud_id in rows:
            self._session.run(_NOTE, (owner, anchor, kind, cloud_id, version))
            self._session.run(
                "UPDATE object SET owner = %s, version = %s, members_version = "
                "CASE type WHEN 'group' THEN %s ELSE members_version END WHERE number = %s",
                (number, version, version, item),
            )
        back = self._session.rows(
            "DELETE FROM taken WHERE client = %s AND anchor = ANY(%s) RETURNING anchor",
            (number, kept(anchors)),
        )
        return sorted({row[2] for row in rows} | {anchor for (anchor,) in back})
