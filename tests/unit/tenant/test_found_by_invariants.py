"""Histories that test_invariants found, each as short as possible."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.tenant.verbs import delete, group, user

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.tenant.verbs import World

TAKES_THE_ADDRESS = group("desk", "SMTP:b@contoso.com")


@pytest.fixture
def waiting(make_world: Callable[..., World]) -> World:
    """Ann is licensed, goes by b@contoso.com, and waits for it as an address: the group has it."""
    world = make_world(upn_update_conflict="keep")
    world.export(user("ann", "ann@contoso.com"), user("eve", "a@contoso.com"), TAKES_THE_ADDRESS)
    world.tenant.administrator.license("ann", assign=True)
    world.export(user("ann", "b@contoso.com"))
    return world


def test_kept_upn_goes_on_waiting_as_an_address(waiting: World) -> None:
    [result] = waiting.export(user("ann", "a@contoso.com"))

    assert (result.code, [item.value for item in result.quarantined]) == (
        "Success",
        ["a@contoso.com"],
    )
    assert waiting.upns()["Ann"] == "b@contoso.com"
    assert waiting.proxies()["Ann"] == ["SMTP:ann@contoso.onmicrosoft.com"]
    assert waiting.errors() == [
        ("Ann", "ProxyAddresses", "smtp:b@contoso.com"),
        ("Ann", "UserPrincipalName", "a@contoso.com"),
    ]


def test_address_of_a_kept_upn_is_reported_with_its_holder(
    make_world: Callable[..., World],
) -> None:
    """The licence is gone, and with it the address, which is wanted again at the next change."""
    world = make_world(upn_update_conflict="keep")
    world.export(user("ann", "b@contoso.com"), user("eve", "a@contoso.com"))
    world.tenant.administrator.license("ann", assign=True)
    world.tenant.administrator.license("ann", assign=False)
    world.export(TAKES_THE_ADDRESS)

    [result] = world.export(user("ann", "a@contoso.com"))

    assert [(item.value, item.held_by.display_name) for item in result.quarantined] == [
        ("a@contoso.com", "Eve"),
        ("smtp:b@contoso.com", "Desk"),
    ]


def test_address_of_a_kept_upn_is_free_in_the_batch_that_frees_it(waiting: World) -> None:
    waiting.export(user("ann", "a@contoso.com"), delete(TAKES_THE_ADDRESS))

    assert waiting.proxies()["Ann"] == ["SMTP:b@contoso.com", "smtp:ann@contoso.onmicrosoft.com"]
    assert waiting.errors() == [("Ann", "UserPrincipalName", "a@contoso.com")]


@pytest.mark.parametrize("frees_both", [False, True])
def test_user_that_has_its_upn_again_waits_for_no_address_of_the_kept_one(
    waiting: World, *, frees_both: bool
) -> None:
    waiting.export(user("ann", "a@contoso.com"))
    waiting.export(delete(user("eve")), *([delete(TAKES_THE_ADDRESS)] if frees_both else []))

    waiting.sweep()

    assert waiting.upns() == {"Ann": "a@contoso.com"}
    assert waiting.proxies()["Ann"] == ["SMTP:a@contoso.com", "smtp:ann@contoso.onmicrosoft.com"]
    assert waiting.errors() == []


def test_upn_that_comes_back_first_ends_the_wait_for_the_address(
    make_world: Callable[..., World],
) -> None:
    """Both are free at once; the UPN was quarantined before the address was."""
    world = make_world(upn_update_conflict="keep")
    world.export(user("ann", "b@contoso.com"), user("eve", "a@contoso.com"))
    world.export(user("ann", "a@contoso.com"))
    world.tenant.administrator.license("ann", assign=True)
    world.tenant.administrator.license("ann", assign=False)
    world.export(TAKES_THE_ADDRESS)
    world.export(user("ann", "a@contoso.com", "SMTP:ann@contoso.com"))
    waiting = [record.value for record in world.tenant.provisioning_errors()]
    world.export(delete(user("eve")), delete(TAKES_THE_ADDRESS))

    released = world.sweep()

    assert waiting == ["a@contoso.com", "smtp:b@contoso.com"]
    assert released == [("Ann", "a@contoso.com")]
    assert world.errors() == []


@pytest.mark.parametrize("settings", [{}, {"soft_deleted_hold_values": True}])
def test_licensed_user_is_restored_with_its_new_upn_as_an_address(
    make_world: Callable[..., World], settings: dict[str, Any]
) -> None:
    world = make_world(**settings)
    world.export(user("ann", "a@contoso.com"))
    world.tenant.administrator.license("ann", assign=True)
    world.export(delete(user("ann")))

    world.tenant.administrator.restore("ann", new_upn="b@contoso.com")

    assert _holders(world, "b@contoso.com") == ("Ann", "Ann")
    assert _holders(world, "a@contoso.com") == (None, None)


def test_new_upn_of_a_restored_user_waits_where_it_is_held_as_an_address(world: World) -> None:
    world.export(user("ann", "a@contoso.com"), TAKES_THE_ADDRESS)
    world.tenant.administrator.license("ann", assign=True)
    world.export(delete(user("ann")))

    world.tenant.administrator.restore("ann", new_upn="b@contoso.com")

    assert world.errors() == [("Ann", "ProxyAddresses", "smtp:b@contoso.com")]
    assert _holders(world, "b@contoso.com") == ("Ann", "Desk")


def test_old_upn_stays_an_address_of_its_own_after_a_restore_with_another(world: World) -> None:
    world.export(user("ann", "a@contoso.com", "SMTP:a@contoso.com"))
    world.tenant.administrator.license("ann", assign=True)
    world.export(delete(user("ann")))

    world.tenant.administrator.restore("ann", new_upn="b@contoso.com")

    assert _holders(world, "a@contoso.com") == (None, "Ann")


def test_restored_user_that_comes_back_to_its_client_waits_no_more_for_a_computed_upn(
    world: World,
) -> None:
    world.export(user("ann", "ann@corp.local"))
    computed = world.upns()["Ann"]
    world.export(delete(user("ann")))
    world.export(user("eve", computed))
    world.tenant.administrator.restore("ann")
    waiting = world.errors()
    world.export(user("eve", "eve@contoso.com"))

    world.export(user("ann", "ann@corp.local"))

    assert waiting == [("Ann", "UserPrincipalName", computed)]
    assert (world.upns()["Ann"], world.errors()) == (computed, [])


def _holders(world: World, address: str) -> tuple[str | None, str | None]:
    """Name who holds an address as a UPN, and who as a proxy address."""
    upn, proxy = (
        world.tenant.holder_of(attribute, address)
        for attribute in ("UserPrincipalName", "ProxyAddresses")
    )
    return upn and upn.display_name, proxy and proxy.display_name


def test_a_batch_may_make_and_delete_a_group_twice(world: World) -> None:
    desk = group("desk")

    results = world.export(desk, delete(desk), desk, delete(desk))

    assert [result.action for result in results] == ["added", "deleted", "added", "deleted"]
    assert list(world.tenant.objects()) == []
