"""A scope that names nothing deletes nobody, and is named."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.fakes import SUFFIX
from tests.world import World

STOPPED = "stopped-deletion-threshold-exceeded"
USERS = f"ou=users,{SUFFIX}"


def filled(world: World, users: int = 25) -> World:
    everybody = [world.user(f"u{number:02}") for number in range(users)]
    world.group("pilot", everybody)
    return world


def later(world: World) -> World:
    world.time += timedelta(days=1)
    return world


@pytest.fixture
def again(tmp_path):
    """Sync a directory of 25 users and a group, then open it again with other settings."""
    opened = []

    def open_again(users: int = 25, **directory) -> World:
        with World(tmp_path) as world:
            filled(world, users).sync()
            held = world.directory
        opened.append(later(World(tmp_path, held, directory=directory)))
        return opened[-1]

    yield open_again
    for world in opened:
        world.__exit__()


WAYS: dict[str, dict[str, Any]] = {
    "include": {"include": [f"ou=usres,{SUFFIX}"]},
    "exclude": {"exclude": [USERS]},
    "pilot group": {"pilot_group": f"cn=pilto,ou=groups,{SUFFIX}"},
    "scope": {"scope": ["department EQUAL Sales"]},
}


@pytest.mark.parametrize("way", WAYS)
def test_whatever_objects_leave_by_most_of_them_do_not_go_unasked(again, way):
    world = again(**WAYS[way])
    before = world.cloud

    run = world.sync()
    plan = world.parts.space.deletions.plan()

    assert (run.result, run.result.exit_code) == (STOPPED, 3)
    assert world.cloud == before
    assert len(plan.objects) in {25, 26}
    assert "of 26 objects to delete, more than safety.shrink_percent (50 %)" in plan.reason


def test_an_approved_scope_takes_effect(again):
    world = again(include=[f"ou=groups,{SUFFIX}"])
    world.sync()
    space = world.parts.space
    space.deletions.approve(space.deletions.plan().hash or "")

    run = world.sync()

    assert (run.result, set(world.cloud)) == ("success", {"Pilot"})


def test_members_are_back_in_their_groups_once_the_scope_is_mended(again, tmp_path):
    world = again(include=[f"ou=usres,{SUFFIX}"])
    before = world.cloud
    world.sync()
    held = world.directory
    world.__exit__()
    with World(tmp_path, held) as mended:
        run = later(mended).sync()

        assert (run.result, mended.cloud) == ("success", before)
        assert mended.parts.space.deletions.plan().hash is None


def test_fewer_than_twenty_go_as_before(again):
    world = again(users=18, include=[f"ou=usres,{SUFFIX}"])

    run = world.sync()

    assert (run.result, world.cloud) == ("success", {})


def test_a_removal_that_was_approved_for_the_import_is_not_asked_for_again(tmp_path):
    with World(tmp_path) as world:
        filled(world).sync()
        for number in range(20):
            world.directory.remove(f"uid=u{number:02},{USERS}")
        stopped = world.sync()
        space = world.parts.space
        space.deletions.approve(space.deletions.plan().hash or "")

        run = world.sync()

        assert (stopped.result, run.result) == ("stopped-import-shrunk", "success")
        assert len(world.cloud) == 6


def test_what_leaves_by_both_ways_counts_together(again):
    world = again(exclude=[f"ou=away,{SUFFIX}"])
    away = world.directory.ou("away")
    for number in range(8):
        world.directory.remove(f"uid=u{number:02},{USERS}")
    for number in range(10, 18):
        world.directory.move(f"uid=u{number:02},{USERS}", away)

    assert world.sync().result == STOPPED


def test_a_filter_of_the_scope_that_no_object_meets_is_named(again):
    world = again(scope=["cn STARTSWITH u", "department EQUAL Sales", "cn EQUAL pilot"])
    world.sync()

    named = [each["value"] for each in world.logged("scope.unmatched")]

    assert named == ["department EQUAL Sales"]


def test_a_delta_says_nothing_of_filters(again):
    world = again(scope=["cn STARTSWITH u", "department EQUAL Sales"])
    world.sync()
    world.directory.modify(f"uid=u01,{USERS}", title="Boss")
    world.sync()

    assert len(world.logged("scope.unmatched")) == 1


NAMED = [
    ({"include": [USERS, f"ou=usres,{SUFFIX}"]}, "directory.include", f"ou=usres,{SUFFIX}"),
    ({"exclude": [f"ou=usres,{SUFFIX}"]}, "directory.exclude", f"ou=usres,{SUFFIX}"),
    ({"include": [USERS, "ou=users,dc=fabrikam"]}, "directory.include", "ou=users,dc=fabrikam"),
    (
        {"pilot_group": f"uid=u01,{USERS}"},
        "directory.pilot_group",
        f"uid=u01,{USERS}",
    ),
]


@pytest.mark.parametrize(("directory", "setting", "value"), NAMED)
def test_what_the_directory_does_not_show_is_named_once_a_run(again, directory, setting, value):
    world = again(**directory)
    world.sync()

    [named] = world.logged("scope.unmatched")

    assert (named["setting"], named["value"]) == (setting, value)


def test_what_the_directory_shows_is_not_named(again):
    pilots = f"cn=PILOT, ou=groups,{SUFFIX}"
    world = again(include=[USERS, f"OU=Groups,{SUFFIX}"], pilot_group=pilots)
    world.sync()

    assert world.logged("scope.unmatched") == []


def test_the_reason_of_the_guard_names_what_was_mistyped(again):
    world = again(include=[f"ou=usres,{SUFFIX}"])

    world.sync()

    assert world.parts.space.deletions.plan().reason.endswith(
        f"directory.include is 'ou=usres,{SUFFIX}', but the directory shows nothing of that name"
    )
