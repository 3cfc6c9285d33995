"""Cut lists into pages; pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

T = TypeVar("T")
ROWS = 100
"""The rows of a page."""


@dataclass(frozen=True, slots=True)
class Listed(Generic[T]):
    """The rows of one page of a list; ``first`` is the number of the first one, from 1 on.

    ``total`` counts all rows, None where nobody counted them. ``more`` says that another page follows.
    """

    rows: Sequence[T]
    number: int
    more: bool
    total: int | None = None

    @property
    def first(self) -> int:
        return (self.number - 1) * ROWS + 1

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1


def cut(items: Iterable[T], number: int, total: int | None = None) -> Listed[T]:
    """Return the page of this number, from 1 on; the items after it are not asked for.

    The last page counts the list where ``total`` is not known.
    """
    start = (number - 1) * ROWS
    found = list(islice(items, start, start + ROWS + 1))
    more = len(found) > ROWS
    rows = found[:ROWS]
    if total is None and not more and (rows or number == 1):
        total = start + len(rows)
    return Listed(rows, number, more, total)
