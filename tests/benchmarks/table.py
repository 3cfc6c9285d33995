"""The result: what was measured, beside its bar in docs/performance.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable

_UNITS = {
    "s": "{:.2f} s",
    "us": "{:.1f} us",
    "ms": "{:.1f} ms",
    "MB": "{:.0f} MB",
    "kB": "{:.1f} kB",
    "changes/s": "{:,.0f} changes/s",
    "pages/s": "{:,.0f} pages/s",
}


@dataclass(frozen=True)
class Row:
    """One measurement.

    With ``compared_with`` and ``reference`` the bar is a limit of their ratio, else of the value.
    ``bar`` None is a measurement without a promise; ``at_least`` turns the limit round. ``value`` None is a
    program that is not installed.
    """

    work: str
    value: float | None
    unit: str
    bar: float | None = None
    compared_with: str = ""
    reference: float | None = None
    at_least: bool = False

    @property
    def ratio(self) -> float | None:
        return None if self.value is None or not self.reference else self.value / self.reference

    @property
    def judged(self) -> float | None:
        return self.value if self.ratio is None else self.ratio

    @property
    def met(self) -> bool | None:
        if self.bar is None or self.judged is None:
            return None
        return self.judged >= self.bar if self.at_least else self.judged <= self.bar

    @property
    def verdict(self) -> str:
        """Say whether the bar is met, and otherwise by how much it is missed."""
        if self.bar is None or self.judged is None:
            return ""
        share = self.judged / self.bar
        if self.met:
            return "met"
        return f"missed by {abs(share - 1):.0%}"

    @property
    def measured(self) -> str:
        return "not installed" if self.value is None else _UNITS[self.unit].format(self.value)

    def limit(self) -> str:
        if self.bar is None:
            return ""
        word = "at least" if self.at_least else "at most"
        of = f"{self.bar:g}x" if self.ratio is not None else _UNITS[self.unit].format(self.bar)
        return f"{word} {of}"

    def as_json(self) -> dict[str, object]:
        return {
            "work": self.work,
            "value": self.value,
            "unit": self.unit,
            "comparedWith": self.compared_with or None,
            "ratio": self.ratio,
            "bar": self.bar,
            "met": self.met,
        }


def table(objects: int, rows: Iterable[Row]) -> Table:
    drawn = Table(title=f"{objects:,} objects", title_justify="left")
    for heading in ("work", "measured", "ratio", "bar", "verdict"):
        drawn.add_column(heading, justify="left" if heading in {"work", "verdict"} else "right")
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}x {row.compared_with}"
        drawn.add_row(row.work, row.measured, ratio, row.limit(), row.verdict)
    return drawn
