"""Say where in an expression something is wrong, and draw it for people."""

from __future__ import annotations

from typing import NamedTuple

from connector.values.screen import columns_of

_BEFORE = 20
_GAP = "..."
_NARROWEST = 40


class Mistake(NamedTuple):
    """A place in an expression and a sentence about it.

    ``at`` counts characters from 0; it is the length of the expression where something is missing at
    its end. ``length`` is at least 1.
    """

    at: int
    length: int
    sentence: str


class Refused(Exception):
    """An expression cannot be read any further; ``mistake`` says where and why."""

    def __init__(self, at: int, length: int, sentence: str) -> None:
        super().__init__(sentence)
        self.mistake = Mistake(at, max(1, length), sentence)


def pointed(expression: str, mistake: Mistake, width: int | None = None) -> tuple[str, str]:
    """Return the expression and, for the line below it, carets under the place.

    Of an expression that is wider than ``width`` columns the part around the place is shown. What would
    not stay on the line is shown as a space.
    """
    line = "".join(c if c.isprintable() else " " for c in expression)
    at, end = mistake.at, min(mistake.at + mistake.length, max(len(line), mistake.at + 1))
    if width is not None and columns_of(line) > max(width, _NARROWEST):
        room = max(width, _NARROWEST) - 2 * len(_GAP)
        first = max(0, at - _BEFORE)
        cut = line[first:]
        while columns_of(cut) > room:
            cut = cut[: len(cut) - 1 - (columns_of(cut) - room) // 2]
        before = _GAP if first else ""
        line = f"{before}{cut}{_GAP if first + len(cut) < len(line) else ''}"
        at += len(before) - first
        end = min(end + len(before) - first, max(len(before) + len(cut), at + 1))
    carets = max(1, columns_of(line[at:end]))
    return line, " " * columns_of(line[:at]) + "^" * carets
