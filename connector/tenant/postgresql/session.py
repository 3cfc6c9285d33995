"""Keep the connections to a server: one that writes, and one that reads beside it.

The reading connection has a transaction of its own for as long as an answer is streamed. Within a writing
transaction all is read by the writing connection, which sees what it wrote. A connection that was lost is
made anew at the next use.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
from psycopg import errors
from psycopg.rows import tuple_row

from connector.errors import QueryTooLong, StorageUnusable, TenantMoved
from connector.tenant.moved import MOVED, refusal
from connector.tenant.postgresql.faults import UNUSABLE
from connector.tenant.postgresql.server import open_connection, unusable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from connector.tenant.postgresql.server import Server

    Row = tuple[Any, ...]
    Connection = psycopg.Connection[Row]
    Cursor = psycopg.Cursor[Row]

T = TypeVar("T")
_PASSING = (
    errors.SerializationFailure,
    errors.DeadlockDetected,
    errors.AdminShutdown,
    errors.CrashShutdown,
    errors.CannotConnectNow,
    errors.ReadOnlySqlTransaction,
)
_SECONDS_OF_TRYING = 20.0
_PAUSES = (0.05, 0.2, 0.5, 1.0)
_SECONDS_FOR_A_LOCK = 30
_AT_ONCE = 500
# A server may be set up to forget its last transactions when it is killed: the client would not know.
_KEEP = (
    "SELECT set_config('synchronous_commit', 'on', false) "
    "WHERE current_setting('synchronous_commit') = 'off'"
)
_MARK = "SELECT mark FROM mark WHERE version = %s"
LOCK = "SELECT name, value FROM state WHERE name IN ('version', 'moved') ORDER BY name FOR UPDATE"


class Session:
    """What a store says to its server. ``stop`` ends the trying after a lost connection."""

    def __init__(self, server: Server, stop: Callable[[], bool] = lambda: False) -> None:
        self.server = server
        self._stop = stop
        self._writer: Connection | None = None
        self._reader: Connection | None = None
        self._writing = False
        self._readings = 0
        self._names = count()
        self._noted: tuple[int, str] | None = None
        self._kept: tuple[int, str] | None = None

    def close(self) -> None:
        for connection in (self._writer, self._reader):
            if connection is not None:
                connection.close()
        self._writer = self._reader = None

    # --- questions ----------------------------------------------------------------------------

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Ask, and return the whole answer."""
        return self._asked(sql, values).fetchall()

    def row(self, sql: str, values: Sequence[Any] = ()) -> Row | None:
        return self._asked(sql, values).fetchone()

    def run(self, sql: str, values: Sequence[Any] = ()) -> None:
        """Have something done that has no answer."""
        self._asked(sql, values)

    def stream(self, sql: str, values: Sequence[Any] = ()) -> Iterator[Row]:
        """Ask, and yield the answer piece by piece, as it is at the first of them."""
        with self.one_state(), self._asking() as connection:
            name = f"rows_{next(self._names)}"
            with connection.cursor(name=name, row_factory=tuple_row) as cursor:
                cursor.itersize = _AT_ONCE
                cursor.execute(sql.encode(), values)
                yield from cursor

    @contextmanager
    def one_state(self) -> Iterator[None]:
        """Read one state for as long as the block takes; within a transaction that is its own."""
        if self._writing:
            yield
            return
        if self._readings == 0:
            self._asked("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        connection = self._reader
        self._readings += 1
        try:
            yield
        finally:
            self._readings -= 1
            if self._readings == 0 and connection is not None and not connection.closed:
                connection.execute("ROLLBACK")

    @contextmanager
    def limited(self, seconds: float) -> Iterator[None]:
        """Let no question of the block take longer; raises QueryTooLong."""
        self._asked(f"SET statement_timeout = {max(1, int(seconds * 1000))}")
        try:
            yield
        except errors.QueryCanceled as error:
            raise QueryTooLong(f"The query took longer than {seconds:g} s.") from error
        finally:
            self._readings = 0
            if self._reader is not None and not self._reader.closed:
                self._reader.rollback()
                self._reader.execute("RESET statement_timeout")

    # --- changes ------------------------------------------------------------------------------

    @contextmanager
    def transaction(self, first: str = "") -> Iterator[None]:
        """Make all changes of the block or none; one at a time holds the row of the version.

        Raises TenantMoved, unless there is something else to do ``first``:
        a connector may have opened it before.
        """
        try:
            connection = self.writer()
            with connection.transaction():
                if first:
                    connection.execute(first.encode())
                held: dict[str, str] = dict(connection.execute(LOCK).fetchall())
                if not first and (said := refusal(held.get(MOVED), None)) is not None:
                    raise TenantMoved(said)
                self._writing = True
                self._noted = None
                try:
                    yield
                finally:
                    self._writing = False
            self._kept = self._noted or self._kept
        except UNUSABLE as error:
            raise unusable(self.server, error) from error

    def note(self, version: int, mark: str) -> None:
        """Remember the version that the transaction makes: who answers after it must have it."""
        self._noted = (version, mark)

    def processes(self) -> list[int]:
        """Return the numbers of the server's processes that serve this session."""
        some = (self._writer, self._reader)
        return [one.info.backend_pid for one in some if one is not None and not one.closed]

    def writer(self) -> Connection:
        """Return the connection that writes."""
        if self._writer is None or self._writer.closed:
            self._writer = self._connected()
            self._writer.execute(f"SET lock_timeout = '{_SECONDS_FOR_A_LOCK}s'".encode())
            self._writer.execute(_KEEP.encode())
        return self._writer

    def _connected(self) -> Connection:
        """Connect; raises StorageUnusable where the server lacks what this session committed.

        A standby that takes over may lag behind, and what it lacks must not be taken for exported. It is
        told once: then the next cycle compares all.
        """
        connection = open_connection(self.server)
        if (kept := self._kept) is not None:
            found = connection.execute(_MARK.encode(), (kept[0],)).fetchone()
            if found != (kept[1],):
                self._kept = None
                connection.close()
                raise _behind(self.server, kept[0])
        return connection

    def repeated(self, work: Callable[[], T]) -> T:
        """Do a work that may be done twice; once more where the server, or another writer, got in between."""
        deadline = time.monotonic() + _SECONDS_OF_TRYING
        for attempt in count():
            try:
                return work()
            except StorageUnusable as error:
                if not _passes(error.__cause__) or self._stop() or time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSES[min(attempt, len(_PAUSES) - 1)])
        raise AssertionError  # the loop has no end

    def _asked(self, sql: str, values: Sequence[Any] = ()) -> Cursor:
        """Ask; once more where a connection turns out to be lost that nothing depends on yet."""
        is_free = not self._writing and self._readings == 0 and self._reader is not None
        try:
            with self._asking() as connection:
                return connection.execute(sql.encode(), values)
        except StorageUnusable as error:
            if not is_free or not _passes(error.__cause__):
                raise
        with self._asking() as connection:
            return connection.execute(sql.encode(), values)

    @contextmanager
    def _asking(self) -> Iterator[Connection]:
        if self._writing:
            yield self.writer()
            return
        try:
            if self._reader is None or self._reader.closed:
                self._readings = 0
                self._reader = self._connected()
            yield self._reader
        except errors.QueryCanceled:
            raise
        except UNUSABLE as error:
            raise unusable(self.server, error) from error


def _behind(server: Server, version: int) -> StorageUnusable:
    found = StorageUnusable(
        f"{server.name}: the server that answers now lacks what was committed: version {version} of the tenant. "
        "It is a standby that lagged behind, or was restored from a backup. The next cycle compares the "
        "tenant as a whole, and exports what it lacks."
    )
    found.reason = "behind"
    return found


def _passes(error: BaseException | None) -> bool:
    """Tell whether trying again may help: after a conflict, or where the server went away."""
    if isinstance(error, _PASSING):
        return True
    return isinstance(error, psycopg.OperationalError) and error.sqlstate is None
