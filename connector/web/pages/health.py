"""Connect Health: the scheduler, the errors, what waits for approval, and the runs; sync and sweep now."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from connector.daemon.inquiry import daemon_state
from connector.report.categories import CATEGORIES, counted
from connector.report.runs import exported
from connector.report.status import status as report_status
from connector.settings.overrides import schedule_in_force
from connector.web.exchange import Reply
from connector.web.pages import charts, events
from connector.web.pages.listing import ROWS, cut
from connector.web.pages.visit import see_other

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import timedelta
    from typing import Any

    from connector.run import Counts, Run
    from connector.web.pages.visit import Visit
    from connector.web.pages.work import Kind

PATH = "/health"
EVENT_STREAM = "text/event-stream"
_STATES = {
    "paused": "no run starts by itself",
    "stopped": "no daemon runs, so nothing starts by itself",
    "unresponsive": "the daemon does not answer",
    "waiting": "the server of the tenant does not answer",
}


class RunRow(NamedTuple):
    """A run with what its export did; ``tone`` is good, busy or bad."""

    run: Run
    counts: Counts
    tone: str


def show(visit: Visit) -> Reply:
    """Show the page "Connect Health"."""
    context, settings = visit.context, visit.context.settings
    asked = context.clock()
    moment = events.look(context, visit.work)
    daemon = daemon_state(settings.storage.path)
    with context.reading() as readers:
        space, tenant = readers.space, readers.tenant
        facts = report_status(space, tenant, settings, daemon.facts, asked)
        schedule = schedule_in_force(settings.schedule, space.state)
        errors = counted(tenant.counts().quarantined, space.failures.count_by_error())
        plan = space.deletions.plan()
        number = visit.page_number()
        runs = list(space.history.runs(limit=number * ROWS + 1))
        page = cut(runs, number)
    ended = visit.work.ended
    return visit.show(
        "health.html",
        {
            "cycle": events.sentence(moment),
            "is_running": moment.is_running,
            "progress": moment.progress if moment.is_running else None,
            "told": ended.sentence
            if ended and (ended.kind == "sweep" or not ended.went_well)
            else None,
            "went_well": ended is None or ended.went_well,
            "state": moment.state,
            "state_text": _STATES.get(moment.state, ""),
            "facts": facts,
            "failing": failing(facts["failing"]),
            "schedule": schedule,
            "every": said(schedule.delta),
            "errors": [(name, errors[name]) for name in CATEGORIES if errors[name]],
            "error_count": sum(errors.values()),
            "plan": plan,
            "rows": run_rows(page.rows),
            "page": page,
            "path": PATH,
            "filters": {},
            "charts": [
                ("Run duration", charts.durations(runs), ("ended", "stopped")),
                ("Exported changes", charts.changes(runs), ("adds", "updates", "deletes")),
            ],
        },
    )


def sync(visit: Visit) -> Reply:
    """Begin a cycle; the page does not wait for it."""
    return _begin(visit, "sync", "A run is at work")


def sweep(visit: Visit) -> Reply:
    """Begin a sweep, which gives back the values whose conflict is gone."""
    return _begin(visit, "sweep", "A run is at work")


def stream(visit: Visit) -> Reply:
    """Tell of the runs as they go on, as server-sent events, for as long as the session lasts."""
    sessions = visit.context.signin.sessions
    listener = visit.watch.listen(
        visit.context, visit.work, visit.call.client, lambda: sessions.is_there(visit.call)
    )
    if listener is None:
        return visit.refuse(
            429, "Too many open pages", "This client listens to too many streams. Close a page."
        )
    return Reply(200, b"", EVENT_STREAM, {"X-Accel-Buffering": "no"}, listener)


def run_rows(runs: Iterable[Run]) -> list[RunRow]:
    """Return the rows of the history."""
    return [RunRow(run, exported(run), tone(run.result.value)) for run in runs]


def tone(result: str) -> str:
    """Return the colour of a result: beside it stands the result itself."""
    if result == "success":
        return "good"
    if result == "in-progress":
        return "busy"
    return "warn" if result.startswith("completed") else "bad"


def failing(jobs: Iterable[Mapping[str, Any]]) -> list[str]:
    """Say what fails in the daemon, a sentence a job."""
    return [
        f"{job['job']} fails ({job['reason']}), {job['times']} times: {job['message']}"
        for job in jobs
    ]


def said(every: timedelta) -> str:
    """Say an interval: ``30 min``, ``1 h``, ``90 s``."""
    seconds = int(every.total_seconds())
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _begin(visit: Visit, kind: Kind, heading: str) -> Reply:
    if not visit.work.begin(visit.context, kind):
        return visit.refuse(
            409,
            heading,
            "Wait until it has finished, then try again. Its progress is on the page Connect Health.",
            back=PATH,
            to="Back to Connect Health",
        )
    visit.note_change(f"{kind} begun")
    return see_other(f"{PATH}#cycle")
