"""Deletes that an administrator undoes in the cloud before the next cycle saw them (docs/sources.md 13.5)."""

from __future__ import annotations

import pytest

OUT, IN = ["User_elsewhere"], ["at home"]


@pytest.fixture
def undone(world):
    """A user who left the scope, was deleted, and was restored in the cloud; and the user's DN."""
    world.user("keep")
    dn = world.user("ann")
    world.sync()
    world.directory.modify(dn, adminDescription=OUT)
    world.sync()
    world.tenant.administrator.restore("ann@contoso.com")
    return dn


def test_a_delete_that_was_undone_before_it_was_confirmed_fails_at_every_cycle(world, undone):
    results = [world.sync().result for _ in range(3)]

    assert results == ["completed-export-errors"] * 3
    [error] = world.errors()
    assert (error["error"], error["attempts"], error["object"]["displayName"]) == (
        "DeletingCloudOnlyObjectNotAllowed",
        3,
        "Ann",
    )
    assert "`connector tenant restore" in error["suggestion"]
    told = [(event["error"], event["dn"]) for event in world.logged("export.failed")]
    assert told == [("DeletingCloudOnlyObjectNotAllowed", undone)] * 3
    assert world.cloud["Ann"]["onPremisesSyncEnabled"] is False


@pytest.mark.usefixtures("undone")
def test_deleted_in_the_cloud_again_it_is_confirmed(world):
    world.sync()
    world.tenant.administrator.delete("ann@contoso.com")

    run = world.sync()
    world.tenant.administrator.restore("ann@contoso.com")
    after = world.sync()

    assert (run.result, after.result, world.errors()) == ("success", "success", [])
    assert world.cloud["Ann"]["onPremisesSyncEnabled"] is False


def test_back_in_the_scope_it_is_synced_again(world, undone):
    world.sync()
    world.directory.modify(undone, adminDescription=IN)

    run = world.sync()

    assert (run.result, world.errors()) == ("success", [])
    assert world.cloud["Ann"]["onPremisesSyncEnabled"] is True
    assert world.sync().steps[3].counts.updates == 0


def test_back_in_the_scope_before_the_next_cycle_it_is_no_error(world, undone):
    world.directory.modify(undone, adminDescription=IN)

    run = world.sync()

    assert (run.result, world.errors()) == ("success", [])
    assert world.cloud["Ann"]["onPremisesSyncEnabled"] is True


def test_restored_after_the_delete_was_confirmed_it_is_left_alone(world):
    world.user("keep")
    dn = world.user("ann")
    world.sync()
    world.directory.modify(dn, adminDescription=OUT)
    world.sync()
    world.sync()
    world.tenant.administrator.restore("ann@contoso.com")

    results = [world.sync().result for _ in range(2)]

    assert (results, world.errors()) == (["success"] * 2, [])


def test_deleted_and_restored_in_the_cloud_alone_it_is_taken_back(world):
    world.user("ann")
    world.sync()
    world.tenant.administrator.delete("ann@contoso.com")
    world.tenant.administrator.restore("ann@contoso.com")

    run = world.sync()

    assert (run.result, world.errors()) == ("success", [])
    assert world.cloud["Ann"]["onPremisesSyncEnabled"] is True
