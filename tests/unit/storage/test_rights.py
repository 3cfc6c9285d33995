"""A user who lacks a right is told who may, in one sentence."""

from __future__ import annotations

import os
import pwd

import pytest

from connector.errors import StorageForbidden
from connector.storage.rights import forbidden, refuse_stranger

ME = pwd.getpwuid(os.geteuid()).pw_name
FILES = ("connector-space.db", "tenant.db")


@pytest.fixture
def storage(tmp_path, monkeypatch):
    """A storage folder, on which no right counts that is not given."""
    folder = tmp_path / "var"
    folder.mkdir()
    for name in FILES:
        (folder / name).write_text("")
    return folder


@pytest.fixture
def without(monkeypatch):
    """Take the right to read some paths away, as root would have it."""

    def take(*paths):
        monkeypatch.setattr("os.access", lambda path, *_, **__: path not in paths)

    return take


def test_a_user_with_every_right_is_not_refused(storage):
    refuse_stranger(storage, [storage / name for name in FILES])


def test_a_folder_that_is_not_there_yet_is_not_refused(storage):
    refuse_stranger(storage / "new", [storage / "new" / name for name in FILES])


@pytest.mark.parametrize("name", ["", *FILES])
def test_a_user_who_may_not_read_is_told_whose_it_is(storage, without, name):
    without(storage / name)

    with pytest.raises(StorageForbidden) as refused:
        refuse_stranger(storage, [storage / name for name in FILES])

    sudo = "sudo" if os.geteuid() == 0 else f"sudo -u {ME}"
    assert str(refused.value) == (
        f"{ME} may not use {storage / name}, which belongs to {ME}. Run it as {ME}: {sudo} connector ..."
    )


def test_in_a_closed_folder_it_is_the_folder_that_is_named(storage, without, monkeypatch):
    inside = storage / "deep" / "tenant.db"
    without(storage)
    original = type(storage).stat

    def stat(path, **options):
        if storage in path.parents:
            raise PermissionError(13, "Permission denied", str(path))
        return original(path, **options)

    monkeypatch.setattr("pathlib.Path.stat", stat)

    assert f"may not use {storage}, which belongs to" in str(forbidden(inside, "use"))


def test_a_path_that_is_gone_is_named_with_the_reason(storage):
    assert str(forbidden(storage / "x", "write to")) == (
        f"{ME} may not write to {storage / 'x'}: No such file or directory."
    )
