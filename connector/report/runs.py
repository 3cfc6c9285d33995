"""A run as ``sync --json`` and ``history --json`` print it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from connector.run import Run


def run_facts(run: Run) -> dict[str, Any]:
    """Return ``{run, policy, started, result, seconds, steps}``: what the history keeps."""
    return {
        "run": run.number,
        "policy": run.policy,
        "started": run.started,
        "result": run.result,
        "seconds": run.seconds,
        "steps": [step.facts() for step in run.steps],
    }


def run_report(run: Run) -> dict[str, Any]:
    """Return the same with the errors that the run met, and what is next."""
    return {**run_facts(run), "errors": list(run.errors), "next": list(run.next)}
