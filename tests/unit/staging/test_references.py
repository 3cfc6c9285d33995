"""Memberships: references by DN, resolved when both ends are there, sent one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests import folding
from tests.fakes import SUFFIX

if TYPE_CHECKING:
    from connector.model import SyncObject

USERS, GROUPS = f"ou=users,{SUFFIX}", f"ou=groups,{SUFFIX}"


def members(world, group):
    return sorted(item["displayName"] for item in world.tenant.show(group)["members"])


def test_a_member_that_the_directory_does_not_have_yet_is_resolved_when_it_arrives(world):
    world.user("ann")
    staff = world.group("staff", [f"uid=ann,{USERS}", f"uid=bob,{USERS}"])
    world.sync()
    before = members(world, staff)
    world.user("bob")

    run = world.sync()

    assert (before, members(world, staff)) == (["Ann"], ["Ann", "Bob"])
    assert (run.steps[-1].counts.adds, run.steps[-1].counts.updates) == (1, 1)


def test_a_member_that_is_deleted_and_made_anew_is_a_member_again(world):
    ann = world.user("ann")
    world.user("bob")
    staff = world.group("staff", [ann])
    world.sync()
    world.directory.remove(ann)
    world.sync()
    before = members(world, staff)
    world.user("ann")

    world.sync()

    assert (before, members(world, staff)) == ([], ["Ann"])


def test_a_reference_to_a_renamed_member_holds_when_the_directory_rewrites_it(world):
    ann = world.user("ann")
    staff = world.group("staff", [ann])
    world.sync()
    renamed = world.directory.rename(ann, "uid=anna")
    world.directory.modify(staff, member=[renamed])

    run = world.sync()

    assert members(world, staff) == ["Ann"]
    assert [f["anchor"] for f in world.logged("object.updated") if f.get("members_added")] == []
    assert run.result == "success"


def test_a_reference_that_names_nothing_the_second_time_ends_the_membership(world):
    ann = world.user("ann")
    staff = world.group("staff", [ann])
    world.sync()
    world.directory.rename(ann, "uid=anna")
    world.sync()
    before = members(world, staff)

    world.sync()

    assert (before, members(world, staff)) == (["Ann"], [])


def test_groups_may_be_members_of_groups_even_in_a_circle(world):
    first = world.group("first", [f"cn=second,{GROUPS}"])
    second = world.group("second", [f"cn=third,{GROUPS}"])
    third = world.group("third", [f"cn=first,{GROUPS}"])

    world.sync()

    assert [members(world, group) for group in (first, second, third)] == [
        ["Second"],
        ["Third"],
        ["First"],
    ]


def test_a_member_that_leaves_the_scope_leaves_the_group_and_returns_with_it(world):
    ann = world.user("ann")
    world.user("bob")
    staff = world.group("staff", [ann])
    world.sync()
    world.directory.modify(ann, adminDescription="User_1")
    world.sync()
    before = members(world, staff)
    world.directory.modify(ann, adminDescription=[])

    world.sync()

    assert (before, members(world, staff)) == ([], ["Ann"])


def test_a_member_whose_delete_was_called_off_stays_in_the_group(strict):
    ann = strict.user("ann")
    staff = strict.group("staff", [ann])
    strict.sync()
    strict.directory.modify(ann, adminDescription="User_1")
    stopped = strict.sync()
    strict.directory.modify(ann, adminDescription=[])

    run = strict.sync()

    assert (stopped.result, run.result) == ("stopped-deletion-threshold-exceeded", "success")
    assert members(strict, staff) == ["Ann"]


def test_a_member_whose_delete_was_called_off_with_a_change_stays_in_the_group(strict):
    ann = strict.user("ann")
    staff = strict.group("staff", [ann])
    strict.sync()
    strict.directory.modify(ann, adminDescription="User_1")
    strict.sync()
    strict.directory.modify(ann, adminDescription=[], title="Engineer")

    strict.sync()

    assert members(strict, staff) == ["Ann"]


def test_an_add_that_is_withdrawn_leaves_no_pending_membership(stage):
    ann = stage.directory.user("ann")
    stage.directory.group("staff", [ann])
    stage.read()
    stage.decide()
    before = stage.rows("SELECT adds FROM pending_member")
    stage.directory.modify(ann, adminDescription="User_1")
    stage.read()

    stage.decide()

    assert (before, stage.rows("SELECT adds FROM pending_member")) == ([1], [])


def test_one_change_among_50_000_members_writes_no_other_reference(stage):
    names = [f"uid=u{number},{USERS}" for number in range(50_000)]
    staff = stage.directory.group("staff", names)
    stage.read()
    stage.decide()
    stage.directory.modify(staff, member=[*names[1:], f"uid=new,{USERS}"])
    before = stage.database.conn.total_changes

    stage.read()

    # The reference that went, the one that came, the block of both, the entry, its place on the list,
    # the cookie, and the note that it was seen, made and wiped.
    assert stage.database.conn.total_changes - before == 8


def _steps(world, size):
    """Return the steps that SQLite takes to synchronize one member more in a group of this size."""
    names = [world.user(f"u{size}x{number}") for number in range(size + 1)]
    group = world.group(f"group{size}", names[:-1])
    world.sync()
    world.sync()
    world.directory.modify(group, member=names)
    space, counted = world.parts.space, []
    space.import_from(world.directory, full=False, run=9, guard=lambda _: None)
    connection = space.history._database.conn
    connection.set_progress_handler(lambda: counted.append(1), 10)
    with space.synchronizing("2026-11-23T08:00:00Z"):
        pass
    connection.set_progress_handler(None, 0)
    world.sync()
    return len(counted)


def test_a_member_costs_in_a_big_group_what_it_costs_in_a_small_one(world):
    small, big = _steps(world, 20), _steps(world, 1000)

    assert big < 2 * small


def test_one_change_among_many_members_is_one_pending_membership(world):
    names = [world.user(f"u{number}") for number in range(50)]
    staff = world.group("staff", names)
    world.sync()
    world.directory.modify(staff, member=names[1:])
    sent: list[SyncObject] = []
    world.parts.tenant.export = recording(world.parts.tenant.export, sent)

    world.sync()

    assert [[change.add for change in item.member_changes] for item in sent] == [[False]]


def recording(export, sent):
    def recorded(batch, objects):
        sent.extend(objects)
        return export(batch, objects)

    return recorded


def test_a_group_that_was_renamed_keeps_its_members(world):
    ann = world.user("ann")
    staff = world.group("staff", [ann])
    world.sync()
    renamed = world.directory.rename(staff, "cn=everyone")

    world.sync()

    assert members(world, renamed) == ["Ann"]


ANCHOR = "mS-DS-ConsistencyGuid"


def test_an_object_that_gets_another_entry_is_a_member_by_its_new_name(world):
    """It is exported already and does not change, so nothing but the name tells."""
    ann = world.user("ann", **{ANCHOR: bytes(16)})
    staff = world.group("staff", [f"uid=ann,{GROUPS}"])
    world.sync()
    before = members(world, staff)
    world.directory.remove(ann)
    world.directory.user("ann", below=GROUPS, **{ANCHOR: bytes(16)})

    world.sync()

    assert (before, members(world, staff)) == ([], ["Ann"])


def test_an_object_that_loses_one_of_two_entries_is_no_member_by_the_other(world):
    world.user("ann", **{ANCHOR: bytes(16)})
    twin = f"uid=ann,{GROUPS}"
    staff = world.group("staff", [twin])
    world.sync()
    world.directory.user("ann", below=GROUPS, **{ANCHOR: bytes(16)})
    world.sync()
    before = members(world, staff)
    world.directory.remove(twin)

    world.sync()

    assert (before, members(world, staff)) == (["Ann"], [])


def test_an_object_that_is_renamed_to_a_name_that_a_group_knows_is_a_member(world):
    ann = world.user("ann")
    staff = world.group("staff", [f"uid=anna,{USERS}"])
    world.sync()
    before = members(world, staff)
    world.directory.rename(ann, "uid=anna")

    world.sync()

    assert (before, members(world, staff)) == ([], ["Ann"])


def test_references_of_a_big_group_are_right_after_every_kind_of_change(stage):
    names = [f"uid=u{number},{USERS}" for number in range(3000)]
    ann, bob = stage.directory.user("ann"), stage.directory.user("bob")
    staff = stage.directory.group("staff", [*names, ann, bob])
    stage.read()
    stage.directory.remove(ann)
    renamed = stage.directory.rename(bob, "uid=bobby")
    stage.read()
    stage.directory.modify(staff, member=[*names[1:], renamed])
    stage.read()
    stage.directory.modify(staff, member=[*names[2:], renamed])

    stage.read()

    shown = stage.rows("SELECT target FROM reference ORDER BY target")
    assert shown == sorted(folding.dn(name) for name in [*names[2:], renamed])
