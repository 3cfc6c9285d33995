"""Play the seed's "Behavior": a duplicate value is quarantined, its object goes through."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from connector.lab.records import contact, group, user, user_dn
from connector.lab.stage import story
from connector.values.ldif import replace

if TYPE_CHECKING:
    from connector.lab.stage import Stage

_PLACEHOLDER = re.compile(r"User\d{4}@contoso\.onmicrosoft\.com")


@story(
    "upn",
    "A sign-in name that another user has",
    rule="If this attribute is required for provisioning, like UserPrincipalName, the service assigns "
    "a placeholder value.",
)
def upn(stage: Stage) -> None:
    stage.say("User A comes first, and becomes a user of the tenant.")
    stage.directory.apply(user("user.a", "User A", upn="User@contoso.com"))
    stage.run("sync")
    stage.say("User B wants the same UPN.")
    stage.directory.apply(user("user.b", "User B", upn="User@contoso.com", title="Engineer"))
    stage.run("sync", code=1)
    stage.say("There is one error, and yet the object is there: only the value is in quarantine.")
    stage.run("errors")
    stage.expect(
        "the UPN of User B is quarantined",
        stage.errors() == [("quarantine", "User B", "UserPrincipalName", "User@contoso.com")],
    )
    found = stage.find("User B")
    stage.expect("everything else of User B went through", found["jobTitle"] == "Engineer")
    stage.say("A user must have a UPN, so User B gets a placeholder:")
    stage.run("show", found["userPrincipalName"])
    stage.expect(
        f"User B signs in as {found['userPrincipalName']} for now: prefix, four digits, initial domain",
        _PLACEHOLDER.fullmatch(found["userPrincipalName"]) is not None,
    )
    stage.expect(
        "User A keeps User@contoso.com",
        stage.find("User A")["userPrincipalName"] == "User@contoso.com",
    )


@story(
    "proxy",
    "A mail address that another object has",
    rule="If the attribute is not required, like ProxyAddresses, Azure Active Directory simply "
    "quarantines the conflict attribute and proceeds with the object creation or update.",
)
def proxy(stage: Stage) -> None:
    stage.say("Ann gets the mail of info@contoso.com.")
    stage.directory.apply(user("ann", "Ann", proxies=["SMTP:info@contoso.com"]))
    stage.run("sync")
    stage.say("A group and a contact want it too. Upper and lower case do not make a difference.")
    stage.directory.apply(
        group(
            "Desk", [user_dn("ann")], address="desk@contoso.com", proxies=["smtp:INFO@contoso.com"]
        ),
        contact("Carla", "carla@fabrikam.example", "Fabrikam", ["smtp:info@contoso.com"]),
    )
    stage.run("sync", code=1)
    stage.run("errors")
    stage.expect(
        "one value each of the group and of the contact is quarantined",
        sorted(stage.errors())
        == [
            ("quarantine", "Carla", "ProxyAddresses", "smtp:info@contoso.com"),
            ("quarantine", "Desk", "ProxyAddresses", "smtp:INFO@contoso.com"),
        ],
    )
    stage.say("A placeholder is not needed here: an object can exist without an address.")
    stage.run("show", "desk@contoso.com")
    stage.expect(
        "the group has only its other address",
        stage.find("Desk")["proxyAddresses"] == ["SMTP:desk@contoso.com"],
    )
    stage.say("An update is treated like a new object.")
    stage.directory.apply(user("bob", "Bob"))
    stage.run("sync")
    stage.directory.apply(
        replace(user_dn("bob"), {"title": "Engineer", "proxyAddresses": "smtp:info@contoso.com"})
    )
    stage.run("sync", code=1)
    bob = stage.find("Bob")
    stage.expect(
        "Bob has the new title, and waits for the address",
        (bob["jobTitle"], bob["proxyAddresses"]) == ("Engineer", []),
    )


@story(
    "first-attempt",
    "An error that is reported once",
    rule="Upon quarantining the attribute, since the export for this object has succeeded, the sync "
    "client only reports an error on the first attempt and does not retry the create / update "
    "operation upon subsequent sync cycles.",
)
def first_attempt(stage: Stage) -> None:
    stage.say("Two users have one UPN; that of the second user is quarantined.")
    stage.directory.apply(user("user.a", "User A", upn="User@contoso.com"))
    stage.run("sync")
    stage.directory.apply(user("user.b", "User B", upn="User@contoso.com"))
    stage.run("sync", code=1)
    stage.say("The sync log says so:")
    stage.run("log", "--only", "errors")
    stage.say(
        "The conflict remains. Two more cycles run, and then a full one that decides everything anew:"
    )
    second, third = stage.run("sync"), stage.run("sync")
    full = stage.run("sync", "--policy", "initial")
    stage.expect(
        "none of them exports User B again or reports an error",
        all("success" in done.out and "error" not in done.out for done in (second, third, full)),
    )
    stage.run("log", "--only", "errors")
    stage.expect("the log has the error once", len(stage.logged("export.quarantined")) == 1)
    stage.expect("the value is still quarantined", len(stage.errors()) == 1)
