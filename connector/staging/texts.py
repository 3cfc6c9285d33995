"""The properties of objects, each state kept once: rows of the table ``text``, known by their numbers.

A text belongs to one object. Its entry may name it (what the import worked out), and its projection may, as
what the cloud was told or as what is pending. Who stops naming one releases it; the last removes it.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

_ROWS = 1000
NEXT = "SELECT coalesce(max(id), 0) + 1 FROM text"
"""The number of the next text."""


def add(connection: sqlite3.Connection, properties: str) -> int:
    """Keep one text, within the caller's transaction; return its number."""
    cursor = connection.execute("INSERT INTO text (properties) VALUES (?)", (properties,))
    return int(cursor.lastrowid or 0)


def release(connection: sqlite3.Connection, released: Sequence[tuple[int, str]]) -> None:
    """Remove texts, each with the source anchor of its object, unless something still names them.

    Call it when the rows that no longer name them are written.
    """
    for at in range(0, len(released), _ROWS):
        some = released[at : at + _ROWS]
        connection.execute(_release(len(some)), list(chain.from_iterable(some)))


@lru_cache(maxsize=16)
def _release(rows: int) -> str:
    return f"""DELETE FROM text WHERE id IN (
        SELECT column1 FROM (VALUES {",".join(["(?, ?)"] * rows)})
        WHERE NOT EXISTS (SELECT 1 FROM entry WHERE anchor = column2 AND text = column1)
        AND NOT EXISTS (SELECT 1 FROM projection WHERE anchor = column2 AND column1 IN (told, wanted)))"""  # noqa: S608 - only marks
