"""The properties of objects, each state kept once: rows of the table ``text``, known by their numbers.

A text belongs to one object. Its entry may name it (what the import worked out), and its projection may, as
what the cloud was told or as what is pending. Who stops naming one releases it; the last removes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from connector.storage.rows import Behind

NEXT = "SELECT coalesce(max(id), 0) + 1 FROM text"
"""The number of the next text."""


def add(connection: sqlite3.Connection, properties: str) -> int:
    """Keep one text, within the caller's transaction; return its number."""
    cursor = connection.execute("INSERT INTO text (properties) VALUES (?)", (properties,))
    return int(cursor.lastrowid or 0)


def release(connection: sqlite3.Connection | Behind, texts: Iterable[tuple[int, str]]) -> None:
    """Remove texts, each with the source anchor of its object, unless something still names them.

    Call it when the rows that no longer name them are written.
    """
    connection.executemany(
        """DELETE FROM text WHERE id = ?1
           AND NOT EXISTS (SELECT 1 FROM entry WHERE anchor = ?2 AND text = ?1)
           AND NOT EXISTS (SELECT 1 FROM projection WHERE anchor = ?2 AND ?1 IN (told, wanted))""",
        texts,
    )
