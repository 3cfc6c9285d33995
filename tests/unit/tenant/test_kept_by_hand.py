"""What an administrator set stays, whatever is computed anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from connector.errors import TenantRefused
from tests.unit.tenant.verbs import contact, group, user

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.tenant.verbs import World

CHOSEN = "ann1@contoso.com"
ANN = {"displayName": "Ann", "userPrincipalName": "ann@contoso.com"}


def cloud_only(world: World) -> str:
    return str(world.tenant.administrator.add("user", ANN)["id"])


def synchronized(world: World) -> str:
    world.export(user("ann"))
    return str(world.tenant.show("ann")["id"])


def restored(world: World, identity: str) -> None:
    """Bring a user back with another UPN; somebody else has the old one."""
    world.tenant.administrator.delete(identity)
    world.export(user("bob", "ann@contoso.com"))
    world.tenant.administrator.restore(identity, new_upn=CHOSEN)


RECALCULATIONS: list[Any] = [
    pytest.param(lambda a, ann: a.license(ann, assign=True), id="a licence"),
    pytest.param(
        lambda a, ann: (a.license(ann, assign=True), a.license(ann, assign=False)),
        id="the end of a licence",
    ),
    pytest.param(lambda a, ann: a.change(ann, {"jobTitle": "Boss"}), id="another property"),
    pytest.param(lambda a, _: a.set_domain("new.example", verified=True), id="a new domain"),
    pytest.param(lambda a, _: a.set_domain("fabrikam.com", verified=False), id="a domain less"),
    pytest.param(lambda a, ann: (a.delete(ann), a.restore(ann)), id="another restore"),
]


@pytest.mark.parametrize("make", [cloud_only, synchronized])
@pytest.mark.parametrize("recalculate", RECALCULATIONS)
def test_upn_chosen_at_a_restore_stays(
    world: World, make: Callable[[World], str], recalculate: Callable[[Any, str], object]
) -> None:
    identity = make(world)
    restored(world, identity)

    recalculate(world.tenant.administrator, identity)

    ann = world.tenant.show(identity)
    assert (ann["userPrincipalName"], ann["onPremisesProvisioningErrors"]) == (CHOSEN, [])


def test_chosen_upn_stays_when_the_directory_takes_the_user_back(world: World) -> None:
    """docs/sources.md 6.1: "recalculated only when a change of the on-premises UPN is synced"."""
    restored(world, synchronized(world))

    world.export(user("ann", jobTitle="Boss"))
    world.tenant.administrator.set_domain("new.example", verified=True)
    world.tenant.administrator.license("ann", assign=True)

    assert world.upns() == {"Ann": CHOSEN, "Bob": "ann@contoso.com"}
    assert world.errors() == []


def test_another_upn_in_the_directory_ends_the_choice(world: World) -> None:
    restored(world, synchronized(world))
    world.export(user("ann"))

    world.export(user("ann", "annette@contoso.com"))
    world.tenant.administrator.set_domain("new.example", verified=True)

    assert world.upns()["Ann"] == "annette@contoso.com"


def test_upn_given_to_a_restored_user_stays_too(world: World) -> None:
    identity = synchronized(world)
    world.tenant.administrator.delete(identity)
    world.tenant.administrator.restore(identity)

    world.tenant.administrator.change(identity, {"userPrincipalName": CHOSEN})
    world.tenant.administrator.license(identity, assign=True)
    world.export(user("ann"))

    assert world.upns() == {"Ann": CHOSEN}


def test_choice_is_taken_back_with_an_empty_upn(world: World) -> None:
    identity = synchronized(world)
    world.tenant.administrator.delete(identity)
    world.tenant.administrator.restore(identity, new_upn=CHOSEN)

    world.tenant.administrator.change(identity, {"userPrincipalName": ""})

    assert world.upns() == {"Ann": "ann@contoso.com"}


def test_chosen_upn_comes_back_with_its_domain(world: World) -> None:
    identity = synchronized(world)
    administrator = world.tenant.administrator
    administrator.delete(identity)
    administrator.restore(identity, new_upn="ann@fabrikam.com")

    administrator.set_domain("fabrikam.com", verified=False, force=True)
    without = world.upns()
    administrator.set_domain("fabrikam.com", verified=True)

    assert (without, world.upns()) == ({"Ann": "ann@contoso.com"}, {"Ann": "ann@fabrikam.com"})


@pytest.mark.parametrize("upn", ["a b@contoso.com", "ann@other.org", "@contoso.com", "x" * 120])
@pytest.mark.parametrize("make", [cloud_only, synchronized])
def test_what_is_no_upn_is_not_chosen(world: World, make: Callable[[World], str], upn: str) -> None:
    identity = make(world)
    world.tenant.administrator.delete(identity)

    with pytest.raises(TenantRefused):
        world.tenant.administrator.restore(identity, new_upn=upn)

    assert [item["displayName"] for item in world.tenant.objects(deleted=True)] == ["Ann"]


def test_cloud_user_with_a_source_anchor_is_not_quarantined_at_a_restore(world: World) -> None:
    identity = world.tenant.administrator.add("user", ANN | {"onPremisesImmutableId": "x"})["id"]
    world.tenant.administrator.delete(identity)
    world.export(user("bob", "ann@contoso.com"))

    with pytest.raises(TenantRefused, match="userPrincipalName already exists"):
        world.tenant.administrator.restore(identity)


def test_cloud_user_loses_an_address_that_another_took_while_it_could_not_show_it(
    world: World,
) -> None:
    """Provisioning errors belong to synchronized objects."""
    administrator = world.tenant.administrator
    address = "smtp:ann@other.org"
    identity = administrator.add("user", ANN | {"proxyAddresses": [address]})["id"]
    administrator.license(identity, assign=True)
    world.export(contact("carla", address))

    administrator.license(identity, assign=False)
    administrator.change(identity, {"jobTitle": "Boss"})

    assert world.proxies()["Carla"] == [address]
    assert world.errors() == []


def test_addresses_left_out_at_a_restore_stay_out(world: World) -> None:
    identity = world.tenant.administrator.add(
        "user", ANN | {"proxyAddresses": ["SMTP:a@contoso.com", "smtp:desk@contoso.com"]}
    )["id"]
    world.tenant.administrator.delete(identity)
    world.export(group("desk", "SMTP:desk@contoso.com"))
    world.tenant.administrator.restore(identity, reconcile_proxies=True)

    world.tenant.administrator.license(identity, assign=True)

    ann = world.tenant.show(identity)
    assert ann["onPremisesProvisioningErrors"] == []
    assert "smtp:desk@contoso.com" not in ann["proxyAddresses"]


def test_addresses_of_a_cloud_user_come_back_with_their_domain(world: World) -> None:
    """A mailbox shows addresses in verified domains only; the UPN stays what it became."""
    administrator = world.tenant.administrator
    address = "SMTP:ann@fabrikam.com"
    given = {"userPrincipalName": "ann@fabrikam.com", "proxyAddresses": [address]}
    identity = administrator.add("user", ANN | given)["id"]
    administrator.license(identity, assign=True)

    administrator.set_domain("fabrikam.com", verified=False, force=True)
    without = world.proxies()["Ann"]
    administrator.set_domain("fabrikam.com", verified=True)

    routing = "ann@contoso.onmicrosoft.com"
    assert without == [f"SMTP:{routing}"]
    assert world.proxies()["Ann"] == [address, f"smtp:{routing}"]
    assert world.upns() == {"Ann": routing}


def test_address_that_another_took_does_not_come_back_with_its_domain(world: World) -> None:
    administrator = world.tenant.administrator
    address = "smtp:ann@fabrikam.com"
    identity = administrator.add("user", ANN | {"proxyAddresses": [address]})["id"]
    administrator.license(identity, assign=True)
    administrator.set_domain("fabrikam.com", verified=False, force=True)
    world.export(contact("carla", address))

    administrator.set_domain("fabrikam.com", verified=True)
    world.export(contact("carla"))
    administrator.change(identity, {"jobTitle": "Boss"})

    routing = "smtp:ann@contoso.onmicrosoft.com"
    assert world.proxies() == {"Ann": ["SMTP:ann@contoso.com", routing], "Carla": []}
    assert world.errors() == []
