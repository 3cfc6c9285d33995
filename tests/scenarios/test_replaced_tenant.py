"""A tenant that is not the one that the connector space knows is noticed, and made whole again.

Databases get lost, are restored alone or from different times, or somebody deletes in the cloud. Whatever
it was, the next sync brings the tenant to where the directory is, and two leave nothing to do.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from connector.run import RunResult
from connector.values.database_url import DatabaseUrl
from tests.fakes import SUFFIX
from tests.postgresql import dump, lose_all, restore
from tests.scenarios.engines import ON_A_FILE
from tests.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TENANT, SPACE = "tenant.db", "connector-space.db"
STAFF = f"cn=staff,ou=groups,{SUFFIX}"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path / "var") as made:
        yield made


@pytest.fixture
def people(world: World) -> list[str]:
    """Ann, Bob (who wants Ann's name), Cid, and their group; synced."""
    dns = [world.user("ann"), world.user("bob", upn="ann@contoso.com"), world.user("cid")]
    world.group("staff", dns[:2])
    world.sync()
    world.sync()
    return dns


@contextmanager
def stopped(world: World) -> Iterator[Path]:
    """Let somebody work on the storage folder while the connector does not run."""
    world.stop()
    yield world.settings.storage.path
    world.restart()


def copy(world: World, name: str) -> Path:
    """Keep a copy of the storage folder as it is now, with the dump of a tenant that a server has."""
    target = world.settings.storage.path.with_name(name)
    with stopped(world) as path:
        shutil.copytree(path, target)
        if url := server_of(world):
            dump(url, target / TENANT)
    return target


def lose(world: World, *files: str) -> None:
    with stopped(world) as path:
        _remove(path, *files)
        if TENANT in files and (url := server_of(world)):
            lose_all(url)


def put_back(world: World, source: Path, *files: str) -> None:
    with stopped(world) as path:
        _remove(path, *files)
        url = server_of(world)
        for file in files:
            if file == TENANT and url:
                restore(url, source / TENANT)
                continue
            for left in source.glob(f"{file}*"):
                shutil.copy(left, path / left.name)


def _remove(path: Path, *files: str) -> None:
    for file in files:
        for left in path.glob(f"{file}*"):
            left.unlink()


def server_of(world: World) -> str | None:
    """Return the URL of a tenant on a server; None for a file."""
    database = world.settings.tenant.database
    return database.full if isinstance(database, DatabaseUrl) else None


def whole(world: World) -> tuple[object, ...]:
    """Return what must be as before: objects, members, quarantines; and what verify finds."""
    members = world.tenant.show(STAFF)["members"]
    return (
        {name: item["onPremisesImmutableId"] for name, item in world.cloud.items()},
        sorted(member["displayName"] for member in members),
        sorted(record.value for record in world.tenant.provisioning_errors()),
        list(world.parts.space.compare(world.directory, world.parts.tenant)),
    )


def replaced(world: World) -> list[str]:
    return [fields["reason"] for fields in world.logged("tenant.replaced")]


def test_a_lost_tenant_is_exported_again(world: World, people: list[str]) -> None:
    before = whole(world)
    lose(world, TENANT)

    run = world.sync()
    world.sync()

    assert (run.steps[1].counts.deletes, run.steps[3].counts.adds) == (4, 4)
    assert whole(world) == before
    assert ["is another one than before" in reason for reason in replaced(world)] == [True]
    assert people


def test_a_tenant_that_was_restored_alone_is_brought_up_to_date(
    world: World, people: list[str]
) -> None:
    backup = copy(world, "backup")
    world.user("dan")
    world.directory.modify(people[0], title="Boss")
    world.directory.modify(STAFF, member=people)
    world.directory.remove(people[1])
    world.sync()
    world.sync()
    before = whole(world)
    put_back(world, backup, TENANT)

    world.sync()
    world.sync()

    assert whole(world) == before
    assert world.tenant.show(people[0])["jobTitle"] == "Boss"
    assert ["restored from a backup" in reason for reason in replaced(world)] == [True]


def test_a_tenant_without_the_last_export_is_noticed_though_the_last_read_back_was_before_it(
    world: World, people: list[str]
) -> None:
    backup = copy(world, "backup")
    world.user("dan")
    world.sync()
    put_back(world, backup, TENANT)

    world.sync()
    world.sync()

    assert set(world.cloud) == {"Ann", "Bob", "Cid", "Dan", "Staff"}
    assert people


def test_a_restored_tenant_that_went_on_by_itself_is_noticed(
    world: World, people: list[str]
) -> None:
    backup = copy(world, "backup")
    for name in ("dan", "eve"):
        world.user(name)
        world.sync()
    put_back(world, backup, TENANT)
    for number in range(9):
        world.parts.tenant.administrator.add("group", {"displayName": f"Cloud {number}"})

    world.sync()
    world.sync()

    assert {"Dan", "Eve"} <= set(world.cloud)
    assert len(replaced(world)) == 1
    assert people


def test_memberships_that_a_restored_tenant_lacks_are_sent_again(
    world: World, people: list[str]
) -> None:
    backup = copy(world, "backup")
    world.directory.modify(STAFF, member=people)
    world.sync()
    put_back(world, backup, TENANT)

    world.sync()
    world.sync()

    assert whole(world)[1] == ["Ann", "Bob", "Cid"]


@pytest.mark.parametrize("policy", ["delta", "initial"])
@pytest.mark.parametrize("hard", [False, True])
def test_what_somebody_deleted_in_the_cloud_comes_back(
    world: World, people: list[str], policy: str, hard: bool
) -> None:
    before = whole(world)
    world.parts.tenant.administrator.delete("cid@contoso.com", hard=hard)

    world.sync(policy)
    world.sync(policy)

    assert whole(world) == before
    assert replaced(world) == []
    assert people


def test_a_group_that_somebody_deleted_in_the_cloud_comes_back_with_its_members(
    world: World, people: list[str]
) -> None:
    before = whole(world)
    world.parts.tenant.administrator.delete(STAFF)

    world.sync("initial")
    world.sync("initial")

    assert whole(world) == before
    assert people


def test_an_older_connector_space_beside_a_newer_tenant_catches_up(
    world: World, people: list[str]
) -> None:
    backup = copy(world, "backup")
    world.user("dan")
    world.directory.remove(people[2])
    world.directory.modify(people[0], title="Boss")
    world.sync()
    world.sync()
    before = whole(world)
    put_back(world, backup, SPACE)

    world.sync()
    world.sync()

    assert whole(world) == before
    assert replaced(world) == []


@pytest.mark.parametrize("newer", [TENANT, SPACE])
def test_databases_of_two_different_times_find_together(
    world: World, people: list[str], newer: str
) -> None:
    first = copy(world, "first")
    world.user("dan")
    world.directory.modify(STAFF, member=people)
    world.sync()
    second = copy(world, "second")
    world.user("eve")
    world.directory.remove(people[2])
    world.sync()
    world.sync()
    before = whole(world)
    for file in (TENANT, SPACE):
        put_back(world, second if file == newer else first, file)

    world.sync()
    world.sync()

    assert whole(world) == before


@ON_A_FILE
def test_the_tenant_of_another_connector_of_this_directory_is_taken_as_it_is(
    world: World, people: list[str], tmp_path: Path
) -> None:
    before = whole(world)
    with World(tmp_path / "other", world.directory) as other:
        other.sync()
        other.parts.tenant.administrator.delete("cid@contoso.com")
        theirs = copy(other, "theirs")
    put_back(world, theirs, TENANT)

    world.sync()
    world.sync()

    assert whole(world) == before
    assert len(replaced(world)) == 1
    assert people


@ON_A_FILE
@pytest.mark.parametrize("number", [3, 30])
def test_the_tenant_of_another_directory_is_not_emptied_unasked(
    world: World, people: list[str], tmp_path: Path, number: int
) -> None:
    with World(tmp_path / "other") as other:
        for each in range(number):
            other.user(f"stranger{each}")
        other.sync()
        theirs = copy(other, "theirs")
    put_back(world, theirs, TENANT)

    runs = [world.sync(), world.sync()]
    stopped_at = set(world.cloud)
    plan = world.parts.space.deletions.plan()
    world.parts.space.deletions.approve(plan.hash or "")
    world.sync()

    assert [run.result for run in runs] == [RunResult.STOPPED_DELETION_THRESHOLD_EXCEEDED] * 2
    assert (len(stopped_at), len(plan.objects)) == (number, number)
    assert set(world.cloud) == {"Ann", "Bob", "Cid", "Staff"}
    assert people


def test_a_lost_connector_space_deletes_what_left_the_directory(
    world: World, people: list[str]
) -> None:
    world.directory.remove(people[2])
    lose(world, SPACE)

    world.sync()
    world.sync()

    assert set(world.cloud) == {"Ann", "Bob", "Staff"}


@ON_A_FILE
def test_a_lost_connector_space_and_a_wrong_directory_delete_nothing(
    world: World, people: list[str], tmp_path: Path
) -> None:
    with World(tmp_path / "other") as other:
        other.user("eve")
        put_back(other, copy(world, "ours"), TENANT)

        run = other.sync()

        assert run.result is RunResult.STOPPED_DELETION_THRESHOLD_EXCEEDED
        assert {"Ann", "Bob", "Cid", "Staff"} <= set(other.cloud)
    assert people


def test_a_copy_is_the_same_tenant(world: World, people: list[str]) -> None:
    backup = copy(world, "backup")
    put_back(world, backup, TENANT, SPACE)

    run = world.sync()

    assert (run.result, replaced(world)) == (RunResult.SUCCESS, [])
    assert people
