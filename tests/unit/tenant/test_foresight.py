"""What is worked out ahead holds for new objects under the same policy, and is left alone elsewhere."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from connector.tenant.foresight import UNFORESEEN, foresee
from connector.tenant.objects import Policy
from connector.tenant.plain import want_plainly
from connector.tenant.policy import Domain
from tests.unit.tenant.verbs import delete, user

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.tenant.verbs import World

POLICY = Policy(
    initial_domain="contoso.onmicrosoft.com", verified=frozenset({"contoso.com"}), seed="1"
)
ANN = user("ann", "ann@contoso.com", "SMTP:ann@contoso.com", mailNickname="ann")
BOB = user("bob", "bob@contoso.com", "SMTP:bob@contoso.com", mailNickname="bob")


def test_plain_objects_are_foreseen_and_the_others_left_out() -> None:
    odd = user("eve", "not a name")

    found = foresee([ANN, odd, delete(BOB)], POLICY)

    assert ANN.properties is not None
    assert found.under(POLICY) == {"ann": want_plainly(ANN.properties, "user", POLICY)}


def test_nothing_is_foreseen_of_a_source_anchor_that_comes_twice() -> None:
    unusual = user("ann", "not a name")

    assert foresee([ANN, BOB, ANN], POLICY).under(POLICY).keys() == {"bob"}
    assert foresee([unusual, BOB, ANN], POLICY).under(POLICY).keys() == {"bob"}


def test_nothing_holds_under_another_policy() -> None:
    other = replace(POLICY, verified=frozenset({"fabrikam.com"}))

    assert foresee([ANN], POLICY).under(other) == {}


def test_without_a_policy_nothing_is_foreseen() -> None:
    assert foresee([ANN], None) == UNFORESEEN


def test_a_domain_that_goes_between_two_batches_counts(make_world: Callable[..., World]) -> None:
    """The second batch was foreseen while the domain was verified."""
    world = make_world()
    world.tenant.export("one", [BOB])
    foreseen = world.tenant.foresee([ANN])
    store = world.tenant._store
    with store.transaction():
        store.set_domain(Domain("contoso.com", 0, 0))

    world.tenant.export_as_text("two", [ANN], foreseen)

    assert world.tenant.show("ann")["userPrincipalName"] == "ann@contoso.onmicrosoft.com"
