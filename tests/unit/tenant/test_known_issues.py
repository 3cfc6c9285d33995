"""The documented faults of the service, on and off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.unit.tenant.verbs import contact, group, user

if TYPE_CHECKING:
    from collections.abc import Callable

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
