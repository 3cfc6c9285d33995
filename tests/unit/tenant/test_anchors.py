"""An administrator repairs a match: the source anchor of a user moves, or goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connector.errors import TenantRefused, UnknownObject
from tests.unit.tenant.verbs import contact, delete, user

if TYPE_CHECKING:
    from tests.unit.tenant.verbs import World

ANN = {"displayName": "Ann", "userPrincipalName": "ann@contoso.com"}


def told(world: World, since: str) -> list[tuple[str, bool]]:
    """Return what a client hears since a cookie: source anchors, and whether they are there."""
    shadows, _ = world.tenant.read_back(since)
    return [(shadow.source_anchor, shadow.properties is not None) for shadow in shadows]


def restored(world: World) -> str:
    """Make a user that was synchronized, left the scope, and was brought back."""
    world.export(user("ann"))
    world.export(delete(user("ann")))
    return str(world.tenant.administrator.restore("ann@contoso.com")["id"])


def test_source_anchor_of_a_synchronized_user_moves(world: World) -> None:
    """docs/sources.md 5.5: the next export with the new anchor goes to the same object."""
    world.export(user("ann"))
    identity, cookie = world.tenant.show("ann")["id"], world.tenant.position()

    moved = world.tenant.administrator.match("ann@contoso.com", "ann2")
    heard = told(world, cookie)
    [result] = world.export(user("ann2", "ann@contoso.com", jobTitle="Boss"))

    assert (moved["id"], moved["onPremisesImmutableId"]) == (identity, "ann2")
    assert heard == [("ann", False), ("ann2", True)]
    assert (result.action, result.cloud_anchor) == ("updated", f"User_{identity}")
    assert world.tenant.show("ann2") == world.tenant.show(identity)


def test_source_anchor_that_moves_there_and_back_is_told_as_it_is(world: World) -> None:
    world.export(user("ann"))
    cookie = world.tenant.position()

    world.tenant.administrator.match("ann", "ann2")
    world.tenant.administrator.match("ann2", "ann")

    assert told(world, cookie) == [("ann2", False), ("ann", True)]


def test_a_user_keeps_its_values_and_what_it_waits_for(world: World) -> None:
    world.export(user("ann", "joe@contoso.com"), user("bob", "joe@contoso.com"))
    before = world.tenant.show("bob")

    world.tenant.administrator.match("bob", "bob2")

    assert world.tenant.show("bob2") == before | {"onPremisesImmutableId": "bob2"}
    assert world.errors() == [("Bob", "UserPrincipalName", "joe@contoso.com")]


def test_restored_user_gets_the_anchor_of_a_new_entry(world: World) -> None:
    identity = restored(world)

    moved = world.tenant.administrator.match(identity, "ann2")
    [result] = world.export(user("ann2", "ann@contoso.com"))

    assert (moved["onPremisesSyncEnabled"], moved["onPremisesImmutableId"]) == (False, "ann2")
    assert result.cloud_anchor == f"User_{identity}"


def test_restored_user_without_an_anchor_is_matched_by_its_upn(world: World) -> None:
    identity = restored(world)

    cleared = world.tenant.administrator.match(identity, None)
    [result] = world.export(user("ann2", "ann@contoso.com"))

    assert cleared["onPremisesImmutableId"] is None
    assert result.cloud_anchor == f"User_{identity}"


def test_client_hears_that_the_anchor_is_gone_after_it_was_cleared(world: World) -> None:
    world.export(user("ann"))
    cookie = world.tenant.position()
    world.tenant.administrator.delete("ann")
    identity = world.tenant.administrator.restore("ann")["id"]

    world.tenant.administrator.match(identity, None)

    assert told(world, cookie) == [("ann", False)]


def test_cloud_only_user_gets_an_anchor(world: World) -> None:
    identity = world.tenant.administrator.add("user", ANN)["id"]

    world.tenant.administrator.match(identity, "ann")
    [result] = world.export(user("ann", "new@contoso.com"))

    assert result.cloud_anchor == f"User_{identity}"


def test_the_anchor_that_a_user_has_changes_nothing(world: World) -> None:
    world.export(user("ann"))
    position, before = world.tenant.position(), world.tenant.show("ann")

    assert world.tenant.administrator.match("ann", "ann") == before
    assert world.tenant.position() == position


def test_anchor_of_another_object_is_refused(world: World) -> None:
    """docs/sources.md 5.5: "Uniqueness violation. Property: SourceAnchor"."""
    world.export(user("ann"), user("bob"))
    bob = world.tenant.show("bob")["id"]

    with pytest.raises(TenantRefused, match=r"Property: SourceAnchor\. .* Bob") as refused:
        world.tenant.administrator.match("ann", "bob")

    assert f"connector tenant delete {bob} --hard" in str(refused.value)


def test_anchor_of_a_deleted_user_is_refused_until_that_is_gone_for_good(world: World) -> None:
    """docs/sources.md 2.7: the deleted user has to be removed from the recycle bin first."""
    world.export(user("ann"), user("bob"))
    world.export(delete(user("bob")))

    with pytest.raises(TenantRefused, match="The deleted user Bob has bob"):
        world.tenant.administrator.match("ann", "bob")
    world.tenant.administrator.delete("bob", hard=True)

    assert world.tenant.administrator.match("ann", "bob")["displayName"] == "Ann"


def test_synchronized_user_cannot_be_without_its_anchor(world: World) -> None:
    world.export(user("ann"))

    with pytest.raises(TenantRefused, match="is synchronized: .* moved with --to, not cleared"):
        world.tenant.administrator.match("ann", None)


def test_user_of_a_federated_domain_cannot_be_without_an_anchor(world: World) -> None:
    identity = restored(world)
    world.tenant.administrator.set_domain("contoso.com", verified=True, federated=True)

    with pytest.raises(TenantRefused, match=r"FederatedUser\.SourceAnchor"):
        world.tenant.administrator.match(identity, None)


def test_deleted_user_is_to_be_restored_first(world: World) -> None:
    world.export(user("ann"))
    world.export(delete(user("ann")))

    with pytest.raises(TenantRefused, match="connector tenant restore"):
        world.tenant.administrator.match("ann", "ann2")
    with pytest.raises(UnknownObject):
        world.tenant.administrator.match("nobody", "ann2")


@pytest.mark.parametrize("anchor", ["bob", None])
def test_only_users_are_matched_by_hand(world: World, anchor: str | None) -> None:
    """docs/sources.md 5.4: the immutable id "can be set on users only"."""
    world.export(contact("carla", "SMTP:carla@contoso.com"))

    with pytest.raises(TenantRefused, match="only users are matched"):
        world.tenant.administrator.match("carla", anchor)


@pytest.mark.parametrize("anchor", ["", " ", "two words", "line\nbreak", "\udcff"])
def test_text_that_is_not_a_source_anchor_is_refused(world: World, anchor: str) -> None:
    world.export(user("ann"))

    with pytest.raises(TenantRefused, match="is not a source anchor"):
        world.tenant.administrator.match("ann", anchor)


def test_guid_is_refused_with_the_anchor_that_it_makes(world: World) -> None:
    """docs/sources.md 5.2."""
    world.export(user("ann"))

    with pytest.raises(TenantRefused, match="written x4V0iaeB60KXxjftcwd7Hw=="):
        world.tenant.administrator.match("ann", "897485c7-81a7-42eb-97c6-37ed73077b1f")


def without_an_anchor(world: World) -> str:
    """Leave a user without its anchor, with a UPN out of the federated domain of the directory."""
    administrator = world.tenant.administrator
    world.export(user("ann", "ann@fabrikam.com"))
    identity = str(world.tenant.find("ann").id)
    administrator.delete(identity)
    administrator.restore(identity, new_upn="ann@contoso.com")
    administrator.match(identity, None)
    administrator.set_domain("fabrikam.com", verified=True, federated=True)
    return identity


def test_choice_is_not_taken_back_into_a_federated_domain(world: World) -> None:
    identity = without_an_anchor(world)

    with pytest.raises(TenantRefused, match="FederatedUser.SourceAnchor"):
        world.tenant.administrator.change(identity, {"userPrincipalName": ""})

    assert world.upns() == {"Ann": "ann@contoso.com"}


def test_user_without_an_anchor_is_not_restored_into_a_domain_that_is_federated_now(
    world: World,
) -> None:
    identity = without_an_anchor(world)
    world.tenant.administrator.delete(identity)
    world.tenant.administrator.set_domain("contoso.com", verified=True, federated=True)

    with pytest.raises(TenantRefused, match="FederatedUser.SourceAnchor"):
        world.tenant.administrator.restore(identity)


def test_initial_domain_is_not_federated(world: World) -> None:
    with pytest.raises(TenantRefused, match="The initial domain cannot be federated."):
        world.tenant.administrator.set_domain(
            "Contoso.onmicrosoft.com", verified=True, federated=True
        )
