"""When something is to be done: pure rules over facts that survive a restart."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

FIRST_RETRY = timedelta(seconds=10)
LAST_RETRY = timedelta(minutes=5)
FIRST_BIND_PAUSE = timedelta(minutes=15)
LAST_BIND_PAUSE = timedelta(hours=1)
LONGEST_GAP = timedelta(days=7)


def due(now: datetime, last: datetime | None, every: timedelta) -> bool:
    """Tell whether it is time again; a last time in the future is the mark of a clock set back."""
    return last is None or now < last or now - last >= every


def full_cycle_due(
    now: datetime,
    *,
    every: timedelta | None,
    last_full: datetime | None,
    last_import: datetime | None,
) -> bool:
    """Tell whether the next cycle has to read and decide everything anew.

    Where the schedule says so, and after a gap: the real product needs a delta within seven days of
    the last cycle, else a full one (docs/sources.md 3.1).
    """
    if every is not None and due(now, last_full, every):
        return True
    return last_import is not None and now - last_import > LONGEST_GAP


def next_on_grid(start: float, now: float, every: float) -> float:
    """Return the first moment after ``now`` on the grid that ``start`` and ``every`` make.

    The time that the work took does not add up, and moments that passed during the work are left out.
    """
    return start + (math.floor((now - start) / every) + 1) * every


def retry_after(failures: int, every: timedelta) -> timedelta:
    """Return how long to wait after this many failures in a row.

    It doubles from ten seconds up to the usual interval, and to five minutes where that is shorter.
    """
    first = min(FIRST_RETRY, every)
    return min(first * (1 << min(failures - 1, 20)), max(every, LAST_RETRY))


def bind_again_after(refusals: int) -> timedelta:
    """Return how long a password is not sent again after this many refusals in a row.

    It doubles from a quarter of an hour, longer than most servers count wrong passwords, to an hour.
    """
    return min(FIRST_BIND_PAUSE * (1 << min(refusals - 1, 20)), LAST_BIND_PAUSE)
