"""Read and write the tables of a tenant in PostgreSQL as they are, for a move to another database."""

from __future__ import annotations

import time
from contextlib import contextmanager
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import psycopg

from connector.errors import InstanceLocked, StorageUnusable
from connector.tenant.moved import LEFT_BEHIND
from connector.tenant.ports import Table
from connector.tenant.postgresql.server import APPLICATION
from connector.values.collation import name_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from connector.tenant.postgresql.session import Session

_MIGRATIONS = "migration"
# What is worked out from other columns: by table and column, the column that it follows from.
_FOLLOWING = {
    ("object", "name_key"): "display_name",
    ("provisioning_error", "name_key"): "name",
    ("provisioning_error", "upn_key"): "upn",
}
_STAYING = ", ".join(f"'{name}'" for name in LEFT_BEHIND)
_ONLY_OF_THE_TENANT = {"state": f"WHERE name NOT IN ({_STAYING})"}
# Writers take a row of this table first (``session``). Who waits for the table reads what is there afterwards.
_ALONE = "LOCK TABLE state IN EXCLUSIVE MODE"
# A server may end what is long; while the other place is read, nothing is asked of this one.
_UNLIMITED = ("statement_timeout", "idle_in_transaction_session_timeout")
_SECONDS_TO_LEAVE = 2.0
_SECONDS_BETWEEN_LOOKS = 0.05
_OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "  # noqa: S608
    f"AND application_name ~ '^{APPLICATION}([/ ]|$)' AND pid <> ALL(%s)"
)


class Tables:
    """Implements ``ports.Tables``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @contextmanager
    def alone(self) -> Iterator[None]:
        with self._session.transaction(first=_ALONE):
            if others := self._others():
                raise InstanceLocked(
                    f"{self._session.server.name} is in use by other connectors ({others} connections): a "
                    "move needs the tenant for itself. Stop them first, or wait until they are done."
                )
            for limit in _UNLIMITED:
                self._session.run(f"SET LOCAL {limit} = 0")
            yield

    def _others(self) -> int:
        """Count the connections of others; one that was closed just now may still be leaving."""
        deadline = time.monotonic() + _SECONDS_TO_LEAVE
        while True:
            self._session.run("SELECT pg_stat_clear_snapshot()")
            [(others,)] = self._session.rows(_OTHERS, (self._session.processes(),))
            if not others or time.monotonic() > deadline:
                return int(others)
            time.sleep(_SECONDS_BETWEEN_LOOKS)

    def all(self) -> list[Table]:
        rows = self._session.rows(
            "SELECT c.relname, a.attname, coalesce(array_position(i.indkey::int2[], a.attnum), -1) "
            "FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid "
            "LEFT JOIN pg_index AS i ON i.indrelid = c.oid AND i.indisprimary "
            "WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' "
            "AND a.attnum > 0 AND NOT a.attisdropped AND c.relname <> %s",
            (_MIGRATIONS,),
        )
        columns: dict[str, dict[str, int]] = {}
        for table, column, place in rows:
            if (table, column) not in _FOLLOWING:
                columns.setdefault(table, {})[column] = place
        return [
            Table(
                name,
                tuple(sorted(its)),
                tuple(sorted((c for c in its if its[c] >= 0), key=its.__getitem__)),
            )
            for name, its in sorted(columns.items())
        ]

    def count(self, table: Table) -> int:
        sql = f"SELECT count(*) FROM {table.name} {_those(table)}"  # noqa: S608
        return int(self._session.rows(sql)[0][0])

    def rows(self, table: Table) -> Iterator[tuple[Any, ...]]:
        columns, key = ", ".join(table.columns), ", ".join(table.key)
        return self._session.stream(
            f"SELECT {columns} FROM {table.name} {_those(table)} ORDER BY {key}"  # noqa: S608
        )

    def fill(self, table: Table, rows: Iterable[tuple[Any, ...]]) -> None:
        self._session.run(f"DELETE FROM {table.name} {_those(table)}")  # noqa: S608
        following = {c: of for (name, c), of in _FOLLOWING.items() if name == table.name}
        sources = [itemgetter(table.columns.index(of)) for of in following.values()]
        into = ", ".join((*table.columns, *following))
        row: tuple[Any, ...] = ()
        self._session.catch_up()
        try:
            cursor = self._session.writer().cursor()
            with cursor.copy(f"COPY {table.name} ({into}) FROM STDIN".encode()) as copy:
                for row in rows:
                    copy.write_row((*row, *(name_key(source(row) or "") for source in sources)))
        except psycopg.DataError as error:
            key = {name: row[table.columns.index(name)] for name in table.key}
            raise StorageUnusable(
                f"{self._session.server.name} cannot keep a row of {table.name} ({key}): {error}. "
                "Change the value where it comes from, sync, and move again."
            ) from error

    def forget_state(self, name: str) -> None:
        self._session.run("DELETE FROM state WHERE name = %s", (name,))


def _those(table: Table) -> str:
    return _ONLY_OF_THE_TENANT.get(table.name, "")
