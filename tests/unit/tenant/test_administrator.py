"""The cloud side under an administrator: objects, domains, features, the clock."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from connector.errors import TenantRefused, UnknownObject, WorkStopped
from tests.unit.tenant.verbs import START, contact, group, user

if TYPE_CHECKING:
    from tests.unit.tenant.verbs import World

JOE = {"displayName": "Joe", "userPrincipalName": "joe@contoso.com"}


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("user", JOE | {"proxyAddresses": ["SMTP:joe@contoso.com"], "jobTitle": "Boss"}),
        ("group", {"displayName": "Desk", "proxyAddresses": ["SMTP:desk@contoso.com"]}),
        ("contact", {"displayName": "Carla", "proxyAddresses": ["SMTP:carla@contoso.com"]}),
    ],
)
def test_cloud_object_shows_what_it_was_given(
    world: World, kind: str, properties: dict[str, object]
) -> None:
    added = world.tenant.administrator.add(kind, properties)

    assert added == world.tenant.show(added["id"])
    assert {name: added[name] for name in properties} == properties
    assert (added["objectType"], added["onPremisesSyncEnabled"]) == (kind, None)


def test_only_users_hold_administrator_roles(world: World) -> None:
    with pytest.raises(TenantRefused, match="only users do"):
        world.tenant.administrator.add("group", {"displayName": "Desk"}, admin_role=True)

    assert list(world.tenant.objects()) == []


def test_cloud_user_needs_a_upn_in_a_verified_domain(world: World) -> None:
    with pytest.raises(TenantRefused, match=r"verified domain of the tenant: contoso\.com, "):
        world.tenant.administrator.add("user", {"displayName": "Joe"})


def test_usage_location_of_a_synchronized_user_stands_until_the_directory_has_another(
    world: World,
) -> None:
    [result] = world.export(user("ann"))
    identity = (result.cloud_anchor or "").removeprefix("User_")
    cookie = world.tenant.position()
    shown = [world.tenant.administrator.change(identity, {"usageLocation": "DE"})]
    read_back = list(world.tenant.read_back(cookie)[0])
    for properties in ({"jobTitle": "Boss"}, {"usageLocation": "FR"}):
        world.export(user("ann", **properties))
        shown.append(world.tenant.show(identity))

    assert [item["usageLocation"] for item in shown] == ["DE", "DE", "FR"]
    assert read_back == []
    with pytest.raises(TenantRefused, match="change it in the directory"):
        world.tenant.administrator.change(identity, {"usageLocation": "DE", "city": "Bonn"})


def test_source_anchor_can_be_given_later_for_a_hard_match(world: World) -> None:
    """docs/sources.md 5.4: the immutable id "can be set on users only"."""
    administrator = world.tenant.administrator
    identity = administrator.add("user", JOE)["id"]

    shown = administrator.change(identity, {"onPremisesImmutableId": "joe"})
    [result] = world.export(user("joe", "other@contoso.com"))

    assert shown["onPremisesImmutableId"] == "joe"
    assert result.cloud_anchor == f"User_{identity}"
    assert world.upns() == {"Joe": "other@contoso.com"}


def test_source_anchor_can_be_taken_from_a_cloud_user(world: World) -> None:
    administrator = world.tenant.administrator
    identity = administrator.add("user", JOE | {"onPremisesImmutableId": "joe"})["id"]

    shown = administrator.change(identity, {"onPremisesImmutableId": ""})

    assert shown["onPremisesImmutableId"] is None
    assert world.tenant.show(identity) == shown


def test_source_anchor_of_another_object_is_refused(world: World) -> None:
    world.export(user("ann"))
    identity = world.tenant.administrator.add("user", JOE)["id"]

    with pytest.raises(TenantRefused, match="onPremisesImmutableId ann already"):
        world.tenant.administrator.change(identity, {"onPremisesImmutableId": "ann"})


def test_source_anchor_of_a_user_that_was_synchronized_does_not_change(world: World) -> None:
    """docs/sources.md 5.1: "Cannot change after export"."""
    world.export(user("ann"))
    world.tenant.administrator.delete("ann")
    world.tenant.administrator.restore("ann")

    with pytest.raises(TenantRefused, match="its source anchor does not change"):
        world.tenant.administrator.change("ann", {"onPremisesImmutableId": "eve"})


def test_restored_user_is_the_administrators_until_the_directory_takes_it_back(
    world: World,
) -> None:
    world.export(user("ann"))
    world.tenant.administrator.delete("ann")
    world.tenant.administrator.restore("ann")

    changed = world.tenant.administrator.change("ann", {"jobTitle": "Boss"})
    [result] = world.export(user("ann"))

    assert (changed["jobTitle"], changed["onPremisesSyncEnabled"]) == ("Boss", False)
    assert (result.action, world.tenant.show("ann")["jobTitle"]) == ("updated", None)


def test_deleted_object_is_told(world: World) -> None:
    world.export(user("ann"), group("desk"), contact("carla"))

    gone = [world.tenant.administrator.delete(name) for name in ("ann", "desk", "carla")]

    assert [item["objectType"] for item in gone] == ["user", "group", "contact"]
    assert list(world.tenant.objects()) == []
    assert [item["displayName"] for item in world.tenant.objects(deleted=True)] == ["Ann"]


def test_deleted_user_is_removed_for_good_at_the_second_time(world: World) -> None:
    administrator = world.tenant.administrator
    world.export(user("ann"))
    administrator.delete("ann")

    with pytest.raises(TenantRefused, match="--hard removes it"):
        administrator.delete("ann")
    administrator.delete("ann", hard=True)

    with pytest.raises(UnknownObject):
        administrator.restore("ann")


def test_domains_are_listed_with_the_initial_one(world: World) -> None:
    world.tenant.administrator.set_domain("Wingtip.example", verified=True, federated=True)

    assert world.tenant.administrator.domains() == [
        ("contoso.com", False, False),
        ("contoso.onmicrosoft.com", True, False),
        ("fabrikam.com", False, False),
        ("wingtip.example", False, True),
    ]


@pytest.mark.parametrize(
    "name", ["", "contoso", "a b.com", "x@contoso.com", "contoso.com\n", "-.x"]
)
def test_what_is_no_domain_is_not_verified(world: World, name: str) -> None:
    with pytest.raises(TenantRefused, match="is not a domain name such as"):
        world.tenant.administrator.set_domain(name, verified=True)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Contoso.onmicrosoft.com", "The initial domain cannot be removed."),
        ("other.org", "The tenant has no domain 'other.org'. It has: contoso.com, "),
    ],
)
def test_domain_that_cannot_go_stays(world: World, name: str, message: str) -> None:
    with pytest.raises(TenantRefused, match=message):
        world.tenant.administrator.set_domain(name, verified=False)


def test_removed_domain_is_gone(world: World) -> None:
    world.export(user("ann", "ann@fabrikam.com", mailNickname="ann"))

    world.tenant.administrator.set_domain("fabrikam.com", verified=False, force=True)

    assert world.upns() == {"Ann": "ann@contoso.onmicrosoft.com"}


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("user", {"displayName": "Joe", "userPrincipalName": "joe@Fabrikam.com"}),
        ("user", JOE | {"proxyAddresses": ["smtp:joe@fabrikam.com"]}),
        ("group", {"displayName": "Joe", "proxyAddresses": ["SMTP:desk@FABRIKAM.com"]}),
    ],
)
def test_domain_in_use_is_not_removed(
    world: World, kind: str, properties: dict[str, object]
) -> None:
    world.tenant.administrator.add(kind, properties)

    with pytest.raises(TenantRefused, match=r"1 object with a UPN or an address in .* \(Joe\)"):
        world.tenant.administrator.set_domain("fabrikam.com", verified=False)

    assert "fabrikam.com" in [domain.name for domain in world.tenant.administrator.domains()]


def test_contacts_and_deleted_users_keep_no_domain(world: World) -> None:
    world.export(contact("carla", "SMTP:carla@fabrikam.com"), user("joe", "joe@fabrikam.com"))
    world.tenant.administrator.delete("joe")

    world.tenant.administrator.set_domain("fabrikam.com", verified=False)

    assert "fabrikam.com" not in [domain.name for domain in world.tenant.administrator.domains()]


def test_cloud_user_keeps_the_upn_that_it_got_when_its_domain_went(world: World) -> None:
    administrator = world.tenant.administrator
    identity = administrator.add("user", JOE | {"userPrincipalName": "joe@fabrikam.com"})["id"]
    administrator.add(
        "user", {"displayName": "Old", "userPrincipalName": "joe@contoso.onmicrosoft.com"}
    )

    administrator.set_domain("fabrikam.com", verified=False, force=True)
    fallen = world.tenant.show(identity)
    administrator.set_domain("fabrikam.com", verified=True)
    changed = administrator.change(identity, {"jobTitle": "Boss"})

    assert re.fullmatch(r"joe\d{4}@contoso\.onmicrosoft\.com", fallen["userPrincipalName"])
    assert fallen["onPremisesProvisioningErrors"] == []
    assert changed["userPrincipalName"] == fallen["userPrincipalName"]


@pytest.mark.parametrize("upn", ["", "joe@other.org", "jo e@contoso.com", "joe"])
def test_cloud_user_is_not_given_a_upn_that_it_cannot_have(world: World, upn: str) -> None:
    administrator = world.tenant.administrator
    identity = administrator.add("user", JOE)["id"]

    with pytest.raises(TenantRefused):
        administrator.change(identity, {"userPrincipalName": upn})

    assert world.upns() == {"Joe": "joe@contoso.com"}


def test_user_of_a_federated_domain_needs_a_source_anchor(world: World) -> None:
    """docs/sources.md 13.14."""
    administrator = world.tenant.administrator
    administrator.set_domain("fed.example", verified=True, federated=True)
    federated = {"displayName": "Fay", "userPrincipalName": "fay@fed.example"}
    identity = administrator.add("user", JOE)["id"]

    for refused in (
        lambda: administrator.add("user", federated),
        lambda: administrator.change(identity, {"userPrincipalName": "joe@fed.example"}),
    ):
        with pytest.raises(TenantRefused, match=r"FederatedUser\.SourceAnchor"):
            refused()
    fay = administrator.add("user", federated | {"onPremisesImmutableId": "fay"})
    with pytest.raises(TenantRefused, match=r"FederatedUser\.SourceAnchor"):
        administrator.change(fay["id"], {"onPremisesImmutableId": ""})

    assert world.upns() == {"Joe": "joe@contoso.com", "Fay": "fay@fed.example"}


def test_user_without_a_source_anchor_is_not_restored_into_a_federated_domain(
    world: World,
) -> None:
    administrator = world.tenant.administrator
    administrator.set_domain("fed.example", verified=True, federated=True)
    identity = administrator.add("user", JOE)["id"]
    administrator.delete(identity)

    with pytest.raises(TenantRefused, match=r"FederatedUser\.SourceAnchor"):
        administrator.restore(identity, new_upn="joe@fed.example")


@pytest.mark.parametrize(
    ("name", "enabled", "message"),
    [
        ("Nonsense", True, "No feature is called 'Nonsense'"),
        ("EnableSoftMatchOnUpn", False, "cannot be switched off once it is on"),
        ("UserWriteback", True, "UserWriteback cannot be set"),
    ],
)
def test_feature_that_cannot_be_switched_says_why(
    world: World, name: str, enabled: bool, message: str
) -> None:
    with pytest.raises(TenantRefused, match=message):
        world.tenant.administrator.set_feature(name, enabled=enabled)


def test_clock_advances_and_is_reset(world: World) -> None:
    clock = world.tenant.clock
    for hours in (1, 2):
        clock.advance(timedelta(hours=hours))
    advanced = clock.now()

    clock.reset()

    assert advanced == START + timedelta(hours=3)
    assert clock.now() == START


@pytest.mark.parametrize("by", [timedelta(days=9_000_000), timedelta(days=365 * 7000)])
def test_clock_does_not_leave_the_calendar(world: World, by: timedelta) -> None:
    with pytest.raises(TenantRefused, match="goes to the year 9000"):
        world.tenant.clock.advance(by)

    assert world.tenant.clock.now() == START


def test_identity_that_is_no_text_names_nothing(world: World) -> None:
    with pytest.raises(UnknownObject):
        world.tenant.show("\udcff")


def test_a_change_of_domains_that_is_stopped_changes_nothing(world: World) -> None:
    world.export(user("ann", "ann@wingtip.example"))
    before = [*world.tenant.objects()], world.tenant.administrator.domains()

    with pytest.raises(WorkStopped):
        world.tenant.administrator.set_domain("wingtip.example", verified=True, stop=lambda: True)

    assert ([*world.tenant.objects()], world.tenant.administrator.domains()) == before
