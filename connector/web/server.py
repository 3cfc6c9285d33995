"""Serve the web by uvicorn on a socket, until told to stop."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import ssl
import sys
import threading
import uuid
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from connector.web.clients import SECONDS_TO_ASK, Clients, State
from connector.web.envelope import refusal
from connector.web.exchange import Call

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connector.settings.web import WebSettings
    from connector.web.app import Application
    from connector.web.clients import Client

_BACKLOG = 1024
_SECONDS_TO_END = 5
_SECONDS_BETWEEN_SWEEPS = 0.5
_SECONDS_TO_BREATHE = 0.05
_LONGEST_HEADERS = 64 * 1024
# The event loop gets its turn soon although eight threads are busy.
_SWITCH_INTERVAL = 0.001


def bind(listen: str) -> socket.socket:
    """Listen on ``HOST:PORT``; raises OSError where that cannot be.

    The socket does not block: other processes may accept on it, and its mode is theirs too.
    """
    host, _, port = listen.rpartition(":")
    found = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM)
    family, kind, protocol, _, address = found[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
        listener.setblocking(False)
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
    tls: ssl.SSLContext | None,
    *,
    started: Callable[[], None] = lambda: None,
    told_to_stop: Callable[[], bool] = lambda: False,
) -> None:
    """Serve until SIGTERM or SIGINT, or until ``told_to_stop``; ``started`` is called once requests are taken."""
    for name in ("uvicorn.error", "uvicorn.access", "uvicorn.asgi", "asyncio"):
        logging.getLogger(name).disabled = True
    sys.setswitchinterval(_SWITCH_INTERVAL)
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
        h11_max_incomplete_event_size=_LONGEST_HEADERS,
    )
    try:
        _Server(config, tls, started, told_to_stop, application.end_streams).run(sockets=[listener])
    finally:
        application.close()


class _Server(uvicorn.Server):
    """A server that counts its clients before it speaks TLS with them."""

    def __init__(
        self,
        config: uvicorn.Config,
        tls: ssl.SSLContext | None,
        started: Callable[[], None],
        told_to_stop: Callable[[], bool],
        end_streams: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self.clients = Clients()
        self._tls = tls
        self._tell = started
        self._told_to_stop = told_to_stop
        self._end_streams = end_streams
        self._tasks: set[asyncio.Task[None]] = set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept connections; in place of what uvicorn does, which knows no limit before TLS."""
        self.servers = []
        for listener in sockets or ():
            listener.setblocking(False)
            self._begin(self._accept(listener))
        self._begin(self._sweep())
        self.started = True
        self._tell()

    async def on_tick(self, counter: int) -> bool:
        return await super().on_tick(counter) or self._told_to_stop()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept nothing more, let those have their answers who wait for them, and hang up."""
        self._end_streams()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await super().shutdown(sockets)
        self.clients.hang_up()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop at SIGTERM and SIGINT, unless they are ignored; uvicorn would raise them once more at the end.

        A thread that is not the main one gets none: there ``told_to_stop`` alone ends it.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        numbers = [
            n for n in (signal.SIGTERM, signal.SIGINT) if signal.getsignal(n) != signal.SIG_IGN
        ]
        before = {number: signal.signal(number, self.handle_exit) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _begin(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, _ = await loop.sock_accept(listener)
            except OSError:
                # No file descriptor is left, or the client has gone already.
                await asyncio.sleep(_SECONDS_TO_BREATHE)
                continue
            client = self.clients.welcome(connection)
            if client is None:
                connection.close()
            else:
                self._begin(self._talk(client, connection))

    async def _talk(self, client: Client, connection: socket.socket) -> None:
        """Hand a connection to the protocol, after the TLS handshake where there is one."""
        loop = asyncio.get_running_loop()
        try:
            await loop.connect_accepted_socket(
                lambda: _Protocol(self.config, self.server_state, {}, client=client, server=self),
                connection,
                ssl=self._tls,
                ssl_handshake_timeout=SECONDS_TO_ASK if self._tls else None,
            )
        except OSError:
            self.clients.forget(client)
            connection.close()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SECONDS_BETWEEN_SWEEPS)
            self.clients.sweep()


class _Protocol(H11Protocol):
    """HTTP as uvicorn speaks it, which tells what its client does."""

    def __init__(self, *arguments: Any, client: Client, server: _Server) -> None:
        super().__init__(*arguments)
        self._client = client
        self._clients = server.clients

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._client.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._clients.forget(self._client)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        # What comes for no request that could be answered is not worth an error.
        with suppress(h11.LocalProtocolError):
            super().data_received(data)
        self._note()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._note()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP, or has too long headers, in the form of Graph's errors."""
        error = sys.exc_info()[1]
        status = getattr(error, "error_status_hint", 400)
        unread = Call(method="", path="", base="", request_id=str(uuid.uuid4()))
        reply = refusal(unread, datetime.now(UTC), status, "BadRequest", msg)
        named = {
            **reply.headers,
            "Content-Type": str(reply.content_type),
            "Content-Length": str(len(reply.body)),
            "X-Content-Type-Options": "nosniff",
            "Connection": "close",
        }
        headers = [(name.encode(), value.encode()) for name, value in named.items()]
        with suppress(h11.LocalProtocolError):
            for event in (
                h11.Response(status_code=status, headers=headers),
                h11.Data(data=reply.body),
                h11.EndOfMessage(),
            ):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _note(self) -> None:
        now = self._clients.now()
        is_answering = self.cycle is not None and not self.cycle.response_complete
        if self.conn.their_state is h11.SEND_BODY:
            self._client.become(State.SENDING_BODY, now)
        elif is_answering:
            self._client.become(State.ANSWERED, now)
        elif self.conn.trailing_data[0]:
            self._client.become(State.ASKING, now)
        else:
            self._client.become(State.SILENT, now)
