"""Draw the charts of the runs: bars as plain numbers for the template, and the same in words; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from connector.report.runs import exported
from connector.values.counting import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from connector.run import Run

RUNS = 30
"""The newest runs that a chart shows."""

WIDTH, HEIGHT = 600, 160
_LEFT, _BOTTOM, _TOP = 64, 22, 10
_LEAST = 1.5
_STEPS = (1, 2, 5, 10)


class Bar(NamedTuple):
    """A part of a bar: its corner and size, its class for the colour, and what it says when pointed at."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    title: str


class Chart(NamedTuple):
    """A chart: ``label`` is all of it in words, ``lines`` are the heights of the grid with their texts."""

    label: str
    bars: Sequence[Bar]
    lines: Sequence[tuple[float, str]]
    ticks: Sequence[tuple[float, str]]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT


def durations(runs: Sequence[Run]) -> Chart:
    """Draw how long the runs took, oldest first; ``runs`` come newest first."""
    shown = list(reversed(runs[:RUNS]))
    seconds = [run.seconds for run in shown]
    columns = [
        [(run.seconds, "ended" if run.result.counts_as_done else "stopped", _said(run))]
        for run in shown
    ]
    return _chart(_durations_in_words(seconds), columns, shown, "s")


def changes(runs: Sequence[Run]) -> Chart:
    """Draw what the runs exported, adds below updates below deletes, oldest first."""
    shown = list(reversed(runs[:RUNS]))
    columns = []
    for run in shown:
        counts = exported(run)
        said = f"Run {run.number}: {_counts_in_words(counts.adds, counts.updates, counts.deletes)}"
        columns.append(
            [
                (counts.adds, "adds", said),
                (counts.updates, "updates", said),
                (counts.deletes, "deletes", said),
            ]
        )
    totals = [
        sum(column) for column in zip(*([part[0] for part in one] for one in columns), strict=True)
    ]
    label = "Exported changes: no run yet."
    if shown:
        told = _counts_in_words(*map(int, totals))
        label = f"Exported changes of {_the_last(len(shown))}: {told}."
    return _chart(label, columns, shown, "")


def _said(run: Run) -> str:
    return f"Run {run.number} ({run.policy}): {run.result}, {run.seconds:.2f} s"


def _counts_in_words(adds: int, updates: int, deletes: int) -> str:
    return f"{counted(adds, 'add')}, {counted(updates, 'update')}, {counted(deletes, 'delete')}"


def _the_last(number: int) -> str:
    return "the last run" if number == 1 else f"the last {number} runs"


def _durations_in_words(seconds: Sequence[float]) -> str:
    if not seconds:
        return "Run duration: no run yet."
    newest = f"the newest {seconds[-1]:.2f} s"
    return f"Run duration of {_the_last(len(seconds))}: {min(seconds):.2f} to {max(seconds):.2f} s, {newest}."


def _chart(
    label: str,
    columns: Sequence[Sequence[tuple[float, str, str]]],
    runs: Sequence[Run],
    unit: str,
) -> Chart:
    top = ceiling(max((sum(part[0] for part in column) for column in columns), default=0))
    floor = HEIGHT - _BOTTOM
    step = (WIDTH - _LEFT) / max(len(columns), 8)
    bars = [
        bar
        for place, column in enumerate(columns)
        for bar in _stacked(column, _LEFT + place * step + step * 0.15, step * 0.7, top)
    ]
    every = max(1, -(-len(runs) // 10))
    ticks = [
        (round(_LEFT + place * step + step / 2, 1), str(run.number))
        for place, run in enumerate(runs)
        if place % every == 0
    ]
    lines = [
        (round(floor - (floor - _TOP) * share, 1), f"{top * share:g}{' ' + unit if unit else ''}")
        for share in (0, 0.5, 1)
    ]
    return Chart(label, bars, lines, ticks)


def _stacked(
    column: Iterable[tuple[float, str, str]], x: float, width: float, top: float
) -> Iterable[Bar]:
    y = float(HEIGHT - _BOTTOM)
    for value, kind, title in column:
        if value > 0:
            height = max(value / top * (HEIGHT - _BOTTOM - _TOP), _LEAST)
            y -= height
            yield Bar(round(x, 1), round(y, 1), round(width, 1), round(height, 1), kind, title)


def ceiling(value: float) -> float:
    """Return the next round number above a value: 1, 2 or 5 times a power of ten; 1 for nothing."""
    if value <= 0:
        return 1.0
    power = 1.0
    while power > value:
        power /= 10
    while power * 10 <= value:
        power *= 10
    return next(step * power for step in _STEPS if step * power >= value)
