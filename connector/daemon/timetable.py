"""What comes round, and when: on a grid, sooner after a failure, by two clocks.

The package ``schedule`` does what is due, in the order in which it fell due, and once however late it
is. It cannot say when something is due: it knows local time alone, which jumps whenever a clock is set,
it adds up the time that work takes, and it knows neither failures nor pauses. So the times are kept
here, and ``schedule`` is told them before it looks.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import schedule

from connector.operations.due import next_on_grid, retry_after

if TYPE_CHECKING:
    from collections.abc import Callable

_NEVER = timedelta(days=1)
"""Longer than it is until the next look."""


@dataclass(slots=True)
class Job:
    """Work that comes round; ``work`` tells whether it went well.

    ``start`` and ``due_at`` are moments of the monotonic clock, ``due_time`` is ``due_at`` by the
    other one. What is ``held`` keeps its time and is not done.
    """

    name: str
    every: timedelta
    work: Callable[[], bool]
    scheduled: schedule.Job
    start: float
    due_at: float
    due_time: float
    failures: int = 0
    held: bool = False

    def plan(self, monotonic: float, seconds: float) -> None:
        self.due_at = monotonic + seconds
        self.due_time = time.time() + seconds

    def plan_on_grid(self, monotonic: float) -> None:
        moment = next_on_grid(self.start, monotonic, self.every.total_seconds())
        self.plan(monotonic, moment - monotonic)

    def remaining(self, monotonic: float) -> float:
        """Return the seconds left by whichever clock says less; below zero it is overdue.

        The monotonic clock stands still while the machine sleeps; the other one can be set back.
        """
        return min(self.due_at - monotonic, self.due_time - time.time())


class Timetable:
    """The jobs by name; ``do`` does the work of one, tells whether it went well, and raises nothing."""

    def __init__(
        self, do: Callable[[Job], bool], *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._do = do
        self._monotonic = monotonic
        self._scheduler = schedule.Scheduler()
        self._jobs: dict[str, Job] = {}

    def keep(self, name: str, every: timedelta | None, work: Callable[[], bool]) -> None:
        """Let work come round at this interval, first of all now; without one, no more.

        Another interval than before moves the next time, and no more than that.
        """
        known = self._jobs.get(name)
        if known is None and every is not None:
            now = self._monotonic()
            # Its interval is of no account: the next time is told before each look.
            scheduled = self._scheduler.every().seconds.do(self._come_round, name)
            self._jobs[name] = Job(name, every, work, scheduled, now, now, time.time())
        elif known is not None and every is None:
            self._scheduler.cancel_job(known.scheduled)
            del self._jobs[name]
        elif known is not None and every is not None and known.every != every:
            known.every = every
            known.plan_on_grid(self._monotonic())

    def hold(self, name: str, *, held: bool) -> None:
        """Do a job no more until it is let go; when it came due by then, it is done at once."""
        if known := self._jobs.get(name):
            known.held = held

    def make_due(self, name: str) -> None:
        """Let a job come round now."""
        self.postpone(name, 0.0)

    def postpone(self, name: str, seconds: float) -> None:
        """Let a job that is kept come round in so many seconds, and not before."""
        if job := self._jobs.get(name):
            job.plan(self._monotonic(), seconds)

    def remaining(self, name: str) -> float | None:
        """Return the seconds until a job comes round, None when it does not; any thread may ask."""
        job = self._jobs.get(name)
        if job is None or job.held:
            return None
        return max(0.0, job.remaining(self._monotonic()))

    def idle(self) -> float:
        """Return the seconds until something is due."""
        left = (self.remaining(name) for name in self._jobs)
        return min((seconds for seconds in left if seconds is not None), default=math.inf)

    def do_what_is_due(self) -> None:
        """Do what is due now, and nothing that falls due by doing it."""
        now, monotonic = datetime.now(), self._monotonic()  # noqa: DTZ005 -- schedule compares with naive local time
        for job in self._jobs.values():
            left = timedelta(seconds=job.remaining(monotonic))
            job.scheduled.next_run = now + (_NEVER if job.held else left)
        self._scheduler.run_pending()

    def _come_round(self, name: str) -> None:
        job = self._jobs[name]
        well = self._do(job)
        job.failures = 0 if well else job.failures + 1
        now = self._monotonic()
        if well:
            job.plan_on_grid(now)
        else:
            job.plan(now, retry_after(job.failures, job.every).total_seconds())
