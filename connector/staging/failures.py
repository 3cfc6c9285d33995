"""Objects whose synchronization or export failed, kept until it succeeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.model import Failure

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from connector.storage.database import Database


@dataclass(frozen=True, slots=True)
class FailureRecord:
    """A stored failure with its times (ISO 8601, UTC) and the name and place of its object."""

    failure: Failure
    stage: str
    first_at: str
    last_at: str
    attempts: int
    type: str | None
    dn: str | None
    properties: str | None
    cloud_anchor: str | None


def record(connection: sqlite3.Connection, failure: Failure, *, stage: str, now: str) -> int:
    """Store a failure in the caller's transaction; return how often this error has come by now."""
    row = connection.execute(
        """INSERT INTO error VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1) ON CONFLICT DO UPDATE SET
           attempts = CASE WHEN (stage, error, attribute, value) IS
                                (excluded.stage, excluded.error, excluded.attribute, excluded.value)
                           THEN attempts + 1 ELSE 1 END,
           first_at = CASE WHEN (stage, error, attribute, value) IS
                                (excluded.stage, excluded.error, excluded.attribute, excluded.value)
                           THEN first_at ELSE excluded.first_at END,
           stage = excluded.stage, error = excluded.error, attribute = excluded.attribute,
           value = excluded.value, message = excluded.message, last_at = excluded.last_at
           RETURNING attempts""",
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


def failures(database: Database) -> Iterator[FailureRecord]:
    """List the failed objects, oldest failure first."""
    rows = database.conn.execute(
        """SELECT x.anchor, error, attribute, value, message, stage, first_at, last_at, attempts,
                  coalesce(e.type, p.type, c.type), e.dn, coalesce(p.properties, c.properties), c.cloud_anchor
           FROM error x
           LEFT JOIN entry e ON e.id = (SELECT min(id) FROM entry WHERE anchor = x.anchor)
           LEFT JOIN pending_export p ON p.anchor = x.anchor
           LEFT JOIN cloud_entry c ON c.anchor = x.anchor
           ORDER BY first_at, x.anchor"""
    )
    for row in rows:
        yield FailureRecord(Failure(*row[:5]), *row[5:])


def count(database: Database) -> int:
    return int(database.conn.execute("SELECT count(*) FROM error").fetchone()[0])


def count_by_error(database: Database) -> dict[tuple[str, str], int]:
    """Count the failed objects by stage (synchronization, export) and name of the error."""
    rows = database.conn.execute("SELECT stage, error, count(*) FROM error GROUP BY stage, error")
    return {(stage, error): count for stage, error, count in rows}
