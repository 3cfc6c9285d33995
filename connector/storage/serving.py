"""Read from a database for those who ask over the network: fast, and no longer than is good for all."""

from __future__ import annotations

import sqlite3
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from connector.errors import QueryTooLong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.storage.database import Database

_CACHED_KIBIBYTES = 16 * 1024
_MAPPED_BYTES = 1 << 30
_STEPS_BETWEEN_LOOKS = 20_000


def prepare_to_serve(database: Database) -> None:
    """Give a reader's connection more memory: it answers many questions, one after another."""
    database.conn.execute(f"PRAGMA cache_size=-{_CACHED_KIBIBYTES}")
    database.conn.execute(f"PRAGMA mmap_size={_MAPPED_BYTES}")


@contextmanager
def limited(database: Database, seconds: float) -> Iterator[None]:
    """Give up the queries of a reader after this time; raises QueryTooLong."""
    connection, deadline = database.conn, time.monotonic() + seconds

    def look() -> bool:
        return time.monotonic() > deadline

    connection.set_progress_handler(look, _STEPS_BETWEEN_LOOKS)
    try:
        yield
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_INTERRUPT:
            raise
        raise QueryTooLong(f"The query took longer than {seconds:g} s.") from error
    finally:
        connection.set_progress_handler(None, 0)
        connection.rollback()
