"""Serve the web by uvicorn on a socket, until told to stop."""

from __future__ import annotations

import logging
import socket
import ssl
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.settings.models import WebSettings
    from connector.web.app import Application

_BACKLOG = 1024
_SECONDS_TO_END = 5


def bind(listen: str) -> socket.socket:
    """Listen on ``HOST:PORT``; raises OSError where that cannot be."""
    host, _, port = listen.rpartition(":")
    found = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM)
    family, kind, protocol, _, address = found[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def base_of(listener: socket.socket, settings: WebSettings) -> str:
    """Return the address by which a client of this machine reaches a socket."""
    scheme = "http" if settings.tls_cert is None else "https"
    host, port = listener.getsockname()[:2]
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def secured(settings: WebSettings) -> ssl.SSLContext | None:
    """Return what https needs, None for http; raises OSError where a file cannot be used."""
    if settings.tls_cert is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(str(settings.tls_cert), settings.tls_key and str(settings.tls_key))
    return context


def serve(
    application: Application,
    listener: socket.socket,
    settings: WebSettings,
    *,
    started: Callable[[], None] = lambda: None,
) -> None:
    """Serve until SIGTERM or SIGINT; ``started`` is called when requests are accepted."""
    for name in ("uvicorn.error", "uvicorn.access", "uvicorn.asgi"):
        logging.getLogger(name).disabled = True
    config = uvicorn.Config(
        application,
        http="h11",
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_SECONDS_TO_END,
        h11_max_incomplete_event_size=64 * 1024,
    )
    tls = secured(settings)
    config.load()
    config.ssl = tls
    server = _Server(config, started)
    try:
        server.run(sockets=[listener])
    finally:
        application.close()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._tell()
