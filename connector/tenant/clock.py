"""Keep the tenant's clock, which an administrator may advance."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from connector.errors import TenantRefused

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from connector.tenant.ports import Store

_LAST_YEAR = 9000


class TenantClock:
    """Gives the tenant's time, in UTC; each change is a transaction of its own."""

    def __init__(self, store: Store, machine: Callable[[], datetime]) -> None:
        self._store = store
        self._machine = machine

    def now(self) -> datetime:
        """Return the time of the machine and what the clock was advanced by."""
        return self._machine() + self.ahead()

    def ahead(self) -> timedelta:
        """Return by how much the tenant's time runs ahead of the machine's."""
        return timedelta(seconds=float(self._store.state("clock_offset") or 0))

    def advance(self, by: timedelta) -> None:
        """Let the tenant's time run further ahead than before, by ``by``.

        Raises TenantRefused when the time would leave the calendar.
        """
        with self._store.transaction():
            try:
                ahead = self.ahead() + by
                in_range = (self.now() + by).year <= _LAST_YEAR
            except OverflowError:
                in_range = False
            if not in_range:
                raise TenantRefused(f"The tenant's clock goes to the year {_LAST_YEAR}.")
            self._store.set_state("clock_offset", str(ahead.total_seconds()))

    def reset(self) -> None:
        """Return to the time of the machine."""
        with self._store.transaction():
            self._store.set_state("clock_offset", "0")
