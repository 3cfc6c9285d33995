"""Wait with a deadline that fails a test with a sentence: a test never hangs."""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE = 120.0


def until(what: str, true: Callable[[], Any]) -> Any:
    """Wait until something holds, and return it; ``what`` names it where that does not come."""
    deadline = time.monotonic() + PATIENCE
    while not (found := true()):
        assert time.monotonic() < deadline, f"after {PATIENCE:g} s it does not hold yet: {what}"
        time.sleep(0.02)
    return found


@contextmanager
def beside(*works: Callable[[], object]) -> Iterator[list[threading.Thread]]:
    """Do some works in threads of their own beside the block, and wait for their end after it."""
    threads = [threading.Thread(target=work, daemon=True) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield threads
    finally:
        ended(*threads)


def ended(*threads: threading.Thread) -> None:
    """Wait for the end of some threads."""
    for thread in threads:
        thread.join(PATIENCE)
    left = [thread.name for thread in threads if thread.is_alive()]

    assert not left, f"after {PATIENCE:g} s these threads are still at work: {', '.join(left)}"


def exit_code(child: int) -> int:
    """Wait for a process that this one forked, and return its exit code; what does not end is killed."""
    deadline = time.monotonic() + PATIENCE
    while not (found := os.waitpid(child, os.WNOHANG))[0]:
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            raise AssertionError(f"after {PATIENCE:g} s the process {child} was still at work")
        time.sleep(0.005)
    return os.waitstatus_to_exitcode(found[1])
