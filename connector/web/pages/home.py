"""The first page: how the last sync went, and where the errors are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.report.categories import counted
from connector.tenant.provisioning_errors import ErrorQuery
from connector.web.pages.health import tone

if TYPE_CHECKING:
    from connector.web.exchange import Reply
    from connector.web.pages.visit import Visit


def show(visit: Visit) -> Reply:
    """Show the cards of the first page."""
    with visit.context.reading() as readers:
        space, tenant = readers.space, readers.tenant
        counts = tenant.counts()
        last = next(space.history.runs(limit=1), None)
        users = next(tenant.provisioning_errors(ErrorQuery(type="user", limit=1)), None)
        values = {
            "last_run": last,
            "tone": last and tone(last.result.value),
            "last_success": space.history.last_success(),
            "users_have_errors": users is not None,
            "errors": sum(counted(counts.quarantined, space.failures.count_by_error()).values()),
            "quarantined": counts.quarantined,
            "failed": space.failures.count(),
            "objects": [
                ("Users", counts.user),
                ("Groups", counts.group),
                ("Contacts", counts.contact),
            ],
            "pending": len(space.deletions.plan().objects),
            "resiliency": visit.context.settings.tenant.resiliency,
        }
    return visit.show("home.html", values)
