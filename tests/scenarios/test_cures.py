"""Each error names who is in the way, and what resolves it; whoever does just that is rid of it."""

from __future__ import annotations

import re
import shlex
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes import SUFFIX
from tests.world import World

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GUID = bytes(range(16))
ANCHOR = b64encode(GUID).decode()
ANCHORED: dict[str, Any] = {"mS-DS-ConsistencyGuid": GUID}
SID = b"\x01\x05\x00\x00\x00\x00\x00\x05\x15" + bytes(15) + b"\x07\x00\x00\x00"


def follow(world: World, advice: str, *, sentence: int = 0) -> None:
    """Do what one sentence of an advice says, command by command."""
    sentences = [part for part in re.split(r"(?<=`)\. ", advice) if "`" in part]
    for line in re.findall(r"`connector ([^`]+)`", sentences[sentence]):
        do(world, shlex.split(line))


def do(world: World, words: list[str]) -> None:
    match words:
        case ["sync"]:
            world.sync()
        case ["tenant", "sweep"]:
            world.sweep()
        case ["tenant", "set", identity, *options]:
            change(world, identity, options)
        case ["tenant", *verb]:
            act(world, verb)
        case _:
            raise AssertionError(words)


def change(world: World, identity: str, options: list[str]) -> None:
    roles = {"--admin-role": True, "--no-admin-role": False}
    if options[0] in roles:
        world.tenant.administrator.change(identity, {}, admin_role=roles[options[0]])
        return
    given: dict[str, Any] = {}
    for name, _, value in (option.partition("=") for option in options):
        given.setdefault(name, []).append(value.replace("NEW", "new@contoso.com"))
    single = {name: each if each[1:] else each[0] for name, each in given.items()}
    world.tenant.administrator.change(identity, single)


def act(world: World, verb: list[str]) -> None:
    administrator = world.tenant.administrator
    match verb:
        case ["delete", identity, *hard]:
            administrator.delete(identity, hard=bool(hard))
        case ["match", identity, "--clear"]:
            administrator.match(identity, None)
        case ["match", identity, "--to", anchor]:
            administrator.match(identity, anchor)
        case ["license", identity, "--remove", "EXCHANGE"]:
            administrator.license(identity, assign=False)
        case ["features", name, "off"]:
            administrator.set_feature(name, enabled=False)
        case ["domains", "add", name]:
            administrator.set_domain(name, verified=True)
        case _:
            raise AssertionError(verb)


def cloud(
    world: World, name: str, upn: str, *proxies: str, admin: bool = False, **more: str
) -> str:
    properties = {"displayName": name, "userPrincipalName": upn, "proxyAddresses": [*proxies]}
    added = world.tenant.administrator.add("user", properties | more, admin_role=admin)
    return str(added["id"])


# --- who is in the way ----------------------------------------------------------------------------


def of_sip(world: World) -> None:
    world.user("grete", proxies=["SIP:joe@contoso.com"])
    world.sync()
    world.user("bob", proxies=["sip:joe@contoso.com"])


def of_sid(world: World) -> None:
    world.user("grete", objectSid=SID)
    world.sync()
    world.user("bob", objectSid=SID)


def of_a_known_issue(world: World) -> None:
    world.group("grete", proxies=["SMTP:joe@contoso.com"])
    world.sync()
    world.user("bob", "joe@contoso.com", proxies=["smtp:joe@contoso.com"])


def of_the_anchor(world: World) -> None:
    cloud(world, "Grete", "grete@contoso.com", admin=True, onPremisesImmutableId=ANCHOR)
    world.user("bob", **ANCHORED)


def of_the_same_anchor_in_the_directory(world: World) -> None:
    world.user("bob", **ANCHORED)
    world.user("grete", **ANCHORED)


@pytest.mark.parametrize(
    "make",
    [of_sip, of_sid, of_a_known_issue, of_the_anchor, of_the_same_anchor_in_the_directory],
)
def test_a_failed_object_names_who_is_in_the_way(
    world: World, make: Callable[[World], None]
) -> None:
    make(world)
    world.sync()

    [error] = world.errors(kind="export")

    assert error["object"]["distinguishedName"] == f"uid=bob,ou=users,{SUFFIX}"
    assert error["conflictsWith"]["displayName"] == "Grete"
    assert error["conflictsWith"].keys() == error["object"].keys()


