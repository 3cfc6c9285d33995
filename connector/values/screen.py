"""Lay text out for a screen: columns where they fit, else a block an object; lines end between words."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

GAP = "  "
_WIDE = frozenset("WF")
_WITHOUT_WIDTH = frozenset(("Mn", "Me"))
# Beside the names of a block there has to be room for a value, or else it goes below its name.
_NARROWEST_VALUE = 20


def columns_of(text: str) -> int:
    """Return how many columns of a screen a text takes: wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def padded(text: str, width: int) -> str:
    """Fill a text up with spaces to so many columns."""
    return text + " " * (width - columns_of(text))


def wrapped(text: str, width: int, *, hanging: int = 0) -> list[str]:
    """Return a text as lines of at most ``width`` columns, which end between words.

    A word that is wider has a line of its own and stays whole, so that it can be copied. Lines after the
    first are indented as the text is, and by ``hanging`` more.
    """
    if columns_of(text) <= width:
        return [text]
    indent = text[: len(text) - len(text.lstrip(" "))]
    after = indent + " " * hanging
    lines, line, has_word = [], indent, False
    for word in text[len(indent) :].split(" "):
        longer = f"{line} {word}" if has_word else f"{line}{word}"
        if has_word and columns_of(longer.rstrip()) > width:
            lines.append(line.rstrip())
            longer = f"{after}{word}"
        line, has_word = longer, True
    return [*lines, line.rstrip()]


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a line a row, with the cells below each other."""
    widths = [max(map(columns_of, column)) for column in zip(*rows, strict=True)]
    return [_line(row, widths) for row in rows]


def blocks(columns: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """Return a block of lines a row, with a name and its value each; empty cells are left out."""
    return [line for block in _separated(columns, rows, width) for line in block]


def pairs(names: Sequence[str], values: Sequence[str], width: int | None) -> list[str]:
    """Return a line for each name and its value; a name may be empty.

    ``width`` is that of the screen, None for one without end. Longer values go on below themselves.
    """
    room = max(map(columns_of, names), default=0) + len(GAP)
    return [
        line
        for name, value in zip(names, values, strict=True)
        for line in _pair(name, value, room, width)
    ]


def _pair(name: str, value: str, room: int, width: int | None) -> list[str]:
    if width is None:
        return [padded(name, room) + value]
    if width - room < _NARROWEST_VALUE:
        return [name, *wrapped(f"{GAP}{value}", width)]
    first, *rest = wrapped(value, width - room)
    return [padded(name, room) + first, *(" " * room + line for line in rest)]


def _separated(
    columns: Sequence[str], rows: Sequence[Sequence[str]], width: int
) -> Iterator[list[str]]:
    for position, row in enumerate(rows):
        if position:
            yield [""]
        filled = [number for number, cell in enumerate(row) if cell]
        yield pairs([columns[n] for n in filled], [row[n] for n in filled], width)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = (padded(cell, width) for cell, width in zip(row, widths, strict=True))
    return GAP.join(cells).rstrip()


def _columns(character: str) -> int:
    if unicodedata.east_asian_width(character) in _WIDE:
        return 2
    return 0 if unicodedata.category(character) in _WITHOUT_WIDTH else 1
