"""Work on the tenant of a server in one transaction that is never committed.

Each transaction of the program is a savepoint within it; the server undoes all of it, also where the process is
killed. No other connector can write in the meantime, so it gives way: a writer waits for it for little
more than ``SECONDS``.
"""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, TypeVar

import psycopg
from psycopg.pq import TransactionStatus

from connector.errors import StorageUnusable
from connector.tenant.postgresql.faults import UNUSABLE
from connector.tenant.postgresql.server import open_connection, unusable
from connector.tenant.postgresql.session import LOCK, SIGNS_OF_LIFE, Session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connector.tenant.postgresql.server import Server
    from connector.tenant.postgresql.session import Connection, Question, Row

T = TypeVar("T")
SECONDS = 1.0
"""So long it waits for another writer, and so long others may have to wait for it."""

_SECONDS_BETWEEN_LOOKS = 0.2
# It is idle while a directory is read, and in nobody's way for that.
_LIMITS = f"SET lock_timeout = {int(SECONDS * 1000)}; SET idle_in_transaction_session_timeout = 0"
_WAITS = "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid)))"


class RehearsedSession(Session):
    """A session of which nothing is kept; what it asks, it asks within its one transaction."""

    def __init__(self, server: Server, stop: Callable[[], bool] = lambda: False) -> None:
        """Begin; raises StorageUnusable, with the reason ``locked`` where another writer is at work."""
        super().__init__(server, stop)
        self._writing = True
        self._is_given_up = False
        self._watching: Connection | None = None
        self._next_look = time.monotonic() + SECONDS
        with ExitStack() as stack:
            stack.callback(self.close)
            self._writer = open_connection(server)
            try:
                self._writer.execute(SIGNS_OF_LIFE.encode())
                self._writer.execute(_LIMITS.encode())
                self._writer.execute("BEGIN")
                self._writer.execute(LOCK)
            except psycopg.Error as error:
                raise unusable(server, error) from error
            self._watching = open_connection(server)
            stack.pop_all()

    def close(self) -> None:
        """Undo everything."""
        if self._watching is not None:
            self._watching.close()
        if self._writer is not None and not self._writer.closed:
            with suppress(psycopg.Error):  # a server that is gone has undone it
                self._writer.rollback()
        super().close()

    @contextmanager
    def transaction(self, first: str = "", also: str = "") -> Iterator[list[Row]]:
        """Make all changes of the block or none, until all is undone."""
        try:
            self.catch_up()
            with self.writer().transaction():
                try:
                    if first:
                        self.run(first)
                    yield self.rows(also) if also else []
                    self.catch_up()
                finally:
                    self._to_write = []
        except UNUSABLE as error:
            raise unusable(self.server, error) from error

    def answers(self, *questions: Question) -> list[list[Row]]:
        """Ask, unless a writer waits: a long answer and a long job come piece by piece."""
        if self.gives_way():
            raise StorageUnusable(f"{self.server.name}: the rehearsal gave way to another writer.")
        return super().answers(*questions)

    def writer(self) -> Connection:
        """Return the one connection; a new one would keep what is done."""
        connection = self._writer
        if (
            connection is None
            or connection.closed
            or connection.info.transaction_status is TransactionStatus.IDLE
        ):
            raise StorageUnusable(
                f"{self.server.name}: the connection was lost in the middle of a rehearsal. Nothing of it "
                "was kept: try again."
            )
        return connection

    def repeated(self, work: Callable[[], T]) -> T:
        """Do it once: after a lost connection there is nothing to go on with."""
        return work()

    @property
    def gave_way(self) -> bool:
        return self._is_given_up

    def gives_way(self) -> bool:
        """Tell whether a writer has waited as long as it may have to."""
        now = time.monotonic()
        if not self._is_given_up and now >= self._next_look and self._watching is not None:
            self._next_look = now + _SECONDS_BETWEEN_LOOKS
            number = self.writer().info.backend_pid
            try:
                found = self._watching.execute(_WAITS.encode(), (number,)).fetchone()
            except UNUSABLE as error:
                raise unusable(self.server, error) from error
            self._is_given_up = bool(found and found[0])
        return self._is_given_up
