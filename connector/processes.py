"""Start processes that do a part of the work beside this one, and tell how one ended.

Such a process is this program again, told by a socket what to do: it ends when the socket is closed at this
end, however this process ended. It leaves signals that a terminal or a service manager sends to all processes to
the one that started it.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_SECONDS_TO_END = 60.0
# Isolated, with the path of this process: else the current folder and the environment could name others.
_MAIN = """import sys
name, channel, sys.path[:] = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
import importlib
importlib.import_module(name).main(channel)"""


def start(
    module: str, *, inherits: Sequence[int] = ()
) -> tuple[subprocess.Popen[bytes], socket.socket]:
    """Start the function ``main`` of a module, which gets its end of a channel; return ours too.

    ``inherits`` are the descriptors that the process has besides, under the same numbers. Raises OSError
    where the system gives no process.
    """
    ours, theirs = socket.socketpair()
    with theirs:
        try:
            process = subprocess.Popen(
                [sys.executable, "-I", "-c", _MAIN, module, str(theirs.fileno()), *_search_path()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(), *inherits),
            )
        except OSError:
            ours.close()
            raise
    return process, ours


def how_it_ended(process: subprocess.Popen[bytes]) -> str:
    """Say how a process ended that is gone, or answers no more."""
    try:
        code = process.wait(_SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        return "answers no more"
    return f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"


def ignore_signals() -> None:
    """Leave the signals that all processes get to the process that started this one."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1"):
        signal.signal(signal.Signals[name], signal.SIG_IGN)


def _search_path() -> list[str]:
    return [os.path.abspath(place) for place in sys.path]  # noqa: PTH100 - "" is the current folder
