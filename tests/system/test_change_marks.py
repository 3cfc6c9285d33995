"""Change marks of slapd that lie in the future hide no change, and are named."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from connector.directory.marks import Marks
from tests.contracts.directory import Copy
from tests.fakes import SUFFIX
from tests.system.commandline import CommandLine
from tests.system.slapd_world import SlapdWorld

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

USERS = f"ou=users,{SUFFIX}"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[SlapdWorld]:
    world = SlapdWorld(tmp_path / "slapd")
    for name in ("ann", "bob", "cid"):
        world.user(name)
    yield world
    world.close()


@pytest.fixture
def connector(tmp_path: Path, world: SlapdWorld) -> CommandLine:
    access = {"url": world.slapd.url, "bind_dn": world.slapd.admin, "password": world.password}
    return CommandLine(tmp_path, access)


def dumped(world: SlapdWorld) -> str:
    slapd = world.slapd
    return slapd._run([slapd._program, "-T", "cat", "-f", str(slapd.path / "slapd.conf")])


def reload(world: SlapdWorld, ldif: str) -> None:
    world.slapd.wipe()
    world.slapd.load([ldif])
    world.slapd.start()


def stamp(**ahead: int) -> str:
    return f"{datetime.now(UTC) + timedelta(**ahead):%Y%m%d%H%M%S}"


def change(world: SlapdWorld) -> None:
    world.modify(f"uid=ann,{USERS}", title="Boss")
    world.user("dan")
    world.remove(f"uid=cid,{USERS}")


def bob_is_ahead(ldif: str) -> str:
    without = re.sub(r"(?m)^contextCSN: .*\n", "", ldif)
    bob = r"(?ms)^(dn: uid=bob,.*?^entryCSN: )\d{14}"
    return re.sub(bob, rf"\g<1>{stamp(days=200)}", without, count=1)


def suffix_is_ahead(ldif: str) -> str:
    return re.sub(r"(?m)^(contextCSN: )\d{14}", rf"\g<1>{stamp(days=200)}", ldif)


def one_of_two_servers_is_ahead(ldif: str) -> str:
    other = rf"\g<0>contextCSN: {stamp(days=200)}.000000Z#000000#00a#000000\n"
    return re.sub(r"(?m)^contextCSN: .*\n", other, ldif)


LOADED = [bob_is_ahead, suffix_is_ahead, one_of_two_servers_is_ahead]


@pytest.mark.parametrize("mark", LOADED)
def test_a_mark_from_the_future_hides_no_change(world, connector, mark) -> None:
    reload(world, mark(dumped(world)))
    connector.synced()
    change(world)

    objects = connector.synced()

    assert set(objects) == {"Ann", "Bob", "Dan"}
    assert objects["Ann"]["jobTitle"] == "Boss"
    [event] = connector.logged("resync.required")
    assert "199 days (until 20" in event["reason"]


@pytest.mark.parametrize("mark", LOADED)
def test_check_names_a_mark_from_the_future_and_its_advice_mends_it(world, connector, mark) -> None:
    reload(world, mark(dumped(world)))
    said = connector.run("check")

    ahead = rf"(?m)^(contextCSN|entryCSN): {stamp(days=200)[:6]}.*\n"
    reload(world, re.sub(ahead, "", dumped(world)))
    connector.synced()
    change(world)
    objects = connector.synced()

    assert said.returncode == 0
    assert "warning: the change mark 20" in said.stdout
    assert "slapcat" in said.stdout
    assert set(objects) == {"Ann", "Bob", "Dan"}
    assert connector.logged("resync.required") == []


def test_check_names_an_entry_that_the_server_keeps_back(world, connector) -> None:
    mine = dumped(world)
    bob = r"(?ms)^(dn: uid=bob,.*?^entryCSN: )\d{14}"
    ldif = re.sub(bob, rf"\g<1>{stamp(days=200)}", mine, count=1)
    world.slapd.wipe()
    slapd = world.slapd
    slapd._run([slapd._program, "-T", "add", "-q", "-f", str(slapd.path / "slapd.conf")], [ldif])
    slapd.start()

    said = connector.run("check")

    assert said.returncode == 0
    assert f"warning: uid=bob,{USERS} is kept back by the server" in said.stdout


def test_what_changed_before_a_mark_came_true_is_read_after_it(
    world, connector, monkeypatch
) -> None:
    """The last change before that time has an older mark than the cookie, for ever."""
    reload(world, suffix_is_ahead(dumped(world)))
    directory = world.open()
    clock = [datetime.now(UTC).timestamp()]
    directory._marks = Marks(lambda: clock[0])
    copy = Copy(directory)
    world.user("dan")
    clock[0] += timedelta(days=200, hours=1).total_seconds()

    reason = copy.doubt()
    copy.cookie = None
    copy.update()
    copy.update()

    assert "lay in the future" in reason
    assert f"uid=dan,{USERS}".lower() in copy.names()
