"""Run a cycle in a process of its own, where no daemon does: a page would wait for a busy thread.

The process gets the settings on its standard input. It writes lines of JSON: how far it is, then the answer.
"""

from __future__ import annotations

import atexit
import json
import os
import pickle
import subprocess
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any, TextIO

from connector.errors import ConnectorError, ProcessLost
from connector.operations.binding import refusal, request_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.operations.binding import Answer
    from connector.settings import Settings

_SECONDS_TO_END = 30.0
_SECONDS_BETWEEN_LINES = 0.1
_ANSWER = "answer"
# Isolated, with the path of this process: else the current folder and the environment could name others.
_MAIN = """import sys
sys.path[:] = sys.argv[1:]
from connector.web.pages.cycle_process import main
main()"""


def run_cycle_apart(settings: Settings, tell: Callable[[dict[str, Any]], None]) -> Answer:
    """Run a cycle with these settings to its end; ``tell`` gets ``{step, done, total}`` on the way.

    The answer is that of the operation ``sync``, or says why none began. Raises ProcessLost when the process
    ends without one. It is told to stop when this process exits.
    """
    process = subprocess.Popen(
        [sys.executable, "-I", "-c", _MAIN, *map(os.path.abspath, sys.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        process_group=0,
    )
    end = atexit.register(_end, process)
    answer: Answer | None = None
    try:
        with process:
            assert process.stdin is not None  # noqa: S101 - Popen was asked for both
            assert process.stdout is not None  # noqa: S101
            with process.stdin as channel:
                channel.write(pickle.dumps(settings))
            for line in process.stdout:
                told = json.loads(line)
                if _ANSWER in told:
                    answer = told[_ANSWER]
                else:
                    tell(told)
    finally:
        atexit.unregister(end)
    if answer is None:
        raise ProcessLost(
            f"The process of the cycle ended with code {process.returncode}. Nothing is lost: the next cycle "
            "goes on where this one ended. The log says why."
        )
    return answer


def _end(process: subprocess.Popen[bytes]) -> None:
    """Let a process leave its work in good order."""
    process.terminate()
    try:
        process.wait(_SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


# --- in the process ---------------------------------------------------------------------------


def main() -> None:
    """Read the settings, run a cycle, and tell of it on standard output."""
    settings: Settings = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the process that started this one
    answer = _cycle(settings, _Told(sys.stdout))
    _write(sys.stdout, {_ANSWER: answer})


def _cycle(settings: Settings, progress: _Told) -> Answer:
    from connector.assembly import open_parts  # noqa: PLC0415 - the other side of the pipe needs none of it
    from connector.daemon.interrupt import stop_on_interrupt  # noqa: PLC0415
    from connector.logs.log import open_log  # noqa: PLC0415
    from connector.operations import requests  # noqa: PLC0415

    try:
        with (
            closing(open_log(settings.log)) as log,
            stop_on_interrupt() as stop,
            open_parts(settings, log=log, progress=progress, stop=stop) as parts,
        ):
            return requests.perform(parts, request_for(requests.sync))
    except ConnectorError as error:
        return refusal(error)


class _Told:
    """Progress as lines, a few a second."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._piece: tuple[str, int | None] = ("", None)
        self._done = 0
        self._written = 0.0

    def begin(self, name: str, total: int | None = None) -> None:
        self._piece, self._done = (name, total), 0
        self._tell()

    def advance(self, count: int) -> None:
        self._done += count
        if time.monotonic() - self._written >= _SECONDS_BETWEEN_LINES:
            self._tell()

    def end(self) -> None:
        self._tell()

    def _tell(self) -> None:
        self._written = time.monotonic()
        step, total = self._piece
        _write(self._stream, {"step": step, "done": self._done, "total": total})


def _write(stream: TextIO, message: dict[str, Any]) -> None:
    stream.write(json.dumps(message, default=str) + "\n")
    stream.flush()
