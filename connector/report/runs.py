"""Make the JSON of a run for ``sync --json`` and ``history --json``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.report.left_out import excluded_rows
from connector.run import Counts

if TYPE_CHECKING:
    from connector.run import Run


def run_facts(run: Run) -> dict[str, Any]:
    """Return ``{run, policy, started, result, seconds, steps}``, as the history keeps them."""
    return {
        "run": run.number,
        "policy": run.policy,
        "started": run.started,
        "result": run.result,
        "seconds": run.seconds,
        "steps": [step.facts() for step in run.steps],
    }


def run_report(run: Run) -> dict[str, Any]:
    """Return the same with the errors of the run, what it left out, and the advice after it."""
    return {
        **run_facts(run),
        "errors": list(run.errors),
        "excluded": excluded_rows(run.excluded),
        "unverified": [{"domain": name, "users": count} for name, count in run.unverified.items()],
        "notes": list(run.notes),
        "next": list(run.next),
    }


def exported(run: Run) -> Counts:
    """Return what the export of a run did, as the counters of its step have it."""
    return sum((step.counts for step in run.steps if step.name == "export"), Counts())
