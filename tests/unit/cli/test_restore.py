"""``connector backup`` and ``restore``: away and back, never beside a connector at work."""

from __future__ import annotations

import pytest

from connector.storage.backup import back_up
from connector.storage.instance import lock_storage
from tests.world import World


@pytest.fixture
def synced(connector):
    with World(connector.storage) as world:
        world.user("ann")
        world.sync()
    return connector


def test_a_backup_is_listed_and_put_back(synced, tmp_path):
    copies = [tmp_path / name for name in ("first", "second")]
    for copy in copies:
        synced("backup", str(copy))
    synced("tenant", "delete", "ann")

    listed = synced("backup", "--list", "--json").json
    below = synced("backup", "--list", str(tmp_path), "--json").json
    done = synced("restore", str(copies[0]))

    assert (
        [one["path"] for one in listed] == [one["path"] for one in below] == list(map(str, copies))
    )
    assert done.code == 0
    assert done.out.startswith(f"Restored {copies[0]}, made {listed[0]['createdDateTime']}.\n")
    assert [one["displayName"] for one in synced("objects", "--json").json] == ["Ann"]
    assert "backup.restored" in synced.log.read_text()


def test_a_backup_that_is_gone_is_not_listed(synced, tmp_path):
    synced("backup", str(tmp_path / "copy"))
    (tmp_path / "copy" / "tenant.db").unlink()

    done = synced("backup", "--list")

    assert (done.code, done.out) == (0, "No backups there. To make one: connector backup DIR\n")


def test_beside_a_connector_at_work_nothing_is_restored(synced, tmp_path):
    synced("backup", str(tmp_path / "copy"))

    with lock_storage(synced.storage):
        done = synced("restore", str(tmp_path / "copy"))

    assert (done.code, done.out) == (75, "")
    assert "Stop it first: systemctl stop connector, or connector daemon stop." in done.err
    assert not list(synced.storage.glob("replaced-*"))


@pytest.mark.parametrize("name", ["nowhere", "var/mail", "connector.toml"])
def test_what_is_not_a_backup_is_refused(synced, tmp_path, name):
    done = synced("restore", str(tmp_path / name))

    assert (done.code, done.out) == (2, "")
    assert "is not a backup: connector-space.db is not there. Nothing was changed." in done.err


@pytest.mark.parametrize("arguments", [["backup"], ["restore"], ["tenant", "snapshot", "--remove"]])
def test_what_to_work_on_has_to_be_named(synced, arguments):
    assert synced(*arguments).code == 2


def test_a_snapshot_is_listed_and_removed(synced):
    for name in ("one", "two"):
        synced("tenant", "snapshot", name)

    removed = synced("tenant", "snapshot", "--remove", "one")
    again = synced("tenant", "snapshot", "one", "--remove")

    assert removed.out == "Removed one.\n"
    assert again.code == 2
    assert "There is no snapshot one. There are: two." in again.err
    assert [one["name"] for one in synced("tenant", "snapshot", "--list", "--json").json] == ["two"]
    assert [path.name for path in (synced.storage / "snapshots").iterdir()] == ["two"]


def test_a_snapshot_that_a_rewind_goes_back_to_is_kept(synced):
    synced("tenant", "snapshot", "one")
    (synced.storage / "rewinding").write_text("one")

    done = synced("tenant", "snapshot", "one", "--remove")

    assert done.code == 2
    assert "A rewind to one was interrupted" in done.err


def test_the_backup_of_another_connector_is_told(synced, tmp_path):
    with World(tmp_path / "elsewhere") as world:
        world.user("zoe")
        world.sync()
    other = back_up(tmp_path / "elsewhere", tmp_path / "other")

    done = synced("restore", str(other))

    assert done.code == 0
    assert "Warning: the tenant of this backup is another one" in done.err


def test_backups_that_this_user_may_not_look_into_are_not_passed_over(
    synced, tmp_path, monkeypatch
):
    """Root may look everywhere: the right is taken away by hand."""
    synced("backup", str(tmp_path / "copy"))
    original = type(tmp_path).is_file

    def is_file(path):
        if path.parent.name == "copy":
            raise PermissionError(13, "Permission denied", str(path))
        return original(path)

    monkeypatch.setattr("pathlib.Path.is_file", is_file)
    done = synced("backup", "--list")

    assert (done.code, done.out) == (2, "")
    assert f"may not use {tmp_path / 'copy' / 'connector-space.db'}, which belongs to" in done.err
