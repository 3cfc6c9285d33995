"""Summarize the state of the connector."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.report.left_out import excluded_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.settings import Settings
    from connector.staging.space import ConnectorSpace
    from connector.tenant.service import TenantService


def status(
    space: ConnectorSpace,
    tenant: TenantService,
    settings: Settings,
    daemon: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the JSON of ``connector status``; ``daemon`` gives its ``state`` and ``nextRun``."""
    counts = tenant.counts()
    last = next(space.history.runs(limit=1), None)
    return {
        "state": daemon["state"],
        "lastRun": last
        and {
            "run": last.number,
            "policy": last.policy,
            "started": last.started,
            "result": last.result,
            "seconds": last.seconds,
        },
        "nextRun": daemon.get("nextRun"),
        "lastSuccess": space.history.last_success(),
        "pendingExports": space.queue.count(),
        "pendingDeletes": len(space.queue.deletes()),
        "quarantined": counts.quarantined,
        "exportErrors": space.failures.count(),
        "objects": {"user": counts.user, "group": counts.group, "contact": counts.contact},
        "excluded": excluded_rows(space.excluded.counts()),
        "pausedSince": space.paused_since(),
        "staging": settings.schedule.staging_mode,
        "cookie": space.watermark.shown(),
    }
