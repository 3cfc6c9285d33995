"""The documented faults of the service, on and off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.tenant.verbs import contact, delete, group, user

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.model import SyncObject, SyncResult
    from tests.unit.tenant.verbs import World

JOE = user("joe", "Joe@contoso.com", "smtp:Joe@contoso.com")


def test_user_whose_upn_and_proxy_a_group_holds_fails_at_every_attempt(world: World) -> None:
    """Seed, Known issues 1: "a ProxyAddress conflict error is thrown instead of having the conflict
    attributes quarantined. The operation is retried upon each subsequent sync cycle".
    """
    world.export(group("joes", "SMTP:Joe@contoso.com"))

    attempts = [world.export(JOE)[0] for _ in range(3)]

    assert {(r.code, r.attribute, r.value) for r in attempts} == {
        ("AttributeValueMustBeUnique", "ProxyAddresses", "smtp:Joe@contoso.com")
    }
    assert world.upns() == {}


def test_switched_off_the_user_is_created_and_the_proxy_quarantined(
    make_world: Callable[..., World],
) -> None:
    world = make_world(known_issues=())
    world.export(group("joes", "SMTP:Joe@contoso.com"))

    world.export(JOE)

    assert world.upns() == {"Joe": "Joe@contoso.com"}
    assert world.errors() == [("Joe", "ProxyAddresses", "smtp:Joe@contoso.com")]


def test_holder_that_is_no_group_does_not_raise_the_issue(world: World) -> None:
    world.export(contact("joes", "SMTP:Joe@contoso.com"))

    [result] = world.export(JOE)

    assert result.action == "added"


def test_user_that_exists_already_does_not_raise_the_issue(world: World) -> None:
    """The seed's example is a "New user"."""
    world.export(user("joe", "joe@contoso.com"), group("joes", "SMTP:Joe@contoso.com"))

    [result] = world.export(JOE)

    assert (result.code, result.action) == ("Success", "updated")


def test_second_of_two_groups_fails_first_and_is_quarantined_next(world: World) -> None:
    """Seed, Known issues 2."""
    red, blue = group("red", "SMTP:team@contoso.com"), group("blue", "SMTP:team@contoso.com")

    first = world.export(red, blue)
    second = world.export(blue)

    assert [result.code for result in first] == ["Success", "AttributeValueMustBeUnique"]
    assert [(r.code, r.action, len(r.quarantined)) for r in second] == [("Success", "added", 1)]
    assert world.errors() == [("Blue", "ProxyAddresses", "SMTP:team@contoso.com")]


def test_switched_off_the_second_group_is_quarantined_at_once(
    make_world: Callable[..., World],
) -> None:
    world = make_world(known_issues=("upn-and-proxy-held-by-group",))

    world.export(group("red", "SMTP:team@contoso.com"), group("blue", "SMTP:team@contoso.com"))

    assert world.errors() == [("Blue", "ProxyAddresses", "SMTP:team@contoso.com")]


def test_group_created_again_fails_first_again(world: World) -> None:
    """What the tenant remembers of a first failure ends with the creation."""
    blue = group("blue", "SMTP:team@contoso.com")
    world.export(group("red", "SMTP:team@contoso.com"))
    world.export(blue)
    world.export(blue)
    world.tenant.administrator.delete("blue", hard=True)

    [result] = world.export(blue)

    assert result.code == "AttributeValueMustBeUnique"


ANN = user("ann", None, "SMTP:ann@contoso.com")
OTHERS = ("upn-and-proxy-held-by-group", "group-pair-fails-first")


def returning(world: World, ann: SyncObject, *takers: SyncObject) -> list[SyncResult]:
    """Delete a user, let others take its values, and export it three times."""
    world.export(ann)
    world.export(delete(ann))
    world.export(*takers)
    return [world.export(ann)[0] for _ in range(3)]


@pytest.mark.parametrize(
    "taker",
    [
        user("bob", None, "smtp:Ann@contoso.com"),
        group("desk", "SMTP:ann@contoso.com"),
        contact("carla", "smtp:ann@contoso.com"),
    ],
)
def test_user_that_returns_to_a_taken_address_fails_at_every_attempt(
    world: World, taker: SyncObject
) -> None:
    """docs/sources.md 13.1: the user "is not reactivated", and the error comes at every cycle."""
    attempts = returning(world, ANN, taker)

    assert {(r.code, r.attribute, r.value) for r in attempts} == {
        ("AttributeValueMustBeUnique", "ProxyAddresses", "SMTP:ann@contoso.com")
    }
    assert [item["displayName"] for item in world.tenant.objects(deleted=True)] == ["Ann"]
    assert world.errors() == []


def test_user_that_returns_comes_through_once_the_address_is_free(world: World) -> None:
    returning(world, ANN, user("bob", None, "SMTP:ann@contoso.com"))
    world.export(user("bob"))

    [result] = world.export(ANN)

    assert (result.code, result.action) == ("Success", "restored")
    assert world.proxies() == {"Ann": ["SMTP:ann@contoso.com"], "Bob": []}


