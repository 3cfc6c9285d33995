"""Summarize the state of the connector."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.report.left_out import excluded_rows
from connector.run import RunResult
from connector.settings.models import TENANT_FILE
from connector.values import moments
from connector.values.database_url import DatabaseUrl

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from connector.settings import Settings
    from connector.staging.space import ConnectorSpace
    from connector.tenant.service import TenantService


_AT_REST = frozenset({"idle", "paused", "waiting"})


def status(
    space: ConnectorSpace,
    tenant: TenantService,
    settings: Settings,
    daemon: Mapping[str, Any],
    asked: datetime,
) -> dict[str, Any]:
    """Return the JSON of ``connector status``.

    ``daemon`` gives its ``state``, ``nextRun`` and what is ``failing``, as they were when it was
    ``asked``: a run that was open before it said that it does nothing never ended.
    """
    counts = tenant.counts()
    last = next(space.history.runs(limit=1), None)
    if (
        last is not None
        and last.result is RunResult.IN_PROGRESS
        and daemon["state"] in _AT_REST
        and moments.read(last.started) < asked
    ):
        last.result = RunResult.ABORTED
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
        "failing": list(daemon.get("failing", ())),
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
        "tenant": _place(settings),
    }


def _place(settings: Settings) -> dict[str, str]:
    """Return ``{engine, place}`` of the tenant: a path, or a URL without its password."""
    database = settings.tenant.database
    if settings.tenant.url is not None:
        return {"engine": "remote", "place": str(settings.tenant.url)}
    if isinstance(database, DatabaseUrl):
        return {"engine": "postgresql", "place": database.text}
    return {"engine": "sqlite", "place": str(settings.databases[TENANT_FILE])}
