"""Root becomes the user who owns the storage; other users stay who they are."""

from __future__ import annotations

import os
import pwd

import pytest

from connector.cli.owner import become_owner

OWNER = 4_000_000  # has no name anywhere


@pytest.fixture
def changed(monkeypatch):
    """Act as root, and note the calls that would change the user of this process."""
    calls = []
    monkeypatch.setattr("os.geteuid", lambda: 0)
    for name in ("setgroups", "initgroups", "setgid", "setuid"):
        monkeypatch.setattr(f"os.{name}", lambda *values, name=name: calls.append((name, *values)))
    return calls


@pytest.fixture
def owned_by(tmp_path, monkeypatch):
    """Let a folder belong to a user and a group."""

    def owned_by(user, group):
        found = os.stat_result((0o40700, 1, 1, 1, user, group, 0, 0, 0, 0))
        monkeypatch.setattr("pathlib.Path.stat", lambda _: found)
        return tmp_path

    return owned_by


def test_root_takes_the_groups_first_and_the_user_last(changed, owned_by):
    become_owner(owned_by(OWNER, 17))

    assert changed == [("setgroups", []), ("setgid", 17), ("setuid", OWNER)]


def test_a_user_with_a_name_brings_all_its_groups(changed, owned_by):
    someone = next(entry for entry in pwd.getpwall() if entry.pw_uid != 0)

    become_owner(owned_by(someone.pw_uid, OWNER))

    assert changed == [
        ("initgroups", someone.pw_name, someone.pw_gid),
        ("setgid", someone.pw_gid),
        ("setuid", someone.pw_uid),
    ]


def test_the_storage_of_root_stays_to_root(changed, owned_by):
    become_owner(owned_by(0, 0))

    assert changed == []


def test_a_storage_that_is_not_there_changes_nothing(changed, tmp_path):
    become_owner(tmp_path / "missing")

    assert changed == []


def test_whoever_is_not_root_stays_who_they_are(changed, owned_by, monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 1000)

    become_owner(owned_by(OWNER, OWNER))

    assert changed == []


def test_a_root_that_may_not_change_goes_on(changed, owned_by, monkeypatch):
    def refuse(_):
        raise PermissionError

    monkeypatch.setattr("os.setgroups", refuse)

    become_owner(owned_by(OWNER, OWNER))

    assert changed == []
