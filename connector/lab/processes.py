"""Start and end the process of a server: one that ends with its owner, or one that outlives it."""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from connector.lab import installed

if TYPE_CHECKING:
    from collections.abc import Sequence

_STOP_SECONDS = 10.0
# The shell ends at once and leaves the server behind; its pid is all that the shell says.
_LEAVE_BEHIND = '"$@" </dev/null >"$0" 2>&1 & echo $!'


class Process(Protocol):
    """One process, or none yet."""

    def find_pid(self) -> int | None:
        """Return the id of the process, None unless it runs."""

    def start(self, command: Sequence[str], log: Path) -> None:
        """Start a command; what it says goes to ``log``."""

    def stop(self) -> None:
        """End it in good order, and by force where that takes too long."""

    def kill(self) -> None:
        """End it at once, as a crash would."""


class Tied:
    """Ends with the thread that started it, even with one that is killed (see ``installed.tied``)."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None

    def find_pid(self) -> int | None:
        return self._child.pid if self._child and self._child.poll() is None else None

    def start(self, command: Sequence[str], log: Path) -> None:
        self._reap()
        with log.open("wb") as out:
            self._child = subprocess.Popen(
                installed.tied(command), stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )
        atexit.register(self.stop)

    def stop(self) -> None:
        if self._child is None:
            return
        self._child.terminate()
        try:
            self._child.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._child.kill()
        self._reap()

    def kill(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._reap()

    def _reap(self) -> None:
        if self._child is not None:
            self._child.wait()
            self._child = None
        atexit.unregister(self.stop)


class Detached:
    """Outlives its starter; it is known again by its pid file and by a word of its command line.

    The word keeps a pid that the system gave to another program since from being taken for ours.
    """

    def __init__(self, pid_file: Path, word: str) -> None:
        self._pid_file = pid_file
        self._word = word
        self._started: int | None = None

    def find_pid(self) -> int | None:
        for pid in (self._started, _number(self._pid_file)):
            if pid and self._word in command_line(pid):
                return pid
        return None

    def start(self, command: Sequence[str], log: Path) -> None:
        done = subprocess.run(
            ["sh", "-c", _LEAVE_BEHIND, str(log), *command],
            stdout=subprocess.PIPE,
            start_new_session=True,
            check=True,
        )
        self._started = int(done.stdout)

    def stop(self) -> None:
        deadline = time.monotonic() + _STOP_SECONDS
        self._signal(signal.SIGTERM)
        while self.find_pid() and time.monotonic() < deadline:
            time.sleep(0.02)
        self.kill()

    def kill(self) -> None:
        self._signal(signal.SIGKILL)
        while self.find_pid():
            time.sleep(0.02)

    def _signal(self, number: signal.Signals) -> None:
        if pid := self.find_pid():
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                return


def command_line(pid: int, proc: Path = Path("/proc")) -> str:
    """Return a running process's command line, or nothing: it ended, or nobody waited for it yet."""
    if proc.is_dir():
        try:
            return (proc / str(pid) / "cmdline").read_text("utf-8", "replace")
        except OSError:
            return ""
    shown = subprocess.run(
        ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, check=False
    )
    return shown.stdout.decode("utf-8", "replace")


def _number(file: Path) -> int | None:
    try:
        return int(file.read_text())
    except (OSError, ValueError):
        return None
