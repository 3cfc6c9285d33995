"""Fill tables without their indexes, and make these at the end: in one pass each, sorted.

An index that is kept up row by row is written several times over by a first import, because its keys come
in no order. Both statements belong to the caller's transaction, so a crash leaves the indexes as they were.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connector.storage.rows import Behind


def drop_indexes(connection: Behind, *tables: str) -> list[str]:
    """Drop the indexes of tables, but for those of their keys; return the statements that make them."""
    marks = ",".join("?" * len(tables))
    rows = connection.execute(
        f"""SELECT name, sql FROM sqlite_schema
            WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({marks}) ORDER BY name""",  # noqa: S608
        tables,
    ).fetchall()
    for name, _ in rows:
        connection.execute(f'DROP INDEX "{name}"')
    return [sql for _, sql in rows]


def make_indexes(connection: Behind, statements: Sequence[str]) -> None:
    """Make the indexes that ``drop_indexes`` dropped."""
    for statement in statements:
        connection.execute(statement)
