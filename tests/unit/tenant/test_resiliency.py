"""Duplicate attribute resiliency: what is quarantined, and what the object looks like then."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from connector.model import Holder, ObjectType, Quarantined
from tests.unit.tenant.verbs import contact, delete, group, user

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.model import SyncObject
    from tests.unit.tenant.verbs import World


def test_second_user_with_a_upn_gets_a_placeholder(world: World) -> None:
    """Seed: "If this attribute is required for provisioning, like UserPrincipalName, the service
    assigns a placeholder value."
    """
    world.export(user("ann", "Joe@contoso.com"))
    world.export(user("bob", "joe@contoso.com"))

    upns = world.upns()

    assert upns["Ann"] == "Joe@contoso.com"
    assert re.fullmatch(r"joe[1-9]\d{3}@contoso\.onmicrosoft\.com", upns["Bob"])
    assert world.errors() == [("Bob", "UserPrincipalName", "joe@contoso.com")]


def test_separator_gives_the_literal_reading_of_the_format(
    make_world: Callable[..., World],
) -> None:
    """docs/sources.md 15.5: ``tenant.placeholder_separator = "+"``."""
    world = make_world(placeholder_separator="+")
    world.export(user("ann", "joe@contoso.com"), user("bob", "joe@contoso.com"))

    upn = world.upns()["Bob"]

    assert re.fullmatch(r"joe\+\d{4}@contoso\.onmicrosoft\.com", upn)


def test_result_of_a_quarantine_is_a_success_that_names_the_holder(world: World) -> None:
    """Seed: "the export for this object has succeeded"; docs/sources.md 14.2: description with success."""
    [ann] = world.export(user("ann", "joe@contoso.com"))
    [bob] = world.export(user("bob", "joe@contoso.com"))

    assert (bob.code, bob.action) == ("Success", "added")
    assert bob.description is not None
    assert "[UserPrincipalName joe@contoso.com;]" in bob.description
    assert ann.cloud_anchor is not None
    assert bob.quarantined == (
        Quarantined(
            "UserPrincipalName",
            "joe@contoso.com",
            Holder(ann.cloud_anchor.removeprefix("User_"), ObjectType.USER, "Ann"),
        ),
    )


@pytest.mark.parametrize(
    "holder",
    [
        user("ann", None, "SMTP:info@contoso.com"),
        group("desk", "smtp:info@contoso.com"),
        contact("carla", "SMTP:info@contoso.com"),
    ],
    ids=["user", "group", "contact"],
)
@pytest.mark.parametrize(
    "loser",
    [user("joe", None, "smtp:INFO@contoso.com"), contact("joe", "SMTP:INFO@contoso.com")],
    ids=["user", "contact"],
)
def test_proxy_address_is_quarantined_across_types(
    world: World, holder: SyncObject, loser: SyncObject
) -> None:
    """Seed: unique "across all User, Group, or Contact objects"; "If the attribute is not required,
    like ProxyAddresses, Azure Active Directory simply quarantines the conflict attribute and
    proceeds with the object creation or update."
    """
    world.export(holder)
    [result] = world.export(loser)

    assert (result.code, result.action) == ("Success", "added")
    assert world.proxies()["Joe"] == []
    [(name, attribute, value)] = world.errors()
    assert (name, attribute, value.lower()) == ("Joe", "ProxyAddresses", "smtp:info@contoso.com")


def test_group_with_the_address_of_a_user_is_quarantined_at_once(world: World) -> None:
    world.export(user("ann", None, "SMTP:info@contoso.com"))

    [result] = world.export(group("desk", "SMTP:info@contoso.com", "smtp:desk@contoso.com"))

    assert result.action == "added"
    assert world.proxies()["Desk"] == ["SMTP:desk@contoso.com"]


def test_several_values_of_one_object_are_quarantined_together(world: World) -> None:
    world.export(user("ann", "a@contoso.com", "SMTP:a@contoso.com", "smtp:b@contoso.com"))

    world.export(user("bob", "a@contoso.com", "SMTP:b@contoso.com", "smtp:c@contoso.com"))

    assert world.errors() == [
        ("Bob", "ProxyAddresses", "SMTP:b@contoso.com"),
        ("Bob", "UserPrincipalName", "a@contoso.com"),
    ]
    assert world.proxies()["Bob"] == ["SMTP:c@contoso.com"]


def test_mail_follows_the_address_that_becomes_primary(world: World) -> None:
    """docs/sources.md 10: "mail = computed primary, so mail changes too"."""
    world.export(user("ann", None, "SMTP:a@contoso.com"))

    world.export(
        user("bob", None, "SMTP:a@contoso.com", "smtp:b@contoso.com", mail="a@contoso.com")
    )

    assert world.tenant.show("bob@contoso.com")["mail"] == "b@contoso.com"


def test_upn_and_proxy_namespaces_are_apart(world: World) -> None:
    """docs/sources.md 15.2: a UPN without a licence does not clash with somebody's proxy address."""
    world.export(user("ann", "joe@contoso.com"))

    world.export(contact("carla", "SMTP:joe@contoso.com"))

    assert world.errors() == []


