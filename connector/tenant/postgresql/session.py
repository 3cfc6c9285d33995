"""Keep the connections to a server: one that writes, and one that reads beside it.

The reading connection has a transaction of its own for as long as an answer is streamed. Within a writing
transaction all is read by the writing connection, which sees what it wrote. A connection that was lost is
made anew at the next use.

Round trips count. What has no answer waits, and goes to the server with the next question or with the end of
the transaction; a state to read begins with the first question about it.
"""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
from psycopg import errors

from connector.errors import QueryTooLong, StorageUnusable, TenantMoved, WorkStopped
from connector.tenant.moved import MOVED, refusal
from connector.tenant.postgresql.faults import UNUSABLE
from connector.tenant.postgresql.others import PATIENCE, Others
from connector.tenant.postgresql.server import (
    APPLICATION,
    open_connection,
    under_the_name,
    unusable,
)
from connector.tenant.postgresql.waiting import Wait

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from connector.tenant.postgresql.server import Server
    from connector.tenant.postgresql.waiting import WatchedConnection

    Row = tuple[Any, ...]
    Connection = WatchedConnection
    Cursor = psycopg.Cursor[Row]
    # A statement and its parameters.
    Question = tuple[str, Sequence[Any]]

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
# A writer looks up by keys. The plan of a prepared statement may be from when the table was small, and would read
# all of it for each batch. What has no index to go by seems very dear then: nothing is to be compiled for that.
_BY_KEY = (
    "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off"
)
_AS_WRITER = f"SET lock_timeout = '{_SECONDS_FOR_A_LOCK}s'; {_KEEP}; {_BY_KEY}"
# The server lets go of a connector whose machine vanished after about a minute, also of the lock that it holds; by
# itself it takes hours. A socket of the machine itself needs none of it.
SIGNS_OF_LIFE = (
    "SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3"
)
_NAMED = "SELECT set_config('application_name', %s, false)"
_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_MARK = "SELECT mark FROM mark WHERE version = %s"
LOCK = "SELECT name, value FROM state WHERE name IN ('version', 'moved') ORDER BY name FOR UPDATE"


