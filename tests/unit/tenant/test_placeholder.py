"""Placeholder UPNs: their form, their digits, and what happens when they run out."""

from __future__ import annotations

import itertools

import pytest

from connector.errors import PlaceholdersExhausted
from connector.tenant import placeholder
from tests.unit.tenant.verbs import World, user


def test_number_that_is_taken_is_drawn_again() -> None:
    taken = {"user1234@contoso.onmicrosoft.com"}

    drawn = placeholder.draw(
        "User", "contoso.onmicrosoft.com", iter([1234, 5236]), taken.__contains__
    )

    assert drawn == "User5236@contoso.onmicrosoft.com"


def test_digits_are_all_numbers_of_four_digits_once() -> None:
    """docs/sources.md 15.5: "Digits 1000-9999"."""
    assert sorted(placeholder.digits("seed", "anchor", "key")) == list(range(1000, 10000))


def test_digits_depend_on_seed_object_and_value() -> None:
    drawn = {
        tuple(itertools.islice(placeholder.digits(*arguments), 3))
        for arguments in itertools.product(("1", "2"), ("a", "b"), ("x", "y"))
    }

    assert len(drawn) == 8


def test_every_number_taken_is_an_error() -> None:
    with pytest.raises(PlaceholdersExhausted, match="joeNNNN@contoso.onmicrosoft.com"):
        placeholder.draw("joe", "contoso.onmicrosoft.com", iter([1, 2]), lambda _: True)


def test_exhaustion_fails_the_object_and_not_the_batch(world: World) -> None:
    """docs/sources.md 15.5: "exhaustion is an export error, not a crash"."""
    administrator = world.tenant.administrator
    administrator.set_feature("BlockSoftMatch", enabled=True)
    world.export(user("ann", "joe@contoso.com"))
    world.export(*[user(str(n), f"joe{n}@contoso.onmicrosoft.com") for n in range(1000, 10000)])

    results = world.export(user("bob", "joe@contoso.com"), user("eve"))

    assert [result.code for result in results] == ["GeneratedUpnConflict", "Success"]
