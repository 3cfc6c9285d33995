"""Synchronize one object now, as Invoke-ADSyncSingleObjectSync does (docs/sources.md 4.6).

What the directory changed is imported and decided on as in any delta, which changes nothing in the
cloud; of all that is to be exported, only this object is.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from connector import steps
from connector.cycle import RunProfile, run_profile
from connector.errors import UnknownObject
from connector.export.exporter import Exporter
from connector.model import Operation
from connector.operations.rehearsal import planned_changes
from connector.report.runs import run_report
from connector.run import SINGLE, RunResult

if TYPE_CHECKING:
    from connector.assembly import Parts
    from connector.operations.binding import Answer
    from connector.run import Run, StepResult


def run_single(parts: Parts, dn: str, *, export: bool) -> Answer:
    """Run a cycle that exports only the object with this DN.

    Returns ``{run, object, change}``: the object's anchor, type and DN, and the change that was due, in
    the terms of a rehearsal; None where nothing was. Without ``export``, and in staging mode, it stays
    pending; so does a delete. Raises UnknownObject when no entry with this DN is staged.
    """
    found: dict[str, Any] = {}
    profile = RunProfile(
        SINGLE,
        (
            ("directory-import", steps.delta_import),
            ("cloud-import", steps.cloud_import),
            ("synchronization", steps.delta_synchronization),
            ("export", partial(_export_one, dn=dn, export=export, found=found)),
        ),
    )
    run = run_profile(parts, profile)
    if run.result.counts_as_done and not found:
        raise UnknownObject(
            f"No entry of the connector space has the DN {dn!r}. `connector explain DN` says why."
        )
    return {"run": run_report(run), "object": found.get("object"), "change": found.get("change")}


def _export_one(  # noqa: PLR0913 - a step, and what it is about
    parts: Parts, run: Run, step: StepResult, *, dn: str, export: bool, found: dict[str, Any]
) -> None:
    """Send the pending export of one object."""
    entries = parts.space.lookup.at(dn)
    if not entries:
        return
    anchor, entry = entries[0].anchor, entries[0].entry
    kind = None if entry is None else entry.type.value
    found["object"] = {"anchor": anchor, "dn": entries[0].dn, "type": kind}
    changes = (change for change in planned_changes(parts) if change["anchor"] == anchor)
    change = next(changes, None)
    if change is None:
        return
    found["change"] = change
    if not export or parts.settings.schedule.staging_mode:
        return
    if change["operation"] == Operation.DELETE.value:
        return
    exporter = Exporter(
        parts.space.queue.of(anchor), parts.tenant, parts.log, now=parts.now, stop=parts.stop
    )
    step.counts = exporter.export(run.number)
    run.errors += exporter.reported
    if step.counts.errors or step.counts.quarantined:
        step.result = RunResult.COMPLETED_EXPORT_ERRORS
