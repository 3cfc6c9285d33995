"""The connector beside the Active Directory of Samba: the command, end to end."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

import pytest

from tests.contracts.own_rules import OwnRulesContract
from tests.system.samba_world import SambaWorld

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.system.commandline import CommandLine
    from tests.system.samba import PrivateSamba

pytestmark = pytest.mark.samba

ENABLED, DISABLED = 544, 546
SECURITY, DISTRIBUTION = -2147483646, 2


@pytest.fixture
def world(samba: PrivateSamba) -> Iterator[SambaWorld]:
    world = SambaWorld(samba)
    yield world
    world.close()


@pytest.fixture
def connector(world: SambaWorld, tmp_path: Path) -> CommandLine:
    return world.command_line(tmp_path)


def anchor(world: SambaWorld, dn: str) -> str:
    return b64encode(world.guid(dn)).decode()


def members(connector: CommandLine, group: str) -> set[str]:
    shown = connector.json("show", connector.objects()[group]["id"])
    return {member["displayName"] for member in shown["members"]}


def test_first_sync_takes_users_groups_and_contacts_as_active_directory_has_them(
    world: SambaWorld, connector: CommandLine
) -> None:
    ann = world.user("ann", userAccountControl=ENABLED, proxyAddresses=["SMTP:ann@contoso.com"])
    world.user("bob", userAccountControl=DISABLED)
    world.contact("cid", "cid@fabrikam.com")
    world.add_group("staff", SECURITY, member=[ann])
    world.add_group("news", DISTRIBUTION, mail="news@contoso.com")
    world.add_group("pointless", DISTRIBUTION)

    objects = connector.synced()

    assert sorted(objects) == ["Ann", "Bob", "cid", "news", "staff"]
    assert objects["Ann"]["onPremisesImmutableId"] == anchor(world, ann)
    assert objects["Ann"]["onPremisesSamAccountName"] == world.account("ann")
    assert (objects["Ann"]["accountEnabled"], objects["Bob"]["accountEnabled"]) == (True, False)
    assert (objects["staff"]["securityEnabled"], objects["news"]["securityEnabled"]) == (
        True,
        False,
    )
    assert members(connector, "staff") == {"Ann"}


def test_no_change_is_no_change(world: SambaWorld, connector: CommandLine) -> None:
    world.add_group("staff", SECURITY, member=[world.user("ann")])
    connector.synced()

    run = connector.json("sync")

    assert {(step["adds"], step["updates"], step["deletes"]) for step in run["steps"]} == {
        (0, 0, 0)
    }


def test_changed_account_is_the_same_object(world: SambaWorld, connector: CommandLine) -> None:
    ann = world.user("ann", userAccountControl=ENABLED, title="Clerk")
    before = connector.synced()["Ann"]
    moved = world.move(world.rename(ann, "cn=anna"), world.ou("guests"))
    world.modify(moved, userAccountControl=DISABLED, title=[])

    after = connector.synced()["Ann"]

    assert after["id"] == before["id"]
    assert after["onPremisesDistinguishedName"].lower() == moved
    assert (after["accountEnabled"], after["jobTitle"]) == (False, None)


def test_renamed_member_stays_in_its_groups(world: SambaWorld, connector: CommandLine) -> None:
    """Active Directory writes the new name into the group and does not report that."""
    ann = world.user("ann")
    world.add_group("staff", SECURITY, member=[ann, world.user("bob")])
    connector.synced()
    world.rename(ann, r"cn=anna (new)\, the *\+ great")

    connector.synced()

    assert members(connector, "staff") == {"Ann", "Bob"}


def test_members_below_a_renamed_unit_stay_in_their_groups(
    world: SambaWorld, connector: CommandLine
) -> None:
    world.add_group("staff", SECURITY, member=[world.user("ann")])
    connector.synced()
    people = world.rename(f"ou=users,{world.suffix}", "ou=people")

    objects = connector.synced()

    assert objects["Ann"]["onPremisesDistinguishedName"].lower() == f"cn=ann,{people}"
    assert members(connector, "staff") == {"Ann"}


def test_unit_that_is_moved_in_brings_what_is_below(
    world: SambaWorld, connector: CommandLine
) -> None:
    outside = SambaWorld(world.samba)
    outside.user("ann")
    connector.synced()
    world.remove(f"ou=users,{world.suffix}")
    world.move(f"ou=users,{outside.suffix}", world.suffix)

    objects = connector.synced()
    outside.close()

    assert sorted(objects) == ["Ann"]


def test_unit_that_is_moved_out_takes_what_is_below(
    world: SambaWorld, connector: CommandLine
) -> None:
    outside = SambaWorld(world.samba)
    outside.remove(f"ou=users,{outside.suffix}")
    world.user("ann")
    world.contact("cid", "cid@fabrikam.com")
    connector.synced()
    world.move(f"ou=users,{world.suffix}", outside.suffix)

    objects = connector.synced()
    outside.close()

    assert sorted(objects) == ["cid"]


def test_account_made_again_under_its_name_is_another_one(
    world: SambaWorld, connector: CommandLine
) -> None:
    """It does not inherit the memberships of the first one either."""
    ann = world.user("ann")
    world.add_group("staff", SECURITY, member=[ann])
    before = connector.synced()["Ann"]
    world.remove(ann)
    world.user("ann")

    after = connector.synced()["Ann"]

    assert after["onPremisesImmutableId"] != before["onPremisesImmutableId"]
    assert after["onPremisesImmutableId"] == anchor(world, ann)
    assert members(connector, "staff") == set()


def test_restored_account_is_the_first_one_again(world: SambaWorld, connector: CommandLine) -> None:
    ann = world.user("ann", proxyAddresses=["SMTP:ann@contoso.com"])
    world.user("bob")
    guid = world.guid(ann)
    before = connector.synced()["Ann"]
    world.remove(ann)
    deleted = connector.synced()
    world.restore(guid, ann)
    world.modify(ann, displayName="Ann", userPrincipalName="ann@contoso.com")

    after = connector.synced()["Ann"]

    assert [*deleted] == ["Bob"]
    assert (after["id"], after["onPremisesImmutableId"]) == (
        before["id"],
        before["onPremisesImmutableId"],
    )


def test_address_of_another_is_held_back_until_that_one_is_gone(
    world: SambaWorld, connector: CommandLine
) -> None:
    ann = world.user("ann", proxyAddresses=["SMTP:sales@contoso.com"])
    connector.synced()
    world.user("bob", proxyAddresses=["SMTP:bob@contoso.com", "smtp:SALES@contoso.com"])
    [error] = (connector.synced(), connector.json("errors"))[1]
    world.remove(ann)
    connector.synced()
    connector.json("tenant", "sweep")

    bob = connector.objects()["Bob"]

    assert (error["category"], error["conflictsWith"]["displayName"]) == ("PropertyConflict", "Ann")
    assert "smtp:SALES@contoso.com" in bob["proxyAddresses"]
    assert connector.json("errors") == []


@pytest.fixture(scope="module")
def crowd(samba: PrivateSamba) -> SambaWorld:
    """A part of the domain with 3,000 contacts; it stays, because deleting it takes minutes."""
    world = SambaWorld(samba)
    samba.add_below(
        f"dn: cn=c{number},ou=contacts,{world.suffix}\nobjectClass: contact\n"
        f"mail: c{number}@fabrikam.com\n\n"
        for number in range(3000)
    )
    return world


@pytest.mark.parametrize("mode", ["dirsync", "scan"])
def test_group_of_three_thousand_arrives_whole(
    crowd: SambaWorld, tmp_path: Path, mode: str
) -> None:
    """A domain controller shows 1,500 members at a time."""
    connector = crowd.command_line(tmp_path, mode=mode)
    names = [f"cn=c{number},ou=contacts,{crowd.suffix}" for number in range(3000)]
    group = crowd.add_group(mode, SECURITY, member=names[:-1])
    connector.synced()
    crowd.samba.apply(
        f"dn: {group}\nchangetype: modify\n"
        f"add: member\nmember: {names[-1]}\n-\ndelete: member\nmember: {names[7]}\n-\n"
    )

    connector.synced()

    assert members(connector, mode) == {f"c{number}" for number in range(3000)} - {"c7"}


class TestRulesOfOnesOwn(OwnRulesContract):
    """The contract of rules of one's own."""
