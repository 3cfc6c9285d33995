"""Serve the web in a process of its own, which ends with the daemon and comes back when it dies.

A busy API would slow down a cycle in the same process, and the cycle the API. The daemon listens and leaves
the socket to the process; while that is away, or stuck, the daemon itself answers monitoring there.
"""

from __future__ import annotations

import json
import select
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

from connector.processes import search_path
from connector.values.database_url import DatabaseUrl
from connector.web.health import Answer
from connector.web.listener import monitored_plainly, standing_in
from connector.web.server import bind, secured

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connector.logs.log import Log
    from connector.settings import Settings

    Answering = Callable[[str], Answer | None]

READY, BEAT = b"r", b"."
SECONDS_BETWEEN_BEATS = 1.0

_SECONDS_TO_START = 60.0
_SECONDS_OF_SILENCE = 30.0
_SECONDS_UNTIL_STAND_IN = 4.0
_SECONDS_FOR_THE_FIRST_START = 15.0
_SECONDS_TO_END = 8.0
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
_RAN_WELL = 60.0
# Isolated, with the path of this process: else the current folder and the environment could name others.
_MAIN = """import sys
channel, listener, sys.path[:] = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
from connector.daemon.web_served import main
main(channel, listener)"""
_AWAY = Answer(
    503,
    "application/json",
    json.dumps(
        {"error": {"code": "ServiceUnavailable", "message": "The web starts again in a moment."}}
    ).encode(),
    {"Retry-After": "5"},
)


@contextmanager
def serving_web(settings: Settings, monitor: Answering, log: Log) -> Iterator[None]:
    """Serve the web until the block ends; ``monitor`` answers the paths of monitoring.

    An address that cannot be bound is an error in the log and no more: the sync matters more than its
    view, and a monitor notices the missing answers.
    """
    with ExitStack() as stack:
        stack.enter_context(monitored_plainly(settings.web, monitor, log))
        try:
            secured(settings.web)
            listener = stack.enter_context(bind(settings.web.listen))
        except OSError as error:  # of ssl too
            log.tell(
                "error",
                "web.failed",
                address=settings.web.listen,
                message=error.strerror or str(error),
                next="free the address or change [web] listen, then `connector daemon reload`",
            )
        else:
            process = WebProcess(settings, listener, monitor, log)
            stack.callback(process.close)
        yield


class WebProcess:
    """The process, and the thread that looks after it."""

    def __init__(
        self, settings: Settings, listener: socket.socket, monitor: Answering, log: Log
    ) -> None:
        self._settings = settings
        self._listener = listener
        self._monitor = monitor
        self._log = log
        self._is_over = threading.Event()
        self._ours, self._wake = socket.socketpair()
        self._thread = threading.Thread(target=self._look_after, name="web", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Let the process end; it answers whom it is answering, for a few seconds."""
        self._is_over.set()
        self._wake.close()
        self._thread.join()
        self._ours.close()

    def _look_after(self) -> None:
        pause = _FIRST_PAUSE
        is_first = True
        while not self._is_over.is_set():
            began = time.monotonic()
            how = self._run(stand_in_after=_SECONDS_FOR_THE_FIRST_START if is_first else 0.0)
            if how is None:
                return
            if time.monotonic() - began > _RAN_WELL:
                pause = _FIRST_PAUSE
            self._log.tell("error", "web.ended", message=how, again_in=pause)
            with self._standing_in():
                self._is_over.wait(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
            is_first = False

    def _run(self, *, stand_in_after: float) -> str | None:
        """Run the process to its end; say how it ended, None when it was told to."""
        channel, theirs = socket.socketpair()
        with channel, ExitStack() as stack:
            with theirs:
                descriptors = (theirs.fileno(), self._listener.fileno())
                process = subprocess.Popen(
                    [sys.executable, "-I", "-c", _MAIN, *map(str, descriptors), *search_path()],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    pass_fds=descriptors,
                )
            stack.callback(self._end, process, channel)
            with suppress(OSError):
                channel.sendall(written(self._settings) + b"\n")
            silent = self._listen(channel, stand_in_after)
            if self._is_over.is_set():
                return None
            if silent:
                process.kill()
                return "it gave no sign of life and was ended"
            return _how_it_ended(process)

    def _listen(self, channel: socket.socket, stand_in_after: float) -> bool:
        """Listen to the process until it ends or is to end; tell whether it fell silent.

        While it has not begun, or says nothing, monitoring is answered here.
        """
        began = time.monotonic()
        deadline, stand_in_at = began + _SECONDS_TO_START, began + stand_in_after
        is_ready = False
        with ExitStack() as stack:
            while True:
                told = self._heard(channel, min(deadline, stand_in_at) - time.monotonic())
                now = time.monotonic()
                if told:
                    is_ready = is_ready or READY in told
                    deadline = now + _SECONDS_OF_SILENCE
                    if is_ready:
                        stack.close()
                        stand_in_at = now + _SECONDS_UNTIL_STAND_IN
                elif told is not None:
                    return False
                elif now >= deadline:
                    return True
                elif now >= stand_in_at:
                    stack.enter_context(self._standing_in())
                    stand_in_at = deadline

    def _heard(self, channel: socket.socket, seconds: float) -> bytes | None:
        """Return what the process says; nothing when it or the daemon ends, None when it says nothing."""
        found = select.select([channel, self._ours], [], [], max(0.0, seconds))[0]
        if self._ours in found:
            return b""
        if not found:
            return None
        try:
            return channel.recv(4096)
        except OSError:
            return b""

    @contextmanager
    def _standing_in(self) -> Iterator[None]:
        """Answer monitoring on the socket for as long as the block takes."""
        answer = partial(_without_the_web, self._monitor)
        with standing_in(self._listener, self._settings.web, answer):
            yield

    @staticmethod
    def _end(process: subprocess.Popen[bytes], channel: socket.socket) -> None:
        with suppress(OSError):
            channel.shutdown(socket.SHUT_RDWR)
        try:
            process.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def written(settings: Settings) -> bytes:
    """Write settings for the process: without the password of the directory, which it never reads.

    It reads the tenant, so that it gets the password in its URL, and the secret of its application; nothing but this socket shows it.
    """
    told = settings.model_dump(mode="json", by_alias=True, exclude={"directory": {"password"}})
    if isinstance(database := settings.tenant.database, DatabaseUrl):
        told["tenant"]["database"] = database.full
    if settings.tenant.client_secret is not None:
        told["tenant"]["client_secret"] = settings.tenant.client_secret.get_secret_value()
    return json.dumps(told).encode()


def _without_the_web(monitor: Answering, path: str) -> Answer:
    return monitor(path) or _AWAY


def _how_it_ended(process: subprocess.Popen[bytes]) -> str:
    try:
        code = process.wait(_SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        return "it answered no more"
    return f"it was ended by signal {-code}" if code < 0 else f"it ended with code {code}"
