"""Decide when a mail about errors is due, send it, and remember that.

A mail that cannot be sent is logged; it never fails a run.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from connector.errors import MailUndelivered
from connector.report import error_mails
from connector.report.mail import send
from connector.run import RunResult
from connector.values import moments

if TYPE_CHECKING:
    from connector.assembly import Parts, Readers
    from connector.report.error_mails import Mail
    from connector.run import Run
    from connector.settings import Settings

# When the weekly report was last sent or found unnecessary, by the tenant's clock.
SETTLED = "report-settled"
# The hash of the deletions about which a mail went out; while they wait, there is no other one.
STOP_TOLD = "stop-told"


class Report(NamedTuple):
    """The weekly mail as it would be sent now; None if there is nothing to report."""

    errors: int
    mail: Mail | None


def weekly_report(readers: Readers | Parts, settings: Settings) -> Report:
    """Write the weekly mail about the current errors of the connector's own objects.

    Seed: the mail says that errors were detected, so without an error there is none.
    """
    tenant = readers.tenant
    errors = tenant.clients.quarantined(tenant.client) + readers.space.failures.count()
    if not errors:
        return Report(0, None)
    domain = settings.tenant.initial_domain
    link = error_mails.report_link(settings.web)
    return Report(errors, error_mails.weekly(errors=errors, domain=domain, link=link))


def begin_to_count(parts: Parts) -> None:
    """Let the first report be that of the next Monday from now, unless the count began before."""
    if parts.space.state.get(SETTLED) is None:
        parts.space.note(SETTLED, moments.timestamp(parts.tenant.clock.now()))


def weekly_is_due(parts: Parts) -> bool:
    """Tell whether the tenant's clock has passed the next time of the report."""
    stored = parts.space.state.get(SETTLED)
    at = parts.settings.schedule.report
    return stored is not None and error_mails.is_due(
        parts.tenant.clock.now(), moments.read(stored), at
    )


def send_weekly_if_due(parts: Parts) -> bool:
    """Send the weekly report if it is due; return False if it could not be sent.

    The tenant's clock decides, so that advancing it brings the next Monday. The first call only starts
    the count: no report covers the weeks before the connector existed.
    """
    begin_to_count(parts)
    if not weekly_is_due(parts):
        return True
    now = parts.tenant.clock.now()
    mail = weekly_report(parts, parts.settings).mail
    if mail is not None:
        try:
            deliver(parts, mail, "weekly")
        except MailUndelivered:
            return False
    parts.space.note(SETTLED, moments.timestamp(now))
    return True


def send_attempts(parts: Parts, run: Run) -> None:
    """Send the mail about the objects that failed in a run, if resiliency is off.

    Seed, Old behavior: "An error report email was generated upon each attempt and an error was logged
    by the sync client."
    """
    failed = [error for error in run.errors if error.get("kind") == "export"]
    if parts.settings.tenant.resiliency or not failed:
        return
    mail = error_mails.attempt(
        failed,
        ended=parts.tenant.clock.now(),
        directory=parts.settings.directory.base_dn,
        domain=parts.settings.tenant.initial_domain,
        link=error_mails.report_link(parts.settings.web),
    )
    with suppress(MailUndelivered):
        deliver(parts, mail, "attempt", run=run.number)


def send_stop(parts: Parts, run: Run) -> None:
    """Send the mail about an export that the deletion threshold stopped (docs/sources.md 7.2).

    There is one mail for a set of deletions, however often it stops an export.
    """
    told = parts.space.state.get(STOP_TOLD)
    if run.result is not RunResult.STOPPED_DELETION_THRESHOLD_EXCEEDED:
        if told is not None and run.result.counts_as_done:
            parts.space.note(STOP_TOLD, None)
        return
    plan = parts.space.deletions.plan()
    if plan.hash is None or plan.hash == told:
        return
    mail = error_mails.stopped(
        reason=plan.reason or "",
        waiting=len(plan.objects),
        plan=plan.hash,
        raised=parts.tenant.clock.now(),
        server=socket.gethostname(),
        domain=parts.settings.tenant.initial_domain,
    )
    with suppress(MailUndelivered):
        deliver(parts, mail, "stopped", run=run.number)
        parts.space.note(STOP_TOLD, plan.hash)


def deliver(parts: Parts, mail: Mail, kind: str, **fields: object) -> str:
    """Send a mail and return its destination; log that, or why it could not be sent.

    Raises MailUndelivered.
    """
    settings = parts.settings
    try:
        now = parts.tenant.clock.now()
        place = send(mail, settings.mail, settings.storage.path, now, stop=parts.stop)
    except MailUndelivered as error:
        parts.log.error("report.failed", kind=kind, message=str(error), **fields)
        raise
    to = ", ".join(settings.mail.to)
    parts.log.info("report.sent", kind=kind, subject=mail.subject, to=to, via=place, **fields)
    return place
