"""Play licences, deleted users, and users who swap their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.lab.records import contact, user, user_dn
from connector.lab.stage import story
from connector.values.ldif import delete, replace

if TYPE_CHECKING:
    from connector.lab.stage import Stage


@story(
    "exchange-licence",
    "A licence makes the UPN an address",
    rule="When assigning certain licenses like Exchange Online, the UPN will also be added as a mail and "
    "proxy address.",
)
def exchange_licence(stage: Stage) -> None:
    stage.say("Ann has a UPN and no mail address.")
    stage.directory.apply(user("ann", "Ann"))
    stage.run("sync")
    stage.expect("she has no proxy address", stage.find("Ann")["proxyAddresses"] == [])
    stage.run("tenant", "license", "ann@contoso.com", "--assign", "EXCHANGE")
    stage.run("show", "ann@contoso.com")
    ann = stage.find("Ann")
    stage.expect(
        "her UPN is her mail and her primary proxy address",
        ann["mail"] == "ann@contoso.com" and "SMTP:ann@contoso.com" in ann["proxyAddresses"],
    )
    stage.say("So no other object can have this address any more:")
    stage.directory.apply(
        contact("Carla", "carla@fabrikam.example", "Fabrikam", ["smtp:ann@contoso.com"])
    )
    stage.run("sync", code=1)
    stage.expect(
        "a contact that wants it is quarantined",
        stage.errors() == [("quarantine", "Carla", "ProxyAddresses", "smtp:ann@contoso.com")],
    )


@story(
    "restore",
    "A deleted user comes back",
    rule="A deleted user can come back for 30 days. During this time its values are free, and a restore "
    "goes through the same checks.",
)
def restore(stage: Stage) -> None:
    stage.directory.apply(user("ann", "Ann", upn="joe@contoso.com"), user("carl", "Carl"))
    stage.run("sync")
    stage.say("Ann is deleted from the directory.")
    stage.directory.apply(delete(user_dn("ann")))
    stage.run("sync")
    stage.run("objects", "--deleted")
    [deleted] = stage.json("objects", "--deleted")
    stage.expect("the tenant keeps her among the deleted users", deleted["displayName"] == "Ann")
    stage.say("Her UPN is free now, and Bob gets it.")
    stage.directory.apply(user("bob", "Bob", upn="joe@contoso.com"))
    stage.run("sync")
    stage.expect("nothing is quarantined", stage.errors() == [])
    stage.say("An administrator brings Ann back. A restore is checked like any other claim:")
    stage.run("tenant", "restore", deleted["id"])
    stage.run("errors")
    stage.expect(
        "she is back with a placeholder, and her UPN is quarantined",
        stage.errors() == [("quarantine", "Ann", "UserPrincipalName", "joe@contoso.com")],
    )
    stage.say("Bob gets another UPN, and the next sweep gives Ann hers back:")
    stage.directory.apply(replace(user_dn("bob"), {"userPrincipalName": "bob@contoso.com"}))
    stage.run("sync")
    stage.run("tenant", "sweep")
    stage.expect(
        "Ann signs in as joe@contoso.com again",
        stage.find("Ann")["userPrincipalName"] == "joe@contoso.com",
    )


@story(
    "swap",
    "Two users swap their names",
    rule="Deletes and releases come before claims: a value freed in a run is free for the others in it.",
)
def swap(stage: Stage) -> None:
    stage.directory.apply(
        user("ann", "Ann", upn="one@contoso.com", proxies=["SMTP:one@contoso.com"]),
        user("bob", "Bob", upn="two@contoso.com", proxies=["SMTP:two@contoso.com"]),
    )
    stage.run("sync")
    stage.say("Each gets the UPN and address of the other before the next cycle.")
    stage.directory.apply(
        replace(
            user_dn("ann"),
            {"userPrincipalName": "two@contoso.com", "proxyAddresses": "SMTP:two@contoso.com"},
        ),
        replace(
            user_dn("bob"),
            {"userPrincipalName": "one@contoso.com", "proxyAddresses": "SMTP:one@contoso.com"},
        ),
    )
    stage.run("sync")
    names = {name: stage.find(name) for name in ("Ann", "Bob")}
    stage.expect(
        "they have swapped their UPNs",
        [item["userPrincipalName"] for item in names.values()]
        == ["two@contoso.com", "one@contoso.com"],
    )
    stage.expect(
        "and their addresses",
        [item["proxyAddresses"] for item in names.values()]
        == [["SMTP:two@contoso.com"], ["SMTP:one@contoso.com"]],
    )
    stage.expect(
        "nothing was quarantined on the way",
        stage.logged("export.quarantined") == [] and stage.errors() == [],
    )
