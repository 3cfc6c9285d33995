"""LDAP URLs of servers (RFC 4516, the host part only) and how each is protected."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

from connector.errors import InvalidSettings
from connector.values.hosts import is_loopback

if TYPE_CHECKING:
    from connector.settings import DirectorySettings

_PORTS = {"ldap": 389, "ldaps": 636}


class ServerUrl(NamedTuple):
    """One server: ``tls`` is none, starttls or ldaps; ``host`` is a socket path for ldapi."""

    text: str
    scheme: str
    host: str
    port: int
    tls: str

    @property
    def is_local(self) -> bool:
        """Tell whether the traffic stays on this machine: a socket file or a loopback address."""
        return self.scheme == "ldapi" or is_loopback(self.host)


def server_urls(settings: DirectorySettings) -> list[ServerUrl]:
    """Parse ``directory.url``; raises InvalidSettings naming every unusable one."""
    urls, problems = [], []
    for text in settings.url:
        try:
            urls.append(_parse(text, settings.tls))
        except ValueError as error:
            problems.append(f"directory.url: {text!r} cannot be used: {error}")
    if not settings.url:
        problems.append("directory.url: required")
    if problems:
        raise InvalidSettings(problems)
    return urls


def _parse(text: str, tls: str) -> ServerUrl:
    parts = urlsplit(text)
    if parts.scheme == "ldapi":
        if not unquote(parts.netloc + parts.path).strip("/"):
            raise ValueError("name the socket file, as in ldapi://%2Frun%2Fslapd%2Fldapi")
        return ServerUrl(text, "ldapi", unquote(parts.netloc + parts.path), 0, "none")
    if parts.scheme not in _PORTS:
        raise ValueError("it begins with none of ldap://, ldaps:// and ldapi://")
    if not parts.hostname:
        raise ValueError("it names no host")
    if parts.username is not None or parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ValueError("only scheme, host and port belong here")
    if parts.scheme == "ldaps" or tls == "ldaps":
        port = parts.port or _PORTS["ldaps"]
        return ServerUrl(text, "ldaps", parts.hostname, port, "ldaps")
    return ServerUrl(text, "ldap", parts.hostname, parts.port or _PORTS["ldap"], tls)