def test_every_holder_is_listed_where_there_are_several(world: World) -> None:
    world.user("ann", proxies=["SIP:ann@contoso.com"])
    world.user("eve", proxies=["SMTP:eve@contoso.com"])
    world.sync()
    world.user("bob", proxies=["smtp:eve@contoso.com", "sip:ann@contoso.com"])
    world.sync()

    [error] = world.errors()

    assert (error["value"], error["conflictsWith"]["displayName"]) == ("sip:ann@contoso.com", "Ann")
    assert "ProxyAddresses sip:ann@contoso.com, held by Ann (user)" in error["suggestion"]
    assert "ProxyAddresses smtp:eve@contoso.com, held by Eve (user)" in error["suggestion"]


def test_an_address_held_through_upn_and_licence_is_told_so(world: World) -> None:
    world.user("ann")
    world.sync()
    world.tenant.administrator.license("ann@contoso.com", assign=True)
    world.contact("carla", "carla@x.example", proxyAddresses=["smtp:ann@contoso.com"])
    world.sync()

    [error] = world.errors()
    follow(world, error["suggestion"])

    assert error["message"] == (
        "ProxyAddresses smtp:ann@contoso.com is quarantined: held as the UPN of Ann (user), who has "
        "an Exchange licence."
    )
    assert world.errors() == []


def test_an_address_that_is_held_for_itself_is_not_told_as_the_upn(world: World) -> None:
    world.user("ann", proxies=["SMTP:ann@contoso.com"])
    world.sync()
    world.tenant.administrator.license("ann@contoso.com", assign=True)
    world.contact("carla", "carla@x.example", proxyAddresses=["smtp:ann@contoso.com"])
    world.sync()

    [error] = world.errors()

    assert error["message"].endswith("is quarantined: held by Ann (user).")


# --- what resolves it -----------------------------------------------------------------------------


def test_only_the_sweep_is_awaited_once_the_value_is_free(world: World) -> None:
    ann = world.user("ann", "joe@contoso.com")
    world.sync()
    world.user("bob", "joe@contoso.com")
    world.sync()
    [held] = world.errors()
    world.directory.modify(ann, userPrincipalName=["ann@contoso.com"])
    world.sync()

    [free] = world.errors()
    follow(world, free["suggestion"])

    assert "on one of the two objects in the directory" in held["suggestion"]
    assert "only the sweep is awaited" in free["suggestion"]
    assert (free["conflictsWith"], world.errors()) == (None, [])


def test_only_the_next_cycle_is_awaited_once_a_hard_conflict_is_gone(world: World) -> None:
    grete = cloud(world, "Grete", "grete@contoso.com", "SIP:joe@contoso.com")
    world.user("bob", proxies=["sip:joe@contoso.com"])
    world.sync()
    world.tenant.administrator.delete(grete)

    [error] = world.errors()
    follow(world, error["suggestion"])

    assert "only the next cycle is awaited" in error["suggestion"]
    assert error["conflictsWith"] is None
    assert "Bob" in world.cloud


def test_the_advice_joins_an_administrator_in_four_steps(world: World) -> None:
    """docs/sources.md 13.3."""
    owner = cloud(world, "Owner Cloud", "owner@contoso.com", "SMTP:owner@contoso.com", admin=True)
    world.user("owner", proxies=["SMTP:owner@contoso.com"])
    world.sync()
    errors = world.errors()
    advised = {error["suggestion"].partition(" To give ")[0] for error in errors}

    follow(world, errors[0]["suggestion"])
    world.directory.modify(f"uid=owner,ou=users,{SUFFIX}", title=["Boss"])
    later = world.sync()

    assert (len(errors), len(advised)) == (2, 1)
    assert all("who has an administrator role" in error["message"] for error in errors)
    assert world.errors() == []
    assert (world.cloud["Owner"]["id"], world.cloud["Owner"]["jobTitle"]) == (owner, "Boss")
    assert (len(world.cloud), later.result) == (1, "success")


def test_two_of_one_name_are_told_apart_by_their_upns(world: World) -> None:
    cloud(world, "Owner", "owner@contoso.com", admin=True)
    world.user("owner")
    world.sync()
    [error] = world.errors()
    waiter = error["object"]["userPrincipalName"]

    assert f"If Owner ({waiter}) and Owner (owner@contoso.com) are one user" in error["suggestion"]
    assert f"To give owner@contoso.com to Owner ({waiter})" in error["suggestion"]


def test_the_advice_follows_the_steps_that_were_done(world: World) -> None:
    owner = cloud(world, "Owner Cloud", "owner@contoso.com", admin=True)
    world.user("owner")
    world.sync()
    world.tenant.administrator.change(owner, {}, admin_role=False)

    [error] = world.errors()
    follow(world, error["suggestion"])

    assert "--no-admin-role" not in error["suggestion"]
    assert world.cloud["Owner"]["id"] == owner
    assert world.errors() == []


