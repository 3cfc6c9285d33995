"""Leave it to the lock beside the file who else is at work on a tenant (``storage.instance``)."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Others:
    """Implements ``ports.Others``."""

    def __init__(self) -> None:
        self.told: Callable[[str, float], None] = lambda _held_by, _seconds: None

    def announce(self, client: int) -> None:
        """Need nothing."""

    @contextmanager
    def alone(self, what: str) -> Iterator[None]:
        """Need nothing; ``what`` has the lock."""
        del what
        yield
