"""The changes that the cloud accepted, by run and by object."""

from __future__ import annotations

import pytest

from connector.report.object_history import histories
from tests.fakes import SUFFIX


@pytest.fixture
def ann(world):
    dn = world.user("ann", title="Clerk")
    world.sync()
    return dn


def history(world, identity):
    return [
        (change.run, change.operation, change.attributes)
        for each in histories(world.parts.space, world.tenant, identity)
        for change in each.changes
    ]


def test_an_added_object_has_one_change(world, ann):
    assert history(world, ann) == [(1, "added", {})]


def test_an_update_names_what_each_attribute_was_and_is(world, ann):
    world.directory.modify(ann, title="Head")
    world.sync()

    assert history(world, "ann@contoso.com") == [
        (2, "updated", {"jobTitle": ["Clerk", "Head"]}),
        (1, "added", {}),
    ]


def test_a_deleted_object_is_found_by_what_it_was_called(world, ann):
    world.user("bob")
    world.sync()
    world.directory.remove(ann)
    world.sync()

    by_dn, by_upn, by_name = (history(world, name) for name in (ann, "ANN@contoso.com", "ann"))

    assert [(run, operation) for run, operation, _ in by_dn] == [(3, "deleted"), (1, "added")]
    assert by_dn[0][2]["jobTitle"] == ["Clerk", None]
    assert by_dn == by_upn == by_name


def test_a_quarantined_value_is_named_with_its_holder(world, ann):
    bob = world.user("bob", upn="ann@contoso.com")
    world.sync()

    assert history(world, bob) == [
        (2, "quarantined", {"UserPrincipalName": ["Ann", "ann@contoso.com"]}),
        (2, "added", {}),
    ]


def test_memberships_are_counted(world, ann):
    bob = world.user("bob")
    staff = world.group("staff", [ann])
    world.sync()
    world.directory.modify(staff, member=[bob])
    world.sync()

    assert history(world, staff) == [
        (3, "updated", {"members": [1, 1]}),
        (2, "updated", {"members": [0, 1]}),
        (2, "added", {}),
    ]


def test_a_run_that_changes_nothing_leaves_no_change(world, ann):
    world.sync()

    assert len(history(world, ann)) == 1


def test_the_changes_are_forgotten_with_their_run(world, ann):
    world.time = world.time.replace(month=12)
    world.directory.modify(ann, title="Head")
    world.sync()

    assert [run for run, _, _ in history(world, ann)] == [2]


def test_what_nobody_ever_was_has_no_changes(world):
    assert history(world, f"uid=nobody,ou=users,{SUFFIX}") == []
