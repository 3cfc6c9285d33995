"""How a command reaches the running daemon: a Unix socket in the storage folder, for its user alone.

One line of JSON asks, one answers: ``{"command": "sync", "policy": "delta"}`` and, when the run has
ended, ``{"run": 7, ...}``. A thread listens and only queues; the daemon's main thread does the work.
What ``commands.AT_ONCE`` names is answered at once, whatever the main thread does.
"""

from __future__ import annotations

import json
import os
import queue
import socket
import struct
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from connector.errors import DaemonUnavailable, InvalidRequest
from connector.operations.binding import COMMAND, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from connector.operations.binding import Answer, Request

SOCKET = "control.sock"
_LONGEST_ADDRESS = 100
_SECONDS_TO_TALK = 5.0


class Asked:
    """A request that waits for the main thread; ``answer`` sends the answer and hangs up."""

    def __init__(self, connection: socket.socket) -> None:
        self.request: Request = {}
        self._connection = connection

    def answer(self, answer: Mapping[str, Any]) -> None:
        """Send the answer; a client that went away misses it."""
        with suppress(OSError), self._connection:
            self._connection.settimeout(_SECONDS_TO_TALK)
            self._connection.sendall(encode(answer))


class Server:
    """The daemon's end; ``requests`` is what its main thread has to do.

    ``at_once`` answers a request by its command in a thread of its own.
    """

    def __init__(
        self,
        storage: Path,
        *,
        at_once: Mapping[str, Callable[[Request], Answer]],
        wake: Callable[[], None],
    ) -> None:
        self.requests: queue.SimpleQueue[Asked] = queue.SimpleQueue()
        self._storage = storage
        self._at_once = at_once
        self._wake = wake
        self._listener = _listen(storage)
        threading.Thread(target=self._accept, name="control", daemon=True).start()

    def waiting(self) -> list[Asked]:
        """Take what was asked since the last time."""
        asked = []
        with suppress(queue.Empty):
            while True:
                asked.append(self.requests.get_nowait())
        return asked

    def close(self) -> None:
        """Stop listening; whoever still waits is told."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        (self._storage / SOCKET).unlink(missing_ok=True)
        for asked in self.waiting():
            asked.answer(refusal(stopping()))

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._receive, args=(connection,), daemon=True).start()

    def _receive(self, connection: socket.socket) -> None:
        """Read one request; a slow or strange client holds up nobody else."""
        asked = Asked(connection)
        _, user = _peer(connection)
        if not may_ask(user, os.geteuid()):
            asked.answer(refusal(InvalidRequest("The daemon runs as another user.")))
            return
        try:
            connection.settimeout(_SECONDS_TO_TALK)
            asked.request = decode(_line(connection))
            connection.settimeout(None)
        except (OSError, ValueError):
            asked.answer(refusal(InvalidRequest("The request is no line of JSON.")))
            return
        answer_at_once = self._at_once.get(str(asked.request.get(COMMAND)))
        if answer_at_once is not None:
            asked.answer(answer_at_once(asked.request))
        else:
            self.requests.put(asked)
            self._wake()


def stopping() -> DaemonUnavailable:
    """Return the error of a daemon that begins nothing more."""
    return DaemonUnavailable("The daemon stops.")


def ask(
    storage: Path, request: Request, *, heard: Callable[[int], None] = lambda _: None
) -> Answer | None:
    """Ask the daemon of a storage folder and wait for its answer; None when there is no daemon.

    ``heard`` is told the number of the daemon's process before the wait. Raises DaemonUnavailable
    when the daemon went away before it answered.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as channel:
        try:
            with _address(storage) as address:
                channel.connect(address)
        except OSError:
            return None
        try:
            channel.sendall(encode(request))
            process, _ = _peer(channel)
            heard(process)
            return decode(_line(channel))
        except (OSError, ValueError) as error:
            raise DaemonUnavailable(
                "The daemon went away before it answered. Look at its log, then try again."
            ) from error


def encode(message: Mapping[str, Any]) -> bytes:
    """Write a message as one line of JSON."""
    return json.dumps(message, default=str).encode("ascii") + b"\n"


def decode(line: bytes) -> dict[str, Any]:
    """Read a message. Raises ValueError when it is no whole line with a JSON object."""
    if not line.endswith(b"\n"):
        raise ValueError("the line was cut short")
    try:
        message = json.loads(line)
    except RecursionError as error:
        raise ValueError("the message is nested too deep") from error
    if not isinstance(message, dict):
        raise ValueError("the message is no object")  # noqa: TRY004 -- bad input, not a bug
    return message


def _line(connection: socket.socket) -> bytes:
    with connection.makefile("rb") as reader:
        return reader.readline()


def _listen(storage: Path) -> socket.socket:
    """Listen in the storage folder. Its lock is held, so that a socket found there is stale."""
    (storage / SOCKET).unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with _address(storage) as address:
        listener.bind(address)
        os.chmod(address, 0o600)  # noqa: PTH101 -- the address may be one of /proc
    listener.listen(16)
    return listener


@contextmanager
def _address(storage: Path) -> Iterator[str]:
    """Name the socket in the 108 bytes that an address may have, however deep the folder is."""
    path = str(storage / SOCKET)
    if len(os.fsencode(path)) <= _LONGEST_ADDRESS:
        yield path
        return
    folder = os.open(storage, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{SOCKET}"
    finally:
        os.close(folder)


def _peer(connection: socket.socket) -> tuple[int, int]:
    """Return the process at the other end and its user, as the kernel knows them."""
    size = struct.calcsize("3i")
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
    process, user, _ = struct.unpack("3i", credentials)
    return int(process), int(user)


def may_ask(user: int, daemon: int) -> bool:
    """Tell whether a user may steer the daemon of another: only its own, and root."""
    return user in {0, daemon}