def restored(world: World, *, clear: bool) -> str:
    """Leave the scope, be restored while another one has UPN and address, and wait for them."""
    world.user("keep")
    entry = world.user("joe", "joe@contoso.com", proxies=["smtp:j@contoso.com"])
    world.sync()
    world.directory.modify(entry, adminDescription=["User_elsewhere"])
    world.sync()
    world.sync()
    [joe] = world.tenant.objects(deleted=True)
    world.user("bob", "joe@contoso.com", proxies=["smtp:j@contoso.com"])
    world.sync()
    world.tenant.administrator.restore(joe["id"])
    if clear:
        world.tenant.administrator.match(joe["id"], None)
    return str(joe["id"])


@pytest.mark.parametrize("clear", [False, True])
def test_a_restored_user_does_without_a_value_by_the_command_that_is_named(
    world: World, *, clear: bool
) -> None:
    identity = restored(world, clear=clear)

    for error in world.errors():
        assert "Change or remove the value on Bob in the directory" in error["suggestion"]
        follow(world, error["suggestion"], sentence=-1)

    joe = world.tenant.show(identity)
    assert (joe["userPrincipalName"], joe["proxyAddresses"]) == ("new@contoso.com", [])
    assert world.errors() == []


def test_a_user_without_a_source_anchor_is_not_to_be_joined_by_it(world: World) -> None:
    """Its holder is of the cloud too: only one of the two can give the value up."""
    restored(world, clear=True)
    bob = world.tenant.find("joe@contoso.com").id
    world.tenant.administrator.delete(bob)
    world.tenant.administrator.restore(bob)

    suggestions = [error["suggestion"] for error in world.errors()]

    assert len(suggestions) == 2
    assert "tenant match" not in "".join(suggestions)


@pytest.mark.parametrize("admin", [True, False])
def test_a_user_in_the_recycle_bin_is_removed_so_that_the_match_can_happen(
    world: World, *, admin: bool
) -> None:
    """docs/sources.md 13.3: the object beside is to be deleted for good, or it comes back by its anchor."""
    owner = cloud(world, "Owner Cloud", "owner@contoso.com", "SMTP:o@contoso.com", admin=True)
    entry = world.user("owner", proxies=["SMTP:o@contoso.com"])
    world.sync()
    [error, _] = world.errors()
    world.tenant.administrator.delete(error["object"]["id"])
    world.tenant.administrator.change(owner, {}, admin_role=admin)
    world.directory.modify(entry, title="Boss")
    world.sync()

    [error] = world.errors()
    follow(world, error["suggestion"])

    assert "is in the recycle bin" in error["suggestion"]
    assert (world.cloud["Owner"]["id"], world.cloud["Owner"]["jobTitle"]) == (owner, "Boss")
    assert ("--admin-role" in error["suggestion"]) is admin
    assert (len(world.cloud), world.errors()) == (1, [])


def test_a_value_is_taken_from_a_user_of_the_cloud_by_the_command_that_is_named(
    world: World,
) -> None:
    taker = "SMTP:root@contoso.com", "smtp:info@contoso.com", "smtp:it's@contoso.com"
    cloud(world, "Root", "root@contoso.com", *taker)
    world.contact("carla", "carla@x.example", proxyAddresses=["smtp:info@contoso.com"])
    world.sync()
    [error] = world.errors()

    follow(world, error["suggestion"])

    assert world.cloud["Root"]["proxyAddresses"] == [taker[0], taker[2]]
    assert world.cloud["Carla"]["proxyAddresses"] == ["smtp:info@contoso.com"]
    assert world.errors() == []


def test_a_user_that_was_brought_back_by_hand_is_matched_with_its_new_entry(world: World) -> None:
    entry = world.user("ann")
    world.user("keep")
    world.sync()
    world.directory.remove(entry)
    world.sync()
    back = world.tenant.administrator.restore("ann@contoso.com")["id"]
    world.user("ann", displayName="Ann New", **ANCHORED)
    world.sync()
    [error] = world.errors(kind="quarantine")

    follow(world, error["suggestion"])

    assert world.cloud["Ann New"]["id"] == back
    assert world.errors() == []


