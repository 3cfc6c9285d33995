"""Failures of a real slapd lose nothing."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from connector.directory.check_result import CheckResult
from connector.directory.diagnose import diagnose
from connector.errors import CookieRefused, DirectoryUnavailable
from connector.model import Complete
from tests.contracts.directory import Copy
from tests.fakes import SUFFIX
from tests.system.slapd_world import SlapdWorld

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from connector.ports import Directory

    Build = Callable[..., SlapdWorld]

READER = f"cn=reader,{SUFFIX}"


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Build]:
    worlds: list[SlapdWorld] = []

    def make(**arguments: Any) -> SlapdWorld:
        worlds.append(SlapdWorld(tmp_path / f"slapd{len(worlds)}", **arguments))
        return worlds[-1]

    yield make
    for world in worlds:
        world.close()


@pytest.fixture
def world(build: Build) -> SlapdWorld:
    return build()


def fill(world: SlapdWorld, count: int) -> None:
    world.slapd.stop()
    world.slapd.load(
        f"dn: cn=c{number},ou=contacts,{SUFFIX}\nobjectClass: contact\ndescription: {'x' * 500}\n\n"
        for number in range(count)
    )
    world.slapd.start()


def reader(world: SlapdWorld) -> None:
    attributes = {"cn": "reader", "sn": "reader", "userPassword": "reader"}
    world.add(READER, ["person"], attributes)


def failure(directory: Directory, cookie: bytes | None = None) -> str:
    with pytest.raises(DirectoryUnavailable) as caught:
        list(directory.changes(cookie))
    return str(caught.value)


def test_server_killed_in_the_middle_of_a_refresh_makes_it_void(world: SlapdWorld) -> None:
    fill(world, 20_000)
    changes = world.open().changes(None)
    taken = [next(changes)]
    world.slapd.kill()

    with pytest.raises(DirectoryUnavailable, match="nothing was changed"):
        taken.extend(changes)
    assert not any(isinstance(change, Complete) for change in taken)


def test_server_that_hangs_in_the_middle_of_a_refresh_times_out(world: SlapdWorld) -> None:
    fill(world, 20_000)
    directory = world.open(timeout="1s")
    changes = directory.changes(None)
    next(changes)
    server = world.slapd.find_pid()
    assert server
    os.kill(server, signal.SIGSTOP)
    try:
        with pytest.raises(DirectoryUnavailable, match="no answer within 1 seconds"):
            list(changes)
    finally:
        os.kill(server, signal.SIGCONT)


def test_server_that_was_restarted_is_read_on(world: SlapdWorld) -> None:
    copy = Copy(world.open())
    dn = world.user("ann")
    world.slapd.restart()

    copy.update()

    assert copy.names() == [dn]


def test_server_that_is_down_is_told_and_read_when_it_is_back(world: SlapdWorld) -> None:
    dn = world.user("ann")
    copy = Copy(world.open())
    world.slapd.stop()
    said = failure(copy.directory, copy.cookie)
    world.slapd.start()

    copy.update()

    assert f"cannot connect to {world.slapd.url}: Connection refused" in said
    assert copy.names() == [dn]


def test_wrong_password_is_told(world: SlapdWorld) -> None:
    said = failure(world.open(password="wrong-and-secret"))

    assert "invalidCredentials (49)" in said
    assert world.slapd.admin in said
    assert "wrong-and-secret" not in said


def test_wrong_base_is_told_and_is_no_empty_directory(world: SlapdWorld) -> None:
    said = failure(world.open(base_dn=f"ou=nowhere,{SUFFIX}"))

    assert "noSuchObject (32)" in said
    assert f"ou=nowhere,{SUFFIX}" in said


def test_base_of_another_server_is_told(world: SlapdWorld) -> None:
    assert "(32)" in failure(world.open(base_dn="dc=fabrikam,dc=com"))


def test_read_from_a_base_that_is_not_there_is_an_error(world: SlapdWorld) -> None:
    directory = world.open(base_dn=f"ou=nowhere,{SUFFIX}")

    with pytest.raises(DirectoryUnavailable, match="noSuchObject"):
        list(directory.read([bytes(16)]))


@pytest.mark.parametrize("mode", ["syncrepl", "scan"])
def test_size_limit_of_the_server_makes_the_answer_void(build: Build, mode: str) -> None:
    world = build(mode=mode, directives=[f'limits dn.exact="{READER}" size=3 size.prtotal=3'])
    reader(world)
    for number in range(4):
        world.contact(f"c{number}", f"c{number}@contoso.com")

    said = failure(world.open(bind_dn=READER, password="reader"))

    assert "(4)" in said or "(11)" in said
    assert READER in said


def test_cookie_of_the_future_is_refused_and_told_apart(world: SlapdWorld) -> None:
    world.user("ann")
    future = b"rid=000,csn=20990101000000.000000Z#000000#000#000000"

    with pytest.raises(CookieRefused, match="consumer state is newer"):
        list(world.open().changes(future))


def test_attributes_that_the_schema_lacks_may_be_asked_for(build: Build) -> None:
    world = build(schemas=[])
    dn = f"uid=ann,ou=users,{SUFFIX}"
    world.add(dn, ["inetOrgPerson"], {"uid": "ann", "cn": "Ann", "sn": "A"})

    copy = Copy(world.open())

    assert copy.values(dn, "cn") == [b"Ann"]


def test_hostile_names_and_values_arrive_as_they_are(world: SlapdWorld) -> None:
    value = b'quote" \x00\x1b[31m\r\n\xe2\x80\xae end'
    dn = world.add(
        f"uid=a\\2Cb\\22\\C3\\A9,ou=users,{SUFFIX}",
        ["inetOrgPerson", "onPremRecipient"],
        {"uid": 'a,b"é', "cn": "x", "sn": "x", "mS-DS-ConsistencyGuid": value},
    )

    copy = Copy(world.open())

    (entry,) = (each for each in copy.entries.values() if each.dn.startswith("uid="))
    assert list(entry.attributes["ms-ds-consistencyguid"]) == [value]
    assert [each.dn for each in copy.directory.read_below(entry.dn)] == [entry.dn]
    assert dn


def test_poll_without_a_change_takes_milliseconds(world: SlapdWorld) -> None:
    copy = Copy(world.open())
    times = []
    for _ in range(20):
        began = time.perf_counter()
        copy.update()
        times.append(time.perf_counter() - began)

    # The machine may be busy in most of them.
    assert min(times) < 0.02


def test_socket_file_is_read_as_the_user_of_the_process(world: SlapdWorld) -> None:
    dn = world.user("ann")
    world.slapd.stop()
    # Not below tmp_path: the name of a socket has at most 107 characters.
    with tempfile.TemporaryDirectory() as folder:
        url = f"ldapi://{quote(folder + '/ldapi', safe='')}"
        program = shutil.which("slapd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/lib/openldap")
        command = [str(program), "-d", "0", "-f", str(world.slapd.path / "slapd.conf"), "-h", url]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as server:
            try:
                wait_for(folder + "/ldapi")

                assert Copy(world.open(url=url, bind_dn="")).names() == [dn]
            finally:
                world.close()
                server.terminate()


def wait_for(address: str) -> None:
    deadline = time.monotonic() + 60
    with socket.socket(socket.AF_UNIX) as sock:
        while sock.connect_ex(address) and time.monotonic() < deadline:
            time.sleep(0.02)


# --- connector check -------------------------------------------------------------------------------


def findings(
    world: SlapdWorld, password: str | None = None, **changed: Any
) -> dict[str, CheckResult]:
    found = diagnose(world.settings(**changed), password or world.password)
    return {finding.name: finding for finding in found}


def test_everything_is_well_with_a_directory_that_can_be_synced(world: SlapdWorld) -> None:
    found = findings(world)

    assert [*found] == ["connect", "bind", "base", "attributes", "entries", "synchronization"]
    assert all(finding.ok for finding in found.values()), found


def test_wrong_password_is_found_at_the_bind(world: SlapdWorld) -> None:
    found = findings(world, password="wrong")

    assert (found["connect"].ok, found["bind"].ok) == (True, False)
    assert "Check directory.bind_dn" in found["bind"].advice


def test_unreachable_server_is_found(world: SlapdWorld) -> None:
    found = findings(world, url="ldap://127.0.0.1:1")

    assert [*found] == ["connect"]
    assert "Connection refused" in found["connect"].detail


def test_wrong_base_is_found(world: SlapdWorld) -> None:
    found = findings(world, base_dn=f"ou=nowhere,{SUFFIX}")

    assert not found["base"].ok
    assert "directory.base_dn" in found["base"].advice


def test_size_limit_is_found_before_a_sync_meets_it(build: Build) -> None:
    world = build(directives=[f'limits dn.exact="{READER}" size=4'])
    reader(world)

    found = findings(world, bind_dn=READER, password="reader")

    assert found["entries"] == CheckResult(
        "entries",
        ok=False,
        detail="the server stops after 4 entries",
        advice=f"Lift the size limit of {READER} (OpenLDAP: limits ... size=unlimited).",
    )


def test_missing_right_to_see_an_attribute_is_found(build: Build) -> None:
    hidden = ["access to attrs=entryUUID by * none", "access to * by * read"]
    world = build(directives=hidden)

    found = findings(world, bind_dn="")

    assert not found["attributes"].ok
    assert "does not show entryUUID" in found["attributes"].detail


def test_nothing_below_the_base_is_found(build: Build) -> None:
    rights = [f'access to dn.exact="{SUFFIX}" by * read', "access to * by users read"]
    world = build(directives=rights)

    found = findings(world, bind_dn="")

    assert found["entries"] == CheckResult(
        "entries",
        ok=True,
        detail=f"warning: nothing below {SUFFIX} is shown",
        advice="Grant the anonymous user read access to what is below it.",
    )


def test_a_scope_that_the_directory_shows_is_well(world: SlapdWorld) -> None:
    group = world.group("pilot", [world.user("ann")])
    units = [f"OU=Users, {SUFFIX}"]

    found = findings(world, include=units, pilot_group=group, filter="(cn=ann)")

    assert not found["scope"].ok  # the filter hides the group
    assert findings(world, include=units, pilot_group=group)["scope"].ok


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"include": [f"ou=usres,{SUFFIX}"]}, f"directory.include ou=usres,{SUFFIX}"),
        ({"include": ["ou=users,dc=fabrikam"]}, "directory.include ou=users,dc=fabrikam"),
        ({"include": [f"nonsense=x,{SUFFIX}"]}, f"directory.include nonsense=x,{SUFFIX}"),
        ({"pilot_group": f"cn=pilto,{SUFFIX}"}, f"directory.pilot_group cn=pilto,{SUFFIX}"),
        ({"pilot_group": f"ou=users,{SUFFIX}"}, f"directory.pilot_group ou=users,{SUFFIX}"),
        ({"filter": "(title=Boss)"}, "directory.filter (title=Boss)"),
    ],
)
def test_a_mistyped_scope_is_found(world: SlapdWorld, changed: Any, named: str) -> None:
    world.user("ann")

    found = findings(world, **changed)["scope"]

    assert not found.ok
    assert named in found.detail


def test_a_mistyped_exclude_is_a_warning(world: SlapdWorld) -> None:
    found = findings(world, exclude=[f"ou=usres,{SUFFIX}"])["scope"]

    assert found.ok
    assert found.detail == f"warning: not shown: directory.exclude ou=usres,{SUFFIX}"
