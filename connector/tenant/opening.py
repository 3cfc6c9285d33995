"""Open the store of a tenant where it lies: the one module that knows the engines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from connector.storage.database import open_database
from connector.tenant.sqlite.store import Store as SqliteStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.storage.database import Database
    from connector.tenant.ports import Store
    from connector.tenant.postgresql.server import Server

    Place = Path | Server


def store_at(place: Place, stop: Callable[[], bool], *, read_only: bool) -> Store:
    """Open a file or the tenant of a server; raises StorageUnusable."""
    if isinstance(place, Path):
        return store_on(open_database(place, "tenant", read_only=read_only, stop=stop))
    # psycopg is there where a server is named, and takes its time to load.
    from connector.tenant.postgresql.opening import open_store  # noqa: PLC0415

    return open_store(place, read_only=read_only, stop=stop)


def store_on(database: Database) -> Store:
    """Return the store of an open database of SQLite."""
    return SqliteStore(database)
