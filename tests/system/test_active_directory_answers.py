"""Answers of domain controllers that Samba does not give: members and DirSync in parts."""

from __future__ import annotations

from typing import Any

import pytest

from connector.directory.dirsync import Position
from connector.errors import DirectoryUnavailable, MalformedAnswer, ResyncRequired
from connector.model import Change, Complete, DirectoryEntry, Gone
from tests.ldap_messages import DIRSYNC, PAGES, UUIDS, dirsync, entry, page, result
from tests.system.fake_ldap import FakeLdap, script, sent
from tests.system.reading import closed_afterwards, opened  # noqa: F401 - a fixture

SERVICE = "CN=NTDS Settings,CN=DC1"
ROOT = {
    "supportedControl": [DIRSYNC.encode(), PAGES.encode()],
    "supportedCapabilities": [b"1.2.840.113556.1.4.800"],
    "namingContexts": [b"dc=x"],
    "dsServiceName": [SERVICE.encode()],
    "highestCommittedUSN": [b"100"],
    "currentTime": [b"20261123120000.0Z"],
}
HERE = Position(f"{SERVICE} ff", 100, 1795435200)
GROUP = "CN=Staff,dc=x"
DONE, LAST_PAGE = sent(result()), sent(result(), page())
DATABASE = script(sent(entry(SERVICE, {"invocationId": [b"\xff"]})), DONE)
DELETED = script(
    sent(entry("CN=Deleted Objects,dc=x")),
    sent(entry("CN=a\\0ADEL:1,CN=Deleted Objects,dc=x")),
    DONE,
)


def found(number: int, dn: str, **attributes: list[bytes]) -> Any:
    return sent(entry(dn, {"objectGUID": [UUIDS[number]], **attributes}))


def part(low: int, high: str, *, usn: bytes = b"7", count: int = 3) -> Any:
    """Return an entry of which ``member`` shows ``count`` values from ``low`` on."""
    values = [b"CN=%d,dc=x" % number for number in range(low, low + count)]
    shown = {"uSNChanged": [usn], "member": [], f"member;range={low}-{high}": values}
    return found(1, GROUP, **shown)


def members(changes: list[Change]) -> list[bytes]:
    [group] = [change for change in changes if isinstance(change, DirectoryEntry)]
    return list(group.attributes["member"])


def scanned(server: FakeLdap) -> list[Change]:
    return list(opened(server, mode="scan").changes(None))


# --- members in parts -----------------------------------------------------------------------------


def test_group_in_parts_is_read_until_it_is_whole() -> None:
    answers = [
        script(part(0, "2"), LAST_PAGE),
        script(part(0, "2"), DONE),
        script(part(2, "4"), DONE),
        script(part(4, "*", count=2), DONE),
    ]
    with FakeLdap(*answers, root=ROOT) as server:
        changes = scanned(server)

        assert members(changes) == [b"CN=%d,dc=x" % number for number in range(6)]
        assert b"member;range=2-1501" in server.searches()[2]


def test_group_that_changes_on_the_way_is_read_anew() -> None:
    answers = [
        script(part(0, "2"), LAST_PAGE),
        script(part(0, "2"), DONE),
        script(part(2, "*", usn=b"8"), DONE),
        script(part(0, "2", usn=b"8"), DONE),
        script(part(2, "*", usn=b"8"), DONE),
    ]
    with FakeLdap(*answers, root=ROOT) as server:
        assert len(members(scanned(server))) == 5


def test_parts_that_do_not_join_are_read_anew() -> None:
    """A deleted member moves all later ones, and does not change a number of the group."""
    moved = found(1, GROUP, uSNChanged=[b"7"], **{"member;range=2-*": [b"CN=3,dc=x"]})
    answers = [
        script(part(0, "2"), LAST_PAGE),
        script(part(0, "2"), DONE),
        script(moved, DONE),
        script(part(0, "*"), DONE),
    ]
    with FakeLdap(*answers, root=ROOT) as server:
        assert len(members(scanned(server))) == 3


def test_group_that_never_holds_still_makes_the_read_void() -> None:
    twice = [script(part(0, "2"), DONE), script(part(9, "*"), DONE)]
    with (
        FakeLdap(script(part(0, "2"), LAST_PAGE), *twice * 3, root=ROOT) as server,
        pytest.raises(DirectoryUnavailable, match="changed each time while it was read"),
    ):
        scanned(server)


