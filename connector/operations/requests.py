"""What can be asked of the connector: of a running daemon, or done in the process that asks.

A request and its answer are plain data, as they travel over the control socket.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from connector.cycle import DELTA, INITIAL, run_cycle
from connector.errors import ConnectorError
from connector.operations import cloud as administration
from connector.report.delivery import deliver, send_attempts, weekly_report
from connector.report.runs import run_report
from connector.settings.overrides import STATE, overrides
from connector.staging.space import PAUSED
from connector.storage.backup import back_up

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from connector.assembly import Parts

    Request = Mapping[str, Any]
    Answer = dict[str, Any]

LAST_FULL = "last-full-cycle"


def sync(parts: Parts, request: Request) -> Answer:
    """Run one cycle: ``policy`` is delta or initial; without one, what was set for the next cycle.

    Raises InvalidSettings, and begins no run, when the directory's password cannot be read.
    """
    parts.open_directory()
    following = overrides(parts.space.state).next_policy
    run = run_cycle(parts, request.get("policy") or following)
    if run.policy == INITIAL.policy and run.result.counts_as_done:
        parts.space.note(LAST_FULL, run.started)
    if run.policy == following == INITIAL.policy and run.result.counts_as_done:
        override(parts, {"changes": {"next_policy": DELTA.policy}})
    send_attempts(parts, run)
    return run_report(run)


def sweep(parts: Parts, _: Request) -> Answer:
    """Give back the values whose conflict is gone."""
    result = parts.tenant.sweep()
    released = [release._asdict() for release in result.released]
    for release in released:
        parts.log.info("sweep.released", **release)
    parts.log.info("sweep.finished", released=len(released), waiting=result.waiting)
    return {"released": released, "waiting": result.waiting}


def approve(parts: Parts, request: Request) -> Answer:
    """Let exactly the deletions of a plan through at the next run."""
    plan = parts.space.deletions.approve(request["hash"])
    return {"hash": plan.hash, "count": len(plan.objects)}


def discard(parts: Parts, _: Request) -> Answer:
    """Forget the plan of deletions."""
    parts.space.deletions.discard()
    return {}


def pause(parts: Parts, _: Request) -> Answer:
    """Start no cycle by itself until somebody resumes, also after a restart; the sweep goes on."""
    since = parts.space.paused_since()
    if since is None:
        since = parts.now()
        parts.space.note(PAUSED, since)
        parts.log.warning("daemon.paused", next="connector daemon resume")
    return {"pausedSince": since}


def resume(parts: Parts, _: Request) -> Answer:
    """Let the schedule start cycles again: one that came due meanwhile starts at once."""
    if parts.space.paused_since() is not None:
        parts.space.note(PAUSED, None)
        parts.log.info("daemon.resumed")
    return {"pausedSince": None}


def backup(parts: Parts, request: Request) -> Answer:
    """Copy both databases into a new folder; nothing else works on them meanwhile."""
    folder = back_up(parts.settings.storage.path, Path(request["path"]))
    parts.log.info("backup.finished", folder=str(folder))
    return {"folder": str(folder)}


def override(parts: Parts, request: Request) -> Answer:
    """Replace settings of the file until they are replaced again; see ``overrides``."""
    changed = overrides(parts.space.state).changed(request["changes"])
    parts.space.note(STATE, changed.to_text())
    return {}


def report(parts: Parts, _: Request) -> Answer:
    """Send the weekly report now; ``sent`` says where it went, None when there is nothing to report.

    Raises MailUndelivered.
    """
    found = weekly_report(parts, parts.settings)
    if found.mail is None:
        return {"errors": 0, "sent": None}
    return {"errors": found.errors, "sent": deliver(parts, found.mail, "on-demand")}


OPERATIONS: dict[str, Callable[[Parts, Request], Answer]] = {
    "sync": sync,
    "sweep": sweep,
    "approve": approve,
    "discard": discard,
    "pause": pause,
    "resume": resume,
    "backup": backup,
    "override": override,
    "report": report,
    **administration.OPERATIONS,
}
# What several can share who ask for it at the same time: it is done once for all of them.
SHARED = ("sync", "sweep")
# What moves the tenant's time, by which a sweep or a report falls due.
MOVES_TIME = ("clock", "rewind")


def perform(parts: Parts, request: Request) -> Answer:
    """Do what is asked; an expected error is an answer too: ``{"error": ..., "exit_code": ...}``."""
    operation = OPERATIONS.get(request.get("command", ""))
    if operation is None:
        return {"error": f"unknown command {request.get('command')!r}", "exit_code": 2}
    try:
        return operation(parts, request)
    except ConnectorError as error:
        return {"error": str(error), "exit_code": error.exit_code}
