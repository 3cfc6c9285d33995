"""What an operator does next after a run: the same words in the log and on the terminal."""

from __future__ import annotations

STOPPED_BY_LIMIT = "stopped-error-limit"
_GUARDED = ("stopped-deletion", "stopped-import")
_UNREAD = "no-start-"


def next_steps(
    result: str, *, quarantined: int = 0, failed: int = 0, waiting: int = 0
) -> list[str]:
    """Return a line for each thing to do: none where all went well.

    ``waiting`` counts the pending exports that staging mode keeps back.
    """
    steps = []
    if quarantined:
        steps.append(f"{_count(quarantined, 'value')} quarantined: connector errors")
    if failed:
        steps.append(
            f"{_count(failed, 'object')} failed, and will be tried again: connector errors"
        )
    if waiting:
        steps.append(
            f"staging mode: {_count(waiting, 'pending export')} kept back: connector sync --dry-run"
        )
    if result == STOPPED_BY_LIMIT:
        steps.append("too many objects failed, the rest waits: connector errors --kind export")
    if result.startswith(_GUARDED):
        steps.append("nothing was deleted; see what waits for approval: connector deletions")
    if result.startswith(_UNREAD):
        steps.append("nothing was changed; see what is wrong with the directory: connector check")
    return steps


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
