"""Sum a run up when it ends: what it left out, what an operator does next, its last event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.report.advice import next_steps
from connector.report.left_out import (
    excluded_lines,
    excluded_rows,
    nothing_synced,
    unverified_line,
    verifying,
)
from connector.report.runs import exported

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connector.assembly import Parts
    from connector.model import LeftOut
    from connector.run import Counts, Run


def advice(parts: Parts, run: Run, recovered: Counts) -> tuple[str, ...]:
    """Return what an operator does after the run; the log and the shell say it in these words."""
    return next_steps(
        run.result,
        quarantined=_exported(run, recovered).quarantined,
        failed=sum((step.counts for step in run.steps), recovered).errors,
        waiting=parts.space.queue.count() if parts.settings.schedule.staging_mode else 0,
    )


def tell_left_out(parts: Parts, run: Run, before: Sequence[LeftOut]) -> None:
    """Note which entries are not synced and which UPNs were replaced, and log what is new."""
    run.excluded = parts.space.excluded.counts()
    if run.excluded != before:
        lines = excluded_lines(excluded_rows(run.excluded))
        parts.log.info(
            "scope.left_out",
            entries=sum(one.count for one in run.excluded),
            reasons="; ".join(lines),
            next="connector objects --excluded",
        )
        run.notes += [f"Left out: {line}" for line in lines]
    if run.result.counts_as_done and parts.space.excluded.nothing_is_synced():
        message = nothing_synced(run.excluded)
        parts.log.warning("scope.empty", message=message, next="connector objects --excluded")
        run.notes.append(f"Warning: {message}")
    if run.unverified:
        domain = parts.settings.tenant.initial_domain
        message, advice = unverified_line(run.unverified, domain), verifying(run.unverified)
        parts.log.warning(
            "upn.unverified",
            users=sum(run.unverified.values()),
            domains=list(run.unverified),
            message=message,
            next=advice,
        )
        run.notes += [f"Warning: {message}", f"  {advice}"]


def summary(run: Run, recovered: Counts) -> dict[str, object]:
    """Summarize the run in one event, including exports it completed for a crashed run.

    The numbers are those of the ``object.*`` and ``export.*`` events with the number of the run.
    """
    exported = _exported(run, recovered)
    return {
        "policy": run.policy,
        "result": run.result,
        "seconds": run.seconds,
        "adds": exported.adds,
        "updates": exported.updates,
        "deletes": exported.deletes,
        "errors": exported.errors,
        "quarantined": exported.quarantined,
    } | ({"next": "; ".join(run.next)} if run.next else {})


def _exported(run: Run, recovered: Counts) -> Counts:
    return exported(run) + recovered
