"""Measure the time and the memory of a process."""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def median_seconds(work: Callable[[], object], *, repeats: int) -> float:
    return statistics.median(seconds(work) for _ in range(repeats))


@dataclass(frozen=True)
class Finished:
    """A process that ended: its standard output, its times, and its largest resident size.

    ``processor`` are the seconds in which a processor worked for it, all its threads together.
    """

    output: str
    seconds: float
    megabytes: float
    processor: float


def run(
    command: Sequence[str], *, env: Mapping[str, str] | None = None, codes: Sequence[int] = (0,)
) -> Finished:
    """Run a program to its end; raises RuntimeError with its output for another exit code."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as said:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=out, stderr=said, env={**os.environ, **(env or {})}
        )
        # wait4, not wait: it tells the peak memory of this one child.
        _, status, usage = os.wait4(process.pid, 0)
        took = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        for file in (out, said):
            file.seek(0)
        if process.returncode not in codes:
            reason = said.read().decode("utf-8", "replace")[-2000:]
            raise RuntimeError(f"{command[0]} ended with {process.returncode}: {reason}")
        text = out.read().decode("utf-8", "surrogateescape")
    return Finished(text, took, usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime)