def test_update_to_a_held_upn_gets_a_placeholder(world: World) -> None:
    """docs/sources.md 15.6, after the seed: "Similarly, if an object was updated with a non-unique UPN"."""
    world.export(user("ann", "joe@contoso.com"), user("bob"))

    [result] = world.export(user("bob", "joe@contoso.com"))

    assert result.action == "updated"
    assert re.fullmatch(r"joe\d{4}@contoso\.onmicrosoft\.com", world.upns()["Bob"])


def test_update_to_a_held_upn_may_keep_the_old_one(make_world: Callable[..., World]) -> None:
    world = make_world(upn_update_conflict="keep")
    world.export(user("ann", "joe@contoso.com"), user("bob"))

    world.export(user("bob", "joe@contoso.com"))

    assert world.upns()["Bob"] == "bob@contoso.com"
    assert world.errors() == [("Bob", "UserPrincipalName", "joe@contoso.com")]


def test_kept_upn_is_not_given_to_another_one_of_the_batch(
    make_world: Callable[..., World],
) -> None:
    world = make_world(upn_update_conflict="keep")
    world.export(user("ann", "joe@contoso.com"), user("bob"))

    world.export(user("eve", "bob@contoso.com"), user("bob", "joe@contoso.com"))

    assert world.upns()["Bob"] == "bob@contoso.com"
    assert ("Eve", "UserPrincipalName", "bob@contoso.com") in world.errors()


def test_unchanged_loser_is_not_reported_again_and_keeps_its_time(world: World) -> None:
    """Seed: the client "only reports an error on the first attempt"."""
    world.export(user("ann", "joe@contoso.com"))
    world.export(user("bob", "joe@contoso.com"))
    [before] = world.tenant.provisioning_errors()
    placeholder = world.upns()["Bob"]

    [result] = world.export(user("bob", "joe@contoso.com", department="Sales"))

    [after] = world.tenant.provisioning_errors()
    assert (result.action, result.quarantined, result.description) == ("updated", (), None)
    assert after == before
    assert world.upns()["Bob"] == placeholder


def test_loser_that_wants_another_value_has_no_error_any_more(world: World) -> None:
    """docs/sources.md 10, loser changes its own value."""
    world.export(user("ann", "joe@contoso.com"), user("bob", "joe@contoso.com"))

    world.export(user("bob", "bob@contoso.com"))

    assert world.errors() == []
    assert world.upns()["Bob"] == "bob@contoso.com"


def test_deleted_loser_takes_its_errors_along(world: World) -> None:
    bob = user("bob", "joe@contoso.com")
    world.export(user("ann", "joe@contoso.com"), bob)

    world.export(delete(bob))

    assert world.errors() == []


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_two_users_swap_upns_in_one_batch(world: World, order: tuple[int, int]) -> None:
    """docs/sources.md 15.16: "deletes and releases come before claims"."""
    world.export(user("ann"), user("bob"))
    swap = [user("ann", "bob@contoso.com"), user("bob", "ann@contoso.com")]

    world.export(*[swap[position] for position in order])

    assert world.upns() == {"Ann": "bob@contoso.com", "Bob": "ann@contoso.com"}
    assert world.errors() == []


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_addresses_move_in_a_circle_of_types(world: World, order: tuple[int, ...]) -> None:
    a, b, c = "SMTP:a@contoso.com", "SMTP:b@contoso.com", "SMTP:c@contoso.com"
    world.export(user("ann", None, a), group("desk", b), contact("carla", c))
    circle = [user("ann", None, b), group("desk", c), contact("carla", a)]

    world.export(*[circle[position] for position in order])

    assert world.proxies() == {"Ann": [b], "Carla": [a], "Desk": [c]}
    assert world.errors() == []


