"""How a command reaches the running daemon: a Unix socket in the storage folder, for its user alone.

One line of JSON asks, one answers: ``{"command": "sync", "policy": "delta"}`` and, when the run has
ended, ``{"run": 7, ...}``. A thread listens and only queues; the daemon's main thread does the work.
What ``commands.AT_ONCE`` names is answered at once, whatever the main thread does. A request is bounded in its
bytes, its depth and the time it takes to arrive, and so are the clients in their number.
"""

from __future__ import annotations

import json
import os
import queue
import socket
import struct
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from connector.errors import DaemonUnavailable, DaemonUnresponsive, InvalidRequest
from connector.operations.binding import COMMAND, refusal
from connector.storage.instance import holder
from connector.storage.rights import forbidden

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from connector.operations.binding import Answer, Request

SOCKET = "control.sock"
_LONGEST_ADDRESS = 100
_SECONDS_TO_TALK = 5.0
_LONGEST_REQUEST = 1024 * 1024
_DEEPEST = 32
_CLIENTS = 64
_CHUNK = 64 * 1024
_SECONDS_FOR_A_SIGN = 2.0
_SIGN_OF_LIFE: Request = {COMMAND: "status"}


class Asked:
    """A request that waits for the main thread; ``answer`` sends the answer and hangs up."""

    def __init__(self, connection: socket.socket, *, left: Callable[[], object]) -> None:
        self.request: Request = {}
        self._connection = connection
        self._left = left

    def answer(self, answer: Mapping[str, Any]) -> None:
        """Send the answer; a client that went away misses it."""
        try:
            with suppress(OSError), self._connection:
                self._connection.settimeout(_SECONDS_TO_TALK)
                self._connection.sendall(encode(answer))
        finally:
            self._left()


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
        self._places = threading.Semaphore(_CLIENTS)
        self._listener = _listen(storage)
        self._inode = (storage / SOCKET).stat().st_ino
        threading.Thread(target=self._accept, name="control", daemon=True).start()

    def waiting(self) -> list[Asked]:
        """Take what was asked since the last time."""
        asked = []
        with suppress(queue.Empty):
            while True:
                asked.append(self.requests.get_nowait())
        return asked

    def close(self) -> None:
        """Stop listening, and answer the clients that still wait."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with suppress(OSError):  # the folder may be gone, or the socket another instance's
            if (self._storage / SOCKET).stat().st_ino == self._inode:
                (self._storage / SOCKET).unlink()
        for asked in self.waiting():
            asked.answer(refusal(stopping()))

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            if self._places.acquire(blocking=False):
                threading.Thread(target=self._receive, args=(connection,), daemon=True).start()
            else:
                too_many = InvalidRequest(
                    "Too many clients ask the daemon at once. Try again later."
                )
                Asked(connection, left=lambda: None).answer(refusal(too_many))

    def _receive(self, connection: socket.socket) -> None:
        """Read one request; a slow or strange client holds up nobody else."""
        asked = Asked(connection, left=self._places.release)
        _, user = _peer(connection)
        if not may_ask(user, os.geteuid()):
            asked.answer(refusal(InvalidRequest("The daemon runs as another user.")))
            return
        try:
            asked.request = decode(_request(connection))
            check_depth(asked.request)
            connection.settimeout(None)
        except InvalidRequest as error:
            asked.answer(refusal(error))
            return
        except (OSError, ValueError):
            asked.answer(refusal(InvalidRequest("The request is not a line of JSON.")))
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

    ``heard`` is told the number of the daemon's process before the wait, which lasts as long as the
    daemon gives signs of life. Raises DaemonUnresponsive when it gives none, DaemonUnavailable when it
    went away before it answered.
    """
    sign = inquire(storage, _SIGN_OF_LIFE)
    if sign is None or "error" in sign:
        return sign
    with _connected(storage, _SECONDS_FOR_A_SIGN) as channel:
        if channel is None:
            return None
        heard(_peer(channel)[0])
        return _answered(channel, request, _Watch(storage).look)


def inquire(
    storage: Path, request: Request, *, seconds: float = _SECONDS_FOR_A_SIGN
) -> Answer | None:
    """Ask what the daemon answers at once (``commands.AT_ONCE``); None when there is no daemon.

    Raises DaemonUnresponsive when it does not answer within ``seconds``.
    """
    with _connected(storage, _SECONDS_FOR_A_SIGN) as channel:
        if channel is None:
            return None
        process = _peer(channel)[0]

        def give_up() -> None:
            raise unresponsive(process)

        channel.settimeout(seconds)
        return _answered(channel, request, give_up)


