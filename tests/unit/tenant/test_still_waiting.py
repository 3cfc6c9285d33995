"""What waits in quarantine goes on to, whatever an administrator does beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from connector.errors import TenantRefused
from tests.unit.tenant.verbs import World, delete, group, user

if TYPE_CHECKING:
    from collections.abc import Callable

UPN = "ann@contoso.com"
ADDRESS = "smtp:sales@contoso.com"


@pytest.fixture
def ann(world: World) -> str:
    """Restore a user while another one has its UPN and an address; return the cloud id."""
    world.export(user("ann", UPN, ADDRESS))
    identity = str(world.tenant.show("ann")["id"])
    world.tenant.administrator.delete(identity)
    world.export(user("bob", UPN, ADDRESS))
    world.tenant.administrator.restore(identity)
    return identity


def waiting(world: World, identity: str) -> set[str]:
    errors = world.tenant.show(identity)["onPremisesProvisioningErrors"]
    return {error["value"] for error in errors}


def test_other_properties_of_a_user_that_waits_can_be_changed(world: World, ann: str) -> None:
    """Provisioning errors belong to what was synchronized; only a new clash is refused."""
    before = world.upns()["Ann"]

    changed = world.tenant.administrator.change(ann, {"displayName": "Anna", "jobTitle": "Boss"})

    assert (changed["displayName"], changed["jobTitle"]) == ("Anna", "Boss")
    assert world.upns()["Anna"] == before
    assert waiting(world, ann) == {UPN, ADDRESS}


def test_user_that_waits_gets_another_upn_and_goes_on_waiting_for_its_address(
    world: World, ann: str
) -> None:
    world.tenant.administrator.change(ann, {"userPrincipalName": "ann2@contoso.com"})

    assert world.upns()["Ann"] == "ann2@contoso.com"
    assert waiting(world, ann) == {ADDRESS}


def test_user_that_waits_gets_other_addresses(world: World, ann: str) -> None:
    world.tenant.administrator.change(ann, {"proxyAddresses": ["smtp:a2@contoso.com"]})

    assert world.proxies()["Ann"] == ["smtp:a2@contoso.com"]
    assert waiting(world, ann) == {UPN}


@pytest.mark.parametrize(
    "given",
    [
        {"userPrincipalName": UPN},
        {"userPrincipalName": ""},
        {"proxyAddresses": [ADDRESS]},
        {"proxyAddresses": [ADDRESS, "smtp:a2@contoso.com"]},
    ],
)
def test_what_it_waits_for_is_not_given_to_it_by_hand(
    world: World, ann: str, given: dict[str, Any]
) -> None:
    with pytest.raises(TenantRefused, match="already exists: Bob holds"):
        world.tenant.administrator.change(ann, given)

    assert waiting(world, ann) == {UPN, ADDRESS}


def test_placeholder_stays_when_the_source_anchor_moves(world: World) -> None:
    """The digits are drawn by source anchor: computed anew they would be others."""
    world.export(user("ann", UPN), user("bob", UPN))
    before = world.upns()
    bob = world.tenant.find("bob").id

    world.tenant.administrator.match(bob, "another")
    world.tenant.administrator.set_domain("new.example", verified=True)
    world.tenant.administrator.license(bob, assign=True)

    assert world.upns() == before
    assert waiting(world, bob) == {UPN}


def test_restored_user_that_comes_back_with_another_upn_gets_a_placeholder_anew(
    world: World, ann: str
) -> None:
    world.export(user("ann", "Ann@contoso.com"))

    assert world.tenant.show(ann)["userPrincipalName"].startswith("Ann")


def test_upn_that_a_user_keeps_outlives_a_domain(make_world: Callable[..., World]) -> None:
    world = make_world(upn_update_conflict="keep")
    world.export(user("ann", UPN), user("bob"))
    world.export(user("bob", UPN))

    world.tenant.administrator.set_domain("new.example", verified=True)

    assert world.upns() == {"Ann": UPN, "Bob": "bob@contoso.com"}
    assert world.errors() == [("Bob", "UserPrincipalName", UPN)]


def test_upn_that_a_user_keeps_goes_with_its_domain(make_world: Callable[..., World]) -> None:
    world = make_world(upn_update_conflict="keep")
    world.export(user("ann", UPN), user("bob", "bob@fabrikam.com"))
    world.export(user("bob", UPN))

    world.tenant.administrator.set_domain("fabrikam.com", verified=False, force=True)

    assert world.upns()["Bob"].endswith("@contoso.onmicrosoft.com")
    assert world.errors() == [("Bob", "UserPrincipalName", UPN)]


def test_new_domain_gives_a_free_value_to_the_one_that_has_waited_longest(world: World) -> None:
    """docs/sources.md 15.7: it "goes to the waiter quarantined first", also ahead of the sweep."""
    holder = user("holder", UPN)
    world.export(user("old"), holder)
    world.export(user("young", UPN))
    world.export(user("old", UPN))
    world.export(delete(holder))

    world.tenant.administrator.set_domain("new.example", verified=True)

    assert world.upns()["Young"] == UPN
    assert world.errors() == [("Old", "UserPrincipalName", UPN)]


# --- a UPN with a licence ---------------------------------------------------------------------


def free_upn_and_held_address(world: World) -> None:
    """Let a licensed user wait for a UPN that is free, while a group has the address of it."""
    ann = user("ann", UPN)
    world.export(ann, user("bob"))
    world.tenant.administrator.license("bob", assign=True)
    world.export(user("bob", UPN))
    world.export(group("staff", f"smtp:{UPN}"))
    world.export(delete(ann))


def test_holder_of_the_address_keeps_a_licensed_user_from_its_upn(world: World) -> None:
    free_upn_and_held_address(world)

    released = world.sweep()

    [record] = world.tenant.provisioning_errors()
    assert (released, record.value) == ([], UPN)
    assert record.holder is not None
    assert record.holder.display_name == "Staff"


def test_licensed_user_gets_its_upn_once_the_address_is_free(world: World) -> None:
    free_upn_and_held_address(world)

    world.export(group("staff"))

    assert world.sweep() == [("Bob", UPN)]


def test_address_is_of_no_matter_without_a_licence(world: World) -> None:
    free_upn_and_held_address(world)

    world.tenant.administrator.license("bob", assign=False)

    assert (world.upns()["Bob"], world.errors()) == (UPN, [])
