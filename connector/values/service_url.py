"""Take the address of another site's tenant apart: https, or http where nothing leaves this machine."""

from __future__ import annotations

import re
from typing import NamedTuple

from connector.values.hosts import is_loopback

_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>(?:/(?!\.{1,2}(?:/|\Z))[A-Za-z0-9._~-]+)*)/?",
    re.ASCII,
)
_PORTS = {"http": 80, "https": 443}
_LARGEST_PORT = 65535


class ServiceUrl(NamedTuple):
    """Where a server answers; ``path`` is empty, or begins with a slash and does not end with one."""

    secure: bool
    host: str
    port: int
    path: str


def service_url(text: str) -> ServiceUrl:
    """Read an address; raises ValueError, which does not repeat it: it may hold a password."""
    match = _URL.fullmatch(text)
    port = int(match["port"] or _PORTS[match["scheme"]]) if match else 0
    if match is None or not 1 <= port <= _LARGEST_PORT:
        raise ValueError("must be https://HOST[:PORT][/PATH], without a user, a ? and a #")
    host = match["host"].strip("[]")
    if match["scheme"] == "http" and not is_loopback(host):
        raise ValueError("must begin with https://; http:// is for this machine alone")
    return ServiceUrl(match["scheme"] == "https", host, port, match["path"])
