"""Play the seed's known issues of the portal's report, with their switches on and off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.lab.records import contact, user
from connector.lab.stage import story

if TYPE_CHECKING:
    from connector.lab.stage import Stage


@story(
    "portal-same-message",
    "Known issue: both users of a conflict show one message",
    rule="The detailed error message for two objects in a UPN conflict set is the same. This indicates "
    "that they have both had their UPN changed / quarantined, when in fact only a one of them had any "
    "data changed.",
    settings={"tenant.known_issues": "portal-same-message"},
)
def portal_same_message(stage: Stage) -> None:
    user_a_then_user_b(stage)
    stage.say("The report of the Microsoft 365 admin center:")
    stage.run("errors", "--portal")
    shown = _shown(stage)
    stage.expect(
        "User A and User B both show a message, and it is the same",
        set(shown) == {"User A", "User B"} and len(set(shown.values())) == 1,
    )
    stage.expect(
        "in fact only User B was changed",
        stage.find("User A")["userPrincipalName"] == "User@contoso.com",
    )
    stage.expect("the contact that waits for an address is not shown", len(stage.errors()) == 2)  # noqa: PLR2004
    stage.say("With the switch off:")
    stage.set("tenant.known_issues", "none")
    stage.run("errors", "--portal")
    stage.expect("User B alone shows a message", set(_shown(stage)) == {"User B"})


@story(
    "portal-own-display-name",
    "Known issue: the message names the wrong user",
    rule="The error message for User B should indicate that User A already has User@contoso.com as a "
    "UPN, but it shows User B's own displayName.",
    settings={"tenant.known_issues": "portal-own-display-name"},
)
def portal_own_display_name(stage: Stage) -> None:
    user_a_then_user_b(stage)
    stage.run("errors", "--portal")
    stage.expect(
        "the message for User B says that User B has the UPN",
        "an existing user, User B, was already created" in _shown(stage)["User B"],
    )
    stage.say("With the switch off:")
    stage.set("tenant.known_issues", "none")
    stage.run("errors", "--portal")
    stage.expect(
        "it says that User A has it",
        "an existing user, User A, was already created" in _shown(stage)["User B"],
    )


def user_a_then_user_b(stage: Stage) -> None:
    """Sync two users with one UPN, and a contact with an address of the first one."""
    stage.say("User A syncs first, with an address that a contact wants too.")
    stage.directory.apply(
        user("user.a", "User A", upn="User@contoso.com", proxies=["SMTP:info@contoso.com"])
    )
    stage.run("sync")
    stage.say("User B syncs next, with the same UPN.")
    stage.directory.apply(
        user("user.b", "User B", upn="User@contoso.com"),
        contact("Carla", "carla@fabrikam.example", "Fabrikam", ["smtp:info@contoso.com"]),
    )
    stage.run("sync", code=1)


def _shown(stage: Stage) -> dict[str, str]:
    """Return the message of each user that the report shows."""
    return {line["displayName"]: line["message"] for line in stage.json("errors", "--portal")}
