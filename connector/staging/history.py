"""The runs of the connector: when, what for, with which result and counters."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from connector.model import Run, StepResult
from connector.staging import changes
from connector.staging.state import State
from connector.storage.database import immediate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.storage.database import Database

IN_PROGRESS = "in-progress"
ABORTED = "aborted"
# When the last run started that came to its end, and the last whose import did: also when neither is in
# the history any more.
LAST_SUCCESS, LAST_IMPORT = "last-success", "last-import"
_IMPORT = "directory-import"
_WELL = ("success", "completed-")


def begin(database: Database, policy: str, started: str) -> Run:
    """Open a run; one that a crash left open is closed as ``aborted``."""
    with immediate(database) as connection:
        connection.execute("UPDATE run SET result = ? WHERE result = ?", (ABORTED, IN_PROGRESS))
        (number,) = connection.execute(
            "INSERT INTO run (policy, started, result) VALUES (?, ?, ?) RETURNING number",
            (policy, started, IN_PROGRESS),
        ).fetchone()
    return Run(number, policy, started)


def end(database: Database, run: Run, *, keep_since: str) -> None:
    """Store a finished run, and forget those that started before ``keep_since`` (ISO 8601)."""
    with immediate(database) as connection:
        connection.execute(
            "UPDATE run SET result = ?, seconds = ? WHERE number = ?",
            (run.result, run.seconds, run.number),
        )
        connection.executemany(
            "INSERT INTO run_step VALUES (?, ?, ?)",
            ((run.number, n, json.dumps(asdict(step))) for n, step in enumerate(run.steps)),
        )
        forgotten = connection.execute(
            "DELETE FROM run WHERE started < ? AND number < ? RETURNING number",
            (keep_since, run.number),
        )
        changes.forget(connection, [number for (number,) in forgotten])
        _note_success(State(database), run)


def _note_success(state: State, run: Run) -> None:
    if run.result.startswith(_WELL):
        state.set(LAST_SUCCESS, run.started)
    if any(step.name == _IMPORT and step.result.startswith(_WELL) for step in run.steps):
        state.set(LAST_IMPORT, run.started)


def runs(database: Database, limit: int | None = None) -> Iterator[Run]:
    """List the runs, newest first, with their steps."""
    for number, policy, started, seconds, result in database.conn.execute(
        "SELECT number, policy, started, seconds, result FROM run ORDER BY number DESC LIMIT ?",
        (-1 if limit is None else limit,),
    ).fetchall():
        yield Run(number, policy, started, result, seconds or 0.0, _steps(database, number))


def run(database: Database, number: int) -> Run | None:
    row = database.conn.execute(
        "SELECT policy, started, seconds, result FROM run WHERE number = ?", (number,)
    ).fetchone()
    if row is None:
        return None
    policy, started, seconds, result = row
    return Run(number, policy, started, result, seconds or 0.0, _steps(database, number))


def _steps(database: Database, number: int) -> list[StepResult]:
    rows = database.conn.execute(
        "SELECT counters FROM run_step WHERE run = ? ORDER BY step", (number,)
    )
    return [StepResult(**json.loads(counters)) for (counters,) in rows]


def last_success(database: Database) -> str | None:
    """Return when the last run started that read the directory and exported all it could."""
    return State(database).get(LAST_SUCCESS)


def last_import(database: Database) -> str | None:
    """Return when the last run started that read the directory, whatever came of it."""
    return State(database).get(LAST_IMPORT)
