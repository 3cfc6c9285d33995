"""The connector meets a domain controller that refuses, withholds or goes away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from connector.directory import reading
from connector.directory.dirsync import Position
from connector.errors import DirectoryUnavailable
from connector.model import Complete
from tests.contracts.directory import Copy
from tests.documents import commands
from tests.system.certificates import authority
from tests.system.following import follow
from tests.system.samba import CONTEXT, READER, REALM
from tests.system.samba_world import SambaWorld

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from connector.model import Change
    from tests.system.samba import PrivateSamba

pytestmark = pytest.mark.samba

PASSWORD = "An0ther!lab"


@pytest.fixture
def world(samba: PrivateSamba) -> Iterator[SambaWorld]:
    world = SambaWorld(samba)
    yield world
    world.close()


@pytest.fixture
def stranger(world: SambaWorld) -> dict[str, str]:
    """An account that is not shown deleted objects, as the settings name it."""
    name = world.account("stranger")
    world.samba.account(name, PASSWORD)
    return {"bind_dn": f"{name}@{REALM}", "password": PASSWORD}


def failure(world: SambaWorld, **changed: Any) -> str:
    with pytest.raises(DirectoryUnavailable) as caught:
        list(world.open(**changed).changes(None))
    return str(caught.value)


# --- getting in -----------------------------------------------------------------------------------


def test_password_in_clear_is_refused_and_the_next_step_told(
    world: SambaWorld, tmp_path: Path
) -> None:
    connector = world.command_line(tmp_path, url=world.samba.url)

    done = connector.run("sync")

    assert done.returncode == 4
    assert "strongerAuthRequired (8)" in done.stdout + done.stderr
    assert "Set directory.tls to starttls or ldaps" in done.stdout + done.stderr


def test_start_tls_is_enough(world: SambaWorld) -> None:
    dn = world.user("ann")

    assert Copy(world.open(url=world.samba.url, tls="starttls")).names() == [dn]


def test_certificate_of_another_authority_is_refused(world: SambaWorld, tmp_path: Path) -> None:
    said = failure(world, ca_file=str(authority(tmp_path)))

    assert "Set directory.ca_file" in said


def test_wrong_password_is_told_apart_from_a_locked_account(
    world: SambaWorld, stranger: dict[str, str], tmp_path: Path
) -> None:
    world.samba.lock_accounts_after(2)
    wrong = world.command_line(tmp_path, bind_dn=stranger["bind_dn"], password="wrong")
    done = wrong.run("sync")
    failure(world, bind_dn=stranger["bind_dn"], password="wrong")

    said = failure(world, **stranger)
    world.samba.lock_accounts_after(0)

    assert done.returncode == 4
    assert "Check directory.bind_dn and its password" in done.stdout + done.stderr
    assert f"{stranger['bind_dn']} is locked after too many wrong passwords" in said


def test_disabled_account_is_told(world: SambaWorld, stranger: dict[str, str]) -> None:
    world.samba.disable(world.account("stranger"))

    assert f"{stranger['bind_dn']} is disabled: enable it" in failure(world, **stranger)


# --- going away -----------------------------------------------------------------------------------


class Crash(NamedTuple):
    """A read while the server was killed between two pages, and the copies from before."""

    taken: list[Change]
    error: Exception | None
    scanned: Copy
    told: Copy
    left: str


@pytest.fixture(scope="module")
def crash(samba: PrivateSamba) -> Iterator[Crash]:
    world = SambaWorld(samba)
    ann, bob = (world.user(name, f"{name}@crash.contoso.com") for name in ("ann", "bob"))
    scanned, told = Copy(world.open(mode="scan")), Copy(world.open())
    taken: list[Change] = []
    error: Exception | None = None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "_PAGE", 2)
        changes = scanned.directory.changes(None)
        taken.append(next(changes))
        world.remove(ann)
        samba.kill()
        try:
            taken.extend(changes)
        except DirectoryUnavailable as caught:
            error = caught
    samba.start()
    yield Crash(taken, error, scanned, told, bob)
    world.close()


def test_server_killed_between_two_pages_makes_the_read_void(crash: Crash) -> None:
    assert isinstance(crash.error, DirectoryUnavailable)
    assert not any(isinstance(change, Complete) for change in crash.taken)


def test_scan_goes_on_after_the_server_was_killed(crash: Crash) -> None:
    crash.scanned.update()

    assert crash.scanned.names() == [crash.left]


def test_delta_goes_on_after_the_server_was_killed(crash: Crash) -> None:
    crash.told.update()

    assert crash.told.names() == [crash.left]
    assert not [entry for entry in crash.told.sent if b"user" in entry.attributes["objectclass"]]


# --- keeping back ---------------------------------------------------------------------------------


def test_without_the_right_to_see_deletes_everything_is_read(
    world: SambaWorld, stranger: dict[str, str], tmp_path: Path
) -> None:
    ann = world.user("ann")
    world.user("bob")
    connector = world.command_line(tmp_path, **stranger)
    connector.json("sync")
    world.remove(ann)

    connector.json("sync")

    assert [*connector.objects()] == ["Bob"]
    [event] = connector.logged("resync.required")
    assert "sees no deleted object" in event["reason"]
    assert f"list and read CN=Deleted Objects,{CONTEXT}" in event["reason"]


def test_right_that_is_lost_deletes_nothing_and_is_told(world: SambaWorld) -> None:
    name = world.account("second")
    sid = world.samba.account(name, PASSWORD)
    world.samba.show_deleted(world.samba.sid(READER), sid)
    world.user("ann")
    copy = Copy(world.open(bind_dn=f"{name}@{REALM}", password=PASSWORD))
    copy.update()
    world.samba.show_deleted(world.samba.sid(READER))

    assert "sees no deleted object" in copy.doubt()


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"cookie": b"garbage".hex()}, "unavailableCriticalExtension"),
        ({"controller": "CN=NTDS Settings,CN=DC2 00"}, "another domain controller"),
        ({"usn": 1 << 40}, "restored from a backup"),
        ({"time": 1}, "more than 30 days old"),
        ({"time": 1 << 40}, "its clock is behind the time of the last import"),
    ],
)
def test_cookie_that_could_keep_something_back_is_not_used(
    world: SambaWorld, changed: dict[str, Any], reason: str
) -> None:
    copy = Copy(world.open())
    place = Position.decode(copy.cookie)
    assert place is not None
    copy.cookie = place._replace(**changed).encode()

    assert reason in copy.doubt()


def test_filter_on_memberships_reads_everything(world: SambaWorld) -> None:
    """DirSync does not report a new membership for the member."""
    copy = Copy(world.open(filter=f"(memberOf=cn=staff,ou=groups,{world.suffix})"))

    assert "memberOf" in copy.doubt()


# --- connector check ------------------------------------------------------------------------------


def test_everything_is_well_with_a_domain_that_can_be_synced(world: SambaWorld) -> None:
    found = world.findings()

    assert [*found] == [
        "connect",
        "tls",
        "bind",
        "base",
        "attributes",
        "entries",
        "synchronization",
    ]
    assert all(finding.ok for finding in found.values()), found
    assert "tells what changed (DirSync)" in found["synchronization"].detail


@pytest.mark.parametrize(("mode", "ok"), [("auto", True), ("dirsync", False)])
def test_missing_right_to_see_deletes_is_found(
    world: SambaWorld, stranger: dict[str, str], mode: str, ok: bool
) -> None:
    found = world.findings(mode=mode, **stranger)["synchronization"]

    assert found.ok is ok
    assert f"{stranger['bind_dn']} sees no deleted object" in found.detail
    assert f"Grant it to list and read CN=Deleted Objects,{CONTEXT}" in found.advice


def test_syncrepl_is_not_what_a_domain_controller_offers(world: SambaWorld) -> None:
    found = world.findings(mode="syncrepl")["synchronization"]

    assert not found.ok
    assert found.advice == "Set directory.mode to auto, dirsync or scan."


def test_password_in_clear_is_found(world: SambaWorld) -> None:
    found = world.findings(url=world.samba.url)

    assert not found["bind"].ok
    assert found["bind"].advice == "Set directory.tls to starttls or ldaps."


def test_document_ends_with_a_connector_that_is_told_of_changes(
    world: SambaWorld, tmp_path: Path
) -> None:
    world.user("ann")
    connector = world.command_line(tmp_path)
    checks = [
        c for c in commands("docs/directories.md", "samba") if c.text.startswith("connector ")
    ]

    assert checks
    follow(checks, {}, environ=connector.environment)