def test_every_value_that_a_returning_user_cannot_have_is_named(world: World) -> None:
    ann = user("ann", "ann@contoso.com", "SMTP:ann@contoso.com", "smtp:info@contoso.com")

    [first, *_] = returning(
        world,
        ann,
        user("bob", "ann@contoso.com", "SMTP:ann@contoso.com"),
        group("desk", "smtp:info@contoso.com"),
    )

    assert (
        "[ProxyAddresses SMTP:ann@contoso.com,smtp:info@contoso.com,UserPrincipalName ann@contoso.com;]"
        in (first.description or "")
    )


def test_upn_alone_is_quarantined_when_its_user_returns(world: World) -> None:
    """docs/sources.md 13.1 shows the fault for addresses alone."""
    [first, *_] = returning(world, ANN, user("bob", "ann@contoso.com"))

    assert (first.code, first.action) == ("Success", "restored")
    assert world.errors() == [("Ann", "UserPrincipalName", "ann@contoso.com")]


def test_with_the_fault_of_restores_off_the_address_is_quarantined(
    make_world: Callable[..., World],
) -> None:
    world = make_world(known_issues=(*OTHERS, "computed-upn-not-released"))

    [first, *_] = returning(world, ANN, group("desk", "SMTP:ann@contoso.com"))

    assert (first.code, first.action) == ("Success", "restored")
    assert world.errors() == [("Ann", "ProxyAddresses", "SMTP:ann@contoso.com")]


def test_groups_and_contacts_that_return_are_new_and_quarantined(world: World) -> None:
    """Nothing of them is kept, so there is nothing to restore."""
    carla = contact("carla", "SMTP:info@contoso.com")

    [first, *_] = returning(world, carla, user("bob", None, "smtp:info@contoso.com"))

    assert (first.code, first.action) == ("Success", "added")
    assert world.errors() == [("Carla", "ProxyAddresses", "SMTP:info@contoso.com")]


def test_an_administrator_restores_what_a_sync_client_cannot(world: World) -> None:
    returning(world, ANN, group("desk", "SMTP:ann@contoso.com"))

    world.tenant.administrator.restore("ann")
    [result] = world.export(ANN)

    assert (result.code, result.action) == ("Success", "updated")
    assert world.errors() == [("Ann", "ProxyAddresses", "SMTP:ann@contoso.com")]


def two_in_an_unverified_domain(world: World) -> str:
    """Export two users with one UPN there, and delete the first; return what the other is called."""
    ann = user("ann", "joe@corp.local")
    world.export(ann)
    world.export(user("bob", "joe@corp.local"))
    world.export(delete(ann))
    return world.upns()["Bob"]


def test_computed_upn_is_not_given_back(world: World) -> None:
    """docs/sources.md 13.2: "the second keeps its number"."""
    before = two_in_an_unverified_domain(world)

    released = world.sweep()

    assert (released, world.upns()) == ([], {"Bob": before})
    assert world.errors() == [("Bob", "UserPrincipalName", "joe@contoso.onmicrosoft.com")]


def test_another_change_leaves_a_computed_upn_as_it_is(world: World) -> None:
    before = two_in_an_unverified_domain(world)

    [result] = world.export(user("bob", "joe@corp.local", jobTitle="Boss"))
    world.tenant.administrator.license("bob", assign=True)

    assert (result.action, result.quarantined, world.upns()) == ("updated", (), {"Bob": before})
    assert world.errors() == [("Bob", "UserPrincipalName", "joe@contoso.onmicrosoft.com")]


def test_another_upn_in_the_directory_ends_it(world: World) -> None:
    two_in_an_unverified_domain(world)

    world.export(user("bob", "bob@contoso.com"))

    assert (world.upns(), world.errors()) == ({"Bob": "bob@contoso.com"}, [])


def test_another_upn_in_an_unverified_domain_ends_it_too(world: World) -> None:
    two_in_an_unverified_domain(world)

    world.export(user("bob", "joe@other.local"))

    assert (world.upns(), world.errors()) == ({"Bob": "joe@contoso.onmicrosoft.com"}, [])


def test_a_verified_domain_ends_it(world: World) -> None:
    two_in_an_unverified_domain(world)

    world.tenant.administrator.set_domain("corp.local", verified=True)

    assert (world.upns(), world.errors()) == ({"Bob": "joe@corp.local"}, [])


@pytest.mark.parametrize("verified", [True, False])
def test_another_domain_leaves_a_computed_upn_as_it_is(world: World, *, verified: bool) -> None:
    before = two_in_an_unverified_domain(world)

    name = "new.example" if verified else "fabrikam.com"
    world.tenant.administrator.set_domain(name, verified=verified)

    assert world.upns() == {"Bob": before}
    assert world.errors() == [("Bob", "UserPrincipalName", "joe@contoso.onmicrosoft.com")]


def test_with_the_fault_of_computed_upns_off_the_sweep_gives_it_back(
    make_world: Callable[..., World],
) -> None:
    world = make_world(known_issues=(*OTHERS, "restore-not-quarantined"))
    two_in_an_unverified_domain(world)

    assert world.sweep() == [("Bob", "joe@contoso.onmicrosoft.com")]
    assert world.upns() == {"Bob": "joe@contoso.onmicrosoft.com"}


def test_values_beside_a_computed_upn_come_back(world: World) -> None:
    ann = user("ann", "joe@corp.local", "SMTP:joe@contoso.com")
    world.export(ann, user("bob", "joe@corp.local", "SMTP:joe@contoso.com"))
    world.export(delete(ann))

    assert world.sweep() == [("Bob", "SMTP:joe@contoso.com")]
