"""The hourly task: values come back to those who wait."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING

from tests.unit.tenant.verbs import World, contact, delete, group, user

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest


def test_upn_comes_back_when_the_holder_gives_it_up(world: World) -> None:
    """Seed: the task "automatically removes the attributes in question from quarantine"."""
    world.export(user("ann", "joe@contoso.com"), user("bob", "Joe@contoso.com"))
    world.export(user("ann"))

    released = world.sweep()

    assert released == [("Bob", "Joe@contoso.com")]
    assert world.upns() == {"Ann": "ann@contoso.com", "Bob": "Joe@contoso.com"}
    assert world.errors() == []


def test_value_does_not_come_back_before_the_sweep(world: World) -> None:
    """docs/sources.md 11.8: "Docs: hourly only"."""
    world.export(user("ann", "joe@contoso.com"), user("bob", "joe@contoso.com"))

    world.export(user("ann"))

    assert world.errors() == [("Bob", "UserPrincipalName", "joe@contoso.com")]


def test_proxy_address_comes_back_in_its_old_place(world: World) -> None:
    ann = user("ann", None, "SMTP:info@contoso.com")
    wanted = ["SMTP:info@contoso.com", "smtp:desk@contoso.com"]
    world.export(ann, contact("desk", *wanted))
    before = world.tenant.show("desk")
    world.export(delete(ann))

    world.sweep()

    after = world.tenant.show("desk")
    assert (before["proxyAddresses"], before["mail"]) == (
        ["SMTP:desk@contoso.com"],
        "desk@contoso.com",
    )
    assert (after["proxyAddresses"], after["mail"]) == (wanted, "info@contoso.com")


def test_first_quarantined_comes_first(world: World) -> None:
    """docs/sources.md 15.7: "goes to the waiter quarantined first"."""
    world.export(user("ann", "joe@contoso.com"))
    world.export(user("zoe", "joe@contoso.com"))
    world.export(user("bob", "joe@contoso.com"))
    world.export(user("ann"))

    assert world.sweep() == [("Zoe", "joe@contoso.com")]
    assert world.errors() == [("Bob", "UserPrincipalName", "joe@contoso.com")]


def test_source_anchor_decides_between_equals(world: World) -> None:
    """docs/sources.md 15.7: "then by source anchor"."""
    world.export(
        user("ann", "joe@contoso.com"),
        user("zoe", "joe@contoso.com"),
        user("bob", "joe@contoso.com"),
    )
    world.export(user("ann"))

    assert world.sweep() == [("Bob", "joe@contoso.com")]


def test_chain_settles_in_one_sweep(make_world: Callable[..., World]) -> None:
    """Issue 3: "A waits for B's value while B waits for C's"."""
    world = make_world(upn_update_conflict="keep")
    world.export(user("ann"), user("bob"), user("eve"))
    world.export(user("bob", "eve@contoso.com"))
    world.export(user("ann", "bob@contoso.com"))
    world.export(user("eve", "free@contoso.com"))

    released = world.sweep()

    assert released == [("Bob", "eve@contoso.com"), ("Ann", "bob@contoso.com")]
    assert world.errors() == []


def test_sweep_needs_no_sync_when_the_holder_was_cloud_only(world: World) -> None:
    """docs/sources.md 15.7: "works when the holder was cloud-only"."""
    administrator = world.tenant.administrator
    cloud = administrator.add(
        "contact", {"displayName": "Cloud", "proxyAddresses": ["SMTP:info@contoso.com"]}
    )
    world.export(user("ann", None, "smtp:info@contoso.com"))
    administrator.delete(cloud["id"])

    assert world.sweep() == [("Ann", "smtp:info@contoso.com")]


def test_nothing_comes_back_while_the_holder_holds(world: World) -> None:
    world.export(user("ann", "joe@contoso.com"), user("bob", "joe@contoso.com"))

    assert world.sweep() == []
    assert world.tenant.sweep().waiting == 1


def test_several_values_of_one_object_come_back_together(world: World) -> None:
    ann = user("ann", "joe@contoso.com", "SMTP:a@contoso.com", "smtp:b@contoso.com")
    world.export(ann, user("bob", "joe@contoso.com", "SMTP:b@contoso.com", "smtp:a@contoso.com"))
    world.export(delete(ann))

    world.sweep()

    bob = world.tenant.show("bob")
    assert bob["userPrincipalName"] == "joe@contoso.com"
    assert bob["proxyAddresses"] == ["SMTP:b@contoso.com", "smtp:a@contoso.com"]
    assert bob["onPremisesProvisioningErrors"] == []


def test_upn_of_a_licensed_user_waits_until_it_is_free_as_an_address_too(world: World) -> None:
    """A sweep never quarantines: it gives a UPN back only with the address that comes with it."""
    world.export(user("ann", "joe@contoso.com"), user("bob"))
    world.tenant.administrator.license("bob", assign=True)
    world.export(user("bob", "joe@contoso.com"))
    carla = contact("carla", "SMTP:joe@contoso.com")
    world.export(carla, user("ann"))

    first = world.sweep()
    world.export(delete(carla))

    assert first == []
    assert world.sweep() == [("Bob", "joe@contoso.com")]
    assert "SMTP:joe@contoso.com" in world.tenant.show("bob")["proxyAddresses"]


def test_healing_is_no_news_to_the_client(world: World) -> None:
    """docs/sources.md 10: "import reads the shadow, so no change appears"."""
    world.export(user("ann", "joe@contoso.com"), user("bob", "joe@contoso.com"))
    world.export(user("ann"))
    _, cookie = world.tenant.read_back(None)

    world.sweep()

    assert list(world.tenant.read_back(cookie)[0]) == []


def test_time_of_the_last_sweep_is_kept(world: World) -> None:
    assert world.tenant.last_sweep() is None

    world.sweep()

    assert world.tenant.last_sweep() == world.time


def test_clock_of_the_tenant_can_run_ahead(world: World) -> None:
    world.tenant.clock.advance(timedelta(days=2))

    world.tenant.sweep()

    assert world.tenant.last_sweep() == world.time + timedelta(days=2)


def test_many_waiters_are_served(world: World) -> None:
    """More of them than one page of a sweep, waiting for the values of one object."""
    proxies = [f"smtp:a{number}@contoso.com" for number in range(300)]
    holder = group("desk", *proxies)
    world.export(holder)
    for start in range(5):
        world.export(
            *[
                contact(f"c{start}-{n}", f"SMTP:c{start}-{n}@x.org", proxy)
                for n, proxy in enumerate(proxies)
            ]
        )
    world.export(delete(holder))

    released = world.sweep()

    assert released == [
        (f"C0-{n}", proxy) for n, proxy in sorted(enumerate(proxies), key=lambda p: f"c0-{p[0]}")
    ]
    assert world.tenant.counts().quarantined == 1200


def test_a_sweep_that_is_stopped_and_one_after_it_are_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connector.tenant.sweep._PAGE", 1)
    whole, halved = (_with_six_that_wait(tmp_path / name) for name in ("whole", "halved"))
    whole.time += timedelta(hours=1)
    once = whole.tenant.sweep()
    halved.time += timedelta(hours=1)
    asked = count(1)

    first = halved.tenant.sweep(stop=lambda: next(asked) > 3)
    second = halved.tenant.sweep()

    assert (first.stopped, len(first.released), halved.tenant.last_sweep()) == (
        True,
        3,
        halved.time,
    )
    assert first.released + second.released == once.released
    assert [*halved.tenant.objects()] == [*whole.tenant.objects()]
    whole.tenant.close()
    halved.tenant.close()


def test_a_sweep_that_was_stopped_is_due_again(world: World) -> None:
    world.export(user("ann", "joe@contoso.com"), user("bob", "joe@contoso.com"))
    world.export(user("ann"))
    world.sweep()
    before = world.tenant.last_sweep()
    world.time += timedelta(hours=1)

    world.tenant.sweep(stop=lambda: True)

    assert world.tenant.last_sweep() == before


def test_what_a_page_released_is_told_before_the_next(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connector.tenant.sweep._PAGE", 1)
    world.export(user("ann", "ann@contoso.com", "smtp:one@contoso.com", "smtp:two@contoso.com"))
    world.export(contact("desk", "smtp:one@contoso.com"), contact("info", "smtp:two@contoso.com"))
    world.export(user("ann", "ann@contoso.com"))
    told: list[list[str]] = []

    world.tenant.sweep(tell=lambda page: told.append([one.name for one in page]))

    assert told == [["Desk"], ["Info"]]


def _with_six_that_wait(folder: Path) -> World:
    folder.mkdir()
    world = World(folder / "tenant.db")
    addresses = [f"smtp:a{number}@contoso.com" for number in range(6)]
    world.export(user("ann", "ann@contoso.com", *addresses))
    for number, address in enumerate(addresses):
        world.export(contact(f"desk{number}", address))
    world.export(user("ann", "ann@contoso.com"))
    return world
