"""Play the seed's known issues of the core behavior, with their switches on and off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.lab.records import group, user, user_dn
from connector.lab.stage import story

if TYPE_CHECKING:
    from connector.lab.stage import Stage


@story(
    "upn-and-proxy-held-by-group",
    "Known issue: a group holds the UPN and address of a new user",
    rule="Upon export, a ProxyAddress conflict error is thrown instead of having the conflict attributes "
    "quarantined. The operation is retried upon each subsequent sync cycle, as it would have been before "
    "the resiliency feature was enabled.",
    settings={"tenant.known_issues": "upn-and-proxy-held-by-group"},
)
def upn_and_proxy_held_by_group(stage: Stage) -> None:
    stage.say("A group gets the mail of Joe@contoso.com.")
    stage.directory.apply(
        user("ann", "Ann"),
        group("Joe's Coffee Club", [user_dn("ann")], address="Joe@contoso.com"),
    )
    stage.run("sync")
    stage.say("A new user, Joe, has this address as UPN and as proxy address.")
    stage.directory.apply(
        user("joe", "Joe", upn="Joe@contoso.com", proxies=["smtp:Joe@contoso.com"])
    )
    stage.run("sync", code=1)
    stage.run("sync", code=1)
    stage.run("errors")
    [error] = stage.json("errors")
    stage.expect(
        "Joe gets an error of the old kind, about the address, and is not created",
        (error["error"], error["propertyCausingError"])
        == ("AttributeValueMustBeUnique", "ProxyAddresses"),
    )
    stage.expect("both cycles tried to create him", error["attempts"] == 2)  # noqa: PLR2004
    stage.say("With the switch off, the service does what it should do:")
    stage.set("tenant.known_issues", "none")
    stage.run("sync", code=1)
    stage.expect(
        "the address is quarantined, and Joe is there",
        stage.errors() == [("quarantine", "Joe", "ProxyAddresses", "smtp:Joe@contoso.com")]
        and stage.find("Joe")["userPrincipalName"] == "Joe@contoso.com",
    )
    stage.run("sync")
    stage.expect(
        "the next cycle does not try him again", len(stage.logged("export.quarantined")) == 1
    )


@story(
    "group-pair-fails-first",
    "Known issue: two new groups with one address",
    rule="If two Groups are created on-premises with the same SMTP address, one fails to provision on the "
    "first attempt with a standard duplicate ProxyAddress error. However, the provisioning of the Group "
    "with duplicate value is properly quarantined upon the next sync cycle.",
    settings={"tenant.known_issues": "group-pair-fails-first"},
)
def group_pair_fails_first(stage: Stage) -> None:
    stage.say(
        "Two groups are created, both with the address team@contoso.com, before a cycle sees them."
    )
    stage.directory.apply(
        user("ann", "Ann"),
        *(group(name, [user_dn("ann")], address="team@contoso.com") for name in ("Red", "Blue")),
    )
    stage.run("sync", code=1)
    stage.run("errors")
    stage.expect(
        "Red comes first; the other one, Blue, fails with an error of the old kind",
        stage.errors() == [("export", "Blue", "ProxyAddresses", "SMTP:team@contoso.com")],
    )
    stage.say("The next cycle tries again:")
    stage.run("sync", code=1)
    stage.expect(
        "now Blue is created, and the address is quarantined",
        stage.errors() == [("quarantine", "Blue", "ProxyAddresses", "SMTP:team@contoso.com")]
        and stage.find("Blue")["proxyAddresses"] == [],
    )
    stage.say("With the switch off, another pair of groups:")
    stage.set("tenant.known_issues", "none")
    stage.directory.apply(
        *(group(name, [user_dn("ann")], address="crew@contoso.com") for name in ("Gold", "Grey"))
    )
    stage.run("sync", code=1)
    stage.expect(
        "Gold comes first, and Grey is quarantined at once",
        [row[:2] for row in stage.errors() if "crew" in row[3]] == [("quarantine", "Grey")],
    )
    stage.expect("the log has no other failure", len(stage.logged("export.failed")) == 1)
