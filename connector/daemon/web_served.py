"""Be the process that serves the web for the daemon, which starts it (``web_process``).

It serves on the socket that it inherits, and ends when the daemon closes its channel, however that ended.
Signals that a terminal or a service manager sends to all processes are left to the daemon. What changes
something is done by the daemon alone.
"""

from __future__ import annotations

import os
import signal
import socket
import time
from contextlib import closing, suppress
from typing import TYPE_CHECKING

from connector.collector import collect_seldom
from connector.daemon import control
from connector.daemon.web_monitor import AWAY, monitored
from connector.daemon.web_process import BEAT, READY, SECONDS_BETWEEN_BEATS
from connector.errors import DaemonUnavailable, InvalidSettings
from connector.logs.log import open_log
from connector.operations.binding import error_of
from connector.settings.models import Settings
from connector.web.app import Application
from connector.web.context import Context
from connector.web.server import base_of, secured, serve

if TYPE_CHECKING:
    from pathlib import Path

    from connector.operations.binding import Answer as Answered
    from connector.operations.binding import Request


def main(channel: int, listener: int) -> None:
    """Serve on the socket of a descriptor until the channel of the other one is closed."""
    collect_seldom()
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1"):
        signal.signal(signal.Signals[name], signal.SIG_IGN)
    with socket.socket(fileno=channel) as daemon, socket.socket(fileno=listener) as accepting:
        accepting.setblocking(False)
        settings = Settings.model_validate_json(_line(daemon))
        log = open_log(settings.log.model_copy(update={"rotate_size": None}))
        context = Context(settings, log, lambda request: carry_out(settings.storage.path, request))
        try:
            context.check()
        except InvalidSettings as error:
            context.note_broken(error)
        address = base_of(accepting, settings.web)

        def started() -> None:
            log.tell("info", "web.started", address=address)
            daemon.setblocking(False)
            with suppress(OSError):  # a daemon that was killed is noticed at the next beat
                daemon.send(READY)

        storage = settings.storage.path
        application = Application(context, lambda path: monitored(storage, path) or AWAY)
        with closing(context.rehearsals):
            serve(
                application,
                accepting,
                secured(settings.web),
                started=started,
                told_to_stop=Beating(daemon).beat,
            )
        log.close_anyhow()
    os._exit(0)  # what still waits for the daemon is not waited for


class Beating:
    """Tells the daemon that the process is alive, and hears when the daemon has no more need of it."""

    def __init__(self, daemon: socket.socket) -> None:
        self._daemon = daemon
        self._last = time.monotonic()

    def beat(self) -> bool:
        """Give a sign of life when it is due; tell whether the process is to end."""
        try:
            if time.monotonic() - self._last > SECONDS_BETWEEN_BEATS:
                self._last = time.monotonic()
                self._daemon.send(BEAT)
            return not self._daemon.recv(1)
        except BlockingIOError:
            return False
        except OSError:
            return True


def carry_out(storage: Path, request: Request) -> Answered:
    """Have a request done by the daemon; raises its errors, DaemonUnavailable when it is away."""
    answer = control.ask(storage, request)
    if answer is None:
        raise DaemonUnavailable("The daemon stops, or loads its settings anew.")
    if "error" in answer:
        raise error_of(answer)
    return answer


def _line(daemon: socket.socket) -> bytes:
    """Read the settings, which are one line."""
    received = bytearray()
    while not received.endswith(b"\n"):
        try:
            chunk = daemon.recv(65536)
        except OSError:  # it was killed
            chunk = b""
        if not chunk:
            raise SystemExit(1)
        received += chunk
    return bytes(received)
