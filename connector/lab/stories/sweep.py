"""Play the sweep, the hourly task of the tenant that gives quarantined values back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.lab.records import user, user_dn
from connector.lab.stage import story
from connector.values.ldif import replace

if TYPE_CHECKING:
    from connector.lab.stage import Stage


@story(
    "sweep",
    "The hourly sweep gives a value back",
    rule="A background timer task has been enabled in Azure Active Directory that runs every hour to "
    "look for duplicate attribute conflicts that have been resolved, and automatically removes the "
    "attributes in question from quarantine.",
    settings={"schedule.enabled": "false"},
)
def sweep(stage: Stage) -> None:
    stage.say(
        "The daemon of this story does not start cycles by itself. It still runs the tenant's own task."
    )
    with stage.daemon():
        stage.say("User B wants the UPN of User A, and waits for it.")
        stage.directory.apply(user("user.a", "User A", upn="User@contoso.com"))
        stage.run("sync")
        stage.directory.apply(user("user.b", "User B", upn="User@contoso.com"))
        stage.run("sync", code=1)
        stage.say("User A gives it up. A cycle tells the tenant so.")
        stage.directory.apply(
            replace(user_dn("user.a"), {"userPrincipalName": "user.a@contoso.com"})
        )
        stage.run("sync")
        stage.expect(
            "a cycle alone does not give the value back", _upn(stage) != "User@contoso.com"
        )
        runs = len(stage.json("history"))
        stage.say("The tenant has a clock of its own. Let an hour pass in it:")
        stage.run("tenant", "clock", "advance", "1h")
        stage.wait(
            "within the hour User B signs in as User@contoso.com",
            lambda: _upn(stage) == "User@contoso.com",
        )
        stage.run("log", "--event", "sweep.released")
        stage.expect("nothing is quarantined any more", stage.errors() == [])
        stage.expect("this needed no cycle", len(stage.json("history")) == runs)


def _upn(stage: Stage) -> str:
    return str(stage.find("User B")["userPrincipalName"])
