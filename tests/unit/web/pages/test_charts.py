"""The bars of the runs, and the same in words."""

from __future__ import annotations

import pytest

from connector.run import Counts, Run, RunResult, StepResult
from connector.web.pages.charts import HEIGHT, WIDTH, ceiling, changes, durations


def run(number, seconds=1.0, result=RunResult.SUCCESS, **counts):
    steps = [StepResult("export", result, Counts(**counts))]
    return Run(number, "delta", "2026-11-23T08:00:00Z", result, seconds, steps)


def test_durations_are_told_in_words_too():
    chart = durations([run(2, 0.5), run(1, 4.0)])

    assert chart.label == "Run duration of the last 2 runs: 0.50 to 4.00 s, the newest 0.50 s."


def test_the_oldest_run_stands_left_and_a_stopped_one_has_its_own_colour():
    stopped = RunResult.STOPPED_DELETION_THRESHOLD_EXCEEDED

    bars = durations([run(2, 0.5, stopped), run(1, 4.0)]).bars

    assert [(bar.kind, bar.title) for bar in bars] == [
        ("ended", "Run 1 (delta): success, 4.00 s"),
        ("stopped", f"Run 2 (delta): {stopped}, 0.50 s"),
    ]
    assert bars[0].x < bars[1].x
    assert bars[0].height > bars[1].height


def test_changes_are_stacked_and_stay_within_the_picture():
    chart = changes([run(1, adds=10, updates=5, deletes=1)])

    assert chart.label == "Exported changes of the last run: 10 adds, 5 updates, 1 delete."
    assert [bar.kind for bar in chart.bars] == ["adds", "updates", "deletes"]
    assert all(bar.y >= 0 and bar.y + bar.height <= HEIGHT for bar in chart.bars)


def test_the_newest_thirty_runs_are_drawn():
    chart = durations([run(number) for number in range(50, 0, -1)])

    assert len(chart.bars) == 30
    assert chart.bars[-1].title.startswith("Run 50 ")
    assert all(bar.x + bar.width <= WIDTH for bar in chart.bars)


def test_without_a_run_the_chart_says_so():
    assert (durations([]).label, changes([]).label) == (
        "Run duration: no run yet.",
        "Exported changes: no run yet.",
    )


@pytest.mark.parametrize(
    ("value", "top"),
    [(0, 1), (0.003, 0.005), (1, 1), (1.2, 2), (7, 10), (41, 50), (1_000_001, 2e6)],
)
def test_the_scale_ends_at_a_round_number(value, top):
    assert ceiling(value) == pytest.approx(top)
