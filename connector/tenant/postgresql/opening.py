"""Open the tenant on a server."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

import psycopg

from connector.errors import StorageUnusable
from connector.tenant.postgresql.migrating import is_begun, is_current, migrate
from connector.tenant.postgresql.rehearsed import RehearsedSession
from connector.tenant.postgresql.server import open_connection, unusable
from connector.tenant.postgresql.session import Session
from connector.tenant.postgresql.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.tenant.postgresql.server import Server
    from connector.tenant.postgresql.session import Connection


class Facts(NamedTuple):
    """What ``check`` tells of a server: its version, the encoding of the database, and who may do what."""

    version: str
    encoding: str
    user: str
    may_create: bool


def facts(server: Server) -> Facts:
    """Ask a server what it is; raises StorageUnusable."""
    sql = (
        "SELECT current_setting('server_version'), pg_encoding_to_char(encoding), current_user, "
        "coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) "
        "FROM pg_database WHERE datname = current_database()"
    )
    with closing(open_connection(server)) as connection:
        try:
            [row] = connection.execute(sql.encode()).fetchall()
        except psycopg.Error as error:
            raise unusable(server, error) from error
    return Facts(*row)


def has_tables(server: Server) -> bool:
    """Tell whether a tenant was ever made there; raises StorageUnusable."""
    return _asked(server, is_begun)


def has_current_tables(server: Server) -> bool:
    """Tell whether the tables are those of this version; raises StorageUnusable."""
    return _asked(server, is_current)


def open_rehearsed(server: Server, stop: Callable[[], bool]) -> tuple[Store, RehearsedSession]:
    """Open the store for a rehearsal, of which nothing is kept; raises StorageUnusable."""
    if not has_current_tables(server):
        raise StorageUnusable(
            f"{server.name} has the tables of an older version, which a rehearsal must not change: "
            "let `connector sync` or the daemon bring them up to date first."
        )
    session = RehearsedSession(server, stop)
    return Store(session), session


def _asked(server: Server, question: Callable[[Connection], bool]) -> bool:
    with closing(open_connection(server)) as connection:
        try:
            return question(connection)
        except psycopg.Error as error:
            raise unusable(server, error) from error


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
