"""A backup is complete or absent, and a restored connector goes on as if nothing had happened."""

from __future__ import annotations

import resource
import shutil
import sqlite3
from contextlib import closing, contextmanager
from itertools import count

import pytest

from connector.errors import StorageUnusable, WorkStopped
from connector.storage.backup import IN_ORDER, RULES, back_up, listed
from tests.world import World


@pytest.fixture
def world(tmp_path):
    with World(tmp_path / "var") as opened:
        opened.user("ann")
        opened.user("bob", upn="ann@contoso.com")
        opened.sync()
        yield opened


def backed_up(world, target):
    return back_up(world.settings.storage.path, target)


def restored(folder, world, path):
    """A world on the same directory whose storage is the backup."""
    shutil.copytree(folder, path)
    again = World(path, world.directory)
    again.time = world.time
    return again


def test_it_holds_both_databases_and_nothing_else(world, tmp_path):
    folder = backed_up(world, tmp_path / "copy")

    assert sorted(file.name for file in folder.iterdir()) == sorted(IN_ORDER)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy", "var"]


def test_rules_go_along(world, tmp_path):
    target = tmp_path / "backup"

    back_up(world.settings.storage.path, target, rules="[[rules]]\n")

    assert sorted(path.name for path in target.iterdir()) == sorted([*IN_ORDER, RULES])
    assert (target / RULES).read_text() == "[[rules]]\n"
    assert [one.path for one in listed(world.settings.storage.path, tmp_path)] == [target]


@pytest.mark.parametrize("looks", [0, 1])
def test_one_that_is_told_to_stop_leaves_nothing(world, tmp_path, looks):
    asked = count(1)

    with pytest.raises(WorkStopped):
        back_up(
            world.settings.storage.path,
            tmp_path / "copy",
            stop=lambda: next(asked) > looks,
        )

    assert [path.name for path in tmp_path.iterdir()] == ["var"]


def test_what_a_killed_one_left_is_gone_with_the_next_to_the_same_target(world, tmp_path):
    for left in (".copy.partial-x1", ".other.partial-x2"):
        (tmp_path / left).mkdir()
        (tmp_path / left / "tenant.db").write_bytes(b"half")

    backed_up(world, tmp_path / "copy")
    names = sorted(path.name for path in tmp_path.iterdir())

    assert names == [".other.partial-x2", "copy", "var"]


def test_a_restored_one_has_nothing_to_do(world, tmp_path):
    cloud = world.cloud
    folder = backed_up(world, tmp_path / "copy")

    with restored(folder, world, tmp_path / "again") as again:
        runs = [again.sync(), again.sync("initial")]

        assert [run.result for run in runs] == ["success", "success"]
        counts = [step.counts for step in runs[0].steps]
        assert [(c.adds, c.updates, c.deletes) for c in counts] == [(0, 0, 0)] * 4
        assert (again.cloud, again.logged("export.quarantined")) == (cloud, [])


def test_a_restored_one_takes_what_the_directory_did_since(world, tmp_path):
    folder = backed_up(world, tmp_path / "copy")
    world.user("carl")
    world.sync()

    with restored(folder, world, tmp_path / "again") as again:
        run = again.sync()

        assert (run.result, sorted(again.cloud)) == ("success", ["Ann", "Bob", "Carl"])


def test_a_tenant_that_is_ahead_does_no_harm(world, tmp_path):
    """The connector space is copied first, so this can happen, and never the reverse."""
    folder = backed_up(world, tmp_path / "copy")
    world.user("carl", upn="ann@contoso.com")
    world.sync()
    later = backed_up(world, tmp_path / "later")
    shutil.copy(later / "tenant.db", folder / "tenant.db")

    with restored(folder, world, tmp_path / "again") as again:
        runs = [again.sync(), again.sync()]

        assert [run.result for run in runs] == ["success", "success"]
        assert again.cloud == world.cloud


@pytest.mark.parametrize("occupied", ["file", "folder", "link"])
def test_what_is_there_is_not_overwritten(world, tmp_path, occupied):
    target = tmp_path / "copy"
    match occupied:
        case "file":
            target.write_text("kept")
        case "folder":
            target.mkdir()
            (target / "x").write_text("kept")
        case "link":
            target.symlink_to(tmp_path / "nowhere")

    with pytest.raises(StorageUnusable, match="is there already"):
        backed_up(world, target)


def test_an_empty_folder_is_used(world, tmp_path):
    (tmp_path / "copy").mkdir()

    assert len(list(backed_up(world, tmp_path / "copy").iterdir())) == 2


def test_a_folder_that_cannot_be_made_is_an_error(world, tmp_path):
    with pytest.raises(StorageUnusable, match="No backup was made"):
        backed_up(world, tmp_path / "no" / "copy")


@contextmanager
def files_of_at_most(size):
    """Let nobody write a bigger file, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("size", [40_000, 100_000])
def test_a_full_target_is_named_as_the_target(world, tmp_path, size):
    world.sync()
    world.stop()
    target = tmp_path / "copy"

    with files_of_at_most(size), pytest.raises(StorageUnusable) as raised:
        back_up(world.settings.storage.path, target)

    assert str(raised.value).startswith(f"{target}: ")
    assert "Make room there, or name a folder on another disk" in str(raised.value)
    assert not list(tmp_path.glob("*copy*"))


def test_without_databases_there_is_nothing_to_back_up(tmp_path):
    with pytest.raises(StorageUnusable, match="nothing to back up"):
        back_up(tmp_path, tmp_path / "copy")


def test_a_damaged_database_leaves_no_backup(tmp_path):
    for name in IN_ORDER:
        with closing(sqlite3.connect(tmp_path / name)) as connection:
            connection.execute("CREATE TA" + "BLE t (x)")
            connection.executemany("INSERT INTO t VALUES (?)", [("x" * 900,)] * 100)
            connection.execute("CREATE INDEX i ON t (x)")
            connection.commit()
    damaged = bytearray((tmp_path / "tenant.db").read_bytes())
    damaged[4096 * 3 : 4096 * 5] = bytes(4096 * 2)
    (tmp_path / "tenant.db").write_bytes(damaged)

    with pytest.raises(StorageUnusable):
        back_up(tmp_path, tmp_path / "copy")

    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(IN_ORDER)
