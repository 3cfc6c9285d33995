"""Read a socket as a stream of chunks, with a bound on every wait."""

from __future__ import annotations

import select
import ssl
import time
from typing import TYPE_CHECKING

from connector.errors import DirectoryUnavailable, ReadStopped

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

_CHUNK = 1 << 16
_TICK = 0.25
# A socket counts its timeout in milliseconds of 32 bits: more is for ever, or nearly nothing.
_LONGEST_WAIT = 24 * 86400.0


def limit_waits(sock: socket.socket, timeout: float) -> None:
    """Let no call of a socket take longer than ``timeout`` seconds, or 24 days."""
    sock.settimeout(min(timeout, _LONGEST_WAIT))


def chunks(
    sock: socket.socket,
    *,
    timeout: float,
    stop: Callable[[], bool],
    clock: Callable[[], float] = time.monotonic,
    beside: socket.socket | None = None,
) -> Iterator[bytes]:
    """Yield what arrives until the server closes the connection.

    Yields nothing, ``b""``, while it waits and there is something to read ``beside`` it. It reads first and waits only when nothing is there, so that it never waits for bytes that TLS has
    already decrypted. Raises ReadStopped within a quarter of a second of ``stop``, and
    DirectoryUnavailable after ``timeout`` seconds of silence or when the connection breaks.
    """
    sock.setblocking(False)
    ready = select.poll()
    if beside is not None:
        ready.register(beside, select.POLLIN)
    deadline: float | None = None
    while True:
        if stop():
            raise ReadStopped("the read was stopped")
        try:
            data = sock.recv(_CHUNK)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError) as wait:
            now = clock()
            deadline = now + timeout if deadline is None else deadline
            if now >= deadline:
                raise DirectoryUnavailable(f"no answer within {timeout:g} seconds") from None
            writing = isinstance(wait, ssl.SSLWantWriteError)
            ready.register(sock, select.POLLOUT if writing else select.POLLIN)
            arrived = ready.poll(1000 * min(_TICK, deadline - now))
            if beside is not None and any(where == beside.fileno() for where, _ in arrived):
                yield b""
        except OSError as error:
            reason = error.strerror or str(error)
            raise DirectoryUnavailable(f"the connection broke ({reason})") from None
        else:
            if not data:
                return
            deadline = None
            yield data


def is_alive(sock: socket.socket) -> bool:
    """Tell whether an idle connection is open; one with bytes to read is being closed."""
    sock.setblocking(False)
    try:
        sock.recv(1)
    except (BlockingIOError, ssl.SSLWantReadError):
        return True
    except OSError:
        return False
    return False
