"""Stop an export before its first write where too much would go; ``rules.guard`` judges, this asks it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.errors import RunStopped
from connector.model import ObjectType
from connector.rules import guard
from connector.run import RunResult
from connector.staging.readback import UNFAMILIAR
from connector.unmatched import unmatched

if TYPE_CHECKING:
    from connector.assembly import Parts
    from connector.settings import SafetySettings
    from connector.staging.exports import ExportQueue


def guard_deletes(parts: Parts) -> None:
    """Stop before the first write where too much would go: objects, or the members of a group."""
    queue, safety = parts.space.queue, parts.read_safety()
    deletes, losses = queue.deletes(), queue.member_losses()
    emptied = guard.emptied_groups(losses, percent=safety.member_delete_percent)
    asked = not deletes or parts.space.deletions.were_imported(deletes)
    reasons = [] if asked else [_too_many_deletes(queue, safety, len(deletes))]
    unfamiliar = parts.space.is_unfamiliar()
    if unfamiliar and deletes and not any(reasons):
        reasons.append(
            guard.refuses_unfamiliar(
                deletes=len(deletes),
                exported=queue.exported(),
                shrink_percent=safety.shrink_percent,
            )
        )
    if not any(reasons):
        deletes = []
    memberships = queue.lost_memberships(emptied) if emptied else []
    if emptied:
        reasons.append(_emptied(losses, emptied, safety.member_delete_percent))
    reason = "; ".join(filter(None, reasons))
    if deletes and reason:
        reason = "; ".join([reason, *map(str, unmatched(parts))])
    if not reason or parts.space.deletions.are_approved(deletes, memberships):
        parts.space.deletions.discard()
        if unfamiliar:
            parts.space.note(UNFAMILIAR, None)
        return
    parts.space.deletions.hold(deletes, reason, memberships)
    raise RunStopped(RunResult.STOPPED_DELETION_THRESHOLD_EXCEEDED, reason)


def _too_many_deletes(queue: ExportQueue, safety: SafetySettings, deletes: int) -> str | None:
    thresholds = {str(kind): getattr(safety, f"delete_threshold_{kind}s") for kind in ObjectType}
    percent, exported = safety.delete_percent_per_type, queue.exported()
    return (
        guard.refuses_export(
            deletes=deletes,
            exported=exported,
            threshold=safety.delete_threshold,
            percent=safety.delete_percent,
        )
        or guard.refuses_share(
            deletes=deletes, exported=exported, shrink_percent=safety.shrink_percent
        )
        or guard.refuses_types(
            queue.deletes_by_type(),
            queue.exported_by_type() if percent is not None else {},
            thresholds=thresholds,
            percent=percent,
        )
    )


def _emptied(losses: dict[str, tuple[int, int]], groups: list[str], percent: int) -> str:
    lost, there = losses[groups[0]]
    which = "a group" if len(groups) == 1 else f"{len(groups)} groups, the first"
    return (
        f"{which} to lose {lost} of {there} members, "
        f"more than safety.member_delete_percent ({percent} %)"
    )
