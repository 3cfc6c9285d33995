"""The lock of a storage folder, and what an instance notices of its storage."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading

import pytest

from connector.errors import InstanceLocked, StorageRemoved
from connector.storage.instance import FILE, holder, is_locked, lock_storage


def test_a_second_instance_is_refused_and_names_the_first(tmp_path):
    with (
        lock_storage(tmp_path),
        pytest.raises(InstanceLocked, match=f"process {holder(tmp_path)}"),
        lock_storage(tmp_path),
    ):
        raise AssertionError("both hold it")


def test_whether_it_is_locked_can_be_asked_and_changes_nothing(tmp_path):
    before = is_locked(tmp_path)
    with lock_storage(tmp_path):
        during = is_locked(tmp_path)

    assert (before, during, is_locked(tmp_path)) == (False, True, False)


def test_a_storage_that_is_left_alone_is_in_order(tmp_path):
    with lock_storage(tmp_path) as lock:
        (tmp_path / "tenant.db").write_text("one")
        lock.watch(tmp_path / "tenant.db")
        (tmp_path / "tenant.db").write_text("another")

        lock.check()


@pytest.mark.parametrize("name", [FILE, "tenant.db"])
def test_a_file_that_was_removed_is_noticed(tmp_path, name):
    with lock_storage(tmp_path) as lock:
        (tmp_path / "tenant.db").write_text("one")
        lock.watch(tmp_path / "tenant.db")
        (tmp_path / name).unlink()

        with pytest.raises(StorageRemoved, match=f"{name} was removed while"):
            lock.check()


def test_a_folder_that_was_made_anew_is_noticed(tmp_path):
    with lock_storage(tmp_path / "var") as lock:
        (tmp_path / "var").rename(tmp_path / "old")
        shutil.copytree(tmp_path / "old", tmp_path / "var")

        with pytest.raises(StorageRemoved, match="was replaced while"):
            lock.check()


_LEAVES_AN_HEIR = """
import subprocess, sys
from pathlib import Path
from connector.storage.instance import inherited, lock_storage
with lock_storage(Path(sys.argv[1])):
    waits = "while [ ! -e let-go ]; do sleep 0.05; done"
    subprocess.Popen(["sh", "-c", waits], pass_fds=inherited(), cwd=sys.argv[1], stdout=subprocess.DEVNULL)
"""


def test_the_next_instance_waits_for_a_process_that_inherited_the_lock(tmp_path):
    """The one that locked has died; what it started may still be writing."""
    subprocess.run([sys.executable, "-c", _LEAVES_AN_HEIR, str(tmp_path)], check=True)
    before = is_locked(tmp_path)
    let_go = threading.Timer(0.3, (tmp_path / "let-go").touch)
    let_go.start()

    with lock_storage(tmp_path):
        waited = (tmp_path / "let-go").exists()
    let_go.join()

    assert (before, waited) == (True, True)
