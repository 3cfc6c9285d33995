"""Filtering: which objects are synced, and what happens to those that no longer are."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tests.fakes import SUFFIX
from tests.world import World


def test_of_several_filters_one_must_hold(world_with):
    world = world_with(
        directory={
            "scope": ["department EQUAL Sales AND title NOTSTARTSWITH Temp", "company ISNOTNULL"]
        }
    )
    world.user("ann", department="Sales")
    world.user("bob", department="Sales", title="Temporary")
    world.user("eve", department="Research")
    world.user("joe", company="Contoso")

    world.sync()

    assert set(world.cloud) == {"Ann", "Joe"}


def test_a_filter_that_cannot_be_read_is_refused_by_name(tmp_path):
    with pytest.raises(ValidationError, match="'LIKE' is not an operator"):
        World(tmp_path, directory={"scope": ["department LIKE Sales"]})


def test_only_direct_members_of_the_pilot_group_are_synced(world_with):
    world = pilot(world_with)
    ann, bob = world.user("ann"), world.user("bob")
    nested = world.group("nested", [bob])
    world.group("pilot", [ann, nested])

    world.sync()

    assert set(world.cloud) == {"Ann", "Nested"}


def test_who_joins_the_pilot_group_is_synced_and_who_leaves_it_is_deleted(world_with):
    world = pilot(world_with)
    ann, bob = world.user("ann"), world.user("bob")
    group = world.group("pilot", [ann])
    world.sync()
    world.directory.modify(group, member=[bob])

    world.sync()

    assert set(world.cloud) == {"Bob"}
    assert [item["displayName"] for item in world.tenant.objects(deleted=True)] == ["Ann"]


def test_a_pilot_group_that_vanished_deletes_nothing_beyond_the_guards(world_with):
    world = pilot(world_with, safety={"delete_threshold": 2})
    users = [world.user(f"user{number}") for number in range(5)]
    group = world.group("pilot", users)
    world.sync()
    world.directory.remove(group)

    run = world.sync()

    assert run.result == "stopped-deletion-threshold-exceeded"
    assert len(world.cloud) == 5


def test_what_leaves_the_scope_is_deleted_and_comes_back_with_its_anchor(world):
    ann = world.user("ann")
    world.sync()
    before = world.cloud["Ann"]["id"]
    world.directory.modify(ann, adminDescription="User_x")
    world.sync()
    gone = set(world.cloud)
    world.directory.modify(ann, adminDescription=[])

    world.sync()

    assert gone == set()
    assert world.cloud["Ann"]["id"] == before


def test_a_change_of_the_filters_counts_for_every_object_at_once(tmp_path):
    with World(tmp_path) as world:
        world.user("ann", department="Sales")
        world.user("bob")
        world.sync()
        directory = world.directory
    with World(tmp_path, directory, directory={"scope": ["department EQUAL Sales"]}) as narrowed:
        narrowed.sync()

        assert set(narrowed.cloud) == {"Ann"}


def pilot(world_with, **sections):
    """A world with the pilot group cn=pilot."""
    return world_with(
        directory={"pilot_group": f"cn=pilot,ou=groups,{SUFFIX}"},
        **sections,
    )
