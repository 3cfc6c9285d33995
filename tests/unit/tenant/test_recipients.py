"""The worked examples of the public documents, with their values before and after.

Sources: "How the proxyAddresses attribute is populated in Microsoft Entra ID" (KB 3190357) and
"Microsoft Entra UserPrincipalName population".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from connector.errors import TenantRefused
from connector.tenant import recipients
from connector.tenant.objects import Policy
from tests.unit.tenant.verbs import contact, group, user

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.tenant.verbs import World

POLICY = Policy("contoso.onmicrosoft.com", frozenset({"contoso.com"}), "seed")


def seen(world: World, name: str) -> tuple[str | None, str, set[str], str]:
    """Return mail, mailNickname, proxyAddresses and userPrincipalName."""
    item = world.tenant.show(name)
    return (
        item["mail"],
        item["mailNickname"],
        set(item["proxyAddresses"]),
        item["userPrincipalName"],
    )


def licensed(world: World, name: str) -> None:
    world.tenant.administrator.license(name, assign=True)


def bare(name: str, upn: str, *proxies: str, **more: Any) -> Any:
    return user(name, upn, *proxies, **more)


def test_scenario_1_upn_only(world: World) -> None:
    world.export(bare("u1", "user1upn@contoso.com"))
    assert seen(world, "u1") == (None, "user1upn", set(), "user1upn@contoso.com")

    licensed(world, "u1")

    assert seen(world, "u1") == (
        "user1upn@contoso.com",
        "user1upn",
        {"smtp:user1upn@contoso.onmicrosoft.com", "SMTP:user1upn@contoso.com"},
        "user1upn@contoso.com",
    )


def test_scenario_2_mail_and_upn(world: World) -> None:
    world.export(bare("u2", "user2upn@contoso.com", mail="user2mail@contoso.com"))
    assert seen(world, "u2") == (
        "user2mail@contoso.com",
        "user2mail",
        {"SMTP:user2mail@contoso.com"},
        "user2upn@contoso.com",
    )

    licensed(world, "u2")

    assert seen(world, "u2")[2] == {
        "smtp:user2upn@contoso.com",
        "smtp:user2mail@contoso.onmicrosoft.com",
        "SMTP:user2mail@contoso.com",
    }


def test_scenario_3_proxy_addresses_change(world: World) -> None:
    def proxies(name: str) -> list[str]:
        return [
            f"smtp:{name}3@fabrikam.microsoftonline.com",
            f"smtp:{name}2@contoso.onmicrosoft.com",
            f"SMTP:{name}1@contoso.com",
        ]

    world.export(bare("u3", "user3upn@contoso.com", *proxies("user3pa")))
    licensed(world, "u3")
    assert seen(world, "u3") == (
        "user3pa1@contoso.com",
        "user3pa1",
        {
            "smtp:user3upn@contoso.com",
            "smtp:user3pa1@contoso.onmicrosoft.com",
            "SMTP:user3pa1@contoso.com",
        },
        "user3upn@contoso.com",
    )

    world.export(bare("u3", "user3upn@contoso.com", *proxies("user3new")))

    assert seen(world, "u3") == (
        "user3new1@contoso.com",
        "user3pa1",
        {
            "SMTP:user3new1@contoso.com",
            "smtp:user3upn@contoso.com",
            "smtp:user3pa1@contoso.onmicrosoft.com",
        },
        "user3upn@contoso.com",
    )


def test_scenario_4_licence_removed(world: World) -> None:
    world.export(bare("u4", "user4upn@contoso.com"))
    licensed(world, "u4")
    world.tenant.administrator.license("u4", assign=False)
    assert seen(world, "u4") == (
        "user4upn@contoso.onmicrosoft.com",
        "user4upn",
        {"SMTP:user4upn@contoso.onmicrosoft.com"},
        "user4upn@contoso.com",
    )

    world.export(bare("u4", "user4upn@contoso.com", "smtp:user4new@contoso.com"))

    assert seen(world, "u4") == (
        "user4upn@contoso.onmicrosoft.com",
        "user4upn",
        {
            "smtp:user4upn@contoso.com",
            "smtp:user4new@contoso.com",
            "SMTP:user4upn@contoso.onmicrosoft.com",
        },
        "user4upn@contoso.com",
    )


def test_scenario_5_mail_nickname_changes(world: World) -> None:
    world.export(bare("u5", "user5upn@contoso.com"))
    licensed(world, "u5")

    world.export(bare("u5", "user5upn@contoso.com", mailNickname="user5new1"))

    assert seen(world, "u5") == (
        "user5upn@contoso.com",
        "user5new1",
        {"smtp:user5upn@contoso.onmicrosoft.com", "SMTP:user5upn@contoso.com"},
        "user5upn@contoso.com",
    )


def test_scenario_6_same_mail_nickname(world: World) -> None:
    for name in ("a", "b"):
        world.export(bare(name, f"user6{name}@contoso.com", mailNickname="user6mnn"))
        licensed(world, name)

    first, second = seen(world, "a"), seen(world, "b")

    assert first[2] == {"SMTP:user6a@contoso.com", "smtp:user6mnn@contoso.onmicrosoft.com"}
    assert (second[1], "SMTP:user6b@contoso.com" in second[2]) == ("user6mnn", True)
    [moera] = second[2] - {"SMTP:user6b@contoso.com"}
    assert re.fullmatch(r"smtp:user6mnn\d{4}@contoso\.onmicrosoft\.com", moera)


@pytest.fixture
def unverified(make_world: Callable[..., World]) -> World:
    """The UPN article's tenant: contoso.com is not verified, verified.contoso.com is."""
    return make_world(verified_domains=("verified.contoso.com",))