class Session:
    """What a store says to its server. ``stop`` ends the trying after a lost connection."""

    def __init__(self, server: Server, stop: Callable[[], bool] = lambda: False) -> None:
        self.server = server
        self.stop = stop
        self.name = APPLICATION
        self.others = Others(self)
        self._writer: Connection | None = None
        self._reader: Connection | None = None
        self._is_closed = False
        self._writing = False
        self._readings = 0
        self._names = count()
        # What goes to the server with the next question, of the one who writes and of the one who reads.
        self._to_write: list[Question] = []
        self._to_read: list[Question] = []
        self._noted: tuple[int, str] | None = None
        self._kept: tuple[int, str] | None = None

    def close(self) -> None:
        """Close the connections; what is asked afterwards is a fault of the program."""
        self._is_closed = True
        self.let_go()

    def let_go(self) -> None:
        """Close the connections; the next question makes one anew."""
        for connection in (self._writer, self._reader):
            if connection is not None:
                connection.close()
        self._writer = self._reader = None

    def be(self, name: str) -> None:
        """Have connections of another name, those that are open too."""
        self.name = name
        self.server = under_the_name(self.server, name)
        value = (self.server.parameters["application_name"],)
        for connection in (self._writer, self._reader):
            if connection is not None and not connection.closed:
                try:
                    connection.execute(_NAMED.encode(), value)
                except psycopg.Error:  # the next one has the name from the beginning
                    connection.close()

    # --- questions ----------------------------------------------------------------------------

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Ask, and return the whole answer."""
        return self.answers((sql, values))[0]

    def row(self, sql: str, values: Sequence[Any] = ()) -> Row | None:
        return next(iter(self.rows(sql, values)), None)

    def answers(self, *questions: Question) -> list[list[Row]]:
        """Ask several questions in one round trip, and return the whole answer to each."""
        if not self._writing:
            return self._asked(questions)
        waiting, self._to_write = self._to_write, []
        return _said(self.writer(), waiting, questions)

    def run(self, sql: str, values: Sequence[Any] = ()) -> None:
        """Have something done that has no answer; within a transaction at the next question, or its end."""
        if self._writing:
            self._to_write.append((sql, values))
        else:
            self._asked([(sql, values)])

    def catch_up(self) -> None:
        """Have all done that waits for the next question of a transaction."""
        if self._to_write:
            self.answers()

    def stream(self, sql: str, values: Sequence[Any] = ()) -> Iterator[Row]:
        """Ask, and yield the answer piece by piece, as it is at the first of them."""
        with self.one_state():
            name = f"rows_{next(self._names)}"
            more: Question = (f"FETCH {_AT_ONCE} FROM {name}", ())
            _, found = self.answers((f"DECLARE {name} NO SCROLL CURSOR FOR {sql}", values), more)
            try:
                yield from found
                while len(found) == _AT_ONCE:
                    [found] = self.answers(more)
                    yield from found
            finally:
                (self._to_write if self._writing else self._to_read).append((f"CLOSE {name}", ()))

    @contextmanager
    def one_state(self) -> Iterator[None]:
        """Read one state for as long as the block takes; within a transaction that is its own."""
        if self._writing:
            yield
            return
        if self._readings == 0:
            self._to_read = [(_READ, ())]
        self._readings += 1
        try:
            yield
        finally:
            self._readings = max(0, self._readings - 1)
            if self._readings == 0:
                is_begun = not self._is_to_begin()
                self._to_read = []
                if is_begun and self._reader is not None and not self._reader.closed:
                    self._reader.execute("ROLLBACK")

    def _is_to_begin(self) -> bool:
        return bool(self._to_read) and self._to_read[0][0] == _READ

    @contextmanager
    def limited(self, seconds: float) -> Iterator[None]:
        """Let no question of the block take longer; raises QueryTooLong."""
        limit = f"SET statement_timeout = {max(1, int(seconds * 1000))}"
        self.answers((limit, ()))
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
    def transaction(self, first: str = "", also: str = "") -> Iterator[list[Row]]:
        """Make all changes of the block or none; one at a time holds the row of the version.

        Yields the answer to what is asked ``also`` once the row is held. Raises TenantMoved, unless there is
        something else to do ``first``: a connector may have opened it before.
        """
        try:
            connection = self.writer()
            try:
                before: list[Question] = [("BEGIN", ())]
                before += [(first, ())] if first else []
                asked: list[Question] = [(LOCK, ())]
                asked += [(also, ())] if also else []
                rows, *found = self._in_turn(connection, before, asked)
                if not first:
                    _refuse_moved(rows)
                self._writing = True
                self._noted = None
                yield found[0] if found else []
                _said(connection, self._to_write, [("COMMIT", ())])
                self._kept = self._noted or self._kept
            except BaseException:
                _undo(connection)
                raise
            finally:
                self._writing = False
                self._to_write = []
        except UNUSABLE as error:
            raise unusable(self.server, error) from error

    def _in_turn(
        self, connection: Connection, before: Sequence[Question], asked: Sequence[Question]
    ) -> list[list[Row]]:
        """Ask what takes the lock: another writer is waited for. Raises WorkStopped."""
        tell = partial(self.others.note_wait, connection.info.backend_pid)
        wait = Wait(connection, self.stop, tell, PATIENCE)
        try:
            with connection.watched(wait.look):
                found = _said(connection, before, asked)
        except errors.QueryCanceled:
            if not wait.is_given_up:
                raise
        if wait.is_given_up:
            raise WorkStopped(
                f"{self.server.name}: it was stopped while another connector wrote; nothing half done is left."
            )
        if not wait.is_told:
            self.others.note_turn()
        return found

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
            with ExitStack() as stack:
                connection = self._connected()
                stack.callback(connection.close)
                connection.execute(_AS_WRITER.encode())
                stack.pop_all()
            self._writer = connection
        return self._writer

    def _connected(self) -> Connection:
        """Connect; raises StorageUnusable where the server lacks what this session committed.

        A standby that takes over may lag behind, and what it lacks must not be taken for exported. It is
        told once: then the next cycle compares all.
        """
        if self._is_closed:
            raise psycopg.InterfaceError("the tenant is closed")
        with ExitStack() as stack:
            connection = open_connection(self.server)
            stack.callback(connection.close)
            connection.execute(SIGNS_OF_LIFE.encode())
            if (kept := self._kept) is not None:
                found = connection.execute(_MARK.encode(), (kept[0],)).fetchone()
                if found != (kept[1],):
                    self._kept = None
                    raise _behind(self.server, kept[0])
            stack.pop_all()
        return connection

    def repeated(self, work: Callable[[], T]) -> T:
        """Do a work that may be done twice; once more where the server, or another writer, got in between."""
        deadline = time.monotonic() + _SECONDS_OF_TRYING
        for attempt in count():
            try:
                return work()
            except StorageUnusable as error:
                if not _passes(error.__cause__) or self.stop() or time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSES[min(attempt, len(_PAUSES) - 1)])
        raise AssertionError  # the loop has no end

    def _asked(self, questions: Sequence[Question]) -> list[list[Row]]:
        """Ask; once more where a connection turns out to be lost that nothing depends on yet."""
        is_begun = self._readings > 0 and not self._is_to_begin()
        is_kept = self._reader is not None and not is_begun
        try:
            return self._read(questions, is_begun=is_begun)
        except StorageUnusable as error:
            if not is_kept or not _passes(error.__cause__):
                raise
        return self._read(questions, is_begun=False)

    def _read(self, questions: Sequence[Question], *, is_begun: bool) -> list[list[Row]]:
        try:
            if self._reader is None or (self._reader.closed and not is_begun):
                self._reader = self._connected()
            found = _said(self._reader, self._to_read, questions)
        except errors.QueryCanceled:
            raise
        except UNUSABLE as error:
            raise unusable(self.server, error) from error
        self._to_read = []
        return found


def _said(
    connection: Connection, before: Sequence[Question], questions: Sequence[Question]
) -> list[list[Row]]:
    """Have some things done, then ask, all in one round trip; return the answers.

    One question alone goes without a pipeline, which would take as long again; but not before it is prepared,
    which would be a round trip of its own.
    """
    if not before and len(questions) == 1:
        [(sql, values)] = questions
        if connection.was_prepared(sql):
            return [_rows(connection.execute(sql.encode(), values))]
    with connection.pipeline():
        for sql, values in before:
            connection.execute(sql.encode(), values)
        cursors = [connection.execute(sql.encode(), values) for sql, values in questions]
    return [_rows(cursor) for cursor in cursors]


def _refuse_moved(rows: Sequence[Row]) -> None:
    held: dict[str, str] = dict(rows)
    if (said := refusal(held.get(MOVED), None)) is not None:
        raise TenantMoved(said)


def _rows(cursor: Cursor) -> list[Row]:
    return [] if cursor.description is None else cursor.fetchall()


def _undo(connection: Connection) -> None:
    """Undo a transaction; a connection that cannot is of no use any more."""
    try:
        connection.rollback()
    except psycopg.Error:
        connection.close()


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
