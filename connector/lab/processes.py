"""Start and end a server process that ends with its starter, or outlives it."""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from connector.lab import installed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_STOP_SECONDS = 10.0
# The shell prints the pid of the server and ends at once; the server goes on running.
_LEAVE_BEHIND = '"$@" </dev/null >"$0" 2>&1 & echo $!'


class Process(Protocol):
    """One process, or none yet."""

    def find_pid(self) -> int | None:
        """Return the id of the process, None unless it runs."""

    def start(self, command: Sequence[str], log: Path) -> None:
        """Start a command; its output goes to the file ``log``."""

    def stop(self) -> None:
        """End it in good order; kill it if that takes too long."""

    def kill(self) -> None:
        """End it at once, as a crash would."""


class Tied:
    """A process that ends with the thread that started it, even one that was killed.

    See ``installed.tied``.
    """

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
    """A process that outlives its starter, found again by its pid file.

    ``word`` is a part of its command line, or of what else ``describe`` says of a process. It tells the
    process from another program to which the system has given the same pid since.
    """

    def __init__(
        self, pid_file: Path, word: str, describe: Callable[[int], str] | None = None
    ) -> None:
        self._pid_file = pid_file
        self._word = word
        self._describe = describe or command_line
        self._started: int | None = None

    def find_pid(self) -> int | None:
        for pid in (self._started, _number(self._pid_file)):
            if pid and self._word in self._describe(pid):
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
    """Return a process's command line; empty for one that ended or is a zombie."""
    if proc.is_dir():
        try:
            return (proc / str(pid) / "cmdline").read_text("utf-8", "replace")
        except OSError:
            return ""
    shown = subprocess.run(
        ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, check=False
    )
    return shown.stdout.decode("utf-8", "replace")


def command_line_and_files(pid: int) -> str:
    """Return a process's command line and the files that it has open, for one that hides the former."""
    opened = []
    with suppress(OSError):
        for file in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                opened.append(str(file.readlink()))
    return "\n".join([command_line(pid), *opened])


def _number(file: Path) -> int | None:
    try:
        return int(file.read_text())
    except (OSError, ValueError):
        return None
