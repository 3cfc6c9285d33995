"""Play the behavior before 2016: a duplicate fails the whole object at every cycle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.lab.records import user, user_dn
from connector.lab.stage import story
from connector.values.ldif import replace

if TYPE_CHECKING:
    from connector.lab.stage import Stage


@story(
    "old-behavior",
    "Without duplicate attribute resiliency",
    rule="The provisioning attempt or update was retried by the sync client upon each export cycle, and "
    "continued to fail until the conflict was resolved. An error report email was generated upon each "
    "attempt and an error was logged by the sync client.",
    settings={"tenant.resiliency": "false"},
)
def old_behavior(stage: Stage) -> None:
    stage.say(
        "tenant.resiliency is false here. As in the real service, no cmdlet can switch it off."
    )
    stage.directory.apply(
        user("user.a", "User A", upn="User@contoso.com"), user("carl", "Carl", title="Analyst")
    )
    stage.run("sync")
    stage.say("A new User B wants the UPN of User A. So does Carl, who also gets a new title.")
    stage.directory.apply(
        user("user.b", "User B", upn="User@contoso.com"),
        replace(user_dn("carl"), {"userPrincipalName": "User@contoso.com", "title": "Engineer"}),
    )
    stage.run("sync", code=1)
    names = {item["displayName"] for item in stage.json("objects")}
    stage.expect("User B is not created at all", "User B" not in names)
    carl = stage.find("Carl")
    stage.expect(
        "the update of Carl fails as a whole: not even the title changes",
        (carl["userPrincipalName"], carl["jobTitle"]) == ("carl@contoso.com", "Analyst"),
    )
    stage.say("Nothing changes in the directory. The next cycle tries again:")
    stage.run("sync", code=1)
    stage.run("errors")
    stage.run("log", "--event", "export.failed")
    attempts = [(event["name"], event["attempt"]) for event in stage.logged("export.failed")]
    stage.expect(
        "each attempt is an error in the log",
        sorted(attempts) == [("Carl", 1), ("Carl", 2), ("User B", 1), ("User B", 2)],
    )
    subjects = [mail.subject for mail in stage.mails()]
    stage.expect(
        'each attempt brings a mail "Identity Synchronization Error Report"',
        subjects == ["Identity Synchronization Error Report"] * 2,
    )
    stage.say(
        "User A gives up the UPN, and Carl gets another one. This needs no sweep: nothing is quarantined."
    )
    stage.directory.apply(
        replace(user_dn("user.a"), {"userPrincipalName": "user.a@contoso.com"}),
        replace(user_dn("carl"), {"userPrincipalName": "carl@contoso.com"}),
    )
    stage.run("sync")
    stage.expect(
        "the next cycle creates User B with the UPN",
        stage.find("User B")["userPrincipalName"] == "User@contoso.com",
    )
    stage.expect("no error is left", stage.errors() == [])
