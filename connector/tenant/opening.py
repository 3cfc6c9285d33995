"""Open the store of a tenant where it lies: the one module that knows the engines."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from connector.errors import InvalidSettings, TenantMoved
from connector.storage.database import is_current, is_there, open_database
from connector.tenant.moved import ARRIVING, MOVED, refusal
from connector.tenant.remote.elsewhere import elsewhere
from connector.tenant.sqlite.store import Store as SqliteStore
from connector.values.database_url import DatabaseUrl

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.settings import Settings
    from connector.storage.database import Database
    from connector.tenant.ports import Store
    from connector.tenant.postgresql.opening import Facts
    from connector.tenant.postgresql.rehearsed import RehearsedSession
    from connector.tenant.postgresql.server import Server

    Place = Path | Server
    Rehearsing = RehearsedSession
    ServerFacts = Facts


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
    with ExitStack() as stack:
        stack.callback(store.close)
        if (said := refusal(store.state(MOVED), store.state(ARRIVING))) is not None:
            raise TenantMoved(said)
        stack.pop_all()
    return store


def facts_of(place: Place) -> Facts | None:
    """Return what the server of a place is, None for a file; raises StorageUnusable."""
    if isinstance(place, Path):
        return None
    from connector.tenant.postgresql.opening import facts  # noqa: PLC0415 - as above

    return facts(place)


def rehearsed_store_at(place: Place, stop: Callable[[], bool]) -> tuple[Store, Rehearsing] | None:
    """Open the tenant of a server for a rehearsal, None for a file; raises StorageUnusable, TenantMoved."""
    if isinstance(place, Path):
        return None
    from connector.tenant.postgresql.opening import open_rehearsed  # noqa: PLC0415 - as above

    store, session = open_rehearsed(place, stop)
    return _usable(store), session


def has_tenant(place: Place) -> bool:
    """Tell whether a tenant was ever made at a place; raises StorageUnusable."""
    if isinstance(place, Path):
        return is_there(place)
    from connector.tenant.postgresql.opening import has_tables  # noqa: PLC0415 - as above

    return has_tables(place)


def is_up_to_date(place: Place) -> bool:
    """Tell whether the tenant at a place has all that this version knows; raises StorageUnusable."""
    if isinstance(place, Path):
        return is_current(place, "tenant")
    from connector.tenant.postgresql.opening import has_current_tables  # noqa: PLC0415 - as above

    return has_current_tables(place)


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


def place_of(settings: Settings) -> Place:
    """Return where the tenant of the settings is; raises InvalidSettings where that cannot be used.

    Raises TenantElsewhere where another site has it.
    """
    # The process of the tenant opens a file alone, and settings take their memory and time to load.
    from connector.settings.models import TENANT_FILE  # noqa: PLC0415
    from connector.settings.secrets import database_password  # noqa: PLC0415

    if settings.tenant.url is not None:
        raise elsewhere(settings.tenant.url)
    database = settings.tenant.database
    if isinstance(database, DatabaseUrl):
        return place_at(database.full, database_password(settings.tenant))
    return settings.databases[TENANT_FILE]


def name_of(place: Place) -> str:
    """Return how people name a place: a path, or a URL without a password."""
    return str(place) if isinstance(place, Path) else place.name
