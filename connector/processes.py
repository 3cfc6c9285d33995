"""Start processes that do a part of the work beside this one, and tell how one ended.

Such a process is this program again, told by a socket what to do: it ends when the socket is closed at this
end, however this process ended. It leaves signals that a terminal or a service manager sends to all processes to
the one that started it.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SECONDS_TO_END = 60.0
_LEFT_TO_THE_OTHER = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1)
# Isolated, with the path of this process: else the current folder and the environment could name others.
# At its end nothing is left to do: to take down what was loaded would take 10 ms.
_MAIN = """import os, sys
name, channel, sys.path[:] = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
import importlib
importlib.import_module(name).main(channel)
os._exit(0)"""


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
            with _signals_put_off():
                process = subprocess.Popen(
                    [
                        sys.executable,
                        "-I",
                        "-c",
                        _MAIN,
                        module,
                        f"{theirs.fileno()}",
                        *search_path(),
                    ],
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


def await_end(process: subprocess.Popen[bytes]) -> None:
    """Return when a process has ended, or after a minute: ``Popen.wait`` notices an end up to 50 ms late."""
    # The number of one that was waited for may be that of another process by now.
    if process.poll() is not None:
        return
    with suppress(OSError, AttributeError):  # the kernel, or this Python, has no such descriptor
        descriptor = os.pidfd_open(process.pid)
        try:
            ready = select.poll()
            ready.register(descriptor, select.POLLIN)
            ready.poll(_SECONDS_TO_END * 1000)
        finally:
            os.close(descriptor)


def ignore_signals() -> None:
    """Leave the signals that all processes get to the process that started this one."""
    for number in _LEFT_TO_THE_OTHER:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _LEFT_TO_THE_OTHER)


@contextmanager
def _signals_put_off() -> Iterator[None]:
    """Put these signals off in this thread, and in a process that it starts: until that ignores them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _LEFT_TO_THE_OTHER)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def search_path() -> list[str]:
    """Return where this process finds modules, for another one that is isolated."""
    return [os.path.abspath(place) for place in sys.path]  # noqa: PTH100 - "" is the current folder