def test_a_deleted_holder_is_removed_for_good_by_the_command_that_is_named(tmp_path: Path) -> None:
    with World(tmp_path / "var", tenant={"soft_deleted_hold_values": True}) as world:
        ann = world.user("ann", "joe@contoso.com")
        world.user("keep")
        world.sync()
        world.directory.remove(ann)
        world.sync()
        world.user("bob", "joe@contoso.com")
        world.sync()
        [error] = world.errors()

        follow(world, error["suggestion"])

        assert error["message"].endswith("held by Ann (user), who is deleted.")
        assert world.errors() == []


def test_an_administrator_with_the_source_anchor_is_taken_over_in_three_steps(world: World) -> None:
    """docs/sources.md 13.4."""
    of_the_anchor(world)
    world.sync()
    [error] = world.errors()

    follow(world, error["suggestion"])

    assert [item["userPrincipalName"] for item in world.cloud.values()] == ["bob@contoso.com"]
    assert world.errors() == []


def test_a_source_anchor_is_taken_from_another_person_by_the_command_that_is_named(
    world: World,
) -> None:
    of_the_anchor(world)
    world.sync()
    [error] = world.errors()

    follow(world, error["suggestion"], sentence=1)

    assert sorted(world.cloud) == ["Bob", "Grete"]
    assert world.errors() == []


def test_a_blocked_take_over_is_allowed_by_the_command_that_is_named(tmp_path: Path) -> None:
    with World(tmp_path / "var", tenant={"block_hard_match_takeover": True}) as world:
        cloud(world, "Grete", "grete@contoso.com", onPremisesImmutableId=ANCHOR)
        world.user("bob", **ANCHORED)
        world.sync()
        [error] = world.errors()

        follow(world, error["suggestion"])

        assert sorted(world.cloud) == ["Bob"]


def test_before_resiliency_the_role_is_taken_away_by_the_command_that_is_named(
    tmp_path: Path,
) -> None:
    with World(tmp_path / "var", tenant={"resiliency": False}) as world:
        owner = cloud(world, "Owner Cloud", "owner@contoso.com", admin=True)
        world.user("owner")
        world.sync()
        [error] = world.errors()

        follow(world, error["suggestion"])

        assert error["error"] == "ExistingAdminRoleConflict"
        assert error["conflictsWith"]["id"] == owner
        assert world.cloud["Owner"]["id"] == owner


def test_an_object_of_another_type_that_is_left_over_is_deleted_by_the_command_that_is_named(
    tmp_path: Path,
) -> None:
    with World(tmp_path / "var", tenant={"resiliency": False}) as world:
        contact = {"displayName": "Desk", "proxyAddresses": ["SMTP:desk@contoso.com"]}
        world.tenant.administrator.add("contact", contact)
        world.group("desk", proxies=["SMTP:desk@contoso.com"])
        world.sync()
        [error] = world.errors()

        follow(world, error["suggestion"])

        assert error["error"] == "ObjectTypeMismatch"
        assert error["conflictsWith"]["objectType"] == "contact"
        assert world.errors() == []
        assert world.cloud["Desk"]["proxyAddresses"] == ["SMTP:desk@contoso.com"]


def test_a_federated_domain_is_made_a_managed_one_by_the_command_that_is_named(
    world: World,
) -> None:
    dn = world.user("joe")
    world.sync()
    for name in ("contoso.com", "fabrikam.com"):
        world.tenant.administrator.set_domain(name, verified=True, federated=True)
    world.directory.modify(dn, userPrincipalName=["joe@fabrikam.com"])
    world.sync()
    [error] = world.errors()

    follow(world, error["suggestion"])
    world.sync()

    assert world.errors() == []


def test_a_match_of_two_that_both_come_from_the_directory_is_left_to_it(world: World) -> None:
    world.user("ann", "joe@contoso.com")
    world.sync()
    world.user("bob", "joe@contoso.com")
    world.sync()

    [error] = world.errors()

    assert error["suggestion"] == (
        "Change or remove the value on one of the two objects in the directory and sync; the next "
        "hourly sweep (or `connector tenant sweep`) gives it to the object that waits."
    )


def test_computed_upn_that_no_sweep_gives_back_has_a_cure_of_its_own(world: World) -> None:
    ann = world.user("ann", "joe@corp.local")
    world.sync()
    bob = world.user("bob", "joe@corp.local")
    world.sync()
    world.directory.remove(ann)
    world.sync()
    world.sweep()

    [error] = world.errors()
    world.directory.modify(bob, userPrincipalName=["bob@contoso.com"])
    world.sync()

    assert "computed-upn-not-released" in error["suggestion"]
    assert world.errors() == []
