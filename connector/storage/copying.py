"""Copy a database that may be in use, consistently."""

from __future__ import annotations

import errno
import os
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from connector.errors import WorkStopped
from connector.storage.database import connect_to_read, unusable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_UNWRITABLE = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN})
_FAILED_WRITES = frozenset(
    {sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_TRUNCATE}
)
_PAGES_AT_ONCE = 4096


def copy_database(source: Path, target: Path, *, stop: Callable[[], bool] = lambda: False) -> None:
    """Copy a database that may be in use, consistently.

    Raises StorageUnusable when the source cannot be read, OSError when the target cannot be written, and
    WorkStopped once ``stop`` is true.
    """
    try:
        with closing(connect_to_read(source)) as origin:
            # One snapshot for all steps: else each write of another process would begin it anew.
            origin.execute("BEGIN")
            origin.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchall()
            with writing_to(target), closing(sqlite3.connect(target)) as copy:
                origin.backup(
                    copy,
                    pages=_PAGES_AT_ONCE,
                    progress=lambda *_: refuse_to_go_on(stop),
                    sleep=0.01,
                )
    except sqlite3.Error as error:
        raise unusable(source, error) from error


def refuse_to_go_on(stop: Callable[[], bool]) -> None:
    """Raise WorkStopped when the caller was told to stop."""
    if stop():
        raise WorkStopped("It was stopped before it was done; nothing half done is left.")


@contextmanager
def writing_to(target: Path) -> Iterator[None]:
    """Raise OSError where SQLite cannot write: in a copy it is the target, not the source."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0)
        if code & 0xFF not in _UNWRITABLE and code not in _FAILED_WRITES:
            raise
        number = errno.ENOSPC if code == sqlite3.SQLITE_FULL else errno.EIO
        raise OSError(number, os.strerror(number), str(target)) from error
