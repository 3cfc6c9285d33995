"""Draw what ``python -m tests.benchmarks --json`` printed over the number of objects.

    python -m tests.benchmarks.curve [RUN.json...]

Each run is added to ``curve.json`` here: of a size the later measurement counts, and each keeps its machine and its
date. What is there is drawn into ``docs/performance.svg``. Works and units are those of the table.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

Runs = dict[str, dict[str, Any]]
"""By size, as text: machine, date, note, and the rows of that size."""

STORED = Path(__file__).with_name("curve.json")
PICTURE = Path(__file__).parents[2] / "docs" / "performance.svg"

_WIDTH, _LEFT, _RIGHT = 760, 64, 190
_TOP, _HEIGHT, _GAP = 46, 170, 74
_STYLE = """\
text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600 }
.grid { stroke: #8c959f; stroke-opacity: .35 }
.bar { stroke: #8c959f; stroke-dasharray: 5 4 }
.line { fill: none; stroke-width: 2 }
.a { stroke: #0969da } .b { stroke: #bc4c00 } .c { stroke: #1a7f37 } .d { stroke: #8250df }
circle { fill: #ffffff; stroke-width: 2 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .a { stroke: #58a6ff } .b { stroke: #f0883e } .c { stroke: #3fb950 } .d { stroke: #bc8cff }
  circle { fill: #0d1117 }
}"""


class Panel(NamedTuple):
    """One diagram: the works it shows as named in the table; seconds are shown an object."""

    title: str
    works: tuple[str, ...]
    unit: str
    bar: float | None = None


PANELS = (
    Panel(
        "Microseconds an object",
        ("first sync", "OpenLDAP consumer", "reading alone", "ldapsearch -E sync=ro"),
        "us",
    ),
    Panel("First sync: times the consumer (bar 1.5)", ("first sync",), "x", 1.5),
    Panel(
        "First sync: peak memory in MB (bar at 1,000,000: 350)",
        ("peak memory of all processes (PSS)", "peak memory of the first process"),
        "MB",
        350,
    ),
)


def added(runs: Runs, answer: Mapping[str, Any]) -> Runs:
    """Return the runs with an answer of ``--json``, which counts for its sizes."""
    about = {name: answer.get(name, "") for name in ("machine", "date", "note")}
    new = {size: {**about, "rows": rows} for size, rows in answer["sizes"].items()}
    return dict(sorted({**runs, **new}.items(), key=lambda item: int(item[0])))


def drawn(runs: Runs) -> str:
    """Return the picture as SVG, which follows the reader's light or dark."""
    sizes = sorted(map(int, runs))
    height = _TOP + len(PANELS) * (_HEIGHT + _GAP) - 20
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">',
        "<title>Time and memory of a first sync by the number of objects</title>",
        f"<style>\n{_STYLE}\n</style>",
    ]
    for number, panel in enumerate(PANELS):
        parts += _panel(panel, runs, sizes, _TOP + number * (_HEIGHT + _GAP))
    return "\n".join([*parts, "</svg>", ""])


def points(panel: Panel, work: str, runs: Runs) -> list[tuple[int, float]]:
    """Return what a work took by size, as the panel shows it."""
    found = []
    for size, run in runs.items():
        for row in run["rows"]:
            if row["work"] == work and row["value"] is not None:
                value = row["ratio"] if panel.unit == "x" else row["value"]
                found.append((int(size), value / int(size) * 1e6 if panel.unit == "us" else value))
    return found


def _panel(panel: Panel, runs: Runs, sizes: list[int], top: int) -> list[str]:
    lines = [points(panel, work, runs) for work in panel.works]
    most = max([value for line in lines for _, value in line] + [panel.bar or 0])
    step = _step(most)
    most = step * -(-most // step)
    right, bottom = _WIDTH - _RIGHT, top + _HEIGHT

    def across(size: int) -> float:
        share = sizes.index(size) / max(1, len(sizes) - 1)
        return round(_LEFT + share * (right - _LEFT), 1)

    def down(value: float) -> float:
        return round(bottom - value / most * _HEIGHT, 1)

    parts = [f'<text class="title" x="{_LEFT}" y="{top - 16}">{panel.title}</text>']
    for number in range(round(most / step) + 1):
        value = number * step
        parts += [
            f'<path class="grid" d="M{_LEFT} {down(value)}H{right}"/>',
            f'<text x="{_LEFT - 8}" y="{down(value) + 4}" text-anchor="end">{value:g}</text>',
        ]
    parts += [
        f'<text x="{across(size)}" y="{bottom + 20}" text-anchor="middle">{size:,}</text>'
        for size in sizes
    ]
    if panel.bar is not None:
        parts.append(f'<path class="bar" d="M{_LEFT} {down(panel.bar)}H{right}"/>')
    names: list[tuple[float, str]] = []
    for letter, work, line in zip("abcd", panel.works, lines, strict=False):
        if not line:
            continue
        path = " ".join(f"{across(size)},{down(value)}" for size, value in line)
        parts.append(f'<polyline class="line {letter}" points="{path}"/>')
        parts += [
            f'<circle class="{letter}" cx="{across(size)}" cy="{down(value)}" r="3.5"/>'
            for size, value in line
        ]
        names.append((down(line[-1][1]) + 4, work.removeprefix("peak memory of ")))
    return parts + [f'<text x="{right + 12}" y="{y:g}">{name}</text>' for y, name in _apart(names)]


def _step(most: float) -> float:
    """Return a round distance between lines, of which about four fit."""
    size = 10.0 ** (len(f"{int(most)}") - 1)
    return next(size * part for part in (0.1, 0.2, 0.25, 0.5, 1, 2, 2.5) if size * part * 5 >= most)


def _apart(names: list[tuple[float, str]]) -> list[tuple[float, str]]:
    """Move names down where they would cover each other."""
    placed: list[tuple[float, str]] = []
    for y, name in sorted(names):
        placed.append((max(y, placed[-1][0] + 16) if placed else y, name))
    return placed


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.curve", description=__doc__)
    parser.add_argument("runs", type=Path, nargs="*", metavar="RUN.json")
    options = parser.parse_args()
    runs: Runs = json.loads(STORED.read_text())
    for path in options.runs:
        runs = added(runs, json.loads(path.read_text()))
    STORED.write_text(json.dumps(runs, indent=2) + "\n")
    PICTURE.write_text(drawn(runs))
    return 0


if __name__ == "__main__":
    sys.exit(main())
