"""Play the mail that comes every Monday while there are errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.lab.records import user
from connector.lab.stage import story

if TYPE_CHECKING:
    from connector.lab.stage import Stage

_SUBJECT = "Sync errors detected on your Azure AD Connect service"
_LINK = "/health/sync-errors"


@story(
    "monday-mail",
    "A mail every Monday",
    rule='A generic error report email is sent every Monday with the subject "Sync errors detected on '
    'your Azure AD Connect service" which contains a link to the Sync Error report in Azure AD Connect '
    "Health portal.",
    settings={"schedule.enabled": "false"},
)
def monday_mail(stage: Stage) -> None:
    with stage.daemon():
        stage.say("A value is quarantined. That alone does not send a mail:")
        stage.directory.apply(user("user.a", "User A", upn="User@contoso.com"))
        stage.run("sync")
        stage.directory.apply(user("user.b", "User B", upn="User@contoso.com"))
        stage.run("sync", code=1)
        stage.expect("no mail was sent", stage.mails() == [])
        stage.say("A week passes on the clock of the tenant, and with it a Monday:")
        stage.run("tenant", "clock", "advance", "7d")
        stage.wait("a mail came", lambda: len(stage.mails()) > 0)
        stage.say("Its link leads to the report:")
        shown = stage.visit(_LINK, "Sync errors")
    [mail] = stage.mails()
    stage.say("This is the mail:")
    stage.quote(f"Subject: {mail.subject}\n\n{mail.body}")
    stage.expect(f'its subject is "{_SUBJECT}"', mail.subject == _SUBJECT)
    stage.expect("it links to the report of sync errors", _LINK in mail.body)
    stage.expect("the link leads to the error of User B", [row[0] for row in shown] == ["User B"])
    stage.expect(
        "it is generic: it names no object and no value",
        "User B" not in mail.body and "User@contoso.com" not in mail.body,
    )
