"""Open the store of a tenant where it lies: the one module that knows the engines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from connector.errors import InvalidSettings, TenantMoved
from connector.storage.database import open_database
from connector.tenant.moved import ARRIVING, MOVED, refusal
from connector.tenant.sqlite.store import Store as SqliteStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.storage.database import Database
    from connector.tenant.ports import Store
    from connector.tenant.postgresql.server import Server

    Place = Path | Server


def store_at(place: Place, stop: Callable[[], bool], *, read_only: bool) -> Store:
    """Open a file or the tenant of a server; raises StorageUnusable, TenantMoved."""
    return _usable(any_store_at(place, stop, read_only=read_only))


def any_store_at(
    place: Place, stop: Callable[[], bool] = lambda: False, *, read_only: bool = False
) -> Store:
    """Open a file or the tenant of a server, also one that must not be used; raises StorageUnusable."""
    if isinstance(place, Path):
        return SqliteStore(open_database(place, "tenant", read_only=read_only, stop=stop))
    # psycopg is there where a server is named, and takes its time to load.
    from connector.tenant.postgresql.opening import open_store  # noqa: PLC0415

    return open_store(place, read_only=read_only, stop=stop)


def store_on(database: Database) -> Store:
    """Return the store of an open database of SQLite; raises TenantMoved."""
    return _usable(SqliteStore(database))


def _usable(store: Store) -> Store:
    if (said := refusal(store.state(MOVED), store.state(ARRIVING))) is not None:
        store.close()
        raise TenantMoved(said)
    return store


def place_at(text: str, password: str | None = None) -> Place:
    """Return the place that a path, or the URL of a server, names; ``password`` is that of a file.

    Raises InvalidSettings for a URL that cannot be read, or where the driver is not there.
    """
    if "://" not in text:
        return Path(text).expanduser().absolute()
    try:
        from connector.tenant.postgresql.server import server_at  # noqa: PLC0415
    except ImportError as error:
        raise InvalidSettings(
            ["tenant.database: a tenant in PostgreSQL needs the extra postgresql of the package"]
        ) from error
    return server_at(text, password)


def name_of(place: Place) -> str:
    """Return how people name a place: a path, or a URL without a password."""
    return str(place) if isinstance(place, Path) else place.name
