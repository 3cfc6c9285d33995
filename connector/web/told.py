"""Keep a flood of refused requests from flooding the log."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MOST = 100
"""Events within a minute; those beyond are counted."""

_SECONDS = 60.0


class Allowance:
    """Says which of many like events is told; any thread may ask. ``monotonic`` returns seconds."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._began = monotonic()
        self._told = self._untold = 0

    def take(self) -> int | None:
        """Return how many events were left out before this one, None when it is left out too."""
        with self._lock:
            now = self._monotonic()
            if now - self._began >= _SECONDS:
                self._began, self._told = now, 0
            if self._told >= MOST:
                self._untold += 1
                return None
            self._told += 1
            untold, self._untold = self._untold, 0
            return untold
