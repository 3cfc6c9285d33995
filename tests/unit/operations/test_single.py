"""One object is synchronized now; what else waits goes on waiting."""

from __future__ import annotations

import pytest

from connector.errors import UnknownObject
from connector.operations.single import run_single
from tests.fakes import SUFFIX
from tests.world import World

BOB = f"uid=bob,ou=users,{SUFFIX}"


@pytest.fixture
def world(tmp_path):
    with World(tmp_path / "var") as opened:
        opened.user("ann", upn="joe@contoso.com")
        opened.sync()
        yield opened


def pending(world):
    return [export.properties["displayName"] for export in world.parts.space.queue.in_order(-1)]


def test_one_object_is_exported_and_the_others_stay_pending(world):
    world.user("bob")
    world.user("carl")

    answer = run_single(world.parts, BOB, export=True)

    assert sorted(world.cloud) == ["Ann", "Bob"]
    assert pending(world) == ["Carl"]
    assert (answer["run"]["policy"], answer["run"]["result"]) == ("single-object", "success")
    assert answer["object"] == {
        "anchor": world.cloud["Bob"]["onPremisesImmutableId"],
        "dn": BOB,
        "type": "user",
    }
    assert answer["change"]["operation"] == "add"


def test_the_next_cycle_exports_what_was_left(world):
    world.user("bob")
    world.user("carl")
    run_single(world.parts, BOB, export=True)

    run = world.sync()

    assert (run.result, sorted(world.cloud)) == ("success", ["Ann", "Bob", "Carl"])
    assert run.steps[-1].counts.adds == 1


def test_the_run_of_one_object_is_not_a_success_of_the_whole(world):
    before = world.parts.space.history.last_success()
    world.user("bob")

    run_single(world.parts, BOB, export=True)

    assert world.parts.space.history.last_success() == before
    assert next(world.parts.space.history.runs(1)).policy == "single-object"


def test_an_object_that_is_quarantined_is_told(world):
    world.user("bob", upn="joe@contoso.com")

    answer = run_single(world.parts, BOB, export=True)

    assert answer["run"]["result"] == "completed-export-errors"
    assert [error["value"] for error in answer["run"]["errors"]] == ["joe@contoso.com"]


def test_members_of_a_group_go_with_it_and_those_of_others_do_not(world):
    world.user("bob")
    world.sync()
    for name in ("desk", "staff"):
        world.group(name, members=[BOB])

    run_single(world.parts, f"cn=desk,ou=groups,{SUFFIX}", export=True)

    members = {
        name: [member["displayName"] for member in world.tenant.show(group["id"])["members"]]
        for name, group in world.cloud.items()
        if group["objectType"] == "group"
    }
    assert members == {"Desk": ["Bob"]}


@pytest.mark.parametrize("export", [True, False])
def test_a_delete_stays_pending(world, export):
    world.user("bob")
    world.sync()
    world.directory.modify(BOB, adminDescription=["User_out"])

    answer = run_single(world.parts, BOB, export=export)

    assert answer["change"]["operation"] == "delete"
    assert "Bob" in world.cloud


def test_without_an_export_the_object_is_only_decided_on(world):
    world.user("bob")

    answer = run_single(world.parts, BOB, export=False)

    assert (answer["change"]["operation"], sorted(world.cloud), pending(world)) == (
        "add",
        ["Ann"],
        ["Bob"],
    )


def test_a_staging_server_exports_nothing(tmp_path):
    with World(tmp_path / "var", schedule={"staging_mode": True}) as world:
        world.user("bob")

        run_single(world.parts, BOB, export=True)

        assert world.cloud == {}


def test_an_object_without_a_change_has_none(world):
    answer = run_single(world.parts, f"uid=ann,ou=users,{SUFFIX}", export=True)

    assert (answer["run"]["result"], answer["change"]) == ("success", None)


def test_a_dn_that_nobody_has_is_refused(world):
    with pytest.raises(UnknownObject, match="No entry of the connector space has the DN"):
        run_single(world.parts, BOB, export=True)


def test_an_unreachable_directory_is_the_result(world):
    world.directory.unreachable = True

    answer = run_single(world.parts, BOB, export=True)

    assert (answer["run"]["result"], answer["object"]) == ("no-start-connection", None)
