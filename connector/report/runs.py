"""A run as ``sync --json`` and ``history --json`` print it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from connector.model import Run


def run_facts(run: Run) -> dict[str, Any]:
    """Return ``{run, policy, started, result, seconds, steps}``: what the history keeps."""
    facts = asdict(run)
    del facts["errors"]
    return {"run": facts.pop("number"), **facts}


def run_report(run: Run) -> dict[str, Any]:
    """Return the same with the errors that the run met."""
    return {**run_facts(run), "errors": list(run.errors)}
