"""A TCP proxy between the connector and its directory that fails on purpose."""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self

from connector.directory.ber import long_length
from tests.ldap_messages import BIND, DONE, ENTRY

if TYPE_CHECKING:
    from collections.abc import Iterator

_RESET = struct.pack("ii", 1, 0)  # SO_LINGER of no seconds: close() sends a reset


@dataclass(frozen=True, slots=True)
class Place:
    """Where a fault strikes: before the ``number``-th message with this tag of a connection.

    With ``inside`` the place is within that message; without a tag it is the beginning of the
    connection.
    """

    tag: int | None = None
    number: int = 1
    inside: bool = False


How = Literal["cut", "reset", "hang", "hold"]


@dataclass(frozen=True, slots=True)
class Fault:
    """``cut`` ends a connection in good order, ``reset`` abruptly; ``hang`` keeps it silent.

    ``hold`` stops it until ``Proxy.release``; see ``Proxy.hold``.
    """

    how: How
    at: Place


# The directory answers a bind, then a search for its root DSE, then the search that syncs.
CONNECT, BOUND, ROOT_DSE = Place(), Place(BIND), Place(ENTRY)
FIRST_ENTRY, WITHIN_AN_ENTRY = Place(ENTRY, 2), Place(ENTRY, 3, inside=True)
BEFORE_DONE = Place(DONE, 2)


def entry(number: int) -> Place:
    """Return the place before an entry of the answer that syncs."""
    return Place(ENTRY, number + 1)


class Proxy:
    """Forwards to the server at ``url``; every connection meets the ``fault`` anew.

    The proxy passes the server's bytes on in pieces of ``piece``, with ``pause`` seconds before each
    message. All of these may be changed at any time.
    """

    def __init__(self, url: str, fault: Fault | None = None) -> None:
        self.forward_to(url)
        self.fault = fault
        self.piece = 1 << 20
        self.pause = 0.0
        self.struck = 0
        self.holding = threading.Event()
        self._released = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._ending, self._end = socket.socketpair()
        self._threads = [threading.Thread(target=self._accept)]

    @property
    def url(self) -> str:
        return f"ldap://127.0.0.1:{self._listener.getsockname()[1]}"

    def forward_to(self, url: str) -> None:
        host, _, port = url.removeprefix("ldap://").partition(":")
        self._server = (host, int(port))

    def heal(self) -> None:
        """Stop failing."""
        self.fault, self.piece, self.pause = None, 1 << 20, 0.0
        self.release()

    def hold(self, at: Place) -> None:
        """Stop at this place; ``holding`` is set when the connection has reached it."""
        self.holding.clear()
        self._released.clear()
        self.fault = Fault("hold", at)

    def release(self) -> None:
        """Let the held connection go on."""
        self._released.set()

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.close()
        self._listener.shutdown(socket.SHUT_RDWR)  # to close it would leave accept() waiting
        self._listener.close()
        self.release()
        for thread in self._threads:
            thread.join(60)
        self._ending.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(client,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.fault is not None and self.fault.at == CONNECT:
                self._strike(self.fault, client)
            else:
                with socket.create_connection(self._server) as server:
                    self._forward(client, server)

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        """Pass bytes on in both directions, in one thread: a socket that another thread reads is never reset."""
        stream = _Messages()
        while True:
            ready, _, _ = select.select([client, server, self._ending], [], [])
            if self._ending in ready:
                return
            if client in ready:
                if not (data := client.recv(1 << 16)):
                    return
                server.sendall(data)
            if server in ready:
                if not (data := server.recv(1 << 16)):
                    return
                for message, places in stream.fed(data):
                    if not self._pass_on(message, places, client):
                        return

    def _pass_on(self, message: bytes, places: set[Place], client: socket.socket) -> bool:
        fault = self.fault
        if fault is not None and fault.at in places:
            if fault.at.inside:
                client.sendall(message[: len(message) // 2])
            if not self._strike(fault, client):
                return False
        if self.pause and select.select([self._ending], [], [], self.pause)[0]:
            return False
        for at in range(0, len(message), self.piece):
            client.sendall(message[at : at + self.piece])
        return True

    def _strike(self, fault: Fault, client: socket.socket) -> bool:
        """Fail as set; return whether the connection goes on."""
        self.struck += 1
        if fault.how == "hold":
            self.holding.set()
            self._released.wait()
            return True
        if fault.how == "reset":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        elif fault.how == "hang":
            while self._ending not in select.select([client, self._ending], [], [])[0]:
                if not client.recv(1 << 16):
                    break
        return False


class _Messages:
    """The bytes of a server on one connection, cut into LDAP messages, each with its places."""

    def __init__(self) -> None:
        self._buffer = b""
        self._count: dict[int, int] = {}

    def fed(self, data: bytes) -> Iterator[tuple[bytes, set[Place]]]:
        buffer = self._buffer + data
        # A length takes six bytes at most, and no message is shorter.
        while len(buffer) > 6 and long_length(buffer, 1)[1] <= len(buffer):
            start, end = long_length(buffer, 1)
            message, buffer = buffer[:end], buffer[end:]
            tag = message[start + 2 + message[start + 1]]
            number = self._count[tag] = self._count.get(tag, 0) + 1
            yield message, {Place(tag, number), Place(tag, number, inside=True)}
        self._buffer = buffer
