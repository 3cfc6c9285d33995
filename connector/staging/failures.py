"""Remember the objects whose synchronization or export failed, until it succeeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.model import Failure

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from connector.storage.database import Database

_SAME = """(stage, error, attribute, value) IS
    (excluded.stage, excluded.error, excluded.attribute, excluded.value)"""


@dataclass(frozen=True, slots=True)
class FailureRecord:
    """A stored failure with its times (ISO 8601, UTC) and what is known of its object.

    ``attempts`` counts the runs in a row that met this very error, ``first_at`` is the time of the
    first of them. ``properties`` is canonical JSON: what is pending, else what was exported.
    """

    failure: Failure
    stage: str
    first_at: str
    last_at: str
    attempts: int
    type: str | None
    dn: str | None
    properties: str | None
    cloud_anchor: str | None


class Failures:
    """The failed objects, for those who ask."""

    def __init__(self, database: Database) -> None:
        self._connection = database.conn

    def all(self, anchor: str | None = None) -> Iterator[FailureRecord]:
        """List the failed objects, or the one of this source anchor, oldest failure first."""
        rows = self._connection.execute(
            """SELECT x.anchor, error, attribute, value, message, stage, first_at, last_at, attempts,
                      coalesce(e.type, p.type, c.type), e.dn, coalesce(p.properties, c.properties),
                      c.cloud_anchor
               FROM error x
               LEFT JOIN entry e ON e.id = (SELECT min(id) FROM entry WHERE anchor = x.anchor)
               LEFT JOIN pending_export p ON p.anchor = x.anchor
               LEFT JOIN cloud_entry c ON c.anchor = x.anchor
               WHERE ?1 IS NULL OR x.anchor = ?1
               ORDER BY first_at, x.anchor""",
            (anchor,),
        )
        for row in rows:
            yield FailureRecord(Failure(*row[:5]), *row[5:])

    def count(self) -> int:
        return int(self._connection.execute("SELECT count(*) FROM error").fetchone()[0])

    def count_by_error(self) -> dict[tuple[str, str], int]:
        """Count the failed objects by stage (synchronization, export) and name of the error."""
        rows = self._connection.execute(
            "SELECT stage, error, count(*) FROM error GROUP BY stage, error"
        )
        return {(stage, error): count for stage, error, count in rows}


def record(connection: sqlite3.Connection, failure: Failure, *, stage: str, now: str) -> int:
    """Store a failure in the caller's transaction; return how often in a row this error has come.

    Another error of the object, or the same one with another value, counts from one, and begins now.
    """
    row = connection.execute(
        f"""INSERT INTO error VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1) ON CONFLICT DO UPDATE SET
           attempts = CASE WHEN {_SAME} THEN attempts + 1 ELSE 1 END,
           first_at = CASE WHEN {_SAME} THEN first_at ELSE excluded.first_at END,
           stage = excluded.stage, error = excluded.error, attribute = excluded.attribute,
           value = excluded.value, message = excluded.message, last_at = excluded.last_at
           RETURNING attempts""",  # noqa: S608 - a constant
        (
            failure.anchor,
            stage,
            failure.error,
            failure.attribute,
            failure.value,
            failure.message,
            now,
            now,
        ),
    ).fetchone()
    return int(row[0])
