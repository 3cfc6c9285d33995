"""What ``connector check`` finds wrong with the server of the tenant, each with the next step."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.tenant.opening import ServerFacts

_OLDEST = 130000
# The daemon has two, one more of each thread of the web that reads, and one that asks for the metrics.
_CONNECTIONS = 8


def server_mistakes(name: str, found: ServerFacts) -> Iterator[str]:
    """Yield what keeps the connector from working on the server of this name."""
    if found.number < _OLDEST:
        yield f"{name} is PostgreSQL {found.version}, and 13 is the oldest that works: upgrade it"
    if found.encoding != "UTF8":
        yield (
            f"{name} is in {found.encoding}, and must be in UTF-8: make one with CREATE DATABASE ... "
            "ENCODING 'UTF8' TEMPLATE template0"
        )
    if found.is_standby:
        yield (
            f"{name} cannot be written to: it is a standby, or was set so. Name all servers in the URL, as "
            "in postgresql://user@db1,db2/database: the one that can be written to is taken"
        )
    if found.schema is None:
        yield (
            f"{found.user} finds no schema in {name}: make one with CREATE SCHEMA AUTHORIZATION "
            f"{found.user}, or set its search_path"
        )
    elif not found.may_create:
        yield (
            f"{found.user} may not make tables in {name}: give it the rights that docs/postgresql.md names"
        )
    elif found.locked:
        yield (
            f"{found.user} may not change the tables of {name}: let it own them, as docs/postgresql.md says"
        )
    if found.free <= 0:
        yield (
            f"{name} lets {found.user} open no more connections: raise max_connections, or the limit of the "
            "user or the database"
        )


def server_warnings(found: ServerFacts) -> Iterator[str]:
    """Yield what works, and may not one day."""
    if found.foreign and not found.locked:
        yield (
            f"{found.user} does not own the tables: an upgrade of the connector could not change them. "
            "Next: ALTER TABLE ... OWNER TO"
        )
    if 0 < found.free < _CONNECTIONS:
        yield (
            f"the server lets {found.user} open {found.free} more connections, and the daemon with its web may "
            f"need {_CONNECTIONS}: raise max_connections, or the limit of the user or the database"
        )
    if found.waits and found.commit == "local":
        yield (
            "synchronous_commit is local, so that a commit does not wait for the standby: after a "
            "failover the last ones may be missing. Next: ALTER ROLE ... SET synchronous_commit = on"
        )
    if found.commit == "off":
        yield (
            "synchronous_commit is off: the connector switches it on for what it writes; other clients of "
            "the server may lose what they committed"
        )
