"""Throttle the API when somebody asks for it, so that a client's waiting can be tried out.

``connector web throttle`` leaves a file in the storage folder; the server takes it away and refuses as many
requests as it says.
"""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from connector.storage.whole_file import writing_whole
from connector.web.envelope import refusal

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from connector.web.exchange import Call, Reply

FILE = "web-throttle.json"
MOST = 1_000_000


def ask_for(storage: Path, count: int, retry_after: int) -> None:
    """Have the next ``count`` requests refused, whose clients are told to wait ``retry_after`` seconds.

    A count of 0 ends what was asked for before. Raises OSError.
    """
    with writing_whole(storage / FILE) as file:
        json.dump({"count": count, "retryAfter": retry_after}, file)


class Throttle:
    """The requests that are still to be refused; any thread may ask."""

    def __init__(self, storage: Path) -> None:
        self._path = storage / FILE
        self._lock = threading.Lock()
        self._left = 0
        self._retry_after = 0

    def refusal(self, call: Call, now: datetime) -> Reply | None:
        """Return the refusal of a request that counts, None where it is to be answered."""
        with self._lock:
            self._take()
            if self._left == 0:
                return None
            self._left -= 1
            wait = self._retry_after
        text = "Too many requests: `connector web throttle` asked for this."
        headers = {"Retry-After": str(wait)}
        return refusal(call, now, 429, "TooManyRequests", text, headers=headers)

    def _take(self) -> None:
        """Take what was asked for since the last time."""
        if not self._path.exists():
            return
        with suppress(OSError, ValueError, KeyError, TypeError):
            asked = json.loads(self._path.read_bytes())
            count, wait = int(asked["count"]), int(asked["retryAfter"])
            self._left, self._retry_after = count, wait
        with suppress(OSError):
            self._path.unlink()
