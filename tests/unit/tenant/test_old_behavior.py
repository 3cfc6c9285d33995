"""Resiliency off: the seed's "Old behavior"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.tenant.verbs import contact, group, user

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.tenant.verbs import World


@pytest.fixture
def old(make_world: Callable[..., World]) -> World:
    return make_world(resiliency=False)


def test_new_object_is_blocked_at_every_attempt(old: World) -> None:
    """Seed: "Azure Active Directory blocked that object from being created." """
    old.export(user("ann", None, "SMTP:ann@contoso.com", "smtp:joe@contoso.com"))
    bob = user("bob", None, "SMTP:bob@contoso.com", "smtp:joe@contoso.com")

    attempts = [old.export(bob)[0] for _ in range(3)]

    assert {(result.code, result.value) for result in attempts} == {
        ("AttributeValueMustBeUnique", "smtp:joe@contoso.com")
    }
    assert list(old.upns()) == ["Ann"]
    assert old.errors() == []


def test_update_fails_whole(old: World) -> None:
    """Seed: "if an object was updated with a non-unique UPN or ProxyAddress, the update would fail";
    docs/sources.md 1.2: whole object, no partial write.
    """
    old.export(user("ann", "joe@contoso.com"), user("bob"))

    [result] = old.export(user("bob", "joe@contoso.com", jobTitle="Engineer"))

    assert result.code == "AttributeValueMustBeUnique"
    assert result.description == (
        "Unable to update this object because the following attributes associated with this object "
        "have values that may already be associated with another object in your local directory "
        "services: [UserPrincipalName joe@contoso.com;]. Correct or remove the duplicate values in "
        "your local directory."
    )
    assert old.tenant.show("bob@contoso.com")["jobTitle"] is None


def test_every_duplicate_is_named(old: World) -> None:
    """docs/sources.md 2.2: values comma-joined per attribute, one ``;`` before the bracket."""
    old.export(
        user("ann", "joe@contoso.com", "SMTP:a@contoso.com", "smtp:b@contoso.com"), user("bob")
    )

    [result] = old.export(
        user("bob", "joe@contoso.com", "smtp:a@contoso.com", "smtp:b@contoso.com")
    )

    assert result.description is not None
    assert (
        "[ProxyAddresses smtp:a@contoso.com,smtp:b@contoso.com,UserPrincipalName joe@contoso.com;]"
        in result.description
    )


def test_new_object_that_soft_matches_a_synchronized_one_is_an_invalid_soft_match(
    old: World,
) -> None:
    """docs/sources.md 2.2: the soft match finds an object that has a different immutableId."""
    old.export(user("ann", "joe@contoso.com", "SMTP:a@contoso.com"))

    results = old.export(user("bob", "joe@contoso.com"), user("eve", None, "SMTP:a@contoso.com"))

    assert [result.code for result in results] == ["InvalidSoftMatch", "InvalidSoftMatch"]


def test_new_object_that_soft_matches_another_type_is_a_type_mismatch(old: World) -> None:
    """docs/sources.md 2.2 and 11.10."""
    old.export(group("desk", "SMTP:a@contoso.com"))

    results = old.export(
        user("eve", None, "SMTP:a@contoso.com"), contact("joe", "SMTP:a@contoso.com")
    )

    assert [result.code for result in results] == ["ObjectTypeMismatch", "ObjectTypeMismatch"]


def test_without_soft_match_a_duplicate_is_a_duplicate(make_world: Callable[..., World]) -> None:
    world = make_world(resiliency=False, block_soft_match=True)
    world.export(user("ann", "joe@contoso.com"))

    [result] = world.export(user("bob", "joe@contoso.com"))

    assert result.code == "AttributeValueMustBeUnique"


def test_swap_succeeds_without_resiliency_too(old: World) -> None:
    old.export(user("ann"), user("bob"))

    old.export(user("ann", "bob@contoso.com"), user("bob", "ann@contoso.com"))

    assert old.upns() == {"Ann": "bob@contoso.com", "Bob": "ann@contoso.com"}


def test_failing_chain_leaves_every_value_where_it_was(old: World) -> None:
    """A wants B's value, B wants C's, C fails: so do both others, and nothing moves."""
    old.export(user("ann"), user("bob"), user("eve"), user("joe"))

    results = old.export(
        user("ann", "bob@contoso.com"),
        user("bob", "eve@contoso.com"),
        user("eve", "joe@contoso.com"),
    )

    assert {result.code for result in results} == {"AttributeValueMustBeUnique"}
    assert old.upns() == {
        name.title(): f"{name}@contoso.com" for name in ("ann", "bob", "eve", "joe")
    }


def test_secondary_address_of_a_cloud_object_is_a_duplicate_and_no_soft_match(old: World) -> None:
    """docs/sources.md 2.2: an ``InvalidSoftMatch`` is one that hits a synchronized object."""
    properties = {"displayName": "Cloud", "proxyAddresses": ["smtp:info@contoso.com"]}
    old.tenant.administrator.add("contact", properties)

    [result] = old.export(contact("carla", "SMTP:info@contoso.com"))

    assert result.code == "AttributeValueMustBeUnique"
