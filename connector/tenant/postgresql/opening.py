"""Open the tenant on a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.errors import StorageUnusable
from connector.tenant.postgresql.migrating import is_current, migrate
from connector.tenant.postgresql.server import open_connection
from connector.tenant.postgresql.session import Session
from connector.tenant.postgresql.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.tenant.postgresql.server import Server


def open_store(
    server: Server, *, read_only: bool = False, stop: Callable[[], bool] = lambda: False
) -> Store:
    """Open the store on a server, whose tables are made on first use, or brought up to date.

    Raises StorageUnusable where it cannot be reached or used, and where a reader finds no tables.
    """
    with open_connection(server) as connection:
        if not read_only:
            migrate(connection, server)
        elif not is_current(connection):
            raise StorageUnusable(
                f"{server.name} has no tenant of this version yet: `connector sync` makes it."
            )
    return Store(Session(server, stop))
