"""Deleted users: thirty days, their values, and their return."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from connector.errors import TenantRefused, UnknownObject
from tests.unit.tenant.verbs import contact, delete, group, members, user

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.model import SyncObject
    from tests.unit.tenant.verbs import World

ANN = user("ann", "joe@contoso.com", "SMTP:joe@contoso.com")


def test_deleted_user_is_kept_and_listed(world: World) -> None:
    world.export(ANN)

    world.export(delete(ANN))

    [deleted] = world.tenant.objects(deleted=True)
    assert (deleted["displayName"], deleted["onPremisesSyncEnabled"]) == ("Ann", False)
    assert deleted["deletedDateTime"] is not None
    assert list(world.tenant.objects()) == []


def test_deleted_user_releases_its_values(world: World) -> None:
    """docs/sources.md 15.8."""
    world.export(ANN)
    world.export(delete(ANN))

    world.export(user("bob", "joe@contoso.com", "SMTP:joe@contoso.com"))

    assert world.errors() == []


def test_deleted_user_may_hold_its_values(make_world: Callable[..., World]) -> None:
    """docs/sources.md 15.8, ``tenant.soft_deleted_hold_values``; docs/sources.md 7.3, Diagnose."""
    world = make_world(soft_deleted_hold_values=True)
    world.export(ANN)
    world.export(delete(ANN))
    world.export(user("bob", "joe@contoso.com"))
    held = world.errors()
    world.time += timedelta(days=31)

    assert held == [("Bob", "UserPrincipalName", "joe@contoso.com")]
    assert world.sweep() == [("Bob", "joe@contoso.com")]


def test_thirty_days_later_the_user_is_gone(world: World) -> None:
    """docs/sources.md 7.3: "30 days soft-deleted, then permanent"."""
    world.export(ANN)
    world.export(delete(ANN))
    world.time += timedelta(days=29)
    world.sweep()
    before = len(list(world.tenant.objects(deleted=True)))
    world.time += timedelta(days=1)

    world.sweep()

    assert (before, list(world.tenant.objects(deleted=True))) == (1, [])


@pytest.mark.parametrize("make", [group, contact])
def test_groups_and_contacts_are_deleted_at_once(
    world: World, make: Callable[..., SyncObject]
) -> None:
    item = make("desk", "SMTP:desk@contoso.com")
    world.export(item)

    world.export(delete(item))

    assert list(world.tenant.objects(deleted=True)) == []


def test_same_source_anchor_brings_the_user_back(world: World) -> None:
    """docs/sources.md 7.3: "Re-sync with the SAME sourceAnchor restores the soft-deleted user"."""
    [added] = world.export(ANN)
    world.export(delete(ANN))

    [restored] = world.export(ANN)

    assert (restored.action, restored.cloud_anchor) == ("restored", added.cloud_anchor)
    assert world.upns() == {"Ann": "joe@contoso.com"}


def test_user_that_returned_holds_its_values_again(world: World) -> None:
    world.export(ANN)
    world.export(delete(ANN))
    world.export(ANN)

    world.export(user("bob", "joe@contoso.com"))

    assert world.errors() == [("Bob", "UserPrincipalName", "joe@contoso.com")]


def test_group_that_comes_back_is_another_one(world: World) -> None:
    """docs/sources.md 7.3: "a group is re-created new"."""
    desk = group("desk", "SMTP:desk@contoso.com")
    [first] = world.export(desk)
    world.export(delete(desk))

    [second] = world.export(desk)

    assert (second.action, second.cloud_anchor == first.cloud_anchor) == ("added", False)


@pytest.mark.parametrize("hold", [False, True])
def test_user_that_returns_goes_through_the_same_checks(
    make_world: Callable[..., World],
    hold: bool,
) -> None:
    world = make_world(soft_deleted_hold_values=hold)
    world.export(ANN)
    world.export(delete(ANN))
    world.export(user("bob", "joe@contoso.com"))

    [result] = world.export(ANN)

    assert result.action == "restored"
    loser = "Bob" if hold else "Ann"
    assert world.errors() == [(loser, "UserPrincipalName", "joe@contoso.com")]


def test_deleting_twice_is_no_error(world: World) -> None:
    world.export(ANN)
    world.export(delete(ANN))

    [result] = world.export(delete(ANN))

    assert (result.code, result.action) == ("Success", "unchanged")


def test_administrator_restores_a_user_under_its_old_id(world: World) -> None:
    world.export(ANN)
    identity = world.tenant.show("ann")["id"]
    world.export(delete(ANN))

    world.tenant.administrator.restore("joe@contoso.com")

    assert world.tenant.show("joe@contoso.com")["id"] == identity
    assert list(world.tenant.objects(deleted=True)) == []


def test_restored_user_waits_for_what_another_one_took(world: World) -> None:
    world.export(ANN)
    world.export(delete(ANN))
    bob = user("bob", "joe@contoso.com")
    world.export(bob)

    restored = world.tenant.administrator.restore("ann")
    world.export(delete(bob))

    assert restored["userPrincipalName"].startswith("joe")
    assert world.sweep() == [("Ann", "joe@contoso.com")]


def test_restore_with_a_new_upn(world: World) -> None:
    """docs/sources.md 7.3, ``-NewUserPrincipalName``."""
    world.export(ANN)
    world.export(delete(ANN))
    world.export(user("bob", "joe@contoso.com"))

    world.tenant.administrator.restore("ann", new_upn="ann@contoso.com")

    assert world.upns() == {"Ann": "ann@contoso.com", "Bob": "joe@contoso.com"}
    assert world.errors() == []


def test_restore_may_drop_addresses_that_others_hold(world: World) -> None:
    """docs/sources.md 7.3, ``-AutoReconcileProxyConflict``."""
    ann = user(
        "ann", None, "SMTP:ann@contoso.com", "smtp:info@contoso.com", mail="info@contoso.com"
    )
    world.export(ann)
    world.export(delete(ann))
    world.export(contact("carla", "SMTP:info@contoso.com"))

    world.tenant.administrator.restore("ann", reconcile_proxies=True)

    assert world.proxies()["Ann"] == ["SMTP:ann@contoso.com"]
    assert world.errors() == []


def test_restore_keeps_an_address_that_is_the_upn_of_another_one(world: World) -> None:
    """docs/sources.md 15.2: UPNs and addresses are two namespaces; SIP addresses are unique too."""
    world.export(user("ann", "joe@contoso.com", "SMTP:joe@contoso.com", "SIP:joe@contoso.com"))
    world.tenant.administrator.delete("ann")
    world.export(user("bob", "joe@contoso.com", "SIP:joe@contoso.com"))

    restored = world.tenant.administrator.restore(
        "ann", new_upn="ann@contoso.com", reconcile_proxies=True
    )

    assert restored["proxyAddresses"] == ["SMTP:joe@contoso.com"]


def licensed(world: World, name: str, nickname: str) -> SyncObject:
    item = user(name, mailNickname=nickname)
    world.export(item)
    world.tenant.administrator.license(name, assign=True)
    return item


def test_returning_user_whose_routing_address_is_taken_gets_four_digits(world: World) -> None:
    """docs/sources.md 6.4, as for a licence that is assigned: the other one keeps its own."""
    ann = licensed(world, "ann", "joe")
    world.export(delete(ann))
    licensed(world, "bob", "joe")

    [result] = world.export(ann)

    primary, routing = world.proxies()["Ann"]
    assert (result.code, result.action, world.errors()) == ("Success", "restored", [])
    assert primary == "SMTP:ann@contoso.com"
    assert re.fullmatch(r"smtp:joe[1-9]\d{3}@contoso\.onmicrosoft\.com", routing)
    assert world.proxies()["Bob"] == ["SMTP:bob@contoso.com", "smtp:joe@contoso.onmicrosoft.com"]


def test_routing_address_with_digits_stays(world: World) -> None:
    ann = licensed(world, "ann", "joe")
    world.export(delete(ann))
    bob = licensed(world, "bob", "joe")
    world.export(ann)
    drawn = world.proxies()["Ann"]
    world.export(delete(bob))

    [result] = world.export(ann)

    assert (result.action, world.proxies()["Ann"]) == ("unchanged", drawn)


@pytest.mark.parametrize("resiliency", [True, False])
def test_taken_routing_address_fails_no_user(
    make_world: Callable[..., World], *, resiliency: bool
) -> None:
    world = make_world(resiliency=resiliency)
    ann = licensed(world, "ann", "joe")
    world.export(delete(ann))
    licensed(world, "bob", "joe")

    [result] = world.export(ann)

    assert (result.code, len(world.proxies()["Ann"])) == ("Success", 2)


def test_cloud_only_user_is_restored_without_the_routing_address_that_is_taken(
    world: World,
) -> None:
    administrator = world.tenant.administrator
    cloud = administrator.add(
        "user", {"displayName": "Cloud", "userPrincipalName": "joe@contoso.com"}
    )
    administrator.license(cloud["id"], assign=True)
    administrator.delete(cloud["id"])
    licensed(world, "bob", "joe")

    restored = administrator.restore(cloud["id"])

    primary, routing = restored["proxyAddresses"]
    assert primary == "SMTP:joe@contoso.com"
    assert re.fullmatch(r"smtp:joe[1-9]\d{3}@contoso\.onmicrosoft\.com", routing)


def test_cloud_only_user_with_a_taken_upn_is_not_restored_without_another(world: World) -> None:
    administrator = world.tenant.administrator
    cloud = administrator.add(
        "user", {"displayName": "Cloud", "userPrincipalName": "joe@contoso.com"}
    )
    administrator.delete(cloud["id"])
    world.export(user("bob", "joe@contoso.com"))

    with pytest.raises(TenantRefused, match="userPrincipalName already exists"):
        world.tenant.administrator.restore(cloud["id"])
    assert (
        world.tenant.administrator.restore(cloud["id"], new_upn="jo@contoso.com")[
            "onPremisesSyncEnabled"
        ]
        is None
    )


def test_live_object_is_not_to_be_restored(world: World) -> None:
    world.export(ANN)

    with pytest.raises(UnknownObject, match="No soft-deleted user"):
        world.tenant.administrator.restore("ann")


def test_memberships_end_with_the_member(world: World) -> None:
    desk = group("desk")
    world.export(ANN, desk)
    world.export(members(desk, add=("ann",)))
    _, cookie = world.tenant.read_back(None)

    world.export(delete(ANN))

    back = {item.source_anchor: item for item in world.tenant.read_back(cookie)[0]}
    assert back["ann"].properties is None
    assert back["desk"].members == []
