"""Matching incoming objects to cloud-only ones, and what an administrator may do to those."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from connector.errors import TenantRefused, UnknownObject
from tests.unit.tenant.verbs import contact, delete, group, user

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.model import SyncObject
    from tests.unit.tenant.verbs import World


def cloud_user(world: World, upn: str, *proxies: str, **more: object) -> str:
    properties = {"displayName": "Cloud", "userPrincipalName": upn, **more}
    if proxies:
        properties["proxyAddresses"] = list(proxies)
    return str(world.tenant.administrator.add("user", properties)["id"])


def test_new_user_joins_a_cloud_only_one_by_upn(world: World) -> None:
    """docs/sources.md 5.3: on-premises values overwrite cloud values, the source anchor is stamped."""
    identity = cloud_user(world, "Joe@contoso.com", jobTitle="Old")

    [result] = world.export(user("joe", "joe@contoso.com"))

    joined = world.tenant.show(identity)
    assert (result.action, result.cloud_anchor) == ("updated", f"User_{identity}")
    assert (joined["displayName"], joined["jobTitle"]) == ("Joe", None)
    assert (joined["onPremisesSyncEnabled"], joined["onPremisesImmutableId"]) == (True, "joe")


@pytest.mark.parametrize("kind", ["user", "group", "contact"])
def test_new_object_joins_one_of_its_type_by_primary_address(world: World, kind: str) -> None:
    properties: dict[str, Any] = {
        "displayName": "Cloud",
        "proxyAddresses": ["SMTP:info@contoso.com"],
    }
    if kind == "user":
        properties["userPrincipalName"] = "cloud@contoso.com"
    identity = world.tenant.administrator.add(kind, properties)["id"]
    makers: dict[str, Callable[..., SyncObject]] = {
        "user": user,
        "group": group,
        "contact": contact,
    }

    [result] = world.export(makers[kind]("joe", proxyAddresses=["SMTP:Info@contoso.com"]))

    assert result.cloud_anchor == f"{kind.title()}_{identity}"


def test_secondary_address_joins_nothing(world: World) -> None:
    """docs/sources.md 5.3: only the value with ``SMTP:`` is evaluated."""
    cloud_user(world, "cloud@contoso.com", "SMTP:info@contoso.com")

    world.export(user("joe", None, "smtp:info@contoso.com"))

    assert world.errors() == [("Joe", "ProxyAddresses", "smtp:info@contoso.com")]


def test_secondary_address_of_a_cloud_object_is_joined_by_nothing(world: World) -> None:
    """docs/sources.md 5.3: only the value with ``SMTP:`` is evaluated, on both sides."""
    cloud_user(world, "cloud@contoso.com", "SMTP:cloud@contoso.com", "smtp:info@contoso.com")

    [result] = world.export(user("joe", None, "SMTP:info@contoso.com"))

    assert result.action == "added"
    assert world.errors() == [("Joe", "ProxyAddresses", "SMTP:info@contoso.com")]


def test_upn_that_the_tenant_made_up_joins_nothing(world: World) -> None:
    """docs/sources.md 5.3: a soft match takes the UPN as given, not the one in the initial domain."""
    cloud_user(world, "joe@contoso.onmicrosoft.com")

    [result] = world.export(user("joe", "joe@unverified.example"))

    assert result.action == "added"
    assert world.errors() == [("Joe", "UserPrincipalName", "joe@contoso.onmicrosoft.com")]


def test_deleted_cloud_object_is_joined_by_nothing(make_world: Callable[..., World]) -> None:
    """Not even while it holds its values: a deleted user is restored, not taken over."""
    world = make_world(soft_deleted_hold_values=True)
    world.tenant.administrator.delete(cloud_user(world, "joe@contoso.com"))

    [result] = world.export(user("joe", "joe@contoso.com"))

    assert result.action == "added"
    assert world.errors() == [("Joe", "UserPrincipalName", "joe@contoso.com")]


def test_another_type_joins_nothing(world: World) -> None:
    cloud_user(world, "cloud@contoso.com", "SMTP:info@contoso.com")

    world.export(contact("carla", "SMTP:info@contoso.com"))

    assert world.errors() == [("Carla", "ProxyAddresses", "SMTP:info@contoso.com")]


def test_only_one_of_two_new_users_joins(world: World) -> None:
    identity = cloud_user(world, "joe@contoso.com")

    results = world.export(user("joe", "joe@contoso.com"), user("bob", "joe@contoso.com"))

    assert results[0].cloud_anchor == f"User_{identity}"
    assert [len(result.quarantined) for result in results] == [0, 1]


@pytest.mark.parametrize("settings", [{"block_soft_match": True}, {"soft_match_on_upn": False}])
def test_blocked_soft_match_makes_a_new_object(
    make_world: Callable[..., World], settings: dict[str, bool]
) -> None:
    """docs/sources.md 5.3: "treat as new, DAR quarantines the clash"."""
    world = make_world(**settings)
    cloud_user(world, "joe@contoso.com")

    [result] = world.export(user("joe", "joe@contoso.com"))

    assert (result.action, len(result.quarantined)) == ("added", 1)


def test_feature_switch_blocks_soft_match(world: World) -> None:
    cloud_user(world, "joe@contoso.com")
    world.tenant.administrator.set_feature("BlockSoftMatch", enabled=True)

    [result] = world.export(user("joe", "joe@contoso.com"))

    assert result.action == "added"


def administrator(world: World, upn: str, *proxies: str, **more: object) -> str:
    identity = cloud_user(world, upn, *proxies, **more)
    world.tenant.administrator.change(identity, {}, admin_role=True)
    return identity


def test_administrator_is_never_matched(world: World) -> None:
    """docs/sources.md 13.3: a second object is provisioned beside the administrator, quarantined."""
    identity = administrator(world, "joe@contoso.com")

    attempts = [world.export(user("joe", "joe@contoso.com"))[0] for _ in range(2)]

    assert [result.action for result in attempts] == ["added", "unchanged"]
    assert [len(result.quarantined) for result in attempts] == [1, 0]
    assert world.tenant.show(identity)["onPremisesImmutableId"] is None
    assert world.errors() == [("Joe", "UserPrincipalName", "joe@contoso.com")]


def test_administrator_who_has_the_primary_address_is_never_matched(world: World) -> None:
    """Neither is then another user who has the UPN: the address was the match."""
    administrator(world, "root@contoso.com", "SMTP:joe@contoso.com")
    cloud_user(world, "joe@contoso.com")

    [result] = world.export(user("joe", "joe@contoso.com", "SMTP:joe@contoso.com"))

    assert (result.action, len(result.quarantined)) == ("added", 2)


def test_four_steps_join_the_administrator_after_all(world: World) -> None:
    """docs/sources.md 13.3; without the second one the object beside would keep the source anchor."""
    tenant = world.tenant.administrator
    identity = administrator(world, "joe@contoso.com")
    world.export(user("joe", "joe@contoso.com"))

    tenant.change(identity, {}, admin_role=False)
    still = world.export(user("joe", "joe@contoso.com"))[0]
    tenant.delete("joe", hard=True)
    [joined] = world.export(user("joe", "joe@contoso.com"))
    tenant.change(identity, {}, admin_role=True)
    [later] = world.export(user("joe", "joe@contoso.com", jobTitle="Boss"))

    assert still.cloud_anchor != f"User_{identity}"
    assert joined.cloud_anchor == f"User_{identity}"
    assert (later.code, later.action) == ("Success", "updated")
    assert world.errors() == []


def test_what_the_object_beside_waits_for_comes_with_the_end_of_the_administrator(
    world: World,
) -> None:
    identity = administrator(world, "joe@contoso.com")
    world.export(user("joe", "joe@contoso.com"))
    world.tenant.administrator.delete(identity)

    assert world.sweep() == [("Joe", "joe@contoso.com")]


def test_before_resiliency_the_match_with_an_administrator_fails(
    make_world: Callable[..., World],
) -> None:
    """docs/sources.md 2.2, ``ExistingAdminRoleConflict``."""
    world = make_world(resiliency=False)
    administrator(world, "joe@contoso.com", "SMTP:root@contoso.com", "smtp:info@contoso.com")

    by_upn, by_secondary = world.export(
        user("joe", "joe@contoso.com"), user("ann", "ann@contoso.com", "SMTP:info@contoso.com")
    )

    assert by_upn.code == "ExistingAdminRoleConflict"
    assert "that user holds an administrator role" in (by_upn.description or "")
    assert by_secondary.code == "AttributeValueMustBeUnique"


def test_source_anchor_does_not_take_an_administrator_over(world: World) -> None:
    """docs/sources.md 13.4: the service refuses that since 2026."""
    identity = administrator(world, "boss@contoso.com", onPremisesImmutableId="joe")

    [result] = world.export(user("joe", "joe@contoso.com"))

    assert (result.code, result.attribute, result.value) == (
        "InvalidHardMatch",
        "SourceAnchor",
        "joe",
    )
    assert "that user holds an administrator role" in (result.description or "")
    assert world.tenant.show(identity)["onPremisesSyncEnabled"] is None


def test_before_2026_a_source_anchor_took_an_administrator_over(
    make_world: Callable[..., World],
) -> None:
    world = make_world(block_hard_match_to_administrators=False)
    identity = administrator(world, "boss@contoso.com", onPremisesImmutableId="joe")

    [result] = world.export(user("joe", "joe@contoso.com"))

    assert (result.action, result.cloud_anchor) == ("updated", f"User_{identity}")


def test_administrator_who_was_synchronized_goes_on_and_comes_back(world: World) -> None:
    """docs/sources.md 13.4: what was matched before goes on syncing."""
    world.export(user("joe"))
    identity = world.tenant.show("joe")["id"]
    world.tenant.administrator.change("joe", {}, admin_role=True)

    results = [
        world.export(item)[0] for item in (user("joe", "jo@contoso.com"), delete(user("joe")))
    ]
    [back] = world.export(user("joe"))

    assert [result.action for result in (*results, back)] == ["updated", "deleted", "restored"]
    assert back.cloud_anchor == f"User_{identity}"


def test_administrator_who_was_brought_back_by_hand_is_not_taken_over(world: World) -> None:
    """Nobody synchronizes that user any more: it is one of the cloud now."""
    world.export(user("joe"))
    world.export(delete(user("joe")))
    world.tenant.administrator.restore("joe")
    world.tenant.administrator.change("joe", {}, admin_role=True)

    [result] = world.export(user("joe"))

    assert result.code == "InvalidHardMatch"


def test_source_anchor_takes_a_cloud_user_over(world: World) -> None:
    identity = cloud_user(world, "other@contoso.com", onPremisesImmutableId="joe")

    [result] = world.export(user("joe", "joe@contoso.com"))

    assert (result.action, result.cloud_anchor) == ("updated", f"User_{identity}")
    assert world.upns() == {"Joe": "joe@contoso.com"}


def test_blocked_take_over_is_an_invalid_hard_match(make_world: Callable[..., World]) -> None:
    """docs/sources.md 2.2, ``InvalidHardMatch``."""
    world = make_world(block_hard_match_takeover=True)
    cloud_user(world, "other@contoso.com", onPremisesImmutableId="joe")

    [result] = world.export(user("joe", "joe@contoso.com"))

    assert (result.code, result.description) == (
        "InvalidHardMatch",
        (
            "Another cloud created object with the same source anchor already exists in Azure "
            "Active Directory"
        ),
    )


def test_source_anchor_of_another_type_is_a_type_mismatch(world: World) -> None:
    world.export(contact("joe", "SMTP:joe@contoso.com"))

    [result] = world.export(user("joe"))

    assert result.code == "ObjectTypeMismatch"


def test_contact_that_was_deleted_may_become_a_user_in_one_batch(world: World) -> None:
    """docs/sources.md 4.3, contact promotion."""
    joe = contact("joe", "SMTP:joe@contoso.com")
    world.export(joe)

    results = world.export(delete(joe), user("joe", None, "SMTP:joe@contoso.com"))

    assert [result.action for result in results] == ["deleted", "added"]
    assert [item["objectType"] for item in world.tenant.objects()] == ["user"]


def test_source_anchor_of_a_deleted_user_may_become_a_contact(world: World) -> None:
    """Only a live object of another type is a mismatch, and a deleted user is not a match for it."""
    joe = contact("joe", "SMTP:joe@contoso.com")
    world.export(user("joe"))
    world.export(delete(user("joe")))

    results = [world.export(joe)[0], world.export(joe)[0]]

    assert [result.action for result in results] == ["added", "unchanged"]
    assert [item["objectType"] for item in world.tenant.objects()] == ["contact"]


def test_client_may_not_delete_what_it_does_not_manage(world: World) -> None:
    """docs/sources.md 2.2, deletion access violation."""
    cloud_user(world, "joe@contoso.com", onPremisesImmutableId="joe")

    [result] = world.export(delete(user("joe")))

    assert (result.action, result.code, result.description) == (
        "failed",
        "DeletingCloudOnlyObjectNotAllowed",
        "This synchronization operation, Delete, is not valid. Contact Technical Support.",
    )


def test_cloud_object_with_a_held_value_is_refused(world: World) -> None:
    world.export(user("ann", "joe@contoso.com"))

    with pytest.raises(TenantRefused, match="userPrincipalName already exists: Ann holds"):
        cloud_user(world, "joe@contoso.com")


def test_cloud_object_can_be_changed_and_deleted(world: World) -> None:
    administrator = world.tenant.administrator
    identity = cloud_user(world, "joe@contoso.com", jobTitle="Old", city="Here")

    changed = administrator.change(
        identity, {"jobTitle": "", "userPrincipalName": "jo@contoso.com"}
    )
    administrator.delete(identity, hard=True)

    assert (changed["jobTitle"], changed["city"], changed["userPrincipalName"]) == (
        None,
        "Here",
        "jo@contoso.com",
    )
    with pytest.raises(UnknownObject, match=r"jo@contoso\.com"):
        world.tenant.show("jo@contoso.com")


def test_synchronized_object_is_changed_on_premises_only(world: World) -> None:
    world.export(user("ann"))

    with pytest.raises(TenantRefused, match="synchronized from on-premises"):
        world.tenant.administrator.change("ann", {"jobTitle": "Boss"})


def test_resiliency_cannot_be_switched_off(world: World) -> None:
    """Seed: "it cannot be disabled"."""
    with pytest.raises(TenantRefused, match="cannot be disabled"):
        world.tenant.administrator.set_feature("DuplicateUPNResiliency", enabled=False)