def test_group_that_is_gone_before_it_is_whole_is_left_out() -> None:
    with FakeLdap(script(part(0, "2"), LAST_PAGE), DONE, root=ROOT) as server:
        assert scanned(server) == [Complete(None, unmentioned_gone=True)]


def test_part_from_a_server_that_was_not_asked_for_parts_is_no_group() -> None:
    """OpenLDAP sends no parts, so a part must not pass for the whole."""
    other = {"supportedControl": [PAGES.encode()]}
    with (
        FakeLdap(script(part(0, "2"), LAST_PAGE), root=other) as server,
        pytest.raises(MalformedAnswer, match="only a part of the values of member"),
    ):
        scanned(server)


# --- DirSync --------------------------------------------------------------------------------------


def delta(server: FakeLdap) -> list[Change]:
    """Ask for the changes since a cookie."""
    return list(opened(server, mode="dirsync").changes(HERE._replace(cookie="00").encode()))


def test_delta_in_several_parts_is_asked_for_until_its_end() -> None:
    first = script(found(1, "CN=a,dc=x", cn=[b"a"]), sent(result(), dirsync(b"middle", more=True)))
    last = script(found(2, "CN=b,dc=x", isDeleted=[b"TRUE"]), sent(result(), dirsync(b"end")))
    present = script(found(1, "CN=a,dc=x", cn=[b"a"]), DONE)
    answers = [first, last, present, DATABASE]
    with FakeLdap(DATABASE, DELETED, *answers, root=ROOT) as server:
        assert delta(server) == [
            Gone((UUIDS[2],), unlinked=True),
            DirectoryEntry(UUIDS[1], "CN=a,dc=x", {"objectguid": (UUIDS[1],), "cn": (b"a",)}),
            Complete(HERE._replace(cookie=b"end".hex()).encode(), unmentioned_gone=False),
        ]
        assert b"middle" in server.searches()[3]


def test_what_can_no_longer_be_seen_is_not_said_to_be_gone() -> None:
    """The account may have lost the right to see it; DirSync would have reported a delete."""
    reported = script(
        found(1, "CN=a,dc=x", cn=[b"a"]),
        found(2, "CN=b,dc=x", cn=[b"b"]),
        sent(result(), dirsync(b"end")),
    )
    elsewhere = script(found(2, "CN=b,ou=other,dc=x"), DONE)
    with FakeLdap(DATABASE, DELETED, reported, DONE, elsewhere, DATABASE, root=ROOT) as server:
        *changes, _ = delta(server)

        assert changes == [Gone([UUIDS[2]])]


def test_other_controller_halfway_makes_the_delta_void() -> None:
    other = script(sent(entry(SERVICE, {"invocationId": [b"\xee"]})), DONE)
    reported = sent(result(), dirsync(b"end"))
    with (
        FakeLdap(DATABASE, DELETED, reported, other, root=ROOT) as server,
        pytest.raises(DirectoryUnavailable, match="another domain controller answered halfway"),
    ):
        delta(server)


def test_cookie_that_the_controller_refuses_asks_for_a_full_import() -> None:
    with (
        FakeLdap(DATABASE, DELETED, sent(result(53, "no")), root=ROOT) as server,
        pytest.raises(ResyncRequired),
    ):
        delta(server)


@pytest.mark.parametrize("code", [12, 50])
def test_controller_that_withholds_dirsync_is_scanned(code: int) -> None:
    whole = script(found(1, "CN=a,dc=x"), LAST_PAGE)
    with FakeLdap(DATABASE, sent(result(code)), whole, root=ROOT) as server:
        changes = list(opened(server).changes(None))

        assert [type(change) for change in changes] == [DirectoryEntry, Complete]


def test_dirsync_that_is_demanded_and_withheld_is_an_error() -> None:
    with (
        FakeLdap(DATABASE, sent(result(50)), root=ROOT) as server,
        pytest.raises(DirectoryUnavailable, match="Grant cn=sync,dc=x read access"),
    ):
        list(opened(server, mode="dirsync").changes(None))


def test_answer_without_the_control_is_no_dirsync() -> None:
    with (
        FakeLdap(DATABASE, DONE, root=ROOT) as server,
        pytest.raises(MalformedAnswer, match="no DirSync control"),
    ):
        list(opened(server, mode="dirsync").changes(None))
