"""Read the table of docs/graph.md; run as a program, count its rows by grade.

A path of the table stands for several: ``{a,b}`` for either word, ``[x]`` for something that may be
left out.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import product
from pathlib import Path
from typing import NamedTuple

TABLE = Path(__file__).parents[1] / "docs" / "graph.md"
GRADES = ("documented", "seen", "chosen")
_ROUTE = re.compile(r"`([A-Z]+) /([^`]+)`")
_TEST = re.compile(r"`(test_\w+)`")
_PART = re.compile(r"\{(\w+(?:,\w+)+)\}|\[([^\]]+)\]")


class Row(NamedTuple):
    """A sentence with its source and grade, the routes that it is of, and the tests that hold it."""

    sentence: str
    source: str
    grade: str
    routes: tuple[tuple[str, str], ...]
    tests: tuple[str, ...]


def rows() -> list[Row]:
    """Return the rows of all tables that end in a grade and a test."""
    found = []
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        cells = re.split(r"\s*\|\s*", line)[1:-1]
        if len(cells) >= 4 and cells[-1].startswith("`test_"):
            routes = [each for cell in cells[:-1] for each in _routes(cell)]
            tests = tuple(_TEST.findall(cells[-1]))
            found.append(Row(cells[0], cells[-3], cells[-2], tuple(routes), tests))
    return found


def _routes(cell: str) -> list[tuple[str, str]]:
    return [(method, path) for method, text in _ROUTE.findall(cell) for path in paths(text)]


def paths(text: str) -> list[str]:
    """Return every path that one of the table stands for."""
    choices, at = [], 0
    for part in _PART.finditer(text):
        words = part[1].split(",") if part[1] else ["", part[2]]
        choices += [[text[at : part.start()]], words]
        at = part.end()
    return ["".join(words) for words in product(*choices, [text[at:]])]


def main() -> None:
    counts = Counter(row.grade for row in rows())
    print(", ".join(f"{counts[grade]} {grade}" for grade in GRADES))  # noqa: T201 - it is a program


if __name__ == "__main__":
    main()
