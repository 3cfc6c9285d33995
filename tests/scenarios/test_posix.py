"""Directories of posix accounts and groups (RFC 2307, and its successor)."""

from __future__ import annotations

from tests.fakes import SUFFIX

USERS, GROUPS = f"ou=users,{SUFFIX}", f"ou=groups,{SUFFIX}"


def account(world, uid, below=USERS):
    return world.directory.add(
        f"uid={uid},{below}", ["account", "posixAccount"], uid=uid, cn=uid.title()
    )


def group(world, name, uids, **attributes):
    classes = ["posixGroup", *(["groupOfNames"] if attributes else [])]
    return world.directory.add(
        f"cn={name},{GROUPS}", classes, cn=name, memberUid=list(uids), **attributes
    )


def members(world, name):
    shown = world.tenant.show(world.cloud[name]["id"])
    return sorted(member["displayName"] for member in shown["members"])


def test_a_group_names_its_members_by_uid_whichever_comes_first(world):
    account(world, "ann")
    group(world, "devs", ["ann", "bob"])
    world.sync()
    first = members(world, "devs")
    account(world, "BOB")

    world.sync()

    assert (first, members(world, "devs")) == (["Ann"], ["Ann", "Bob"])


def test_a_group_names_one_member_more_and_then_one_less(world):
    for name in ("ann", "bob"):
        account(world, name)
    devs = group(world, "devs", ["ann"])
    seen = []
    for uids in (["ann"], ["ann", "bob"], ["bob"]):
        world.directory.modify(devs, memberUid=uids)
        world.sync()
        seen.append(members(world, "devs"))

    assert seen == [["Ann"], ["Ann", "Bob"], ["Bob"]]


def test_a_member_who_is_renamed_or_deleted_leaves_the_group(world):
    ann, bob = account(world, "ann"), account(world, "bob")
    account(world, "cid")
    group(world, "devs", ["ann", "bob", "cid"])
    world.sync()
    world.directory.modify(ann, uid="anna")
    world.directory.remove(bob)

    world.sync()

    assert members(world, "devs") == ["Cid"]


def test_a_group_that_comes_later_finds_the_accounts_that_are_there(world):
    account(world, "ann")
    world.sync()
    devs = group(world, "devs", ["ann"])
    world.sync()
    there = members(world, "devs")
    world.directory.remove(devs)
    world.sync()
    account(world, "bob")
    group(world, "ops", ["ann", "bob"])

    world.sync()

    assert (there, members(world, "ops")) == (["Ann"], ["Ann", "Bob"])


def test_a_uid_of_two_is_told_and_not_guessed(world):
    unit = world.directory.ou("old")
    account(world, "ann")
    account(world, "cid")
    group(world, "devs", ["ann", "cid"])
    world.sync()
    twin = account(world, "ann", unit)
    world.sync()
    ambiguous = members(world, "devs")
    [warning] = world.logged("synchronization.value_dropped")
    world.directory.remove(twin)

    world.sync()

    assert warning["message"] == (
        f"cn=devs,{GROUPS}: memberUid ann names uid=ann,{unit} and uid=ann,{USERS}, so neither becomes "
        "a member by it; give one of them another uid"
    )
    assert (ambiguous, members(world, "devs")) == (["Cid"], ["Ann", "Cid"])


def test_an_account_outside_the_scope_does_not_count_as_a_second_one(world_with):
    world = world_with(directory={"exclude": [f"ou=old,{SUFFIX}"]})
    account(world, "ann")
    account(world, "ann", world.directory.ou("old"))
    group(world, "devs", ["ann"])

    world.sync()

    assert members(world, "devs") == ["Ann"]


def test_a_group_of_both_kinds_has_both_kinds_of_members(world):
    account(world, "ann")
    bob = account(world, "bob")
    devs = group(world, "devs", ["ann"], member=[bob])
    world.sync()
    both = members(world, "devs")
    world.directory.modify(devs, member=[bob, f"uid=ann,{USERS}"], memberUid=[])

    world.sync()

    assert (both, members(world, "devs")) == (["Ann", "Bob"], ["Ann", "Bob"])
