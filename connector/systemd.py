"""Tell systemd that the service is ready, alive, and what it does (sd_notify(3))."""

from __future__ import annotations

import os
import socket
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_MICROSECONDS = 1_000_000


class Notifier:
    """The service manager that started this process, or nobody."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        self.watchdog = _watchdog(environ) if self._address else None
        self._last_beat = 0.0
        self._alive_at = time.monotonic()

    def notify(self, **facts: object) -> None:
        """Send facts such as ``READY=1``; a manager that does not listen stops nothing."""
        if not self._address:
            return
        text = "\n".join(f"{name}={str(value).splitlines()[0]}" for name, value in facts.items())
        address = "\0" + self._address[1:] if self._address[0] == "@" else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
            channel.setblocking(False)
            try:
                channel.sendto(text.encode("utf-8", "backslashreplace"), address)
            except OSError:
                return

    def beat(self) -> None:
        """Say that the main thread is alive; often enough, and no more often than that."""
        self._alive_at = now = time.monotonic()
        if self.watchdog is not None and now - self._last_beat >= self.watchdog / 4:
            self._last_beat = now
            self.notify(WATCHDOG=1)

    def silence(self) -> float:
        """Return the seconds since the main thread was last alive; any thread may ask."""
        return time.monotonic() - self._alive_at


class BeatingProgress:
    """Nobody watches the work, but the service manager hears that it goes on."""

    def __init__(self, notifier: Notifier) -> None:
        self._notifier = notifier

    def begin(self, name: str, total: int | None = None) -> None:  # noqa: ARG002 -- as Progress has it
        self._notifier.beat()

    def advance(self, count: int) -> None:  # noqa: ARG002
        self._notifier.beat()

    def end(self) -> None:
        self._notifier.beat()


def _watchdog(environ: Mapping[str, str]) -> float | None:
    """Return after how many seconds of silence systemd ends this process."""
    pid, interval = environ.get("WATCHDOG_PID"), environ.get("WATCHDOG_USEC", "")
    if not interval.isdecimal() or int(interval) == 0 or pid not in (None, str(os.getpid())):
        return None
    return int(interval) / _MICROSECONDS
