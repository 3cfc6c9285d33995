"""The guards of an export: they see the pending exports, and stop a run before the first write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.errors import RunStopped
from connector.model import ObjectType
from connector.rules import guard

if TYPE_CHECKING:
    from connector.assembly import Parts


def guard_deletes(parts: Parts) -> None:
    """Stop before the first write where too much would go: objects, or the members of a group."""
    queue, percent = parts.space.queue, parts.read_safety().member_delete_percent
    deletes, losses = queue.deletes(), queue.member_losses()
    emptied = guard.emptied_groups(losses, percent=percent)
    reasons = [_too_many_deletes(parts, len(deletes))] if deletes else []
    if not any(reasons):
        deletes = []
    memberships = queue.lost_memberships(emptied) if emptied else []
    if emptied:
        reasons.append(_emptied(losses, emptied, percent))
    reason = "; ".join(filter(None, reasons))
    if not reason or parts.space.deletions.are_approved(deletes, memberships):
        parts.space.deletions.discard()
        return
    parts.space.deletions.hold(deletes, reason, memberships)
    raise RunStopped("stopped-deletion-threshold-exceeded", reason)


def _too_many_deletes(parts: Parts, deletes: int) -> str | None:
    safety, queue = parts.read_safety(), parts.space.queue
    thresholds = {str(kind): getattr(safety, f"delete_threshold_{kind}s") for kind in ObjectType}
    percent = safety.delete_percent_per_type
    return guard.refuses_export(
        deletes=deletes,
        exported=queue.exported(),
        threshold=safety.delete_threshold,
        percent=safety.delete_percent,
    ) or guard.refuses_types(
        queue.deletes_by_type(),
        queue.exported_by_type() if percent is not None else {},
        thresholds=thresholds,
        percent=percent,
    )


def _emptied(losses: dict[str, tuple[int, int]], groups: list[str], percent: int) -> str:
    lost, there = losses[groups[0]]
    which = "a group" if len(groups) == 1 else f"{len(groups)} groups, the first"
    return (
        f"{which} to lose {lost} of {there} members, "
        f"more than safety.member_delete_percent ({percent} %)"
    )