@contextmanager
def _connected(storage: Path, seconds: float) -> Iterator[socket.socket | None]:
    """Connect to the daemon; None when there is none.

    Raises StorageForbidden when this user may not ask it.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as channel:
        channel.settimeout(seconds)
        try:
            with _address(storage) as address:
                channel.connect(address)
        except (BlockingIOError, TimeoutError) as error:  # so many wait already
            raise unresponsive(holder(storage)) from error
        except PermissionError as error:
            raise forbidden(storage / SOCKET, "ask the daemon at") from error
        except OSError:
            yield None
        else:
            yield channel


class _Watch:
    """Looks for signs of life while somebody waits for the daemon."""

    def __init__(self, storage: Path) -> None:
        self._storage = storage
        self._missed: DaemonUnresponsive | None = None

    def look(self) -> None:
        """Raise DaemonUnresponsive the second time in a row that the daemon gives no sign."""
        try:
            inquire(self._storage, _SIGN_OF_LIFE)
        except DaemonUnresponsive as error:
            if self._missed is not None:
                raise
            self._missed = error
        else:
            self._missed = None


def _answered(channel: socket.socket, request: Request, at_silence: Callable[[], None]) -> Answer:
    """Send a request and read its answer; ``at_silence`` is called each time that none comes."""
    received = bytearray()
    try:
        # A daemon that refuses a client at once hangs up before it reads; its answer is there.
        with suppress(BrokenPipeError):
            channel.sendall(encode(request))
        while not received.endswith(b"\n"):
            try:
                chunk = channel.recv(_CHUNK)
            except TimeoutError:
                at_silence()
                continue
            if not chunk:
                break
            received += chunk
        return decode(bytes(received))
    except (OSError, ValueError) as error:
        raise DaemonUnavailable(
            "The daemon went away before it answered. Look at its log, then try again."
        ) from error


def unresponsive(process: int | None) -> DaemonUnresponsive:
    """Return the error of a daemon that gives no sign of life."""
    number = process or "PID"
    return DaemonUnresponsive(
        f"The daemon (process {process or 'unknown'}) does not answer: it was stopped in the middle, "
        f"or hangs. To let it go on: kill -CONT {number}. To end it: kill -KILL {number}, then start "
        "it again; it goes on where it was.",
        process,
    )


def encode(message: Mapping[str, Any]) -> bytes:
    """Write a message as one line of JSON."""
    return json.dumps(message, default=str).encode("ascii") + b"\n"


def decode(line: bytes) -> dict[str, Any]:
    """Read a message. Raises ValueError when it is not a whole line with a JSON object."""
    if not line.endswith(b"\n"):
        raise ValueError("the line was cut short")
    try:
        message = json.loads(line)
    except RecursionError as error:
        raise ValueError("the message is nested too deep") from error
    if not isinstance(message, dict):
        raise ValueError("the message is not an object")  # noqa: TRY004 -- bad input, not a bug
    return message


def check_depth(message: Mapping[str, Any]) -> None:
    """Raise InvalidRequest where lists and objects are nested deeper than any request needs."""
    level: list[Any] = [message]
    for _ in range(_DEEPEST):
        level = [
            part
            for value in level
            for part in (value.values() if isinstance(value, dict) else value)
            if isinstance(part, dict | list)
        ]
        if not level:
            return
    raise InvalidRequest(f"The request is nested deeper than {_DEEPEST} levels.")


def _request(connection: socket.socket) -> bytes:
    """Read one line in the time that a client has in all.

    Raises InvalidRequest for one that is too long; the rest of it is read, so that the client gets to
    the answer, and not kept. Raises ValueError for one that does not end in time.
    """
    deadline = time.monotonic() + _SECONDS_TO_TALK
    line = bytearray()
    is_too_long = False
    with suppress(TimeoutError):
        while (left := deadline - time.monotonic()) > 0:
            connection.settimeout(left)
            begun, end, _ = connection.recv(_CHUNK).partition(b"\n")
            is_too_long = is_too_long or len(line) + len(begun) > _LONGEST_REQUEST
            if is_too_long:
                line.clear()
            elif end:
                return bytes(line + begun + end)
            else:
                line += begun
            if end or not begun:
                break
    if is_too_long:
        raise InvalidRequest(f"The request is longer than {_LONGEST_REQUEST:,} bytes.")
    raise ValueError("the line was cut short")


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
