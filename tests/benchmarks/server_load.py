"""Tell what a server of PostgreSQL has spent: the processes that run, and those that ended."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple, Self

_TICK = os.sysconf("SC_CLK_TCK")


class Spent(NamedTuple):
    """Seconds of processor time, and bytes of the pages that were changed (``write_bytes``)."""

    processor: float
    written: int

    def __sub__(self, other: Self) -> Spent:
        return Spent(self.processor - other.processor, self.written - other.written)


class Load:
    """What all processes below a server's first one spent, from ``/proc``.

    The first one waits for those that end, and the kernel then counts theirs as its own.
    """

    def __init__(self, process: int) -> None:
        self._process = process

    def now(self) -> Spent:
        children = Path(f"/proc/{self._process}/task/{self._process}/children").read_text().split()
        alive = [_spent(int(child), waited_for=False) for child in children]
        first = _spent(self._process, waited_for=True)
        return Spent(
            first.processor + sum(one.processor for one in alive),
            first.written + sum(one.written for one in alive),
        )


class NoLoad(Load):
    """The load of a server that there is not."""

    def __init__(self) -> None:
        super().__init__(0)

    def now(self) -> Spent:
        return Spent(0.0, 0)


def _spent(process: int, *, waited_for: bool) -> Spent:
    try:
        times = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:15]
        written = Path(f"/proc/{process}/io").read_text()
    except OSError:  # it ended since it was listed
        return Spent(0.0, 0)
    ticks = sum(map(int, times if waited_for else times[:2]))
    [line] = [line for line in written.splitlines() if line.startswith("write_bytes")]
    return Spent(ticks / _TICK, int(line.split()[1]))
