"""Read and write the tables of a tenant in SQLite as they are, for a move to another database."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from connector.storage.rows import insert
from connector.tenant.moved import LEFT_BEHIND
from connector.tenant.ports import Table

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager

_MIGRATIONS = "_sqlite_migrations"
# The claims of a tenant, of which those that arrive wait in a table of their own: see ``arrivals``.
_CLAIM, _SETTLED, _ARRIVED = "claim", "settled_claim", "arrived_claim"
_STAYING = ", ".join(f"'{name}'" for name in LEFT_BEHIND)
_ONLY_OF_THE_TENANT = {"state": f"WHERE name NOT IN ({_STAYING})"}
_AT_ONCE = 4096


class Tables:
    """Implements ``ports.Tables``; the lock of the file says whether somebody else is at work."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        transaction: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._connection = connection
        self.alone = transaction

    def all(self) -> list[Table]:
        rows = self._connection.execute(
            "SELECT list.name, info.name, info.pk FROM pragma_table_list AS list, "
            "pragma_table_info(list.name) AS info WHERE list.schema = 'main' AND list.type = 'table' "
            "AND list.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND list.name NOT IN (?, ?)",
            (_MIGRATIONS, _ARRIVED),
        )
        columns: dict[str, dict[str, int]] = {}
        for table, column, place in rows:
            name = _CLAIM if table == _SETTLED else table
            columns.setdefault(name, {})[column] = place
        return [
            Table(
                name, tuple(sorted(its)), tuple(sorted(filter(its.get, its), key=its.__getitem__))
            )
            for name, its in sorted(columns.items())
        ]

    def count(self, table: Table) -> int:
        sql = f"SELECT count(*) FROM {table.name} {_those(table)}"  # noqa: S608
        return int(self._connection.execute(sql).fetchone()[0])

    def rows(self, table: Table) -> Iterator[tuple[Any, ...]]:
        columns, key = ", ".join(table.columns), ", ".join(table.key)
        sql = f"SELECT {columns} FROM {table.name} {_those(table)} ORDER BY {key}"  # noqa: S608
        return self._connection.execute(sql)

    def fill(self, table: Table, rows: Iterable[tuple[Any, ...]]) -> None:
        into = _SETTLED if table.name == _CLAIM else table.name
        self._connection.execute(f"DELETE FROM {into} {_those(table)}")  # noqa: S608
        waiting = iter(rows)
        while some := list(islice(waiting, _AT_ONCE)):
            insert(self._connection, f"{into} ({', '.join(table.columns)})", some)

    def forget_state(self, name: str) -> None:
        self._connection.execute("DELETE FROM state WHERE name = ?", (name,))


def _those(table: Table) -> str:
    return _ONLY_OF_THE_TENANT.get(table.name, "")
