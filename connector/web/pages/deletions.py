"""The deletes that a guard stopped: shown, and approved or discarded by the hash that was shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.errors import ConnectorError
from connector.operations import requests
from connector.report.planned_deletions import going
from connector.web.pages.listing import cut
from connector.web.pages.visit import see_other

if TYPE_CHECKING:
    from connector.web.exchange import Reply
    from connector.web.pages.visit import Visit

PATH = "/health/deletions"


def show(visit: Visit) -> Reply:
    """Show the plan that waits."""
    with visit.context.reading() as readers:
        plan = readers.space.deletions.plan()
    page = cut(plan.objects, visit.page_number(), len(plan.objects))
    rows = [(planned, going(planned)) for planned in page.rows]
    return visit.show(
        "deletions.html", {"plan": plan, "rows": rows, "page": page, "path": PATH, "filters": {}}
    )


def approve(visit: Visit) -> Reply:
    """Let exactly the plan through that the person saw."""
    return _decide(visit, approves=True)


def discard(visit: Visit) -> Reply:
    """Forget the plan that the person saw."""
    return _decide(visit, approves=False)


def _decide(visit: Visit, *, approves: bool) -> Reply:
    seen = visit.sent("hash")
    operation = requests.approve if approves else requests.discard
    try:
        if not _waits(visit, seen):
            return _another_plan(visit, approves=approves)
        visit.context.perform(operation, hash=seen)
    except ConnectorError:
        if not _waits(visit, seen):  # a run came between
            return _another_plan(visit, approves=approves)
        raise
    visit.note_change("deletions approved" if approves else "deletions discarded", seen)
    return see_other(PATH)


def _waits(visit: Visit, seen: str) -> bool:
    with visit.context.reading() as readers:
        return bool(seen) and readers.space.deletions.plan().hash == seen


def _another_plan(visit: Visit, *, approves: bool) -> Reply:
    done = "approved" if approves else "discarded"
    return visit.refuse(
        409,
        "Another plan waits by now",
        "The deletes that you saw are not those that wait now: a run came between, or somebody else decided. "
        f"Nothing was {done}. Look at the list again, then decide.",
        back=PATH,
        to="Look at the pending deletes",
    )
