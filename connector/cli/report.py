"""``connector tenant report``: the weekly mail about errors, shown or sent now."""

from __future__ import annotations

from typing import Annotated

import typer

from connector.cli import opening, output
from connector.cli.output import Json


def report(
    context: typer.Context,
    send: Annotated[bool, typer.Option("--send", help="Send it now.")] = False,
    json: Json = False,
) -> None:
    """Show the weekly mail about sync errors, or send it without waiting for Monday.

    Sending it now does not stand for the one of next Monday. Without mail.host it is written below
    storage.path/mail.

    Examples:
      $ connector tenant report
      $ connector tenant report --send
    """
    from connector.operations import requests
    from connector.report.delivery import weekly_report

    settings = opening.settings(context)
    sent = opening.perform(settings, requests.report)["sent"] if send else None
    with opening.readers(context) as readers:
        found = weekly_report(readers, settings)
    if json:
        mail = found.mail and {"subject": found.mail.subject, "body": found.mail.body}
        output.as_json({"errors": found.errors, "mail": mail, "sent": sent}, whole=True)
    elif found.mail is None:
        output.line("No errors: nothing to report, and no mail is sent.")
    elif send:
        output.line(f"Sent to {sent}.")
    else:
        output.line(f"Subject: {found.mail.subject}")
        output.line()
        for line in found.mail.body.splitlines():
            output.line(line)
