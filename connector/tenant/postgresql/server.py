"""Name a server, connect to it, and say what is wrong with it; never its password."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from connector.errors import InvalidSettings, StorageUnusable

if TYPE_CHECKING:
    Row = tuple[Any, ...]

_SECONDS_TO_CONNECT = 10
_UNPROVEN = (
    "tenant.database: sslmode={mode} does not prove which server answers. Leave it out, or write "
    "sslmode=verify-full; sslrootcert names the certificate of an authority of your own."
)
# From this version on libpq knows the certificates of the system by name.
_KNOWS_THE_SYSTEM = 160000


@dataclass(frozen=True, slots=True)
class Server:
    """Where the tenant is: the parameters of libpq. ``name`` tells people, without a password."""

    name: str
    parameters: dict[str, Any] = field(repr=False)


def server_at(url: str, password: str | None = None) -> Server:
    """Read the URL of a tenant; ``password`` is that of a file.

    Raises InvalidSettings for what is not a URL of a database, and for a server that would be reached
    over the network without a proof of who it is.
    """
    try:
        given: dict[str, Any] = dict(conninfo_to_dict(url))
    except psycopg.ProgrammingError:
        # What the library says may repeat the password.
        raise InvalidSettings(
            ["tenant.database: cannot be read; write it as postgresql://user@host/database"]
        ) from None
    if password is not None:
        given["password"] = password
    hosts = [host for host in str(given.get("host") or "").split(",") if host]
    if not all(map(_is_here, hosts)):
        if given.setdefault("sslmode", "verify-full") != "verify-full":
            raise InvalidSettings([_UNPROVEN.format(mode=given["sslmode"])])
        if psycopg.pq.version() >= _KNOWS_THE_SYSTEM:
            given.setdefault("sslrootcert", "system")
    if len(hosts) > 1:
        given.setdefault("target_session_attrs", "read-write")
    given.setdefault("application_name", "connector")
    given.setdefault("connect_timeout", _SECONDS_TO_CONNECT)
    return Server(_named(given, hosts), given)


def _is_here(host: str) -> bool:
    """Tell whether a host is this machine: a socket, or the loopback."""
    if host.startswith(("/", "@")) or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _named(given: dict[str, Any], hosts: list[str]) -> str:
    user = f"{given['user']}@" if given.get("user") else ""
    where = ",".join(host for host in hosts if not host.startswith("/"))
    port = f":{given['port']}" if given.get("port") and where else ""
    return f"postgresql://{user}{where}{port}/{given.get('dbname') or ''}"


def open_connection(server: Server) -> psycopg.Connection[Row]:
    """Connect; raises StorageUnusable."""
    try:
        connection = psycopg.connect(make_conninfo(**server.parameters), autocommit=True)
    except psycopg.OperationalError as error:
        raise unusable(server, error) from error
    connection.prepare_threshold = 2
    return connection


def unusable(server: Server, error: psycopg.Error) -> StorageUnusable:
    """Describe what is wrong with a server, and the next step."""
    said = str(error).strip().splitlines() or [type(error).__name__]
    reason = StorageUnusable.reason
    match error:
        case errors.DiskFull() | errors.OutOfMemory():
            reason, advice = "disk", "Make room on the server, and run it again; nothing was lost."
        case errors.LockNotAvailable():
            reason, advice = (
                "locked",
                "Another connector writes to it: try again when it has ended.",
            )
        case errors.InsufficientPrivilege():
            advice = "Give its user the rights that docs/postgresql.md names."
        case errors.DataCorrupted() | errors.IndexCorrupted():
            reason, advice = "damaged", "Check the server, or restore a backup of the tenant."
        case _:
            advice = "Check that the server runs and lets this user in; nothing was lost."
    found = StorageUnusable(f"{server.name}: {said[0].rstrip('.')}. {advice}")
    found.reason = reason
    return found
