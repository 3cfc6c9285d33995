"""Let Ctrl-C and SIGTERM end a run between two pieces of work instead of in the middle of one."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def stop_on_interrupt() -> Iterator[Callable[[], bool]]:
    """Give a question that turns true at the first signal; a second one interrupts at once."""
    told: list[int] = []

    def note(number: int, _: object) -> None:
        if told:
            raise KeyboardInterrupt
        told.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(told)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
