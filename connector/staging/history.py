"""The runs of the connector: when, what for, with which result and counters."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from connector.run import Counts, Run, RunResult, StepResult
from connector.staging import changes
from connector.staging.state import State
from connector.storage.database import immediate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.storage.database import Database

# When the last run started that came to its end, and the last whose import did: also when neither is in
# the history any more.
LAST_SUCCESS, LAST_IMPORT = "last-success", "last-import"
_IMPORT = "directory-import"


def begin(database: Database, policy: str, started: str) -> Run:
    """Open a run; one that a crash left open is closed as ``aborted``."""
    with immediate(database) as connection:
        connection.execute(
            "UPDATE run SET result = ? WHERE result = ?", (RunResult.ABORTED, RunResult.IN_PROGRESS)
        )
        (number,) = connection.execute(
            "INSERT INTO run (policy, started, result) VALUES (?, ?, ?) RETURNING number",
            (policy, started, RunResult.IN_PROGRESS),
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
            ((run.number, n, json.dumps(step.facts())) for n, step in enumerate(run.steps)),
        )
        forgotten = connection.execute(
            "DELETE FROM run WHERE started < ? AND number < ? RETURNING number",
            (keep_since, run.number),
        )
        changes.forget(connection, [number for (number,) in forgotten])
        _note_success(State(database), run)


def _note_success(state: State, run: Run) -> None:
    if run.result.counts_as_done:
        state.set(LAST_SUCCESS, run.started)
    if any(step.name == _IMPORT and step.result.counts_as_done for step in run.steps):
        state.set(LAST_IMPORT, run.started)


def runs(database: Database, limit: int | None = None) -> Iterator[Run]:
    """List the runs, newest first, with their steps."""
    for number, policy, started, seconds, result in database.conn.execute(
        "SELECT number, policy, started, seconds, result FROM run ORDER BY number DESC LIMIT ?",
        (-1 if limit is None else limit,),
    ).fetchall():
        steps = _steps(database, number)
        yield Run(number, policy, started, RunResult(result), seconds or 0.0, steps)


def run(database: Database, number: int) -> Run | None:
    row = database.conn.execute(
        "SELECT policy, started, seconds, result FROM run WHERE number = ?", (number,)
    ).fetchone()
    if row is None:
        return None
    policy, started, seconds, result = row
    steps = _steps(database, number)
    return Run(number, policy, started, RunResult(result), seconds or 0.0, steps)


def _steps(database: Database, number: int) -> list[StepResult]:
    rows = database.conn.execute(
        "SELECT counters FROM run_step WHERE run = ? ORDER BY step", (number,)
    )
    return [_step(**json.loads(counters)) for (counters,) in rows]


def _step(name: str, result: str, seconds: float, **counts: int) -> StepResult:
    return StepResult(name, RunResult(result), Counts(**counts), seconds)


def last_success(database: Database) -> str | None:
    """Return when the last run started that read the directory and exported all it could."""
    return State(database).get(LAST_SUCCESS)


def last_import(database: Database) -> str | None:
    """Return when the last run started that read the directory, whatever came of it."""
    return State(database).get(LAST_IMPORT)
