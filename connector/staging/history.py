"""The runs of the connector and what the cloud took in them: when, why, with which result."""

from __future__ import annotations

import json
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from connector.run import SINGLE, Counts, Run, RunResult, StepResult
from connector.staging import changes
from connector.staging.state import State
from connector.storage.database import immediate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from connector.staging.changes import CloudChange
    from connector.storage.database import Database

# When the last run started that came to its end, and the last whose import did: also when neither is in
# the history any more.
LAST_SUCCESS, LAST_IMPORT = "last-success", "last-import"
_IMPORT = "directory-import"


class History:
    """The runs that are remembered.

    ``is_at_work`` tells whether an instance is; where none is, a run that never ended was aborted.
    """

    def __init__(
        self, database: Database, *, is_at_work: Callable[[], bool] = lambda: True
    ) -> None:
        self._database = database
        self._is_at_work = is_at_work
        self._connection = database.conn
        self._state = State(database)

    def begin(self, policy: str, started: str) -> Run:
        """Open a run; one that a crash left open is closed as ``aborted``."""
        with immediate(self._database) as connection:
            connection.execute(
                "UPDATE run SET result = ? WHERE result = ?",
                (RunResult.ABORTED, RunResult.IN_PROGRESS),
            )
            (number,) = connection.execute(
                "INSERT INTO run (policy, started, result) VALUES (?, ?, ?) RETURNING number",
                (policy, started, RunResult.IN_PROGRESS),
            ).fetchone()
        return Run(number, policy, started)

    def end(self, run: Run, *, keep_since: str) -> None:
        """Store a finished run, and forget those that started before ``keep_since`` (ISO 8601)."""
        with immediate(self._database) as connection:
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
            self._note_success(run)

    def abort(self, run: Run) -> None:
        """Close a run that did not come to its end."""
        with immediate(self._database) as connection:
            connection.execute(
                "UPDATE run SET result = ? WHERE number = ? AND result = ?",
                (RunResult.ABORTED, run.number, RunResult.IN_PROGRESS),
            )

    def _note_success(self, run: Run) -> None:
        if run.result.counts_as_done and run.policy != SINGLE:
            self._state.set(LAST_SUCCESS, run.started)
        if any(step.name == _IMPORT and step.result.counts_as_done for step in run.steps):
            self._state.set(LAST_IMPORT, run.started)

    def runs(self, limit: int | None = None) -> Iterator[Run]:
        """List the runs, newest first, with their steps."""
        rows = self._connection.execute(
            """SELECT number, policy, started, seconds, result, counters
               FROM (SELECT * FROM run ORDER BY number DESC LIMIT ?) r
               LEFT JOIN run_step s ON s.run = r.number ORDER BY number DESC, step""",
            (-1 if limit is None else limit,),
        )
        for (number, policy, started, seconds, result), steps in groupby(
            rows, itemgetter(*range(5))
        ):
            found = [_step(**json.loads(step[-1])) for step in steps if step[-1] is not None]
            yield Run(number, policy, started, self._result(result), seconds or 0.0, found)

    def run(self, number: int) -> Run | None:
        row = self._connection.execute(
            "SELECT policy, started, seconds, result FROM run WHERE number = ?", (number,)
        ).fetchone()
        if row is None:
            return None
        policy, started, seconds, result = row
        steps = self._steps(number)
        return Run(number, policy, started, self._result(result), seconds or 0.0, steps)

    def _result(self, stored: str) -> RunResult:
        result = RunResult(stored)
        if result is RunResult.IN_PROGRESS and not self._is_at_work():
            return RunResult.ABORTED
        return result

    def _steps(self, number: int) -> list[StepResult]:
        rows = self._connection.execute(
            "SELECT counters FROM run_step WHERE run = ? ORDER BY step", (number,)
        )
        return [_step(**json.loads(counters)) for (counters,) in rows]

    def last_success(self) -> str | None:
        """Return when the last run started that read the directory and exported all it could."""
        return self._state.get(LAST_SUCCESS)

    def last_import(self) -> str | None:
        """Return when the last run started that read the directory, whatever came of it."""
        return self._state.get(LAST_IMPORT)

    def changes_of(self, anchors: Iterable[str]) -> list[CloudChange]:
        """List what the cloud took of the objects with these source anchors, newest first."""
        return list(changes.of_object(self._database, anchors))

    def changes_in(self, run: int) -> Iterator[CloudChange]:
        """List what the cloud took in a run, in its order."""
        return changes.of_run(self._database, run)

    def deleted(self) -> dict[str, tuple[str, str]]:
        """Return the last name and DN, by anchor, of the objects that remembered runs deleted."""
        return {anchor: names for anchor, names, _ in changes.deleted(self._database)}

    def deleted_as(self, identity: str) -> dict[str, tuple[str, str]]:
        """Return name and DN, by anchor, of deleted objects that had this anchor, DN, address or name."""
        return changes.deleted_as(self._database, identity)


def _step(name: str, result: str, seconds: float, **counts: int) -> StepResult:
    return StepResult(name, RunResult(result), Counts(**counts), seconds)
