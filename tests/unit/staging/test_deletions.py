"""Deletions that a guard stopped: approved as they are shown, or not at all."""

from __future__ import annotations

import pytest

from connector.errors import UnknownObject
from connector.staging.deletions import PlannedDeletion, digest
from tests.fakes import SUFFIX
from tests.world import World

STOPPED = "stopped-deletion-threshold-exceeded"


@pytest.fixture
def strict(tmp_path):
    """A world of three users in which one delete is one too many."""
    with World(tmp_path, safety={"delete_threshold": 0}) as opened:
        for name in ("ann", "bob", "carl"):
            opened.user(name)
        opened.sync()
        yield opened


def remove(world, name):
    world.directory.remove(f"uid={name},ou=users,{SUFFIX}")


def test_a_plan_is_named_by_its_set_whatever_the_order():
    assert digest(["a", "b"]) == digest(["b", "a"]) != digest(["a", "c"])


def test_what_the_guard_stopped_waits_as_a_plan(strict):
    remove(strict, "ann")

    run = strict.sync()

    plan = strict.parts.space.deletion_plan()
    (planned,) = plan.objects
    assert run.result == STOPPED
    assert (plan.hash, plan.approved) == (digest([planned.anchor]), False)
    assert planned == PlannedDeletion(
        planned.anchor, "user", "Ann", f"uid=ann,ou=users,{SUFFIX}"
    )


def test_an_approved_plan_goes_through_and_is_forgotten(strict):
    remove(strict, "ann")
    strict.sync()
    space = strict.parts.space
    space.approve_deletions(space.deletion_plan().hash)

    run = strict.sync()

    assert (run.result, sorted(strict.cloud)) == ("success", ["Bob", "Carl"])
    assert space.deletion_plan() == (None, None, False, [])


def test_an_approval_holds_for_exactly_the_set_that_was_shown(strict):
    remove(strict, "ann")
    strict.sync()
    space = strict.parts.space
    shown = space.deletion_plan().hash
    space.approve_deletions(shown)
    remove(strict, "bob")

    run = strict.sync()

    assert run.result == STOPPED
    assert sorted(strict.cloud) == ["Ann", "Bob", "Carl"]
    assert space.deletion_plan().hash != shown


def test_a_discarded_plan_stops_again(strict):
    remove(strict, "ann")
    strict.sync()
    space = strict.parts.space
    space.approve_deletions(space.deletion_plan().hash)
    space.discard_deletions()

    run = strict.sync()

    assert (run.result, space.deletion_plan().approved) == (STOPPED, False)


def test_deletions_that_were_taken_back_leave_no_plan(strict):
    ann = f"uid=ann,ou=users,{SUFFIX}"
    strict.directory.modify(ann, adminDescription="User_1")
    strict.sync()
    strict.directory.modify(ann, adminDescription=[])

    run = strict.sync()

    assert (run.result, strict.parts.space.deletion_plan().hash) == ("success", None)


def test_another_hash_than_the_one_that_waits_is_refused(strict):
    remove(strict, "ann")
    strict.sync()

    with pytest.raises(UnknownObject, match="not 0123"):
        strict.parts.space.approve_deletions("0123")


def test_nothing_can_be_approved_when_nothing_waits(stage):
    with pytest.raises(UnknownObject, match="No deletions wait"):
        stage.space.approve_deletions("0123")


def test_an_import_that_shrinks_too_far_waits_as_a_plan_too(world):
    ann = world.user("ann")
    world.sync()
    world.directory.remove(ann)

    stopped = world.sync()
    space = world.parts.space
    space.approve_deletions(space.deletion_plan().hash)
    run = world.sync()

    assert (stopped.result, run.result) == ("stopped-import-shrunk", "success")
    assert world.cloud == {}
