"""A world that can die at any write: at a commit, before or after it, or between two lines of the log.

No part of the program is replaced, except that its databases have a connection that counts.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Self

from psycopg.conninfo import make_conninfo

from connector.tenant.postgresql.waiting import WatchedConnection
from tests.world import EventLog, World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    import psycopg

    from connector.tenant.postgresql.server import Server
    from tests.fakes import MemoryDirectory


class Crash(BaseException):
    """The process ends here: not even ``except Exception`` may notice."""


class Breaker:
    """Counts the moments at which a process may die, and dies at the given one."""

    def __init__(self) -> None:
        self._count = 0
        self._fatal: int | None = None

    def moment(self) -> None:
        self._count += 1
        if self._count - 1 == self._fatal:
            self._fatal = None
            raise Crash

    def start(self, fatal: int | None = None) -> None:
        """Count anew; die at the moment with this number, from 0."""
        self._count, self._fatal = 0, fatal

    def stop(self) -> int:
        """Stop counting, and return the number of moments."""
        self._fatal = None
        return self._count

    def connect(self, path: Path, **_: object) -> sqlite3.Connection:
        """Replace ``connector.storage.database._connect``."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        connection = sqlite3.connect(path, check_same_thread=False, factory=_Connection)
        connection.breaker = self
        return connection

    def connect_to_server(self, server: Server) -> psycopg.Connection[Any]:
        """Replace ``connector.tenant.postgresql.session.open_connection``."""
        connection = _ServerConnection.connect(
            make_conninfo(**server.parameters), autocommit=True, prepare_threshold=2
        )
        connection.breaker = self
        return connection


class _ServerConnection(WatchedConnection):
    """Has a moment before and a moment after each commit.

    The server takes a transaction back whose connection dies before the commit.
    """

    breaker: Breaker
    _has_committed = False

    def execute(self, query: Any, *arguments: Any, **named: Any) -> psycopg.Cursor[Any]:
        if query == b"COMMIT":
            self.breaker.moment()
            self._has_committed = True
        return super().execute(query, *arguments, **named)

    @contextmanager
    def pipeline(self) -> Iterator[psycopg.Pipeline]:
        self._has_committed = False
        with super().pipeline() as made:
            yield made
        if self._has_committed:
            self.breaker.moment()


class _Connection(sqlite3.Connection):
    """Has a moment before and a moment after each commit.

    A connection that dies before a commit is closed with its transaction open, which SQLite takes
    back, as it does with the journal of a process that was killed.
    """

    breaker: Breaker

    def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        """Do not wait for the disk: the operating system keeps what a process wrote before it died."""
        return super().execute(sql.replace("synchronous=FULL", "synchronous=OFF"), *parameters)

    def commit(self) -> None:
        writes = self.in_transaction
        if writes:
            self.breaker.moment()
        super().commit()
        if writes:
            self.breaker.moment()


class _Events(list[Any]):
    """The log of a process that may die before any line of it."""

    def __init__(self, breaker: Breaker) -> None:
        super().__init__()
        self._breaker = breaker

    def append(self, event: Any) -> None:
        self._breaker.moment()
        super().append(event)


class CrashingWorld(World):
    """A world whose connector dies at a moment of its breaker.

    Its clock never shows the same time twice, as a real one: a batch is named by its time.
    """

    def __init__(
        self, path: Path, directory: MemoryDirectory, breaker: Breaker, **sections: Any
    ) -> None:
        self._breaker = breaker
        super().__init__(path, directory, **sections)
        self.log = EventLog(_Events(breaker))
        self.restart()

    @property
    def time(self) -> datetime:
        self._time += self._time.resolution
        return self._time

    @time.setter
    def time(self, value: datetime) -> None:
        self._time = value

    def count(self, verb: str, *arguments: Any) -> int:
        """Do a verb of the world; return the number of its moments."""
        self._breaker.start()
        getattr(self, verb)(*arguments)
        return self._breaker.stop()

    def crash(self, fatal: int, verb: str, *arguments: Any) -> Self:
        """Do a verb of the world, die at this moment of it, and start the connector again."""
        self._breaker.start(fatal)
        with suppress(Crash):
            getattr(self, verb)(*arguments)
        self._breaker.stop()
        return self.restart()
