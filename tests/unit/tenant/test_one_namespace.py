"""UPNs and addresses in one namespace: ``tenant.upn_in_proxy_namespace`` (docs/sources.md 13.9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from connector.errors import TenantRefused
from tests.unit.tenant.verbs import contact, delete, group, user

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.tenant.verbs import World

JOE = "joe@contoso.com"


@pytest.fixture
def one(make_world: Callable[..., World]) -> World:
    return make_world(upn_in_proxy_namespace=True)


def holders(world: World) -> dict[str, str | None]:
    """Return who holds each value in quarantine."""
    return {
        record.value: record.holder and record.holder.display_name
        for record in world.tenant.provisioning_errors()
    }


def test_without_it_a_upn_may_be_the_address_of_another_object(world: World) -> None:
    world.export(contact("carla", f"SMTP:{JOE}"), user("ann", JOE))

    assert (world.upns(), world.errors()) == ({"Ann": JOE}, [])


@pytest.mark.parametrize("make", [user, group, contact])
def test_upn_that_is_an_address_of_another_object_is_quarantined(
    one: World, make: Callable[..., Any]
) -> None:
    holder = make("desk", None, f"smtp:{JOE}") if make is user else make("desk", f"smtp:{JOE}")
    one.export(holder)

    [result] = one.export(user("ann", "Joe@contoso.com"))

    assert [(q.attribute, q.value, q.held_by.display_name) for q in result.quarantined] == [
        ("UserPrincipalName", "Joe@contoso.com", "Desk")
    ]
    assert one.upns()["Ann"].startswith("Joe")
    assert holders(one) == {"Joe@contoso.com": "Desk"}


@pytest.mark.parametrize("make", [group, contact])
def test_address_that_is_the_upn_of_a_user_is_quarantined(
    one: World, make: Callable[..., Any]
) -> None:
    one.export(user("ann", JOE))

    one.export(make("desk", f"SMTP:{JOE}", "smtp:desk@contoso.com"))

    assert one.proxies()["Desk"] == ["SMTP:desk@contoso.com"]
    assert holders(one) == {f"SMTP:{JOE}": "Ann"}


def test_own_address_may_be_the_own_upn(one: World) -> None:
    one.export(user("ann", JOE, f"SMTP:{JOE}"))
    one.export(user("ann", JOE, f"smtp:{JOE}", jobTitle="Boss"))
    one.tenant.administrator.license("ann", assign=True)

    assert one.errors() == []


def test_upn_comes_back_when_the_address_is_free(one: World) -> None:
    carla = contact("carla", f"SMTP:{JOE}")
    one.export(carla, user("ann", JOE))
    held = one.sweep()
    one.export(delete(carla))

    assert (held, one.sweep()) == ([], [("Ann", JOE)])
    assert one.upns() == {"Ann": JOE}


def test_address_comes_back_when_the_upn_is_free(one: World) -> None:
    one.export(user("ann", JOE), contact("carla", f"SMTP:{JOE}"))
    held = one.sweep()
    one.export(user("ann"))

    assert (held, one.sweep()) == ([], [("Carla", f"SMTP:{JOE}")])


def test_both_come_back_to_one_user(one: World) -> None:
    carla = contact("carla", f"SMTP:{JOE}")
    one.export(carla)
    one.export(user("ann", JOE, f"SMTP:{JOE}"))
    one.export(delete(carla))

    assert sorted(one.sweep()) == [("Ann", f"SMTP:{JOE}"), ("Ann", JOE)]
    assert one.errors() == []


def test_own_address_does_not_keep_a_user_from_its_upn(world: World) -> None:
    world.export(user("ann", JOE), user("bob", JOE, f"SMTP:{JOE}"))
    world.switch(upn_in_proxy_namespace=True)
    world.export(user("ann"))

    assert world.sweep() == [("Bob", JOE)]


def test_chain_over_both_settles_in_one_sweep(make_world: Callable[..., World]) -> None:
    world = make_world(upn_in_proxy_namespace=True, upn_update_conflict="keep")
    world.export(user("ann"), user("bob"))
    world.export(user("bob", "ann@contoso.com"), contact("carla", "SMTP:bob@contoso.com"))
    world.export(user("ann", "free@contoso.com"))

    assert world.sweep() == [("Bob", "ann@contoso.com"), ("Carla", "SMTP:bob@contoso.com")]


def test_what_one_batch_frees_another_object_of_it_gets(one: World) -> None:
    one.export(user("ann", JOE))

    one.export(contact("carla", f"SMTP:{JOE}"), user("ann"))

    assert (one.proxies()["Carla"], one.errors()) == ([f"SMTP:{JOE}"], [])


def test_user_that_keeps_its_upn_keeps_it_from_addresses_too(
    make_world: Callable[..., World],
) -> None:
    world = make_world(upn_in_proxy_namespace=True, upn_update_conflict="keep")
    world.export(user("ann"), user("bob"))

    world.export(contact("carla", "SMTP:bob@contoso.com"), user("bob", "ann@contoso.com"))

    assert world.upns()["Bob"] == "bob@contoso.com"
    assert world.errors() == [
        ("Bob", "UserPrincipalName", "ann@contoso.com"),
        ("Carla", "ProxyAddresses", "SMTP:bob@contoso.com"),
    ]


def test_what_objects_held_before_they_keep(world: World) -> None:
    world.export(contact("carla", f"SMTP:{JOE}"), user("ann", JOE))
    world.switch(upn_in_proxy_namespace=True)

    world.export(contact("carla", f"SMTP:{JOE}", jobTitle="Boss"), user("ann", JOE, city="Here"))
    world.sweep()

    assert (world.upns(), world.errors()) == ({"Ann": JOE}, [])
    assert world.proxies()["Carla"] == [f"SMTP:{JOE}"]


def test_without_resiliency_the_whole_operation_fails(make_world: Callable[..., World]) -> None:
    world = make_world(upn_in_proxy_namespace=True, resiliency=False)
    world.export(user("ann", JOE))

    [result] = world.export(contact("carla", f"SMTP:{JOE}"))

    assert (result.action, result.value) == ("failed", f"SMTP:{JOE}")
    holder = world.tenant.holder_of("ProxyAddresses", f"SMTP:{JOE}")
    assert holder is not None
    assert holder.display_name == "Ann"


def test_administrator_is_refused_what_another_object_has_as_the_other(one: World) -> None:
    one.export(user("ann", JOE))
    desk = {"displayName": "Desk", "proxyAddresses": [f"SMTP:{JOE}"]}

    with pytest.raises(TenantRefused, match="Ann holds joe@contoso.com"):
        one.tenant.administrator.add("group", desk)


def test_routing_address_of_a_user_in_the_initial_domain_is_its_upn(one: World) -> None:
    one.export(user("ann", "ann@contoso.onmicrosoft.com"))

    shown = one.tenant.administrator.license("ann", assign=True)

    assert shown["proxyAddresses"] == ["SMTP:ann@contoso.onmicrosoft.com"]
