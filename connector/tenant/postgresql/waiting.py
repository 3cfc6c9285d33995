"""Look around while a question to the server is not answered: it may wait for another writer."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

_SECONDS_ONCE_STOPPED = 0.5


class WatchedConnection(psycopg.Connection[tuple[Any, ...]]):
    """A connection that calls a function about ten times a second while an answer does not come."""

    _look: Callable[[], None] | None = None

    def wait(self, gen: Generator[Any, Any, Any], *args: Any, **named: Any) -> Any:
        """Wait for an answer, as the driver has it done."""
        watched = gen if self._look is None else _watched(gen, self._look)
        return super().wait(watched, *args, **named)

    @contextmanager
    def watched(self, look: Callable[[], None]) -> Iterator[None]:
        """Call ``look`` while an answer within the block does not come; it must not raise."""
        self._look = look
        try:
            yield
        finally:
            self._look = None


def _watched(gen: Generator[Any, Any, Any], look: Callable[[], None]) -> Generator[Any, Any, Any]:
    """Hand on between the driver's work and its wait, which says by 0 that nothing came in its interval."""
    try:
        state = next(gen)
        while True:
            ready = yield state
            if not ready:
                look()
            state = gen.send(ready)
    except StopIteration as end:
        return end.value


class Wait:
    """One wait for the turn to write.

    ``tell`` hears, once, that it takes longer than ``patience`` seconds, and how long. Half a second after
    ``stop`` became true the question is given up: it is cancelled.
    """

    def __init__(
        self,
        connection: WatchedConnection,
        stop: Callable[[], bool],
        tell: Callable[[float], None],
        patience: float,
    ) -> None:
        self._connection = connection
        self._stop = stop
        self._tell = tell
        self._patience = patience
        self._began = time.monotonic()
        self._stopped_at: float | None = None
        self.is_told = False
        self.is_given_up = False

    def look(self) -> None:
        """Do what has become due."""
        now = time.monotonic()
        if self._stopped_at is None and self._stop():
            self._stopped_at = now
        if self._stopped_at is not None and not self.is_given_up:
            if now >= self._stopped_at + _SECONDS_ONCE_STOPPED:
                self.is_given_up = True
                self._connection.cancel_safe(timeout=2.0)
        elif not self.is_told and now >= self._began + self._patience:
            self.is_told = True
            self._tell(now - self._began)
