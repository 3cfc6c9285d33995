"""What the benchmarks measure with, draw and print."""

from __future__ import annotations

import json
import sys

import pytest

from tests.benchmarks import curve, measure
from tests.benchmarks.table import Row

CHILD = "import time; kept = bytearray(40_000_000); time.sleep(1)"


def rows(value: float, ratio: float | None = None) -> list[dict[str, object]]:
    return [{"work": "first sync", "value": value, "unit": "s", "ratio": ratio}]


def answer(sizes: dict[str, object], date: str) -> dict[str, object]:
    return {"machine": "one", "date": date, "note": "", "sizes": sizes}


def test_the_picture_shows_the_runs_that_are_kept():
    runs = json.loads(curve.STORED.read_text())

    assert curve.PICTURE.read_text() == curve.drawn(runs)


def test_of_a_size_the_later_run_counts_and_others_stay():
    early = answer({"100": rows(1), "2000": rows(2)}, "2026-01-01")
    runs = curve.added(curve.added({}, early), answer({"100": rows(3)}, "2026-01-02"))

    assert {size: (run["date"], run["rows"]) for size, run in runs.items()} == {
        "100": ("2026-01-02", rows(3)),
        "2000": ("2026-01-01", rows(2)),
    }


@pytest.mark.parametrize(("unit", "shown"), [("us", 10_000), ("x", 1.5), ("MB", 1)])
def test_a_panel_shows_times_an_object_ratios_or_sizes(unit, shown):
    panel = curve.Panel("", ("first sync",), unit)
    runs = curve.added({}, answer({"100": rows(1, 1.5)}, ""))

    assert curve.points(panel, "first sync", runs) == [(100, shown)]


def test_a_program_that_is_not_there_is_named_and_not_judged():
    row = Row("syncrepl_client", None, "s", 2, "consumer", 5)

    assert (row.measured, row.ratio, row.met, row.verdict) == ("not installed", None, None, "")


def test_memory_is_that_of_the_program_and_of_all_that_it_starts():
    ballast = bytearray(200_000_000)
    del ballast
    started = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {CHILD!r}])"
    done = measure.run([sys.executable, "-c", started])

    assert done.megabytes < 40 < done.shared_megabytes
