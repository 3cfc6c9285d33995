"""The history of an object is its own, also where several have one name."""

from __future__ import annotations

import pytest

from connector.errors import AmbiguousIdentity
from connector.report.object_history import histories
from tests.world import World


@pytest.fixture
def world(tmp_path):
    with World(tmp_path / "var") as world:
        yield world


def told(world, identity):
    """By DN of an object, the operations on it."""
    return {
        each.object.dn: [change.operation for change in each.changes]
        for each in histories(world.parts.space, world.tenant, identity)
    }


def test_an_address_is_that_of_its_holder_though_another_object_asks_for_it(world):
    ann = world.user("ann", upn="joe@contoso.com")
    world.sync()
    bob = world.user("bob", upn="joe@contoso.com")
    world.sync()

    assert told(world, "joe@contoso.com") == {ann: ["added"]}
    assert told(world, bob) == {bob: ["quarantined", "added"]}


def test_two_that_wait_for_an_address_are_told_apart(world):
    ann = world.user("ann", upn="joe@contoso.com")
    world.sync()
    waiting = [world.user(name, upn="joe@contoso.com") for name in ("bob", "eve")]
    world.sync()
    world.directory.modify(ann, userPrincipalName="ann@contoso.com")
    world.sync()

    assert told(world, "joe@contoso.com") == {dn: ["quarantined", "added"] for dn in waiting}


def test_two_of_one_name_are_not_shown_as_one(world):
    for name in ("ann1", "ann2"):
        world.user(name, displayName="Ann")
    world.sync()

    with pytest.raises(AmbiguousIdentity):
        told(world, "Ann")


def test_objects_that_are_gone_are_told_apart_by_their_last_names(world):
    groups = [world.group(name, [], displayName="Staff") for name in ("a", "b")]
    world.user("keep")
    world.sync()
    for group in groups:
        world.directory.remove(group)
    world.sync()

    assert told(world, "staff") == {dn: ["deleted", "added"] for dn in groups}


def test_an_object_is_found_by_its_cloud_id(world):
    ann = world.user("ann")
    world.sync()

    assert told(world, world.cloud["Ann"]["id"]) == {ann: ["added"]}


def test_an_object_that_is_left_out_today_says_by_what(world):
    ann = world.user("ann")
    world.user("bob")
    world.sync()
    world.directory.modify(ann, adminDescription="User_1")
    world.sync()

    found = {
        each.object.dn: each.left_out
        for dn in (ann, "bob@contoso.com")
        for each in histories(world.parts.space, world.tenant, dn)
    }

    reasons = {dn: None if out is None else out.reason for dn, out in found.items()}
    assert reasons == {ann: "written-back", ann.replace("ann", "bob"): None}
