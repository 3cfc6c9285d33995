"""Name a server, connect to it, and say what is wrong with it; never its password."""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from itertools import zip_longest
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from connector.errors import InvalidSettings, StorageUnusable
from connector.tenant.postgresql.faults import advice_for
from connector.tenant.postgresql.waiting import WatchedConnection

APPLICATION = "connector"
"""How the name of each connection begins."""

_SECONDS_TO_CONNECT = 10
_UNPROVEN = (
    "tenant.database: sslmode={mode} does not prove which server answers. Leave it out, or write "
    "sslmode=verify-full; sslrootcert names the certificate of an authority of your own."
)
_SERVICE = "tenant.database: service= names a server that is written somewhere else; write its host in the URL"
_NAMED_OUTSIDE = (("host", "PGHOST"), ("hostaddr", "PGHOSTADDR"))
# From this version on libpq knows the certificates of the system by name.
_KNOWS_THE_SYSTEM = 160000
# Where systems keep the authorities that they trust, for a libpq that was built on another one.
_AUTHORITIES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
)
# A machine that goes away without a word is noticed after about a minute; otherwise it takes hours.
_SIGNS_OF_LIFE = {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}


@dataclass(frozen=True, slots=True)
class Server:
    """Where the tenant is: the parameters of libpq. ``name`` tells people, without a password."""

    name: str
    parameters: dict[str, Any] = field(repr=False)


def server_at(url: str, password: str | None = None) -> Server:
    """Read the URL of a tenant; ``password`` is that of a file.

    Where the URL names no host, that of ``PGHOST`` counts, as libpq has it. Raises InvalidSettings for
    what is not a URL of a database, and for a server that would be reached over the network without a
    proof of who it is.
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
    if "service" in given or os.environ.get("PGSERVICE"):
        raise InvalidSettings([_SERVICE])
    if "host" not in given and "hostaddr" not in given:
        given |= {name: os.environ[key] for name, key in _NAMED_OUTSIDE if os.environ.get(key)}
    hosts, addresses = _listed(given.get("host")), _listed(given.get("hostaddr"))
    if not all(map(_is_here, (*hosts, *addresses))):
        if given.setdefault("sslmode", "verify-full") != "verify-full":
            raise InvalidSettings([_UNPROVEN.format(mode=given["sslmode"])])
        given.setdefault("sslrootcert", _authorities())
        for name, value in _SIGNS_OF_LIFE.items():
            given.setdefault(name, value)
    if max(len(hosts), len(addresses)) > 1:
        given.setdefault("target_session_attrs", "read-write")
    # By its beginning others know who is at work on a tenant (``others``).
    given["application_name"] = f"{APPLICATION} {given.get('application_name', '')}".strip()
    given.setdefault("connect_timeout", _SECONDS_TO_CONNECT)
    return Server(_named(given, hosts or addresses), given)


def _listed(text: object) -> list[str]:
    return [one for one in str(text or "").split(",") if one]


def _is_here(host: str) -> bool:
    """Tell whether a host is this machine: a socket, or the loopback."""
    if host.startswith(("/", "@")) or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _authorities() -> str:
    """Return the file of the authorities that this machine trusts.

    The libpq of a wheel knows those of the machine where it was built, which are not here.
    """
    paths = ssl.get_default_verify_paths()
    for file in (paths.cafile, paths.openssl_cafile, *_AUTHORITIES):
        if file and Path(file).exists():
            return file
    return "system" if psycopg.pq.version() >= _KNOWS_THE_SYSTEM else _AUTHORITIES[0]


def _named(given: dict[str, Any], hosts: list[str]) -> str:
    user = f"{given['user']}@" if given.get("user") else ""
    ports = str(given.get("port") or "").split(",")
    pairs = zip_longest(hosts, ports, fillvalue=ports[0]) if hosts else ()
    where = ",".join(
        f"{host}:{port}" if port else host for host, port in pairs if not host.startswith("/")
    )
    return f"postgresql://{user}{where}/{given.get('dbname') or ''}"


def under_the_name(server: Server, name: str) -> Server:
    """Return the same server for connections whose name begins otherwise; what the URL calls them follows."""
    _, _, further = str(server.parameters.get("application_name", "")).partition(" ")
    parameters = {**server.parameters, "application_name": f"{name} {further}".strip()}
    return replace(server, parameters=parameters)


def open_connection(server: Server) -> WatchedConnection:
    """Connect; raises StorageUnusable."""
    try:
        connection = WatchedConnection.connect(make_conninfo(**server.parameters), autocommit=True)
    except psycopg.OperationalError as error:
        raise unusable(server, error) from error
    connection.prepare_threshold = 2
    return connection


def unusable(server: Server, error: psycopg.Error) -> StorageUnusable:
    """Describe what is wrong with a server, and the next step."""
    said, reason, advice = advice_for(error)
    found = StorageUnusable(f"{server.name}: {said}. {advice}")
    found.reason = reason or StorageUnusable.reason
    return found
