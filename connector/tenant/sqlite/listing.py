"""Read rows by name as people sort names, the first of them at once.

An index has the names by bytes, Zoe before abe. Names that begin alike stand together in it, so it is
walked beginning by beginning: the one that people put first is looked at first, and divided by its
next letter where many names have it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any

from connector.values.collation import name_key

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping

    Row = tuple[Any, ...]
    Place = tuple[Any, ...]
    # Where it stands in the order; a row, or None for all rows with a beginning; that beginning.
    _Item = tuple[Place, Row | None, str]

_FEW = 100
"""So many rows of one beginning are read and sorted at once."""
_SURROGATES = range(0xD800, 0xE000)
_LAST = 0x10FFFF


@dataclass(frozen=True, slots=True)
class Names:
    """The rows of a table that meet a condition, by the names in ``column``, which has an index.

    ``others`` are the columns that are read beside it; rows of one name stand in their order.
    """

    table: str
    column: str
    others: str
    condition: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    descending: bool = False

    def in_order(self, connection: sqlite3.Connection) -> Iterator[tuple[Place, Row]]:
        """Yield each row after its place, by which the rows of two of these can be merged."""
        # While this statement is not at its end, all that follow read the same state.
        held = connection.execute(f"SELECT 1 FROM {self.table}")  # noqa: S608
        held.fetchone()
        waiting: list[_Item] = [((), None, "")]
        while waiting:
            place, row, beginning = heappop(waiting)
            if row is not None:
                yield place, row
                continue
            for item in self._divided(connection, beginning):
                heappush(waiting, item)
        held.close()

    def _divided(self, connection: sqlite3.Connection, beginning: str) -> Iterator[_Item]:
        """Yield the rows with a beginning where these are few, else the longer beginnings."""
        end = _after(beginning)
        within = f"{self.column} >= :start" if beginning else "TRUE"
        before = "TRUE" if end is None else f"{self.column} < :end"
        some = f"SELECT {self.column}, {self.others} {self._from}"
        asked = {**self.parameters, "start": beginning, "end": end}
        rows = connection.execute(
            f"{some} AND {within} AND {before} LIMIT {_FEW + 1}", asked
        ).fetchall()
        if len(rows) > _FEW:
            yield from self._longer(connection, beginning)
            same = f"{self.column} IS :start" if beginning else f"coalesce({self.column}, '') = ''"
            rows = connection.execute(f"{some} AND {same}", asked).fetchall()
        for row in rows:
            yield self._place(row), row, ""

    def _longer(self, connection: sqlite3.Connection, beginning: str) -> Iterator[_Item]:
        """Yield the beginnings that are longer by a letter."""
        following = (
            f"SELECT {self.column} {self._from} AND {self.column} >= :start "
            f"ORDER BY {self.column} LIMIT 1"
        )
        start: str | None = f"{beginning}\0"
        while start is not None:
            found = connection.execute(following, {**self.parameters, "start": start}).fetchone()
            if found is None or not found[0].startswith(beginning):
                return
            longer = found[0][: len(beginning) + 1]
            yield self._place_before(longer), None, longer
            start = _after(longer)

    @property
    def _from(self) -> str:
        return f"FROM {self.table} WHERE ({self.condition})"

    def _place(self, row: Row) -> Place:
        name = row[0] or ""
        if self.descending:
            return (*_backwards(name_key(name), end=1), *_backwards(name, end=1), *row[1:])
        return (name_key(name), 1, name, *row[1:])

    def _place_before(self, beginning: str) -> Place:
        """Return the place before those of all rows with a beginning."""
        key = name_key(beginning)
        return _backwards(key) if self.descending else (key, 0)


def _backwards(text: str, *, end: int | None = None) -> Place:
    """Return what sorts texts the other way round; ``end`` sorts after any letter."""
    letters = tuple(-ord(letter) for letter in text)
    return letters if end is None else (*letters, end)


def _after(beginning: str) -> str | None:
    """Return the first text that sorts after all with this beginning; None when there is none."""
    for length in range(len(beginning), 0, -1):
        code = ord(beginning[length - 1]) + 1
        if code in _SURROGATES:
            code = _SURROGATES.stop
        if code <= _LAST:
            return f"{beginning[: length - 1]}{chr(code)}"
    return None