def test_upn_scenarios_1_to_5(unverified: World) -> None:
    world = unverified

    def export(upn: str, primary: str, mail: str, **more: Any) -> tuple[str, str]:
        world.export(
            bare("u", f"{upn}", f"SMTP:{primary}@contoso.com", mail=f"{mail}@contoso.com", **more)
        )
        item = world.tenant.show("u")
        return item["mailNickname"], item["userPrincipalName"]

    four = {"mailNickname": "user4"}
    initial = "contoso.onmicrosoft.com"

    assert [
        export("user3@contoso.com", "user1", "user2"),
        export("user3@contoso.com", "user1", "user2", **four),
        export("user5@contoso.com", "user1", "user2", **four),
        export("user5@contoso.com", "user6", "user7", **four),
        export("user5@verified.contoso.com", "user6", "user7", **four),
    ] == [
        ("user1", f"user1@{initial}"),
        ("user4", f"user1@{initial}"),
        ("user4", f"user4@{initial}"),
        ("user4", f"user4@{initial}"),
        ("user4", "user5@verified.contoso.com"),
    ]


@pytest.mark.parametrize(
    "wanted",
    ["joe smith@contoso.com", "joe@contoso.com\n", "joe\u200b@contoso.com", "joe@elsewhere.org"],
)
def test_invisible_characters_and_unverified_suffixes_recalculate_the_upn(wanted: str) -> None:
    """UPN article: "Any invalid characters (for example, white space, line break, etc.)"."""
    assert (
        recipients.upn({"userPrincipalName": wanted}, "joe", POLICY)
        == "joe@contoso.onmicrosoft.com"
    )


def test_mail_nickname_becomes_a_usable_prefix() -> None:
    assert recipients.routing_prefix(".joe smith+x.") == "joe_smith_x"


def test_users_without_a_verified_domain_fall_to_the_initial_one(
    make_world: Callable[..., World],
) -> None:
    world = make_world(verified_domains=())

    world.export(bare("ann", "ann@contoso.com"))

    assert world.upns() == {"Ann": "ann@contoso.onmicrosoft.com"}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (["SMTP: a@b.com", "smtp:a b@c.com", "a@b.com", "smtp:", "smtp:a@b@c.com"], []),
        (
            ["X400:c=us;a= ;p=x", "MSMAIL:x", "x500:/o=x/cn=y", "SIP:a@b.com"],
            ["x500:/o=x/cn=y", "SIP:a@b.com"],
        ),
        (["smtp:a@b.com", "SMTP:A@b.com"], ["SMTP:A@b.com"]),
        (["SMTP:a@b.com", "smtp:A@B.com"], ["SMTP:a@b.com"]),
        (["SMTP:a@b.com", "SMTP:c@b.com"], ["SMTP:a@b.com", "smtp:c@b.com"]),
        (
            ["smtp:x@y.onmicrosoft.com", "smtp:x@microsoftonline.com.org"],
            ["smtp:x@microsoftonline.com.org"],
        ),
        (["smtp:a(b)@c.com", 'smtp:"a"@c.com', "smtp:a:b@c.com"], []),
        (["smtp :a@b.com", "\u017fmtp:a@b.com", "sip: ", "smtp:a\u200b@b.com"], []),
        (["x500:joe@b.com", "smtp:joe@b.com"], ["x500:joe@b.com", "smtp:joe@b.com"]),
    ],
)
def test_addresses_are_sorted_out_in_silence(given: list[str], kept: list[str]) -> None:
    """docs/sources.md 6.4: reserved suffixes, legacy types and malformed values are discarded."""
    found = recipients.addresses({"proxyAddresses": given}, POLICY, mailbox=False)

    assert [proxy.text for proxy in found] == kept


def test_mailbox_keeps_no_address_of_an_unverified_domain(world: World) -> None:
    """docs/sources.md 6.4: removed "only if the user has an Exchange Online plan"."""
    world.export(bare("ann", "ann@contoso.com", "SMTP:ann@contoso.com", "smtp:ann@other.org"))
    before = seen(world, "ann")[2]

    licensed(world, "ann")

    assert "smtp:ann@other.org" in before
    assert "smtp:ann@other.org" not in seen(world, "ann")[2]


