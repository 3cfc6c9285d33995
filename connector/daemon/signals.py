"""What the daemon was told, by signals and by other threads, and how that wakes its main thread."""

from __future__ import annotations

import os
import signal
from select import select


class Signals:
    """What the process was told: marks that handlers leave, and a pipe that wakes the main thread.

    A handler may interrupt the main thread anywhere, so it takes no lock and writes no log.
    """

    def __init__(self) -> None:
        self.stop: str | None = None
        self.reload = False
        self.sync_now = False
        self.stop_cycle = False
        self._reader, self._writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def install(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1):
            signal.signal(number, self._note)

    def wake(self) -> None:
        try:
            os.write(self._writer, b"!")
        except BlockingIOError:
            return  # the pipe is full: the reader is as good as awake

    def wait(self, seconds: float) -> None:
        """Sleep until woken, or this long."""
        if select([self._reader], [], [], max(0.0, seconds))[0]:
            os.read(self._reader, 4096)

    def _note(self, number: int, _: object) -> None:
        match number:
            case signal.SIGHUP:
                self.reload = True
            case signal.SIGUSR1:
                self.sync_now = True
            case signal.SIGINT if self.stop:
                raise KeyboardInterrupt
            case _:
                self.stop = signal.Signals(number).name
        self.wake()
