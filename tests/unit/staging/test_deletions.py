"""Deletions that a guard stopped: approved as they are shown, or not at all."""

from __future__ import annotations

import pytest

from connector.errors import UnknownObject
from connector.staging.deletions import PlannedDeletion, plan_hash
from tests.fakes import SUFFIX

STOPPED = "stopped-deletion-threshold-exceeded"


@pytest.fixture
def three(strict):
    """Three users in a cloud that loses no object without an approval."""
    for name in ("ann", "bob", "carl"):
        strict.user(name)
    strict.sync()
    return strict


def remove(world, name):
    world.directory.remove(f"uid={name},ou=users,{SUFFIX}")


def test_a_plan_is_named_by_its_set_whatever_the_order():
    assert plan_hash(["a", "b"]) == plan_hash(["b", "a"]) != plan_hash(["a", "c"])


def test_what_the_guard_stopped_waits_as_a_plan(three):
    remove(three, "ann")

    run = three.sync()

    plan = three.parts.space.deletions.plan()
    (planned,) = plan.objects
    assert run.result == STOPPED
    assert (plan.hash, plan.approved) == (plan_hash([planned.anchor]), False)
    assert planned == PlannedDeletion(planned.anchor, "user", "Ann", f"uid=ann,ou=users,{SUFFIX}")


def test_an_approved_plan_goes_through_and_is_forgotten(three):
    remove(three, "ann")
    three.sync()
    space = three.parts.space
    space.deletions.approve(space.deletions.plan().hash)

    run = three.sync()

    assert (run.result, sorted(three.cloud)) == ("success", ["Bob", "Carl"])
    assert space.deletions.plan() == (None, None, False, [])


def test_an_approval_holds_for_exactly_the_set_that_was_shown(three):
    remove(three, "ann")
    three.sync()
    space = three.parts.space
    shown = space.deletions.plan().hash
    space.deletions.approve(shown)
    remove(three, "bob")

    run = three.sync()

    assert run.result == STOPPED
    assert sorted(three.cloud) == ["Ann", "Bob", "Carl"]
    assert space.deletions.plan().hash != shown


def test_a_discarded_plan_stops_again(three):
    remove(three, "ann")
    three.sync()
    space = three.parts.space
    space.deletions.approve(space.deletions.plan().hash)
    space.deletions.discard()

    run = three.sync()

    assert (run.result, space.deletions.plan().approved) == (STOPPED, False)


def test_deletions_that_were_taken_back_leave_no_plan(three):
    ann = f"uid=ann,ou=users,{SUFFIX}"
    three.directory.modify(ann, adminDescription="User_1")
    three.sync()
    three.directory.modify(ann, adminDescription=[])

    run = three.sync()

    assert (run.result, three.parts.space.deletions.plan().hash) == ("success", None)


def test_another_hash_than_the_one_that_waits_is_refused(three):
    remove(three, "ann")
    three.sync()

    with pytest.raises(UnknownObject, match="not 0123"):
        three.parts.space.deletions.approve("0123")


def test_nothing_can_be_approved_when_nothing_waits(stage):
    with pytest.raises(UnknownObject, match="No deletions wait"):
        stage.space.deletions.approve("0123")


def test_an_import_that_shrinks_too_far_waits_as_a_plan_too(world):
    ann = world.user("ann")
    world.sync()
    world.directory.remove(ann)

    stopped = world.sync()
    space = world.parts.space
    space.deletions.approve(space.deletions.plan().hash)
    run = world.sync()

    assert (stopped.result, run.result) == ("stopped-import-shrunk", "success")
    assert world.cloud == {}


def test_a_plan_lists_its_objects_as_people_sort_names(strict):
    names = ("Zoe", "abe", "Öland", "bert", "otto")
    for name in ("keep", *names):
        strict.user(name)
    strict.sync()
    for name in names:
        remove(strict, name)
    strict.sync()

    planned = strict.parts.space.deletions.plan().objects
    assert [each.dn.partition(",")[0] for each in planned] == [
        "uid=abe",
        "uid=bert",
        "uid=Öland",
        "uid=otto",
        "uid=Zoe",
    ]
