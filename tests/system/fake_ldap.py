"""A server that speaks just enough LDAP to misbehave on purpose."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING, Self

from connector.directory.ber import long_length
from tests.ldap_messages import BIND, EXTENDED, entry, message, result

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    Answer = Callable[[int], bytes]

SYNC_CONTROL = b"1.3.6.1.4.1.4203.1.9.1.1"
BIND_REQUEST, UNBIND, SEARCH, EXTENDED_REQUEST = 0x60, 0x42, 0x63, 0x77
CLOSE = b"close"


class FakeLdap:
    """Accepts every bind, shows a root DSE, and then gives the scripted answers in turn.

    An answer gets the id of the request and returns the bytes to send; ``CLOSE`` at their end closes
    the connection after them. ``piece`` is the number of bytes sent at a time. At the end of the
    script, a search gets no answer.
    """

    def __init__(
        self,
        *answers: Answer,
        root: dict[str, list[bytes]] | None = None,
        root_code: int = 0,
        bind: Answer = lambda number: message(number, result(tag=BIND)),
        tls: ssl.SSLContext | None = None,
        piece: int = 1 << 20,
    ) -> None:
        self._answers = list(answers)
        self._root = {"supportedControl": [SYNC_CONTROL]} if root is None else root
        self._root_code = root_code
        self._bind = bind
        self._tls = tls
        self._piece = piece
        self.requests: list[bytes] = []
        self.connections = 0
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    @property
    def url(self) -> str:
        return f"ldap://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for each in self._sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._thread.join(60)

    def searches(self) -> list[bytes]:
        """Return the requests of the searches that are not for the root DSE."""
        return [
            raw for tag, raw in map(_parsed, self.requests) if tag == SEARCH and not _is_root(raw)
        ]

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                self.connections += 1
                self._sockets.append(sock)
                with contextlib.suppress(OSError, IndexError):
                    self._talk(sock)
                sock.close()

    def _talk(self, sock: socket.socket) -> None:
        if self._tls:
            sock = self._tls.wrap_socket(sock, server_side=True)
            self._sockets.append(sock)
        buffer = b""
        while data := sock.recv(65536):
            buffer += data
            while len(buffer) > 1 and long_length(buffer, 1)[1] <= len(buffer):
                end = long_length(buffer, 1)[1]
                request, buffer = buffer[:end], buffer[end:]
                self.requests.append(request)
                if not self._reply(sock, request):
                    return

    def _reply(self, sock: socket.socket, request: bytes) -> bool:
        start = long_length(request, 1)[0] + 2
        number = int.from_bytes(request[start : start + request[start - 1]], "big")
        tag, raw = _parsed(request)
        if tag == UNBIND:
            return False
        if tag == BIND_REQUEST:
            answer = self._bind(number)
        elif tag == EXTENDED_REQUEST:
            answer = message(number, result(2, "unsupported", tag=EXTENDED))
        elif _is_root(raw):
            shown = message(number, entry("", self._root)) if not self._root_code else b""
            answer = shown + message(number, result(self._root_code))
        elif self._answers:
            answer = self._answers.pop(0)(number)
        else:
            return True
        close = answer.endswith(CLOSE)
        answer = answer.removesuffix(CLOSE)
        for at in range(0, len(answer), self._piece):
            sock.sendall(answer[at : at + self._piece])
        return not close


def _parsed(request: bytes) -> tuple[int, bytes]:
    start = long_length(request, 1)[0]
    at = start + 2 + request[start + 1]
    return request[at], request[at:]


def _is_root(operation: bytes) -> bool:
    return b"supportedControl" in operation


def script(*parts: Callable[[int], bytes] | bytes) -> Answer:
    """Build an answer from parts: bytes, or functions of the id of the request."""
    return lambda number: b"".join(p if isinstance(p, bytes) else p(number) for p in parts)


def sent(operation: bytes, *controls: bytes) -> Answer:
    return lambda number: message(number, operation, *controls)
