"""A backup comes back whole or not at all, and what it replaces is kept."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing

import pytest

from connector.errors import StorageUnusable
from connector.storage.backup import IN_ORDER, back_up
from connector.storage.restore import opened, restore
from tests.world import World


@pytest.fixture
def backup(tmp_path):
    """A backup in which Ann is alone; Bob came after it."""
    with World(tmp_path / "var") as world:
        world.user("ann")
        world.sync()
        folder = back_up(tmp_path / "var", tmp_path / "copy")
        world.user("bob")
        world.sync()
    return folder


def put_back(tmp_path):
    with opened(tmp_path / "copy") as files:
        return restore(tmp_path / "var", files)


def names(storage):
    with World(storage) as world:
        return sorted(world.cloud)


def contents(storage):
    return {name: (storage / name).read_bytes() for name in IN_ORDER}


@pytest.mark.usefixtures("backup")
def test_both_databases_are_those_of_the_backup(tmp_path):
    put_back(tmp_path)

    assert names(tmp_path / "var") == ["Ann"]


@pytest.mark.usefixtures("backup")
def test_those_that_were_there_are_kept(tmp_path):
    restored = put_back(tmp_path)

    assert restored.former is not None
    assert names(restored.former) == ["Ann", "Bob"]


@pytest.mark.usefixtures("backup")
def test_after_it_a_cycle_brings_what_came_since(tmp_path):
    put_back(tmp_path)

    with World(tmp_path / "var") as world:
        for name in ("ann", "bob"):
            world.user(name)
        world.sync()

        assert "Bob" in world.cloud


@pytest.mark.usefixtures("backup")
def test_logs_of_the_replaced_files_do_not_reach_the_new_ones(tmp_path):
    storage = tmp_path / "var"
    for name in IN_ORDER:
        (storage / f"{name}-wal").write_bytes(b"left over")

    restored = put_back(tmp_path)

    assert [file.name for file in storage.glob("*.db-*")] == []
    assert restored.former is not None


@pytest.mark.usefixtures("backup")
def test_mode_and_owner_are_those_of_the_replaced_files(tmp_path):
    storage = tmp_path / "var"
    for name, mode in zip(IN_ORDER, (0o640, 0o660), strict=True):
        (storage / name).chmod(mode)
    before = [
        ((storage / name).stat().st_mode, (storage / name).stat().st_uid) for name in IN_ORDER
    ]

    put_back(tmp_path)

    after = [((storage / name).stat().st_mode, (storage / name).stat().st_uid) for name in IN_ORDER]
    assert after == before


@pytest.mark.usefixtures("backup")
def test_into_an_empty_folder_files_come_for_their_user_alone(tmp_path):
    storage = tmp_path / "var"
    for file in storage.glob("*.db*"):
        file.unlink()

    restored = put_back(tmp_path)

    assert restored.former is None
    assert [(storage / name).stat().st_mode & 0o777 for name in IN_ORDER] == [0o600, 0o600]
    assert names(storage) == ["Ann"]


def cut_short(folder):
    file = folder / "tenant.db"
    file.write_bytes(file.read_bytes()[:-5000])


def emptied(folder):
    (folder / "tenant.db").write_bytes(b"")


def text(folder):
    (folder / "connector-space.db").write_text("no database " * 1000)


def exchanged(folder):
    (folder / "tenant.db").rename(folder / "x")
    (folder / "connector-space.db").rename(folder / "tenant.db")
    (folder / "x").rename(folder / "connector-space.db")


def missing(folder):
    (folder / "tenant.db").unlink()


def newer(folder):
    with closing(sqlite3.connect(folder / "tenant.db")) as connection, connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
            "VALUES ('tenant', '9999_later', '2030')"
        )


def copied_in_use(folder):
    (folder / "tenant.db-wal").write_bytes(b"the newest changes")


@pytest.mark.parametrize(
    "spoil", [cut_short, emptied, text, exchanged, missing, newer, copied_in_use]
)
def test_what_is_not_a_whole_backup_changes_nothing(backup, tmp_path, spoil):
    before = contents(tmp_path / "var")
    listed = sorted(path.name for path in (tmp_path / "var").iterdir())
    spoil(backup)

    with pytest.raises(StorageUnusable, match=r"Nothing was changed\.$"):
        put_back(tmp_path)

    assert contents(tmp_path / "var") == before
    assert sorted(path.name for path in (tmp_path / "var").iterdir()) == listed


@pytest.mark.usefixtures("backup")
def test_a_rewind_that_was_interrupted_is_forgotten(tmp_path):
    (tmp_path / "var" / "rewinding").write_text("somewhere")

    put_back(tmp_path)

    assert names(tmp_path / "var") == ["Ann"]


def test_a_pipe_is_not_waited_for(backup, tmp_path):
    (backup / "tenant.db").unlink()
    os.mkfifo(backup / "tenant.db")

    with pytest.raises(StorageUnusable, match=r"tenant\.db is not there\. Nothing was changed\.$"):
        put_back(tmp_path)


@pytest.mark.usefixtures("backup")
def test_the_databases_themselves_are_no_backup(tmp_path):
    with opened(tmp_path / "var") as files, pytest.raises(StorageUnusable) as refused:
        restore(tmp_path / "var", files)

    assert str(refused.value) == (
        f"The backup holds the databases of {tmp_path / 'var'} themselves. Nothing was changed."
    )


@pytest.mark.usefixtures("backup")
def test_two_in_one_second_are_kept_apart(tmp_path, monkeypatch):
    monkeypatch.setattr("connector.values.moments.for_a_file_name", lambda _: "now")

    folders = [put_back(tmp_path).former for _ in range(3)]

    assert folders == [tmp_path / "var" / f"replaced-now{more}" for more in ("", "-2", "-3")]


def test_the_tenant_of_another_connector_is_told(backup, tmp_path):
    with World(tmp_path / "elsewhere") as world:
        world.user("zoe")
        world.sync()
    assert put_back(tmp_path).is_another_tenant is False

    back_up(tmp_path / "elsewhere", tmp_path / "other")
    with opened(tmp_path / "other") as files:
        assert restore(tmp_path / "var", files).is_another_tenant is True
    (backup / "tenant.db").write_bytes((tmp_path / "other" / "tenant.db").read_bytes())
    assert put_back(tmp_path).is_another_tenant is True
