"""When something went wrong that people have to know: decide, write the mail, send it, remember it.

A mail that cannot be sent is logged and never fails what it is about.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from connector.errors import MailUndelivered
from connector.report import error_mails
from connector.report.mail import send

if TYPE_CHECKING:
    from connector.assembly import Parts, Readers
    from connector.report.error_mails import Mail
    from connector.run import Run
    from connector.settings import Settings

# When the weekly report was sent or found needless last, in the tenant's time.
SETTLED = "report-settled"


class Report(NamedTuple):
    """The weekly mail as it would be sent now, None when there is nothing to report."""

    errors: int
    mail: Mail | None


def weekly_report(readers: Readers | Parts, settings: Settings) -> Report:
    """Write the weekly mail about the errors that there are.

    Seed: the mail says that errors were detected, so without an error there is none.
    """
    errors = readers.tenant.counts().quarantined + readers.space.count_failures()
    if not errors:
        return Report(0, None)
    domain = settings.tenant.initial_domain
    link = error_mails.report_link(settings.web)
    return Report(errors, error_mails.weekly(errors=errors, domain=domain, link=link))


def send_weekly_if_due(parts: Parts) -> bool:
    """Send the weekly report if its time has come; tell whether that went well.

    The time is the tenant's, so that advancing its clock brings the next Monday. The first time that
    this runs nothing is due: the weeks before the connector was there are none of its.
    """
    now = parts.tenant.now()
    stored = parts.space.state.get(SETTLED)
    if stored is None:
        parts.space.note(SETTLED, now.isoformat())
        return True
    if not error_mails.is_due(now, datetime.fromisoformat(stored), parts.settings.schedule.report):
        return True
    mail = weekly_report(parts, parts.settings).mail
    if mail is not None:
        try:
            deliver(parts, mail, "weekly")
        except MailUndelivered:
            return False
    parts.space.note(SETTLED, now.isoformat())
    return True


def send_attempts(parts: Parts, run: Run) -> None:
    """Send the mail about the objects that failed in a run, where resiliency is off.

    Seed, Old behavior: "An error report email was generated upon each attempt and an error was logged
    by the sync client."
    """
    failed = [error for error in run.errors if error.get("kind") == "export"]
    if parts.settings.tenant.resiliency or not failed:
        return
    mail = error_mails.attempt(
        failed,
        ended=parts.tenant.now(),
        directory=parts.settings.directory.base_dn,
        domain=parts.settings.tenant.initial_domain,
        link=error_mails.report_link(parts.settings.web),
    )
    with suppress(MailUndelivered):
        deliver(parts, mail, "attempt", run=run.number)


def deliver(parts: Parts, mail: Mail, kind: str, **fields: object) -> str:
    """Send a mail and return where it went; log that, or why it could not be sent.

    Raises MailUndelivered.
    """
    settings = parts.settings
    try:
        place = send(mail, settings.mail, settings.storage.path, parts.tenant.now())
    except MailUndelivered as error:
        parts.log.error("report.failed", kind=kind, message=str(error), **fields)
        raise
    to = ", ".join(settings.mail.to)
    parts.log.info("report.sent", kind=kind, subject=mail.subject, to=to, via=place, **fields)
    return place
