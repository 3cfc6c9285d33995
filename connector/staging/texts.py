"""The properties of objects, each state kept once: rows of the table ``text``, known by their numbers.

A text belongs to one object. Its entry may name it (what the import worked out), and its projection may, as
what the cloud was told or as what is pending. Who stops naming one releases it; the last removes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.values.canonical import compact

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from connector.storage.rows import Behind

NEXT = "SELECT coalesce(max(id), 0) + 1 FROM text"
"""The number of the next text."""


def add(connection: sqlite3.Connection, properties: str) -> int:
    """Keep one text, within the caller's transaction; return its number."""
    cursor = connection.execute("INSERT INTO text (properties) VALUES (?)", (properties,))
    return int(cursor.lastrowid or 0)


def release(connection: sqlite3.Connection | Behind, released: Sequence[tuple[int, str]]) -> None:
    """Remove texts, each with the source anchor of its object, unless something still names them.

    Call it when the rows that no longer name them are written.
    """
    if released:
        connection.execute(
            """DELETE FROM text WHERE id IN (
                SELECT r.id FROM (SELECT value ->> 0 AS id, value ->> 1 AS anchor FROM json_each(?)) r
                WHERE NOT EXISTS (SELECT 1 FROM entry WHERE anchor = r.anchor AND text = r.id)
                AND NOT EXISTS
                    (SELECT 1 FROM projection WHERE anchor = r.anchor AND r.id IN (told, wanted)))""",
            (compact(released),),
        )
