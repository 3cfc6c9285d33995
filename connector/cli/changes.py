"""Show a run, real or rehearsed: its exit code and its errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.run import RunResult
from connector.values.printable import cut_within

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def rehearsed_exit_code(run: Mapping[str, Any], changes: Iterable[object]) -> int:
    """Return the exit code of a rehearsal: 1 where a real run would change or report something."""
    result = RunResult(run["result"])
    return int(result.exit_code or bool(changes)) if result.counts_as_done else result.exit_code


def error_line(error: Mapping[str, Any]) -> str:
    """Write one error of the run in one line."""
    error = cut_within(error)
    if error.get("kind") == "run":
        return f"Error: {error.get('message')}"
    who = error.get("name") or error.get("dn") or error.get("anchor")
    what = f"{error.get('attribute')} {error.get('value')}"
    if error.get("value") is None:
        what = error.get("message") or str(error.get("attribute"))
    if error.get("kind") == "quarantine":
        return f"Quarantined: {what} of {who}, held by {error.get('held_by')}"
    return f"Failed: {who}: {error.get('error')} ({what})"
