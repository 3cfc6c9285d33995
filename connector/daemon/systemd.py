"""Tell systemd that the service is ready, alive, and what it does (sd_notify(3))."""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MICROSECONDS = 1_000_000
_SECONDS_BETWEEN_LOOKS = 15.0
_SECONDS_TO_START = 120
_LEAST_WORK = 0.001
LONGEST_SILENT_WORK = 3600.0


class Notifier:
    """The service manager that started this process, or nobody."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        self.watchdog = _watchdog(environ) if self._address else None
        self._is_ready = False
        self._last_sign = 0.0
        self._beat_at = self._alive_at = time.monotonic()

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

    def ready(self, status: str) -> None:
        """Say that the start, or a reload, is over."""
        self._is_ready = True
        self.notify(READY=1, STATUS=status)

    def beat(self) -> None:
        """Say that the main thread is alive; often enough, and no more often than that."""
        self._beat_at = time.monotonic()
        self._is_alive(self._beat_at)

    def work(self) -> None:
        """Say that the main thread is at work, which counts as life for an hour without a beat."""
        now = time.monotonic()
        if now - self._beat_at <= LONGEST_SILENT_WORK:
            self._is_alive(now)

    def silence(self) -> float:
        """Return the seconds since the main thread was last alive; any thread may ask."""
        return time.monotonic() - self._alive_at

    def _is_alive(self, now: float) -> None:
        self._alive_at = now
        if now - self._last_sign < (self.watchdog or _SECONDS_BETWEEN_LOOKS * 4) / 4:
            return
        self._last_sign = now
        if not self._is_ready:  # the watchdog sleeps until then
            self.notify(EXTEND_TIMEOUT_USEC=_SECONDS_TO_START * _MICROSECONDS)
        elif self.watchdog is not None:
            self.notify(WATCHDOG=1)


@contextmanager
def watched(notifier: Notifier, *, every: float = _SECONDS_BETWEEN_LOOKS) -> Iterator[None]:
    """Count processor time of the calling thread as a sign of life until the block ends.

    A migration, a big SQL statement or a copy of a database may take minutes and calls nobody. A thread
    that waits for what never comes uses no processor: it is stuck, and nothing is said in its name.
    """
    clock = time.pthread_getcpuclockid(threading.get_ident())
    over = threading.Event()
    pause = min(every, (notifier.watchdog or every * 4) / 4)

    def look() -> None:
        used = time.clock_gettime(clock)
        while not over.wait(pause):
            before, used = used, time.clock_gettime(clock)
            if used - before >= _LEAST_WORK:
                notifier.work()

    looker = threading.Thread(target=look, name="watched", daemon=True)
    looker.start()
    try:
        yield
    finally:
        over.set()
        looker.join()


class BeatingProgress:
    """The service manager hears that the work goes on, and who asks is told how far it is."""

    def __init__(self, notifier: Notifier) -> None:
        self._notifier = notifier
        self._piece: tuple[str, int | None] | None = None
        self._done = 0

    def begin(self, name: str, total: int | None = None) -> None:
        self._piece, self._done = (name, total), 0
        self._notifier.beat()

    def advance(self, count: int) -> None:
        self._done += count
        self._notifier.beat()

    def end(self) -> None:
        self._piece = None
        self._notifier.beat()

    def facts(self) -> dict[str, Any] | None:
        """Return ``{step, done, total}`` of the piece of work at hand, None between two; any thread may ask."""
        piece, done = self._piece, self._done
        return piece and {"step": piece[0], "done": done, "total": piece[1]}


def _watchdog(environ: Mapping[str, str]) -> float | None:
    """Return after how many seconds of silence systemd ends this process."""
    pid, interval = environ.get("WATCHDOG_PID"), environ.get("WATCHDOG_USEC", "")
    if not interval.isdecimal() or int(interval) == 0 or pid not in (None, str(os.getpid())):
        return None
    return int(interval) / _MICROSECONDS
