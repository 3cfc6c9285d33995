"""Guard an import and an export against removing too much.

A guard sees everything that a step would remove before any of it is. It holds a plan of it for an
approval, and lets exactly that through the next time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.errors import RunStopped
from connector.model import ObjectType
from connector.rules import guard
from connector.run import RunResult
from connector.staging.readback import UNFAMILIAR
from connector.unmatched import unmatched
from connector.values.entries import is_read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connector.assembly import Parts
    from connector.settings import SafetySettings
    from connector.staging.exports import ExportQueue
    from connector.staging.removals import Removal
    from connector.values.reads import Reads


class ImportGuard:
    """Judges one import: the objects that it removes, and the attributes that objects lose."""

    def __init__(self, parts: Parts, reads: Reads) -> None:
        """Take what rules and settings have read: an attribute that they stopped asking for is not lost."""
        self._reads = reads
        self._deletions = parts.space.deletions
        self._safety = parts.settings.safety
        self._anchors: Sequence[str] = ()
        self._attributes: Mapping[str, Sequence[str]] = {}

    def judge(self, removal: Removal) -> None:
        """Raise RunStopped for a removal that is too much and not approved."""
        shrunk = guard.refuses_import(
            staged=removal.staged,
            removed=len(removal.anchors),
            left=removal.left,
            shrink_percent=self._safety.shrink_percent,
        )
        percent = self._safety.attribute_loss_percent
        lost = {
            name: anchors
            for name, anchors in removal.losses.anchors.items()
            if is_read(name, self._reads)
        }
        losses = guard.attribute_losses(lost, removal.losses.had, percent=percent)
        missing = guard.refuses_losses(losses, percent=percent)
        if not shrunk and not missing:
            return
        self._anchors = removal.anchors if shrunk else ()
        self._attributes = guard.attributes_by_anchor(losses)
        if not self._deletions.are_approved(self._anchors, attributes=self._attributes):
            result = RunResult.STOPPED_IMPORT_SHRUNK if shrunk else RunResult.STOPPED_ATTRIBUTE_LOSS
            raise RunStopped(result, "; ".join(filter(None, (shrunk, missing))))

    def hold(self, stop: RunStopped) -> None:
        """Hold what was stopped for an approval."""
        self._deletions.hold(self._anchors, str(stop), attributes=self._attributes)

    def note_import(self) -> None:
        """Note that an approved plan was carried out, if there was one."""
        if self._anchors or self._attributes:
            self._deletions.note_import()


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
