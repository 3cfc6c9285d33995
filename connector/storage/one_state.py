"""Read one state of a database, however long that takes."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.storage.database import Database


@contextmanager
def one_state(database: Database) -> Iterator[None]:
    """Read one state for as long as the block takes, whatever others write; for a reader's connection."""
    connection = database.conn
    connection.execute("BEGIN")
    try:
        connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchall()
        yield
    finally:
        connection.rollback()
