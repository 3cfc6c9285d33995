"""Let a rehearsal, which keeps nothing, give way to those who have work to do on its database.

A rehearsal keeps others from writing, and has a file beside the database for that time. A writer that waits
locks this file, shared, and the rehearsal looks whether it could have it alone. Such a lock ends with its
process: the file that a killed rehearsal leaves means nothing.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path

_SUFFIX = "-rehearsal"


class Wish:
    """The wish of a writer that a rehearsal gives way; it lasts as long as the block."""

    def __init__(self) -> None:
        self._descriptor: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)

    def say(self, database: Path) -> None:
        """Say it once more: the rehearsal may have begun in the meantime."""
        if self._descriptor is None:
            with suppress(OSError):  # nobody rehearses there
                self._descriptor = os.open(_beside(database), os.O_RDONLY | os.O_CLOEXEC)
        if self._descriptor is not None:
            with suppress(OSError):  # the rehearsal looks just now
                fcntl.flock(self._descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)


class Way:
    """What a rehearsal is in, from when it may write until ``close``; one at a time for a database."""

    def __init__(self, database: Path) -> None:
        """Make the file; raises OSError where that may not be."""
        self._file = _beside(database)
        self._descriptor = os.open(self._file, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)

    def is_wanted(self) -> bool:
        """Tell whether a writer waits."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)
        return False

    def close(self) -> None:
        """Remove the file, as long as no other rehearsal can have begun."""
        with suppress(OSError):
            self._file.unlink()
        os.close(self._descriptor)


def _beside(database: Path) -> Path:
    return database.with_name(f"{database.name}{_SUFFIX}")
