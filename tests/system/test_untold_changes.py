"""What a real slapd changes without a word, and what the connector makes of it."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, cast

import pytest

from connector.directory import open_directory
from tests.fakes import SUFFIX
from tests.system.slapd_world import SlapdWorld
from tests.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from connector.ports import Directory
    from tests.fakes import MemoryDirectory

USERS, GROUPS = f"ou=users,{SUFFIX}", f"ou=groups,{SUFFIX}"
REFINT = ("moduleload refint", "overlay refint", "refint_attributes member")
LATE = 60.0


class Following(World):
    """A world on a directory that lies elsewhere, with a comparison a day."""

    def __init__(self, path: Path, opened: Directory, slapd: SlapdWorld) -> None:
        for verb in ("user", "group", "contact"):
            setattr(opened, verb, getattr(slapd, verb))
        super().__init__(path, cast("MemoryDirectory", opened), schedule={"reconcile": "1d"})


class Site:
    """A slapd with refint, and a connector on it."""

    def __init__(self, path: Path, **settings: Any) -> None:
        self._path = path
        self.slapd = SlapdWorld(path / "slapd", **settings)
        self._world: World | None = None

    def connect(self, **directory: Any) -> World:
        settings = self.slapd.settings(**directory)
        opened = open_directory(settings, password=self.slapd.password)
        self._world = Following(self._path / "storage", opened, self.slapd)
        return self._world

    def until_shown(self, group: str, member: str) -> None:
        """Wait until the overlay has rewritten a reference."""
        end = time.monotonic() + LATE
        while f"member: {member}\n" not in self.slapd.slapd.search("(cn=*)", "member", base=group):
            assert time.monotonic() < end, f"{group} never shows {member}"
            time.sleep(0.05)

    def close(self) -> None:
        if self._world:
            self._world.__exit__()
        self.slapd.close()


@pytest.fixture
def site_with(tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """Make a site with a slapd as the arguments of SlapdWorld say."""
    with ExitStack() as stack:

        def make(**settings: Any) -> Site:
            opened = Site(tmp_path, **settings)
            stack.callback(opened.close)
            return opened

        yield make


@pytest.fixture
def site(site_with: Callable[..., Site]) -> Site:
    return site_with(directives=REFINT)


def members(world: World, group: str) -> list[str]:
    return sorted(item["displayName"] for item in world.tenant.show(group)["members"])


def in_each_cycle(world: World, group: str, cycles: int = 3) -> list[list[str]]:
    found = []
    for _ in range(cycles):
        assert world.sync().result == "success"
        found.append(members(world, group))
    return found


ALL = ["Ann", "Bob", "Cid"]


def test_a_member_renamed_moved_and_renamed_stays_in_every_cycle(site):
    ann, bob, cid = (site.slapd.user(name) for name in ("ann", "bob", "cid"))
    staff = site.slapd.group("staff", [ann, bob, cid])
    world = site.connect()
    world.sync()
    guests = site.slapd.ou("guests")

    ann = site.slapd.rename(ann, "uid=anna")
    found = in_each_cycle(world, staff, 1)
    ann = site.slapd.move(site.slapd.rename(ann, "uid=anne"), guests)
    found += in_each_cycle(world, staff, 2)
    site.until_shown(staff, ann)

    assert [*found, *in_each_cycle(world, staff)] == [ALL] * 6


def test_a_renamed_unit_of_twenty_leaves_every_membership(site):
    names = [site.slapd.user(f"user{number:02}") for number in range(20)]
    staff = site.slapd.group("staff", names)
    world = site.connect()
    world.sync()
    whole = members(world, staff)

    people = site.slapd.rename(USERS, "ou=people")
    found = in_each_cycle(world, staff, 1)
    site.until_shown(staff, f"uid=user19,{people}")

    assert [*found, *in_each_cycle(world, staff)] == [whole] * 4


def test_a_person_under_the_name_of_a_deleted_member_is_no_member(site):
    ann, bob = site.slapd.user("ann"), site.slapd.user("bob")
    staff = site.slapd.group("staff", [ann, bob])
    world = site.connect()
    world.sync()

    site.slapd.remove(ann)
    found = in_each_cycle(world, staff, 1)
    site.slapd.user("ann", displayName="Another")

    assert [*found, *in_each_cycle(world, staff)] == [["Bob"]] * 4


@pytest.mark.parametrize("mode", ["auto", "scan"])
@pytest.mark.parametrize("session_log", [1000, None])
def test_a_branch_that_moves_into_the_search_brings_what_is_below(site_with, mode, session_log):
    site = site_with(mode=mode, session_log=session_log)
    unit = site.slapd.ou("sub", below=f"ou=contacts,{SUFFIX}")
    lower = site.slapd.ou("lower", below=unit)
    classes = ["inetOrgPerson"]
    for name, below in (("deep", unit), ("deeper", lower), ("boss", f"ou=contacts,{SUFFIX}")):
        dn = f"uid={name},{below}"
        site.slapd.add(dn, classes, {"uid": name, "cn": name, "sn": name})
    boss = f"uid=boss,ou=contacts,{SUFFIX}"
    site.slapd.add(f"uid=aide,{boss}", classes, {"uid": "aide", "cn": "aide", "sn": "aide"})
    site.slapd.user("ann")
    world = site.connect(base_dn=USERS)
    world.sync()
    before = set(world.cloud)
    site.slapd.move(unit, USERS)
    site.slapd.move(boss, USERS)

    world.sync()

    assert (before, set(world.cloud)) == ({"Ann"}, {"Ann", "deep", "deeper", "boss", "aide"})


def test_a_renamed_person_takes_the_people_below_along(site):
    boss = site.slapd.user("boss")
    site.slapd.add(
        f"uid=aide,{boss}", ["inetOrgPerson"], {"uid": "aide", "cn": "aide", "sn": "aide"}
    )
    world = site.connect()
    world.sync()

    chief = site.slapd.rename(boss, "uid=chief")
    world.sync()

    assert world.cloud["aide"]["onPremisesDistinguishedName"] == f"uid=aide,{chief}"


def test_a_server_that_says_that_it_was_restarted_is_compared_at_once(site_with):
    site = site_with()
    configuration = site.slapd.slapd.path / "slapd.conf"
    with configuration.open("a") as file:
        file.write(f'\ndatabase monitor\naccess to * by dn="{site.slapd.slapd.admin}" read\n')
    site.slapd.slapd.restart()
    site.slapd.user("ann")
    world = site.connect()
    world.sync()
    world.sync()
    quiet = world.logged("import.reconciled")
    time.sleep(1.1)  # the server tells its start to the second
    site.slapd.slapd.restart()
    world.directory.close()

    world.sync()

    assert quiet == []
    assert [event["reason"] for event in world.logged("import.reconciled")] == ["restart"]


def test_a_delete_that_a_killed_server_forgot_is_found_at_once_by_the_lost_connection(site_with):
    site = site_with()
    bob = site.slapd.user("bob")
    site.slapd.user("ann")
    site.slapd.slapd.restart()
    world = site.connect()
    world.sync()
    site.slapd.remove(bob)
    site.slapd.slapd.kill()
    site.slapd.slapd.start()

    run = world.sync()

    assert run.result == "success"
    assert set(world.cloud) == {"Ann"}