def test_value_of_a_deleted_object_is_free_in_the_same_batch(world: World) -> None:
    ann = user("ann", "joe@contoso.com")
    world.export(ann)

    world.export(user("bob", "joe@contoso.com"), delete(ann))

    assert world.upns() == {"Bob": "joe@contoso.com"}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_object_that_fails_gives_nothing_up(world: World, order: tuple[int, int]) -> None:
    """The old values of a failed update stay its own, whoever of the batch wants them."""
    world.export(user("ann", "ann@contoso.com", "SMTP:ann@contoso.com", "SIP:ann@contoso.com"))
    world.export(user("bob", "bob@contoso.com", "SMTP:bob@contoso.com"))
    batch = [
        user("eve", "eve@contoso.com", "SMTP:bob@contoso.com"),
        user("bob", "bob@contoso.com", "SMTP:new@contoso.com", "SIP:ann@contoso.com"),
    ]

    results = world.export(*[batch[position] for position in order])

    codes = {result.source_anchor: result.code for result in results}
    assert codes == {"eve": "Success", "bob": "AttributeValueMustBeUnique"}
    assert world.proxies()["Bob"] == ["SMTP:bob@contoso.com"]
    assert world.errors() == [("Eve", "ProxyAddresses", "SMTP:bob@contoso.com")]


def test_sip_addresses_are_never_quarantined(world: World) -> None:
    """docs/sources.md 1.1: SIP and SID conflicts stay hard ``AttributeValueMustBeUnique`` errors."""
    world.export(user("ann", None, "SIP:joe@contoso.com"))

    [result] = world.export(user("bob", None, "sip:JOE@contoso.com"))

    assert (result.code, result.attribute, result.value) == (
        "AttributeValueMustBeUnique",
        "ProxyAddresses",
        "sip:JOE@contoso.com",
    )
    assert list(world.upns()) == ["Ann"]


def test_the_sip_address_that_clashes_is_named_and_not_the_mailbox_of_the_same_name(
    world: World,
) -> None:
    world.export(user("ann", None, "SIP:joe@contoso.com"))

    [result] = world.export(user("bob", None, "smtp:joe@contoso.com", "sip:joe@contoso.com"))

    assert (result.code, result.value) == ("AttributeValueMustBeUnique", "sip:joe@contoso.com")


def test_an_address_of_another_type_is_not_set_aside_with_the_mailbox_of_the_same_name(
    world: World,
) -> None:
    world.export(user("ann", None, "SMTP:joe@contoso.com"))

    world.export(user("bob", None, "smtp:joe@contoso.com", "x500:joe@contoso.com"))

    assert world.proxies()["Bob"] == ["x500:joe@contoso.com"]
    assert world.errors() == [("Bob", "ProxyAddresses", "smtp:joe@contoso.com")]


def test_security_identifiers_are_never_quarantined(world: World) -> None:
    sid = "S-1-5-21-1-2-3-1001"
    world.export(user("ann", onPremisesSecurityIdentifier=sid))

    [result] = world.export(user("bob", onPremisesSecurityIdentifier=sid))

    assert (result.code, result.value) == ("AttributeValueMustBeUnique", sid)


def test_same_history_draws_the_same_digits(make_world: Callable[..., World]) -> None:
    drawn = []
    for _ in range(2):
        world = make_world(random_seed=7)
        world.export(user("ann", "joe@contoso.com"), user("bob", "joe@contoso.com"))
        drawn.append(world.upns()["Bob"])

    assert drawn[0] == drawn[1]


def test_security_identifier_of_a_deleted_user_is_free_again(world: World) -> None:
    sid = {"onPremisesSecurityIdentifier": "S-1-5-21-1004"}
    world.export(user("ann", **sid))
    [refused] = world.export(user("bob", **sid))
    world.export(delete(user("ann")))

    [result] = world.export(user("bob", **sid))

    assert (refused.code, result.action) == ("AttributeValueMustBeUnique", "added")


def test_what_a_user_gives_up_while_it_keeps_its_upn_is_free_for_those_after_it(
    make_world: Callable[..., World],
) -> None:
    world = make_world(upn_update_conflict="keep")
    world.export(user("ann"), user("bob", None, "SMTP:info@contoso.com"))

    world.export(
        user("eve", "bob@contoso.com"),
        user("bob", "ann@contoso.com"),
        contact("zoe", "SMTP:info@contoso.com"),
    )

    assert world.proxies()["Zoe"] == ["SMTP:info@contoso.com"]
    assert world.errors() == [
        ("Bob", "UserPrincipalName", "ann@contoso.com"),
        ("Eve", "UserPrincipalName", "bob@contoso.com"),
    ]


