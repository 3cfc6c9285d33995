"""The operations of the connector: a daemon carries them out, or the process that asks.

``cloud`` has the operations of the tenant's administrator. An operation imports its needs when it runs,
because naming one must be cheap.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, get_type_hints

from connector.errors import InvalidRequest
from connector.model import Policy
from connector.operations import binding, clients, cloud
from connector.operations.binding import Answer, Request
from connector.settings.overrides import STATE, Overrides, overrides

if TYPE_CHECKING:
    from connector.assembly import Parts

LAST_FULL = "last-full-cycle"
_DURATIONS = ("interval", "history")
_LONGEST = 100_000 * 86_400
"""Seconds; an interval of PowerShell has five digits for its days."""


def sync(
    parts: Parts, *, policy: Policy | None = None, plan: dict[str, object] | None = None
) -> Answer:
    """Run one cycle by a policy, by default the one set for the next cycle.

    With ``plan``, what ``planned.Planned`` says of one, it does exactly what was planned. Begins no run,
    and raises InvalidSettings when the directory's password cannot be read, PlanRefused where it would do
    something else.
    """
    from connector.cycle import DELTA, INITIAL, run_cycle
    from connector.report.delivery import send_attempts, send_stop
    from connector.report.runs import run_report

    parts.open_directory()
    following = overrides(parts.space.state).next_policy
    if plan is None:
        run = run_cycle(parts, policy or following)
    else:
        from connector.operations.planned import Planned, run_as_planned

        run = run_as_planned(parts, policy or following, Planned.read(plan))
    if run.policy == INITIAL.policy and run.result.counts_as_done:
        parts.space.note(LAST_FULL, run.started)
    if run.policy == following == INITIAL.policy and run.result.counts_as_done:
        override(parts, changes={"next_policy": DELTA.policy})
    send_attempts(parts, run)
    send_stop(parts, run)
    return run_report(run)


def single(parts: Parts, *, dn: str, export: bool = True) -> Answer:
    """Import, synchronize and export the object with this DN, and export nothing else.

    Raises InvalidSettings, and begins no run, when the directory's password cannot be read.
    """
    from connector.operations.single import run_single

    parts.open_directory()
    return run_single(parts, dn, export=export)


def approve(parts: Parts, *, hash: str) -> Answer:  # noqa: A002 -- as the plan calls it
    """Let exactly the deletions of a plan through at the next run."""
    plan = parts.space.deletions.approve(hash)
    return {"hash": plan.hash, "count": len(plan.objects)}


def discard(parts: Parts, *, hash: str | None = None) -> Answer:  # noqa: A002 -- as above
    """Forget the plan of deletions, or only the one of this hash; ``discarded`` says whether one was there.

    Raises UnknownObject when another one waits than the hash names, or none.
    """
    if hash is not None:
        parts.space.deletions.refuse_other(hash)
    waited = parts.space.deletions.plan().hash is not None
    parts.space.deletions.discard()
    return {"discarded": waited}


def pause(parts: Parts) -> Answer:
    """Suspend the schedule until it is resumed, even across a restart; the sweep goes on."""
    from connector.staging.space import PAUSED

    since = parts.space.paused_since()
    if since is None:
        since = parts.now()
        parts.space.note(PAUSED, since)
        parts.log.warning("daemon.paused", next="connector daemon resume")
    return {"pausedSince": since}


def resume(parts: Parts) -> Answer:
    """Let the schedule start cycles again; one that came due in the pause starts at once."""
    from connector.staging.space import PAUSED

    if parts.space.paused_since() is not None:
        parts.space.note(PAUSED, None)
        parts.log.info("daemon.resumed")
    return {"pausedSince": None}


def backup(parts: Parts, *, path: str) -> Answer:
    """Copy both databases, and the rules, into a new folder; nothing else uses them during the copy."""
    from connector.operations.elsewhere import refuse_on_a_server
    from connector.rules.written import all_as_toml
    from connector.storage.backup import back_up, note

    refuse_on_a_server(parts.settings, "A backup")
    folder = back_up(
        parts.settings.storage.path,
        Path(path),
        tenant=parts.settings.tenant_file,
        rules=all_as_toml(one.rule() for one in parts.settings.rules),
        stop=parts.stop,
    )
    note(parts.settings.storage.path, folder)
    parts.log.info("backup.finished", folder=str(folder))
    return {"folder": str(folder)}


def override(parts: Parts, *, changes: dict[str, object]) -> Answer:
    """Replace settings of the file until they are replaced again; ``Overrides`` has them.

    Values that do not fit are refused, because each cycle from now on reads them.
    """
    what = f"{binding.command(override)} changes"
    binding.check(what, changes, get_type_hints(Overrides))
    for name in _DURATIONS:
        seconds = changes.get(name)
        if isinstance(seconds, int) and not 0 <= seconds <= _LONGEST:
            raise InvalidRequest(f"{what}: the argument {name} must be 0 to {_LONGEST} seconds")
    changed = overrides(parts.space.state).changed(changes)
    parts.space.note(STATE, changed.to_text())
    return {}


def report(parts: Parts) -> Answer:
    """Send the weekly report now; ``sent`` says where it went, None when there is nothing to report.

    Raises MailUndelivered.
    """
    from connector.report.delivery import deliver, weekly_report

    found = weekly_report(parts, parts.settings)
    if found.mail is None:
        return {"errors": 0, "sent": None}
    return {"errors": found.errors, "sent": deliver(parts, found.mail, "on-demand")}


OPERATIONS = binding.by_command(
    sync,
    single,
    approve,
    discard,
    pause,
    resume,
    backup,
    override,
    report,
    *cloud.OPERATIONS,
    *clients.OPERATIONS,
)
# What several can share who ask for it at the same time: it is done once for all of them.
SHARED = (sync, cloud.sweep)
# What moves the tenant's time, by which a sweep or a report falls due.
MOVES_TIME = (cloud.clock, cloud.rewind)


def perform(parts: Parts, request: Request) -> Answer:
    """Carry a request out here and now; an expected error is an answer too."""
    return binding.perform(OPERATIONS, parts, request)
