"""Write many rows with few statements, also in another thread while this one works out the next.

SQLite lets go of the interpreter for as long as one statement is at work. With a statement a row, a
thread that writes would wait for the interpreter at every row; with a statement for hundreds of them
it works beside the thread that decides what to write.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any

from connector.values.canonical import decode

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from concurrent.futures import Future

    Rows = Sequence[Sequence[Any]]
    Values = Sequence[Any] | Mapping[str, Any]

# Rows of one statement: what is left over takes the next smaller size.
_SIZES = (1024, 256, 32, 4, 1)
# So many rows are worth another thread.
_MANY = 256


def insert(connection: sqlite3.Connection, into: str, rows: Rows, upsert: str = "") -> None:
    """Add rows to a table; ``upsert`` is what to do with one that is there.

    Of a statement that fails, the rows before the one at fault stay: SQLite need not keep a copy of
    what it changes. So this is for transactions which an error takes back as a whole.
    """
    at = 0
    for size in _SIZES:
        while len(rows) - at >= size:
            values = list(chain.from_iterable(rows[at : at + size]))
            connection.execute(_statement(into, len(rows[at]), size, upsert), values)
            at += size


@lru_cache(maxsize=128)
def _statement(into: str, columns: int, size: int, upsert: str) -> str:
    row = f"({','.join('?' * columns)})"
    return f"INSERT OR FAIL INTO {into} VALUES {','.join([row] * size)} {upsert}"  # noqa: S608


def update(connection: sqlite3.Connection, table: str, columns: Sequence[str], rows: Rows) -> None:
    """Set columns of rows that are there: each row has the ``id``, then the values of the columns.

    As with ``insert``, an error takes back the whole transaction.
    """
    at = 0
    for size in _SIZES:
        while len(rows) - at >= size:
            values = list(chain.from_iterable(rows[at : at + size]))
            connection.execute(_update(table, tuple(columns), size), values)
            at += size


@lru_cache(maxsize=128)
def _update(table: str, columns: tuple[str, ...], size: int) -> str:
    row = f"({','.join('?' * (len(columns) + 1))})"
    names = ", ".join(f"{name} = new.column{place}" for place, name in enumerate(columns, 2))
    return (
        f"UPDATE OR FAIL {table} SET {names} "  # noqa: S608
        f"FROM (VALUES {','.join([row] * size)}) new WHERE {table}.id = new.column1"
    )


def at_once(connection: sqlite3.Connection, select: str, values: Values = ()) -> list[list[Any]]:
    """Return rows of small columns with one text of JSON at the end, which SQLite hands over as one.

    ``select`` is a SELECT of two columns: the others as a JSON array, and that text. Neither holds a control character. A row
    at a time would let another thread have the interpreter after each of them, and wait until it gives it back.
    """
    sql = f"WITH found (small, text) AS ({select}) SELECT group_concat(small || char(31) || text, char(30)) FROM found"  # noqa: S608
    (whole,) = connection.execute(sql, values).fetchone()
    parted = (row.partition("\x1f") for row in whole.split("\x1e")) if whole else ()
    return [[*decode(small), text] for small, _, text in parted]


class Behind:
    """A connection whose bulk writes another thread does; see ``writing_behind``.

    Every other statement waits for the writes before it, and raises what went wrong with one.
    """

    def __init__(self, connection: sqlite3.Connection, thread: ThreadPoolExecutor) -> None:
        self._connection = connection
        self._thread = thread
        self._waiting: list[Future[None]] = []

    def catch_up(self) -> sqlite3.Connection:
        """Wait until all is written, and return the connection."""
        while self._waiting:
            self._waiting.pop(0).result()
        return self._connection

    def execute(self, sql: str, values: Values = ()) -> sqlite3.Cursor:
        return self.catch_up().execute(sql, values)

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> sqlite3.Cursor:
        return self.catch_up().executemany(sql, rows)

    def insert(self, into: str, rows: Rows, upsert: str = "") -> None:
        """Add rows as ``insert`` does, in their turn; those that are few are added at once."""
        self.later(len(rows), insert, into, rows, upsert)

    def update(self, table: str, columns: Sequence[str], rows: Rows) -> None:
        """Set columns as ``update`` does, in their turn; of few rows at once."""
        self.later(len(rows), update, table, columns, rows)

    def later(self, rows: int, work: Callable[..., None], *arguments: Any) -> None:
        """Do what concerns so many rows in its turn; what concerns few, and waits for nothing, at once."""
        if not rows:
            return
        if self._waiting or rows >= _MANY:
            self._waiting.append(self._thread.submit(work, self._connection, *arguments))
        else:
            work(self._connection, *arguments)


@contextmanager
def writing_behind(connection: sqlite3.Connection) -> Iterator[Behind]:
    """Write behind within one transaction of the caller: all is written when the block ends well."""
    with ThreadPoolExecutor(1, thread_name_prefix="rows") as thread:
        behind = Behind(connection, thread)
        yield behind
        behind.catch_up()
