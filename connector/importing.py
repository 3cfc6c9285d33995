"""The directory import of a cycle: what may go wrong with it, and what is done about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.errors import CookieRefused, ResyncRequired, RunStopped
from connector.rules import guard

if TYPE_CHECKING:
    from connector.assembly import Parts
    from connector.model import Run
    from connector.staging.imports import ImportCounts
    from connector.staging.removals import Removal

_REFUSALS_BEFORE_FULL = 3


def import_directory(parts: Parts, run: Run, *, full: bool) -> ImportCounts:
    """Stage what changed, or everything; a cookie that the directory refuses leads to a full import.

    Raises DirectoryUnavailable, or RunStopped where a guard said no: nothing was staged then.
    """
    try:
        counts = _import_once(parts, run, full=full)
    except CookieRefused as error:
        counts = _count_refusal(parts, run, error)
    except ResyncRequired as error:
        parts.log.warning("resync.required", reason=str(error))
        counts = _import_once(parts, run, full=True)
    parts.space.watermark.note_refusals(0)
    return counts


def _import_once(parts: Parts, run: Run, *, full: bool) -> ImportCounts:
    removed: list[str] = []

    def judge(removal: Removal) -> None:
        reason = guard.refuses_import(
            staged=removal.staged,
            removed=len(removal.anchors),
            left=removal.left,
            shrink_percent=parts.settings.safety.shrink_percent,
        )
        if reason and not parts.space.deletions.are_approved(removal.anchors):
            removed.extend(removal.anchors)
            raise RunStopped("stopped-import-shrunk", reason)

    try:
        return parts.space.import_from(
            parts.open_directory(),
            full=full,
            run=run.number,
            guard=judge,
            advance=parts.progress.advance,
        )
    except RunStopped as stop:
        parts.space.deletions.hold(removed, str(stop))
        raise


def _count_refusal(parts: Parts, run: Run, error: CookieRefused) -> ImportCounts:
    """Ask again with the same cookie for some cycles; a provider that is only behind catches up.

    Then read everything, under the guards: the provider was restored from a backup.
    """
    refusals = parts.space.watermark.refusals() + 1
    if refusals < _REFUSALS_BEFORE_FULL:
        parts.space.watermark.note_refusals(refusals)
        raise error
    parts.log.warning("resync.required", reason=str(error), refusals=refusals)
    return _import_once(parts, run, full=True)
