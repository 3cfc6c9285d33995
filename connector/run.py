"""What a run is and reports: its steps, how each ended, how many objects it touched.

Stages count, steps put results and counts together, and every face tells of the run: the log, the
shell, the daemon, the history.
"""

from __future__ import annotations

from dataclasses import asdict, astuple, dataclass, field
from enum import StrEnum
from operator import add
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from connector.model import LeftOut


SINGLE = "single-object"
"""The policy of a run that exports one object; what else waits is not exported."""


class RunResult(StrEnum):
    """How a run, or a step of one, ended; ``docs/operations.md`` says what to do about each."""

    IN_PROGRESS = "in-progress"
    SUCCESS = "success"
    COMPLETED_WARNINGS = "completed-warnings"
    COMPLETED_SYNC_ERRORS = "completed-sync-errors"
    COMPLETED_EXPORT_ERRORS = "completed-export-errors"
    STOPPED_IMPORT_SHRUNK = "stopped-import-shrunk"
    STOPPED_ATTRIBUTE_LOSS = "stopped-attribute-loss"
    STOPPED_DELETION_THRESHOLD_EXCEEDED = "stopped-deletion-threshold-exceeded"
    STOPPED_PLAN_DIFFERS = "stopped-plan-differs"
    STOPPED_ERROR_LIMIT = "stopped-error-limit"
    STOPPED_USER_TERMINATION = "stopped-user-termination"
    NO_START_CONNECTION = "no-start-connection"
    NO_START_CREDENTIALS = "no-start-credentials"
    ABORTED = "aborted"

    @property
    def counts_as_done(self) -> bool:
        """Whether the work came to its end; single objects may have failed."""
        return self in _DONE

    @property
    def ends_the_run(self) -> bool:
        """Whether no step may follow: it would not know what it works on."""
        return not self.counts_as_done and self is not RunResult.IN_PROGRESS

    @property
    def did_not_start(self) -> bool:
        """Whether the directory could not be read; nothing was changed."""
        return self in _NO_START

    @property
    def awaits_approval(self) -> bool:
        """Whether a guard stopped it before something was lost, and holds a plan."""
        return self in _GUARDED

    @property
    def exit_code(self) -> int:
        """The exit code of the command that ran it."""
        if self.did_not_start:
            return 4
        if self.awaits_approval or self in _STOPPED:
            return 3
        if self is RunResult.STOPPED_USER_TERMINATION:
            return 130
        return 0 if self is RunResult.SUCCESS else 1


_DONE = frozenset(
    {
        RunResult.SUCCESS,
        RunResult.COMPLETED_WARNINGS,
        RunResult.COMPLETED_SYNC_ERRORS,
        RunResult.COMPLETED_EXPORT_ERRORS,
    }
)
_NO_START = frozenset({RunResult.NO_START_CONNECTION, RunResult.NO_START_CREDENTIALS})
_GUARDED = frozenset(
    {
        RunResult.STOPPED_IMPORT_SHRUNK,
        RunResult.STOPPED_ATTRIBUTE_LOSS,
        RunResult.STOPPED_DELETION_THRESHOLD_EXCEEDED,
    }
)
_STOPPED = frozenset({RunResult.STOPPED_ERROR_LIMIT, RunResult.STOPPED_PLAN_DIFFERS})


@dataclass(slots=True)
class Counts:
    """Objects by what became of them; only ``quarantined`` counts values."""

    adds: int = 0
    updates: int = 0
    deletes: int = 0
    unchanged: int = 0
    errors: int = 0
    quarantined: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*map(add, astuple(self), astuple(other)))


@dataclass(slots=True)
class StepResult:
    """One step of a run with its counters."""

    name: str
    result: RunResult = RunResult.SUCCESS
    counts: Counts = field(default_factory=Counts)
    seconds: float = 0.0

    def facts(self) -> dict[str, Any]:
        """Return ``{name, result, adds, ..., quarantined, seconds}``, flat as in JSON."""
        return {
            "name": self.name,
            "result": self.result,
            **asdict(self.counts),
            "seconds": self.seconds,
        }


@dataclass(slots=True)
class Run:
    """One cycle: ``result`` is that of the first step that did not end well, else ``success``.

    ``errors`` are those that this run met first or met again, as they were logged, and ``next`` is what
    an operator does about it, a line each. ``excluded`` counts the entries that are not synced,
    ``unverified`` the users whose UPN this run replaced, by the domain that is not verified; ``notes`` are
    lines about both where the run found news. The history keeps none of these.
    """

    number: int
    policy: str
    started: str
    result: RunResult = RunResult.IN_PROGRESS
    seconds: float = 0.0
    steps: list[StepResult] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)
    next: tuple[str, ...] = ()
    excluded: list[LeftOut] = field(default_factory=list)
    unverified: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def fail(self, error: str, message: str) -> None:
        """Note what stopped a step."""
        self.errors.append({"kind": "run", "error": error, "message": message})
