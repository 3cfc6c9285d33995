"""Read a file anew when it has changed."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

T = TypeVar("T")

_UNSETTLED = 0.1
"""Seconds after a change in which the file may change again without showing it."""


class Watched(Generic[T]):
    """What a file says now; ``read`` gets its bytes, None where there is no file.

    An error of ``read`` is raised at each look until the file has changed. Any thread may look.
    """

    def __init__(self, path: Path, read: Callable[[bytes | None], T]) -> None:
        self._path = path
        self._read = read
        self._lock = threading.Lock()
        self._seen: object = self
        self._found: T | Exception

    def look(self) -> T:
        """Return what the file says; raises OSError where it cannot be read, and what ``read`` raises."""
        with self._lock:
            seen = self._state()
            if seen != self._seen:
                self._found = self._read_anew()
                self._seen = seen
            if isinstance(self._found, Exception):
                raise self._found
            return self._found

    def _state(self) -> object:
        """Tell one state of the file from another by what costs no read."""
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            return error.errno
        if time.time() - status.st_mtime < _UNSETTLED:
            return object()
        return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns

    def _read_anew(self) -> T | Exception:
        try:
            try:
                content = self._path.read_bytes()
            except FileNotFoundError:
                content = None
            return self._read(content)
        except Exception as error:  # noqa: BLE001 - raised by each look
            return error
