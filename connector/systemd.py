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
        now = time.monotonic()
        if self.watchdog is not None and now - self._last_beat >= self.watchdog / 4:
            self._last_beat = now
            self.notify(WATCHDOG=1)


def _watchdog(environ: Mapping[str, str]) -> float | None:
    """Return after how many seconds of silence systemd ends this process."""
    pid, interval = environ.get("WATCHDOG_PID"), environ.get("WATCHDOG_USEC", "")
    if not interval.isdecimal() or int(interval) == 0 or pid not in (None, str(os.getpid())):
        return None
    return int(interval) / _MICROSECONDS
