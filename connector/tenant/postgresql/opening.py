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


_FACTS = """SELECT current_setting('server_version'), current_setting('server_version_num')::int,
    pg_encoding_to_char(d.encoding), d.datcollate, current_user, current_schema(),
    coalesce(has_schema_privilege(current_schema(), 'CREATE'), false),
    (SELECT count(*) FROM pg_tables AS t WHERE t.schemaname = current_schema()
        AND t.tablename = ANY(ARRAY['migration', 'object', 'claim', 'state', 'client'])
        AND NOT pg_has_role(t.tableowner, 'MEMBER')),
    (SELECT count(*) FROM pg_tables AS t WHERE t.schemaname = current_schema()
        AND t.tablename = ANY(ARRAY['migration', 'object', 'claim', 'state', 'client'])
        AND NOT (has_table_privilege(quote_ident(t.schemaname) || '.' || quote_ident(t.tablename), 'INSERT')
            AND has_table_privilege(quote_ident(t.schemaname) || '.' || quote_ident(t.tablename), 'UPDATE'))),
    pg_is_in_recovery() OR current_setting('default_transaction_read_only')::bool,
    current_setting('synchronous_commit'),
    current_setting('synchronous_standby_names') <> '',
    least(
        current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
            - (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
        CASE WHEN r.rolconnlimit >= 0 THEN r.rolconnlimit
            - (SELECT count(*) FROM pg_stat_activity WHERE usename = current_user) END,
        CASE WHEN d.datconnlimit >= 0 THEN d.datconnlimit
            - (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()) END)::int
    FROM pg_database AS d, pg_roles AS r
    WHERE d.datname = current_database() AND r.rolname = current_user"""


class Facts(NamedTuple):
    """What ``check`` tells of a server, of the database there, and of what its user may do.

    ``number`` is the version as the server counts, 150018 for 15.18. ``schema`` is where tables are found and
    made, None where there is none; ``foreign`` counts those there that belong to somebody else, ``locked``
    those that the user may not change. ``free`` is how many more connections the user may open now.
    """

    version: str
    number: int
    encoding: str
    collation: str
    user: str
    schema: str | None
    may_create: bool
    foreign: int
    locked: int
    is_standby: bool
    commit: str
    waits: bool
    free: int


def facts(server: Server) -> Facts:
    """Ask a server what it is; raises StorageUnusable."""
    with closing(open_connection(server)) as connection:
        try:
            [row] = connection.execute(_FACTS.encode()).fetchall()
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
