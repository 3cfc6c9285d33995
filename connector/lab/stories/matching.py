"""Play what an administrator of the cloud does about a match: a role in the way, a wrong match."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.lab.records import user, user_dn
from connector.lab.stage import story
from connector.values.ldif import delete, replace

if TYPE_CHECKING:
    from connector.lab.stage import Stage

_REFUSED = 2


@story(
    "admin-role",
    "An administrator is not matched",
    rule="A user with an administrator role is never matched. Take the role away, delete the quarantined "
    "object for good, let a cycle match, and give the role back.",
)
def admin_role(stage: Stage) -> None:
    stage.say("An administrator of the cloud signs in as owner@contoso.com.")
    properties = ("userPrincipalName=owner@contoso.com", "displayName=Owner of the cloud")
    stage.run("tenant", "add", "user", *properties, "--admin-role")
    cloud = stage.find("Owner of the cloud")["id"]
    stage.say(
        "The same person gets an account in the directory. A cycle would match the two by UPN:"
    )
    stage.directory.apply(user("owner", "Owner"))
    stage.run("sync", code=1)
    beside = stage.find("Owner")
    stage.expect("the administrator is not matched: a second user is there", beside["id"] != cloud)
    stage.expect(
        "its UPN is quarantined",
        stage.errors() == [("quarantine", "Owner", "UserPrincipalName", "owner@contoso.com")],
    )
    stage.run("errors")
    stage.heading("Four steps")
    stage.say("One: the role is taken away. This alone changes nothing, as another cycle shows.")
    stage.run("tenant", "set", cloud, "--no-admin-role")
    stage.run("sync")
    stage.expect("there are still two users", len(stage.json("objects")) == len((cloud, beside)))
    stage.say("Two: the second user is deleted for good, because it has the source anchor.")
    stage.run("tenant", "delete", beside["id"], "--hard")
    stage.say("Three: a cycle exports the account as a new object, and matches it.")
    stage.run("sync")
    stage.expect(
        "the account of the directory is joined to the user of the cloud",
        [item["id"] for item in stage.json("objects")] == [cloud],
    )
    stage.expect("nothing is quarantined any more", stage.errors() == [])
    stage.say("Four: the role is given back. What was matched once goes on syncing.")
    stage.run("tenant", "set", cloud, "--admin-role")
    stage.directory.apply(replace(user_dn("owner"), {"title": "Managing Director"}))
    stage.run("sync")
    stage.expect(
        "a change in the directory reaches the administrator",
        stage.find("Owner")["jobTitle"] == "Managing Director",
    )


@story(
    "repair-match",
    "An account that was made anew",
    rule="An administrator moves the source anchor of a user to repair a match, as Set-MsolUser "
    "-ImmutableId does. An anchor that another object has is refused.",
)
def repair_match(stage: Stage) -> None:
    stage.say("Ann has an account, and with it a user in the cloud.")
    stage.directory.apply(user("ann", "Ann"), user("bob", "Bob"))
    stage.run("sync")
    ann = stage.find("Ann")["id"]
    stage.say("Her account is deleted by mistake, and made anew: it has another source anchor.")
    stage.directory.apply(delete(user_dn("ann")))
    stage.run("sync")
    stage.directory.apply(user("ann", "Ann (new account)", upn="ann@contoso.com"))
    stage.run("sync")
    new = stage.find("Ann (new account)")
    stage.expect("the cloud has made a new user for it, without her mail", new["id"] != ann)
    stage.heading("Bring the former user back")
    stage.run("tenant", "restore", ann)
    stage.expect(
        "the new one has her UPN, so it is quarantined",
        stage.errors() == [("quarantine", "Ann", "UserPrincipalName", "ann@contoso.com")],
    )
    stage.say("The new account shall belong to the former user. The new user is in the way:")
    anchor = new["onPremisesImmutableId"]
    stage.run("tenant", "match", ann, "--to", anchor, code=_REFUSED)
    stage.heading("Move the source anchor")
    stage.run("tenant", "delete", new["id"], "--hard")
    stage.run("tenant", "match", ann, "--to", anchor)
    stage.run("sync")
    shown = stage.find("Ann (new account)")
    stage.expect("the new account is joined to her former user", shown["id"] == ann)
    stage.expect("she signs in as ann@contoso.com", shown["userPrincipalName"] == "ann@contoso.com")
    stage.expect("nothing is quarantined any more", stage.errors() == [])
