"""Advise the operator after a run; the run carries the advice to the log and the shell."""

from __future__ import annotations

from connector.run import RunResult
from connector.values.counting import counted


def next_steps(
    result: RunResult, *, quarantined: int = 0, failed: int = 0, waiting: int = 0
) -> tuple[str, ...]:
    """Return a line for each thing to do; none after a run that went well.

    ``waiting`` counts the pending exports that staging mode keeps back.
    """
    steps = []
    if quarantined:
        steps.append(f"{counted(quarantined, 'value')} quarantined: connector errors")
    if failed:
        steps.append(
            f"{counted(failed, 'object')} failed, and will be tried again: connector errors"
        )
    if waiting:
        steps.append(
            f"staging mode: {counted(waiting, 'pending export')} kept back: connector sync --dry-run"
        )
    if result is RunResult.STOPPED_ERROR_LIMIT:
        steps.append("too many objects failed, the rest waits: connector errors --kind export")
    if result.awaits_approval:
        steps.append("nothing was deleted; see what waits for approval: connector deletions")
    if result is RunResult.STOPPED_PLAN_DIFFERS:
        steps.append("nothing was exported; make the plan anew: connector sync --plan FILE")
    if result.did_not_start:
        steps.append("nothing was changed; see what is wrong with the directory: connector check")
    return tuple(steps)
