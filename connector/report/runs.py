"""Make the JSON of a run for ``sync --json`` and ``history --json``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    """Return the same with the errors of the run and the advice after it."""
    return {**run_facts(run), "errors": list(run.errors), "next": list(run.next)}