def test_user_whose_kept_upn_was_claimed_before_it_still_gives_up_its_addresses(
    make_world: Callable[..., World],
) -> None:
    """Only the UPN turns out to be kept: releases come before claims for everything else."""
    world = make_world(upn_update_conflict="keep")
    world.export(user("ann"), user("bob", None, "SMTP:info@contoso.com"))

    world.export(
        user("eve", "bob@contoso.com"),
        contact("carla", "SMTP:info@contoso.com"),
        user("bob", "ann@contoso.com"),
    )

    assert world.proxies()["Carla"] == ["SMTP:info@contoso.com"]
    assert world.errors() == [
        ("Bob", "UserPrincipalName", "ann@contoso.com"),
        ("Eve", "UserPrincipalName", "bob@contoso.com"),
    ]


def test_kept_upn_that_is_an_address_too_is_kept_from_those_before_it(
    make_world: Callable[..., World],
) -> None:
    world = make_world(upn_update_conflict="keep")
    world.export(user("ann"), user("bob", None, "SMTP:info@contoso.com"))
    world.tenant.administrator.license("bob", assign=True)

    world.export(
        contact("carla", "SMTP:bob@contoso.com", "smtp:info@contoso.com"),
        user("eve", "bob@contoso.com"),
        user("bob", "ann@contoso.com"),
    )

    assert world.proxies()["Carla"] == ["SMTP:info@contoso.com"]
    assert world.errors() == [
        ("Bob", "UserPrincipalName", "ann@contoso.com"),
        ("Carla", "ProxyAddresses", "SMTP:bob@contoso.com"),
        ("Eve", "UserPrincipalName", "bob@contoso.com"),
    ]


def test_address_that_is_the_upn_too_is_quarantined_once_and_as_given(world: World) -> None:
    world.export(contact("carla", "SMTP:joe@contoso.com"), user("bob"))
    world.tenant.administrator.license("bob", assign=True)

    [result] = world.export(user("bob", "joe@contoso.com", "SMTP:Joe@contoso.com"))

    assert [item.value for item in result.quarantined] == ["SMTP:Joe@contoso.com"]
    assert world.errors() == [("Bob", "ProxyAddresses", "SMTP:Joe@contoso.com")]


def test_user_that_waits_keeps_its_placeholder_though_the_first_draw_is_free_by_now(
    make_world: Callable[..., World],
) -> None:
    ann, bob = user("ann", "joe@contoso.com"), user("bob", "joe@contoso.com")
    first_draw, world = make_world(), make_world()
    first_draw.export(ann, bob)
    taken = {"displayName": "Cloud", "userPrincipalName": first_draw.upns()["Bob"]}
    cloud = world.tenant.administrator.add("user", taken)
    world.export(ann, bob)
    placeholder = world.upns()["Bob"]
    world.tenant.administrator.delete(cloud["id"], hard=True)

    world.export(user("bob", "joe@contoso.com", jobTitle="Engineer"))

    assert placeholder != first_draw.upns()["Bob"]
    assert world.upns()["Bob"] == placeholder


def test_hard_error_names_every_value_that_others_hold(world: World) -> None:
    """docs/sources.md 2.2: the one that fails the object comes first."""
    world.export(user("ann", "joe@contoso.com", "SMTP:a@contoso.com", "SIP:joe@contoso.com"))

    [result] = world.export(
        user("bob", "joe@contoso.com", "smtp:a@contoso.com", "sip:joe@contoso.com")
    )

    assert (result.attribute, result.value) == ("ProxyAddresses", "sip:joe@contoso.com")
    assert (
        "[SipProxyAddress sip:joe@contoso.com,ProxyAddresses smtp:a@contoso.com,"
        "UserPrincipalName joe@contoso.com;]"
    ) in (result.description or "")


def test_known_issue_names_every_value_that_others_hold(world: World) -> None:
    """Known issue 1 fails on the address of the UPN; the others are duplicates too."""
    world.export(group("desk", "SMTP:joe@contoso.com", "smtp:info@contoso.com"), user("ann"))

    [result] = world.export(user("joe", None, "smtp:info@contoso.com", "smtp:joe@contoso.com"))

    assert (result.attribute, result.value) == ("ProxyAddresses", "smtp:joe@contoso.com")
    assert "[ProxyAddresses smtp:joe@contoso.com,smtp:info@contoso.com;]" in (
        result.description or ""
    )