def test_licence_is_refused_where_the_upn_is_the_address_of_another_one(world: World) -> None:
    """docs/sources.md 10: "Uniqueness violation. Property: ProxyAddresses."."""
    world.export(bare("ann", "joe@contoso.com"), contact("carla", "SMTP:joe@contoso.com"))

    with pytest.raises(TenantRefused, match=r"Uniqueness violation\. Property: ProxyAddresses\."):
        licensed(world, "ann")


def test_upn_of_a_licensed_user_is_also_in_the_proxy_namespace(world: World) -> None:
    """Seed: "When assigning certain licenses like Exchange Online, the UPN will also be added as a
    mail and proxy address."
    """
    world.export(bare("ann", "joe@contoso.com"))
    licensed(world, "ann")

    world.export(contact("carla", "SMTP:joe@contoso.com"))

    assert world.errors() == [("Carla", "ProxyAddresses", "SMTP:joe@contoso.com")]


def test_placeholder_of_a_licensed_user_is_its_proxy_too(world: World) -> None:
    """KB 3166795: the "SMTP proxy address will also contain the number"."""
    world.export(bare("ann", "joe@contoso.com"), bare("bob", "bob@contoso.com"))
    licensed(world, "bob")

    world.export(bare("bob", "joe@contoso.com"))

    upn = world.upns()["Bob"]
    assert upn.startswith("joe")
    assert f"SMTP:{upn}" in seen(world, "bob")[2]


def test_routing_address_becomes_primary_where_the_primary_is_quarantined(world: World) -> None:
    world.export(bare("ann", "ann@contoso.com"), contact("carla", "SMTP:info@contoso.com"))
    licensed(world, "ann")

    world.export(bare("ann", "ann@contoso.com", "SMTP:info@contoso.com"))

    assert seen(world, "ann")[0] == "ann@contoso.onmicrosoft.com"


def test_secondary_addresses_alone_make_no_primary(world: World) -> None:
    """Without a licence there is no routing address to become primary; mail stays the shadow's."""
    world.export(bare("ann", "ann@contoso.com", "smtp:info@contoso.com", mail="other@contoso.com"))

    assert seen(world, "ann")[0] == "other@contoso.com"
    assert seen(world, "ann")[2] == {"smtp:info@contoso.com"}


def test_no_address_becomes_primary_where_none_was_lost(world: World) -> None:
    """A secondary address that is set aside makes no primary one of those that are left."""
    world.export(contact("carla", "SMTP:info@contoso.com"))

    world.export(bare("ann", "ann@contoso.com", "smtp:info@contoso.com", "smtp:desk@contoso.com"))

    assert seen(world, "ann")[0] is None
    assert seen(world, "ann")[2] == {"smtp:desk@contoso.com"}


def test_verified_domain_gives_every_user_its_upn(world: World) -> None:
    """docs/sources.md 6.6, "No export from the client is needed"."""
    world.export(bare("ann", "ann@new.example"), bare("bob", "bob@contoso.com"))
    _, cookie = world.tenant.read_back(None)

    world.tenant.administrator.set_domain("New.example", verified=True)
    added = world.upns()
    world.tenant.administrator.set_domain("new.example", verified=False, force=True)

    assert added == {"Ann": "ann@new.example", "Bob": "bob@contoso.com"}
    assert world.upns() == {"Ann": "ann@contoso.onmicrosoft.com", "Bob": "bob@contoso.com"}
    assert list(world.tenant.read_back(cookie)[0]) == []


def test_domain_verified_in_the_settings_counts_from_the_next_start(world: World) -> None:
    world.export(bare("ann", "ann@new.example"))

    world.switch(verified_domains=("contoso.com", "new.example"))

    assert world.upns() == {"Ann": "ann@new.example"}


def test_verified_domain_never_breaks_uniqueness(world: World) -> None:
    world.export(bare("ann", "joe@new.example"), bare("bob", "joe@new.example"))

    world.tenant.administrator.set_domain("new.example", verified=True)

    assert world.upns()["Ann"] == "joe@new.example"
    assert world.errors() == [("Bob", "UserPrincipalName", "joe@new.example")]


def test_contacts_and_groups_take_their_primary_from_mail(world: World) -> None:
    """docs/sources.md 6.5: "mail only -> primary from mail"."""
    world.export(
        contact("carla", mail="carla@fabrikam.com"), group("desk", mail="desk@contoso.com")
    )

    assert world.proxies() == {
        "Carla": ["SMTP:carla@fabrikam.com"],
        "Desk": ["SMTP:desk@contoso.com"],
    }


def test_a_licence_that_alters_no_address_is_remembered(world: World) -> None:
    """The next change of the UPN must not show addresses of a licence that was taken away."""
    world.export(user("ann"))
    licensed(world, "ann")
    world.tenant.administrator.license("ann", assign=False)
    world.export(user("ann", "Ann@contoso.com"))
    licensed(world, "ann")

    world.tenant.administrator.license("ann", assign=False)

    assert world.tenant.show("Ann@contoso.com")["proxyAddresses"] == [
        "SMTP:ann@contoso.onmicrosoft.com"
    ]
