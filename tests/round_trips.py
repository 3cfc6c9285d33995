"""A network between a client and PostgreSQL: it counts the round trips, and can make each of them slow.

A round trip is where a client asks the server to answer all that it has sent (``Sync`` and ``Query`` of the
protocol), and each message of a sign-in. What the client does not wait for costs none.
"""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path

_MOST = 1 << 16
_HEAD = 5
_PORT = 5432
# Sync, Query, and the answer to a question for a password.
_WAITING = frozenset(b"SQp")
# Requests for encryption, each of which is answered before anything else is said.
_ASKING = frozenset({80877103, 80877104})


class Counter:
    """Reads what a client sends, in whatever pieces, and counts where it waits for the server."""

    def __init__(self) -> None:
        self.trips = 0
        self._is_in = False
        self._rest = 0
        self._head = bytearray()

    def read(self, data: bytes) -> None:
        at = 0
        while at < len(data):
            if self._rest:
                taken = min(self._rest, len(data) - at)
                self._rest -= taken
                at += taken
                continue
            # Before the sign-in a message has no type; its code is looked at in its place.
            wanted = _HEAD if self._is_in else 8
            taken = min(wanted - len(self._head), len(data) - at)
            self._head += data[at : at + taken]
            at += taken
            if len(self._head) == wanted:
                self._begin(bytes(self._head))
                self._head.clear()

    def _begin(self, head: bytes) -> None:
        if self._is_in:
            self.trips += head[0] in _WAITING
            self._rest = int.from_bytes(head[1:], "big") - 4
        else:
            self.trips += 1
            self._rest = int.from_bytes(head[:4], "big") - 8
            self._is_in = int.from_bytes(head[4:], "big") not in _ASKING


class Network:
    """Listens on a port of this machine and hands on to the socket of a server; for ``with``.

    A round trip takes ``delay`` seconds more than it would, however much goes over at a time.
    """

    def __init__(self, folder: Path, delay: float = 0.0) -> None:
        self._path = str(folder / f".s.PGSQL.{_PORT}")
        self._way = delay / 2
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._ends: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._counters: list[Counter] = []
        self.received = 0
        self.sent = 0

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    @property
    def trips(self) -> int:
        """The round trips of all connections so far."""
        return sum(counter.trips for counter in self._counters)

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        # A thread that waits in accept is not woken by close.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._threads[0].join()  # no connection comes in any more
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for end in self._ends:
            end.close()

    def _start(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._path)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._ends += client, server
            counter = Counter()
            self._counters.append(counter)
            self._hand_on(client, server, counter)
            self._hand_on(server, client, None)

    def _hand_on(self, source: socket.socket, to: socket.socket, counter: Counter | None) -> None:
        waiting: SimpleQueue[tuple[float, bytes]] = SimpleQueue()
        self._start(self._read, source, counter, waiting)
        self._start(self._write, to, waiting)

    def _read(
        self,
        source: socket.socket,
        counter: Counter | None,
        waiting: SimpleQueue[tuple[float, bytes]],
    ) -> None:
        data = b"-"
        while data:
            try:
                data = source.recv(_MOST)
            except OSError:
                data = b""
            if counter is None:
                self.received += len(data)
            else:
                counter.read(data)
                self.sent += len(data)
            waiting.put((time.monotonic() + self._way, data))

    def _write(self, to: socket.socket, waiting: SimpleQueue[tuple[float, bytes]]) -> None:
        while True:
            due, data = waiting.get()
            if (left := due - time.monotonic()) > 0:
                time.sleep(left)
            try:
                if data:
                    to.sendall(data)
                else:
                    to.shutdown(socket.SHUT_WR)
            except OSError:
                data = b""
            if not data:
                return
