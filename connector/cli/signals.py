"""Let a command take down what it started, whichever signal ends it."""

from __future__ import annotations

import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOLD_TO_END = (signal.SIGTERM, signal.SIGHUP)


@contextmanager
def end_in_good_order() -> Iterator[None]:
    """Leave through every ``with`` block at SIGTERM and SIGHUP too, as at Ctrl-C."""
    before = {number: signal.signal(number, _end) for number in _TOLD_TO_END}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, _frame: object) -> NoReturn:
    sys.exit(128 + number)
