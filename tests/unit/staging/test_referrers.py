"""References that the directory rewrites without telling: followed at once, read again, then believed."""

from __future__ import annotations

import pytest

from connector.staging import referrers
from tests.fakes import SUFFIX

USERS = f"ou=users,{SUFFIX}"


@pytest.fixture
def staff(world):
    """A group of Ann, Bob and Cid, synced."""
    names = [world.user(name) for name in ("ann", "bob", "cid")]
    group = world.group("staff", names)
    world.sync()
    return group


def members(world, group):
    return sorted(item["displayName"] for item in world.tenant.show(group)["members"])


def after_each(world, group, cycles=3):
    """Return the members after each of some cycles."""
    found = []
    for _ in range(cycles):
        world.sync()
        found.append(members(world, group))
    return found


ALL = ["Ann", "Bob", "Cid"]


@pytest.mark.parametrize("cycles_before", [0, 1])
def test_a_renamed_member_stays_however_late_the_directory_rewrites_it(world, staff, cycles_before):
    anna = world.directory.rename(f"uid=ann,{USERS}", "uid=anna")
    found = after_each(world, staff, cycles_before)
    world.directory.rewrite({f"uid=ann,{USERS}": anna})

    assert [*found, *after_each(world, staff)] == [ALL] * (cycles_before + 3)


def test_a_member_renamed_in_each_cycle_stays(world, staff):
    world.directory.rename(f"uid=ann,{USERS}", "uid=anna")
    found = after_each(world, staff, 1)
    world.directory.rename(f"uid=anna,{USERS}", "uid=anne")
    world.directory.rewrite({f"uid=ann,{USERS}": f"uid=anna,{USERS}"})
    found += after_each(world, staff, 1)
    world.directory.rewrite({f"uid=anna,{USERS}": f"uid=anne,{USERS}"})

    assert [*found, *after_each(world, staff)] == [ALL] * 5


def test_a_member_renamed_twice_stays_while_the_directory_is_halfway(world, staff):
    world.directory.rename(f"uid=ann,{USERS}", "uid=anna")
    world.directory.rename(f"uid=anna,{USERS}", "uid=anne")
    world.directory.rewrite({f"uid=ann,{USERS}": f"uid=anna,{USERS}"})
    found = after_each(world, staff, 1)
    world.directory.rewrite({f"uid=anna,{USERS}": f"uid=anne,{USERS}"})

    assert [*found, *after_each(world, staff)] == [ALL] * 4


def test_a_renamed_unit_takes_the_members_along(world):
    names = [world.user(f"user{number:02}") for number in range(20)]
    group = world.group("staff", names)
    world.sync()
    whole = members(world, group)
    world.directory.rename(USERS, "ou=people")
    found = after_each(world, group, 1)
    world.directory.rewrite({name: name.replace("ou=users", "ou=people") for name in names})

    assert [*found, *after_each(world, group)] == [whole] * 4


def test_two_members_of_one_group_that_swap_their_names_change_nothing(world):
    ann, bob = world.user("ann"), world.user("bob")
    group = world.group("staff", [ann])
    world.sync()
    other = world.directory.rename(ann, "uid=other")
    world.directory.rename(bob, "uid=ann")
    world.directory.rename(other, "uid=bob")
    found = after_each(world, group, 1)
    world.directory.rewrite({ann: bob})

    assert [*found, *after_each(world, group)] == [["Ann"]] * 4


def test_another_person_under_an_old_name_does_not_inherit_the_membership(world, staff):
    world.directory.remove(f"uid=ann,{USERS}")
    world.user("ann", displayName="Another")
    found = after_each(world, staff, 1)
    world.directory.rewrite({f"uid=ann,{USERS}": None})

    assert [*found, *after_each(world, staff)] == [["Bob", "Cid"]] * 4


def test_a_person_who_comes_later_under_an_old_name_does_not_inherit_it_either(world, staff):
    world.directory.rewrites = True
    world.directory.remove(f"uid=ann,{USERS}")
    after_each(world, staff, 1)
    world.user("ann", displayName="Another")

    assert after_each(world, staff) == [["Bob", "Cid"]] * 3


def test_a_group_that_was_given_the_person_under_an_old_name_has_it_at_once(world, staff):
    world.directory.rewrites = True
    world.directory.remove(f"uid=ann,{USERS}")
    another = world.user("ann", displayName="Another")
    world.directory.modify(staff, member=[another])

    assert after_each(world, staff) == [["Another"]] * 3


def test_a_member_that_is_taken_out_after_its_rename_leaves_at_once(world, staff):
    world.directory.rename(f"uid=ann,{USERS}", "uid=anna")
    after_each(world, staff, 1)
    world.directory.modify(staff, member=[f"uid=bob,{USERS}", f"uid=cid,{USERS}"])

    assert after_each(world, staff) == [["Bob", "Cid"]] * 3


def test_a_group_that_is_a_member_of_another_is_followed_too(world, staff):
    outer = world.group("outer", [staff])
    world.sync()
    renamed = world.directory.rename(staff, "cn=everyone")
    found = after_each(world, outer, 1)
    world.directory.rewrite({staff: renamed})

    assert [*found, *after_each(world, outer)] == [["Staff"]] * 4


def test_a_full_read_that_comes_too_early_loses_nobody_either(world, staff):
    anna = world.directory.rename(f"uid=ann,{USERS}", "uid=anna")
    world.sync("initial")
    found = [members(world, staff)]
    world.directory.rewrite({f"uid=ann,{USERS}": anna})

    assert [*found, *after_each(world, staff)] == [ALL] * 4


def test_a_group_is_read_again_twice_and_not_counted(world, staff):
    reads = reads_of(world, staff)
    world.directory.rewrites = True
    world.directory.rename(f"uid=ann,{USERS}", "uid=anna")
    world.sync()

    runs = [world.sync() for _ in range(3)]

    counts = [run.steps[0].counts for run in runs]
    assert [(each.updates, each.unchanged) for each in counts] == [(0, 0)] * 3
    assert sum(reads) == 2


def test_a_group_that_lost_a_deleted_member_is_read_in_the_next_cycle_alone(world, staff):
    reads = reads_of(world, staff)
    world.directory.remove(f"uid=ann,{USERS}")
    found = [(sum(reads), members(world, staff)) for _ in range(3) if world.sync()]

    assert found == [(0, ["Bob", "Cid"]), (1, ["Bob", "Cid"]), (1, ["Bob", "Cid"])]


def reads_of(world, group):
    """Return a list that gets True for each read by identity that asks for a group."""
    uuid, found = world.directory.uuid(group), list[bool]()
    read = world.directory.read

    def counted(uuids):
        found.append(uuid in uuids)
        return read(uuids)

    world.directory.read = counted
    return found


def test_a_big_group_is_read_once_in_some_imports_however_often_members_change(world, monkeypatch):
    monkeypatch.setattr(referrers, "_BIG", 5)
    names = [world.user(f"user{number}") for number in range(9)]
    group = world.group("staff", names)
    world.sync()
    whole = members(world, group)
    reads = reads_of(world, group)
    world.directory.rewrites = True
    found = []
    for name in names[:8]:
        world.directory.rename(name, f"uid=new-{name.partition('=')[2].partition(',')[0]}")
        found += after_each(world, group, 1)

    assert found == [whole] * 8
    assert sum(reads) == 1
