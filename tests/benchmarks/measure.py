"""Measure the time and the memory of a process."""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_LOOK_SECONDS = 0.25
# The unit of ru_oublock.
_BLOCK = 512


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def median_seconds(work: Callable[[], object], *, repeats: int) -> float:
    return statistics.median(seconds(work) for _ in range(repeats))


@dataclass(frozen=True)
class Finished:
    """A process that ended: its standard output, its times, and its largest resident size.

    The size leaves out the processes that it started. ``processor`` are the seconds in which a processor
    worked for it, and ``written`` the bytes of the pages that it changed (``write_bytes`` of
    ``/proc/PID/io``), both with the processes it started and waited for. ``shared_megabytes`` is the most that all of them held at a time, each shared page
    counted once (PSS): 0 for a process that ended before anybody looked.
    """

    output: str
    seconds: float
    megabytes: float
    processor: float
    written: int
    shared_megabytes: float


def run(
    command: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    codes: Sequence[int] = (0,),
) -> Finished:
    """Run a program to its end; raises RuntimeError with its output for another exit code."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as said:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=out, stderr=said, env={**os.environ, **(env or {})}
        )
        with _Look(process.pid) as memory:
            # wait4, not wait: it tells the times of this one child.
            _, status, usage = os.wait4(process.pid, 0)
            took = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        for file in (out, said):
            file.seek(0)
        if process.returncode not in codes:
            reason = said.read().decode("utf-8", "replace")[-2000:]
            raise RuntimeError(f"{command[0]} ended with {process.returncode}: {reason}")
        text = out.read().decode("utf-8", "surrogateescape")
    return Finished(
        text,
        took,
        memory.alone,
        usage.ru_utime + usage.ru_stime,
        usage.ru_oublock * _BLOCK,
        memory.shared,
    )


class _Look:
    """Look at the memory of a process and all below it four times a second; for ``with``.

    ``ru_maxrss`` would not do: it begins with the size of the process that starts another one.
    """

    def __init__(self, process: int) -> None:
        self.alone = 0.0
        self.shared = 0.0
        self._process = process
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(_LOOK_SECONDS):
            shared = sum(
                _megabytes(process, "smaps_rollup", "Pss")
                for process in _with_those_below(self._process)
            )
            self.shared = max(self.shared, shared)
            self.alone = max(self.alone, _megabytes(self._process, "status", "VmHWM"))


def _with_those_below(process: int) -> Iterator[int]:
    yield process
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        for child in _read(children).split():
            yield from _with_those_below(int(child))


def _megabytes(process: int, file: str, name: str) -> float:
    """Return a size that the kernel tells of a process; 0 where it has ended."""
    for line in _read(Path(f"/proc/{process}/{file}")).splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
