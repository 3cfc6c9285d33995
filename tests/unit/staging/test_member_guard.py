"""A group that would lose most of its members waits for a person, as deletes do."""

from __future__ import annotations

import pytest

from tests.world import World

STOPPED = "stopped-deletion-threshold-exceeded"


class Staffed(World):
    """A world with a group, and the users that are to be its members."""

    people: list[str]
    staff: str


@pytest.fixture
def staffed(world):
    """A group of twenty users."""
    world.people = [world.user(f"user{number:02d}") for number in range(20)]
    world.staff = world.group("staff", world.people)
    world.sync()
    return world


def members(world):
    return len(world.tenant.show(world.cloud["Staff"]["id"])["members"])


def keep(world, number):
    world.directory.modify(world.staff, member=world.people[:number])
    return world.sync()


def test_half_of_the_members_may_go(staffed):
    assert (keep(staffed, 10).result, members(staffed)) == ("success", 10)


def test_more_than_half_of_them_may_not(staffed):
    run = keep(staffed, 9)

    plan = staffed.parts.space.deletions.plan()
    assert (run.result, members(staffed)) == (STOPPED, 20)
    assert [(item.type, item.name, item.members) for item in plan.objects] == [
        ("group", "Staff", 11)
    ]
    assert plan.reason == (
        "a group to lose 11 of 20 members, more than safety.member_delete_percent (50 %)"
    )


def test_an_approved_plan_lets_exactly_these_memberships_go(staffed):
    keep(staffed, 9)
    space = staffed.parts.space
    space.deletions.approve(space.deletions.plan().hash)

    run = staffed.sync()

    assert (run.result, members(staffed), space.deletions.plan().hash) == ("success", 9, None)


def test_one_membership_more_is_another_plan(staffed):
    keep(staffed, 9)
    space = staffed.parts.space
    space.deletions.approve(space.deletions.plan().hash)

    run = keep(staffed, 8)

    assert (run.result, members(staffed)) == (STOPPED, 20)


def test_a_group_of_fewer_than_twenty_may_lose_them_all(world):
    ann, bob = world.user("ann"), world.user("bob")
    staff = world.group("staff", [ann, bob])
    world.sync()
    world.directory.modify(staff, member=[])

    assert (world.sync().result, members(world)) == ("success", 0)


def test_members_that_are_deleted_themselves_are_judged_as_deletes_alone(staffed):
    for dn in staffed.people[:10]:
        staffed.directory.modify(dn, adminDescription="User_1")
    staffed.directory.modify(staffed.staff, member=staffed.people[11:])

    run = staffed.sync()

    assert (run.result, members(staffed)) == ("success", 9)


def test_a_plan_may_hold_deletes_and_memberships(tmp_path):
    with Staffed(tmp_path, safety={"delete_threshold_contacts": 0}) as world:
        world.people = [world.user(f"user{number:02d}") for number in range(20)]
        world.staff = world.group("staff", world.people)
        carl = world.contact("carl", "carl@fabrikam.com")
        world.sync()
        world.directory.remove(carl)

        run = keep(world, 1)

        plan = world.parts.space.deletions.plan()
        assert run.result == STOPPED
        assert sorted((item.type, item.members) for item in plan.objects if item.members) == [
            ("group", 19)
        ]
        assert len(plan.objects) == 2
        assert "safety.delete_threshold_contacts (0)" in (plan.reason or "")
