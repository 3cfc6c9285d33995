"""Answer monitoring over HTTP in threads that never delay the daemon.

That is how it is served where ``[web] monitor_listen`` says, and in the place of the web's own process while
that is away. The listener answers GET and HEAD alone, reads no request body, and gives a client ten seconds in
all. While too many are connected, the one that has been sending its request for the longest makes room. An
address that cannot be bound is an error in the log and no more: the sync matters more than its view,
and a monitor notices the missing answers.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connector.logs.log import Log
    from connector.settings.web import WebSettings
    from connector.web.health import Answer

_SECONDS_TO_TALK = 10.0
_SECONDS_TO_FINISH = 1.0
_CLIENTS = 32


@contextmanager
def listening(
    settings: WebSettings, answer: Callable[[str], Answer | None], log: Log
) -> Iterator[None]:
    """Serve until the block ends; ``answer`` gets the path of each request."""
    try:
        server = _Listener(settings, answer)
    except (OSError, ssl.SSLError) as error:
        log.tell(
            "error",
            "web.failed",
            address=settings.listen,
            message=error.strerror or str(error),
            next="free the address or change [web] listen, then `connector daemon reload`",
        )
        yield
        return
    with _serving(server):
        log.tell("info", "web.started", address=settings.listen)
        yield


@contextmanager
def monitored_plainly(
    settings: WebSettings, answer: Callable[[str], Answer | None], log: Log
) -> Iterator[None]:
    """Serve where ``monitor_listen`` says, without TLS, until the block ends; nowhere without it."""
    if settings.monitor_listen is None:
        yield
        return
    plain = {"listen": settings.monitor_listen, "tls_cert": None, "tls_key": None}
    with listening(settings.model_copy(update=plain), answer, log):
        yield


@contextmanager
def standing_in(
    listener: socket.socket, settings: WebSettings, answer: Callable[[str], Answer | None]
) -> Iterator[None]:
    """Serve on a socket that listens already, until the block ends; the socket stays open.

    ``answer`` gets the path of each request, whatever it is for.
    """
    server = _Listener(settings, answer, listener.dup())
    with _serving(server):
        yield
        server.finish(_SECONDS_TO_FINISH)


@contextmanager
def _serving(server: _Listener) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), name="monitor", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(
        self,
        settings: WebSettings,
        answer: Callable[[str], Answer | None],
        inherited: socket.socket | None = None,
    ) -> None:
        """Listen where the settings say, or go on listening with a socket that is ``inherited``."""
        host, _, port = settings.listen.rpartition(":")
        host = host.strip("[]")
        found = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)
        self.address_family = found[0][0]
        self.answer = answer
        self._open: dict[int, tuple[socket.socket, float]] = {}
        self._asked: set[int] = set()
        self.is_standing_in = inherited is not None
        super().__init__((host, int(port)), _Handler, bind_and_activate=inherited is None)
        if inherited is not None:
            self.socket.close()
            self.socket = inherited
        if settings.tls_cert is not None:
            try:
                self.socket = _secured(self.socket, settings)
            except OSError:
                self.server_close()
                raise

    def server_bind(self) -> None:
        """Bind without asking the DNS for this machine's name, as the base class would."""
        TCPServer.server_bind(self)

    def verify_request(self, request: Any, client_address: Any) -> bool:  # noqa: ARG002
        """Make room where too many are connected; refuse the client where all are being answered."""
        if len(self._open) < _CLIENTS:
            return True
        for key, (connection, _) in list(self._open.items()):
            if key not in self._asked:
                self._open.pop(key, None)
                _hang_up(connection)
                return True
        return False

    def note_asked(self, request: Any) -> None:
        """Note that a client has sent its request: it will be answered even if others come."""
        self._asked.add(id(request))

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open[id(request)] = request, time.monotonic() + _SECONDS_TO_TALK
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.pop(id(request), None)
        self._asked.discard(id(request))
        super().shutdown_request(request)

    def service_actions(self) -> None:
        """Disconnect clients that take too long, even busy ones."""
        for connection, deadline in list(self._open.values()):
            if time.monotonic() > deadline:
                _hang_up(connection)

    def server_close(self) -> None:
        super().server_close()
        for connection, _ in list(self._open.values()):
            _hang_up(connection)

    def finish(self, seconds: float) -> None:
        """Accept nobody more, and give those who are connected this time to ask and get their answers."""
        self.shutdown()
        deadline = time.monotonic() + seconds
        while self._open and time.monotonic() < deadline:
            time.sleep(0.01)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay silent: a client that left or did not speak TLS is not an event."""


class _Handler(BaseHTTPRequestHandler):
    server: _Listener
    timeout = _SECONDS_TO_TALK
    server_version = "connector"
    sys_version = ""

    def do_GET(self) -> None:
        self._reply(with_body=True)

    def do_HEAD(self) -> None:
        self._reply(with_body=False)

    def _refuse(self) -> None:
        if self.server.is_standing_in:
            self._reply(with_body=True)
            return
        self.send_response(405)
        self.send_header("Allow", "GET, HEAD")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _refuse  # noqa: N815

    def _reply(self, *, with_body: bool) -> None:
        self.server.note_asked(self.request)
        answer = self.server.answer(self.path.partition("?")[0])
        if answer is None:
            self.send_error(404)
            return
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("Cache-Control", "no-store")
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if with_body:
            self.wfile.write(answer.body)

    def log_message(self, *_: object) -> None:
        """Keep requests out of the sync log."""


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _secured(listener: socket.socket, settings: WebSettings) -> socket.socket:
    """Serve https; each client's thread does its own handshake."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(str(settings.tls_cert), settings.tls_key and str(settings.tls_key))
    return context.wrap_socket(listener, server_side=True, do_handshake_on_connect=False)
