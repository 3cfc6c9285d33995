"""Work on a database in one transaction that is never committed, so that nothing has to be copied.

Each transaction of the program is a savepoint within it. What it changes is seen through this connection
alone; SQLite undoes it, also where the process is killed. Nobody else can write in the meantime, so it
gives way: a writer waits for it for little more than ``SECONDS``.
"""

from __future__ import annotations

import os
import sqlite3
import time
from typing import TYPE_CHECKING

from connector.errors import StorageUnusable
from connector.storage.database import (
    Database,
    begin,
    folder_to_itself,
    is_current,
    unusable,
)
from connector.storage.way import Way

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SECONDS = 1.0
"""So long it waits for another writer, and so long others may have to wait for it."""

_SECONDS_BETWEEN_LOOKS = 0.05
_STEPS_BETWEEN_LOOKS = 20_000
_LONG_LOG = 64 << 20
_PRAGMAS = (
    "PRAGMA foreign_keys=ON",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA cache_size=-64000",
    "PRAGMA journal_size_limit=67108864",
)


class _Uncommitted(sqlite3.Connection):
    """A connection that commits nothing, even when it is asked to."""

    def commit(self) -> None:
        """Go on in the transaction that is rolled back."""


class Rehearsed(Database):
    """A database of which nothing is kept.

    ``is_given_up`` says that the rehearsal cannot go on: another writer waits, or never let it begin.
    """

    def __init__(self, conn: sqlite3.Connection, path: Path, stop: Callable[[], bool]) -> None:
        super().__init__(conn, stop)
        self.is_given_up = False
        self._path = path
        self._way: Way | None = None
        self._next_look = 0.0

    def begin(self) -> None:
        if self._way is None:
            self._begin_for_all()
        elif self.gives_way() or not self.conn.in_transaction:
            # Where SQLite has undone all of it, a savepoint would be a transaction that is kept.
            self.is_given_up = True
            raise StorageUnusable(f"{self._path}: the rehearsal gave way to another writer.")
        self.conn.execute("SAVEPOINT rehearsed")

    def commit(self) -> None:
        self.conn.execute("RELEASE rehearsed")

    def roll_back(self) -> None:
        if self.conn.in_transaction:
            try:
                self.conn.execute("ROLLBACK TO rehearsed")
                self.conn.execute("RELEASE rehearsed")
            except sqlite3.OperationalError:
                self.is_given_up = True
                self.conn.rollback()

    def _begin_for_all(self) -> None:
        try:
            self.patience = self.patience_for_much = SECONDS
            begin(self)
            self._way = Way(self._path)
        except (sqlite3.OperationalError, OSError) as error:
            self.is_given_up = True
            raise unusable(self._path, error) from error
        self._next_look = time.monotonic() + SECONDS
        self.conn.set_progress_handler(self.gives_way, _STEPS_BETWEEN_LOOKS)

    @property
    def gave_way(self) -> bool:
        return self.is_given_up

    def gives_way(self) -> bool:
        """Tell whether a writer has waited as long as it may have to; a statement at work ends then."""
        now = time.monotonic()
        if self._way is not None and now >= self._next_look:
            self._next_look = now + _SECONDS_BETWEEN_LOOKS
            self.is_given_up |= self._way.is_wanted()
        return self.is_given_up

    def close(self) -> None:
        """Undo everything."""
        try:
            self.conn.set_progress_handler(None, 0)
            if self._way is not None:
                self._way.close()
            self.conn.rollback()
            self._shorten_log()
        finally:
            super().close()

    def _shorten_log(self) -> None:
        """Give back the room on the disk, where the changes did not fit into memory."""
        log = self._path.with_name(f"{self._path.name}-wal")
        if log.exists() and log.stat().st_size > _LONG_LOG:
            self.conn.execute("PRAGMA busy_timeout=0")
            self.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def open_rehearsed(
    path: Path, name: str, *, stop: Callable[[], bool] = lambda: False
) -> Rehearsed | None:
    """Open a database for a rehearsal; None where only a copy of it can be rehearsed on.

    That is so where this user may not write, or where an older version has written. Raises
    StorageUnusable as ``open_database`` does.
    """
    if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        return None
    if not is_current(path, name):
        return None
    try:
        with folder_to_itself(path.parent, shared=True):
            connection = sqlite3.connect(path, check_same_thread=False, factory=_Uncommitted)
        for pragma in _PRAGMAS:
            connection.execute(pragma)
        (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    except (sqlite3.Error, OSError) as error:
        raise unusable(path, error) from error
    if mode != "wal":
        connection.close()
        return None
    return Rehearsed(connection, path, stop)
