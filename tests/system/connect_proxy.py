"""A proxy for https that sends every host to one server, as a redirection of a whole machine would."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def connect_proxy(port: int) -> Iterator[str]:
    """Answer ``CONNECT host:443`` with a tunnel to a port of this machine; yield the proxy's address."""
    listener = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                thread = threading.Thread(target=_tunnel, args=(client, port))
                thread.start()
                threads.append(thread)

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for thread in (accepting, *threads):
            thread.join(60)


def _tunnel(client: socket.socket, port: int) -> None:
    with client, contextlib.suppress(OSError):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            if not (piece := client.recv(4096)):
                return
            head += piece
        with socket.create_connection(("127.0.0.1", port)) as server:
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            _pass_on(client, server)


def _pass_on(client: socket.socket, server: socket.socket) -> None:
    """Pass bytes both ways until one side is at its end."""
    others = {client: server, server: client}
    with selectors.DefaultSelector() as ready:
        for each in others:
            ready.register(each, selectors.EVENT_READ)
        while True:
            for key, _ in ready.select():
                source = client if key.fileobj is client else server
                if not (piece := source.recv(65536)):
                    return
                others[source].sendall(piece)
