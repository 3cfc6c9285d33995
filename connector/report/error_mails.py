"""Write the error report mails, and decide when the weekly one is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from connector.values.printable import cut, printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connector.settings import WebSettings

# Seed, Behavior with Duplicate Attribute Resiliency.
WEEKLY_SUBJECT = "Sync errors detected on your Azure AD Connect service"
# The subject before the report became weekly (docs/sources.md 2.6).
ATTEMPT_SUBJECT = "Identity Synchronization Error Report"
# docs/sources.md 7.2.
STOPPED_SUBJECT = (
    "Export to Microsoft Entra ID was Stopped. Accidental delete threshold was reached."
)
REPORT_PAGE = "/health/sync-errors"
_MOST_ROWS = 500
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = "January February March April May June July August September October November December"
_ANY_ADDRESS = ("0.0.0.0", "[::]")  # noqa: S104 - compared with, not bound to


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail without sender and recipients; directory values in it are escaped."""

    subject: str
    body: str


def is_due(now: datetime, last: datetime, when: str) -> bool:
    """Tell whether a weekly time such as ``monday 08:00`` (UTC) came since ``last``.

    ``last`` is when the report was last settled, or when the connector first ran. After several weeks
    the report is due once. A clock that was set back makes nothing due again.
    """
    return last < latest(now, when)


def latest(now: datetime, when: str) -> datetime:
    """Return the latest time ``when`` that is not after ``now``."""
    day, _, clock = when.partition(" ")
    hour, _, minute = clock.partition(":")
    moment = now.astimezone(UTC).replace(
        hour=int(hour), minute=int(minute), second=0, microsecond=0
    )
    moment -= timedelta(days=(moment.weekday() - _DAYS.index(day)) % 7)
    return moment if moment <= now else moment - timedelta(days=7)


def weekly(*, errors: int, domain: str, link: str) -> Mail:
    """Write the weekly mail.

    Seed: "A generic error report email is sent every Monday with the subject ... which contains a link
    to the Sync Error report". Generic means that it names no object and no value.
    """
    found = "1 sync error that needs" if errors == 1 else f"{errors} sync errors that need"
    return Mail(
        WEEKLY_SUBJECT,
        f"Hello,\n\nSynchronization to {domain} has {found} your attention.\n\n"
        f"See which objects are affected, and how to fix them, in the sync error report:\n{link}\n\n"
        "Objects with a quarantined value are in the cloud without that value. They are not exported "
        "again; the value comes back by itself when the conflict is resolved.\n\n"
        "You get this mail on one day a week while there are errors.\n",
    )


def attempt(
    errors: Sequence[Mapping[str, Any]], *, ended: datetime, directory: str, domain: str, link: str
) -> Mail:
    """Write the mail about the objects that failed in a run, as sent before resiliency.

    ``errors`` are fields of the event ``export.failed``. Seed, Old behavior: "An error report email was
    generated upon each attempt".
    """
    rows = [
        f"Identity: {_line(error.get('name') or error.get('dn') or error['anchor'])}\n"
        f"Error Description: {_line(error.get('message') or error['error'])}\n"
        f"Source Anchor: {_line(error['anchor'])}\n"
        for error in errors[:_MOST_ROWS]
    ]
    if len(errors) > _MOST_ROWS:
        rows.append(f"And {len(errors) - _MOST_ROWS} more: see the report.\n")
    return Mail(
        ATTEMPT_SUBJECT,
        "Hello,\n\nWe noticed issues during the most recent synchronization of your directory. The "
        f"sync error report helps to find and fix them: {link}\n\n"
        f"The batch run was completed on {_gmt(ended)} for directory {directory} [{domain}].\n\n"
        "The following errors occurred during synchronization:\n\n" + "\n".join(rows),
    )


def stopped(  # noqa: PLR0913 - the mail has these fields
    *, reason: str, waiting: int, plan: str, raised: datetime, server: str, domain: str
) -> Mail:
    """Write the mail about an export that the deletion threshold stopped (docs/sources.md 7.2).

    ``waiting`` counts what waits for an approval, ``plan`` is the hash to approve, ``server`` the
    machine of the connector.
    """
    what = "1 deletion waits" if waiting == 1 else f"{waiting} deletions wait"
    return Mail(
        STOPPED_SUBJECT,
        f"Description: {_line(reason)}. Nothing was exported; {what} for an approval.\n"
        f"Raised: {_gmt(raised)}\n"
        f"Server: {_line(server)}\n"
        f"Service: {domain}\n"
        f"Tenant: {domain}\n\n"
        "To see what would be deleted: connector deletions\n"
        f"To let exactly that through: connector deletions approve {plan}\n\n"
        "You get this mail once for each set of deletions.\n",
    )


def report_link(web: WebSettings) -> str:
    """Return the address of the sync error report.

    It is below ``web.public_url``, or else below the address that the web server listens on.
    """
    if web.public_url is not None:
        return f"{web.public_url.rstrip('/')}{REPORT_PAGE}"
    host, _, port = web.listen.rpartition(":")
    place = "localhost" if host in _ANY_ADDRESS else host
    return f"{'https' if web.tls_cert else 'http'}://{place}:{port}{REPORT_PAGE}"


def _line(value: object) -> str:
    return printable(cut(str(value)))


def _gmt(moment: datetime) -> str:
    """Write ``Monday, 23 November 2026 08:00:00 GMT``, whatever the locale."""
    at = moment.astimezone(UTC)
    day, month = _DAYS[at.weekday()].title(), _MONTHS.split()[at.month - 1]
    return f"{day}, {at.day} {month} {at:%Y %H:%M:%S} GMT"
