"""``connector daemon`` controls a daemon, and says if there is none."""

from __future__ import annotations

import pytest


def test_a_pause_without_a_daemon_holds_for_the_next_one(connector):
    paused = connector("daemon", "pause")
    since = connector("status", "--json").json["pausedSince"]

    again = connector("daemon", "pause")

    assert paused.out == again.out
    assert paused.out == f"Paused since {since[:19]}Z. To go on: connector daemon resume\n"


def test_after_a_resume_nothing_is_paused(connector):
    connector("daemon", "pause")

    done = connector("daemon", "resume")

    assert (done.code, done.out) == (0, "Resumed: cycles start on schedule.\n")
    assert connector("status", "--json").json["pausedSince"] is None


@pytest.mark.parametrize("command", ["reload", "stop"])
def test_what_only_a_daemon_can_do_needs_one(connector, command):
    done = connector("daemon", command)

    assert done.code == 75
    assert done.err == (
        f"connector: No daemon runs on {connector.storage}. To start one: connector run\n"
    )


def test_without_a_daemon_the_status_is_stopped(connector):
    assert connector("daemon", "status", "--json").json == {
        "state": "stopped",
        "nextRun": None,
        "pausedSince": None,
        "pid": None,
        "failing": [],
        "progress": None,
    }


def test_without_a_daemon_a_backup_is_made_here(connector):
    connector("daemon", "pause")

    done = connector("backup", "copy")

    folder = connector.storage.parent / "copy"
    assert (done.code, done.out) == (0, f"Backed up to {folder}.\n")
    assert {file.name for file in folder.iterdir()} == {"connector-space.db", "tenant.db"}


def test_a_backup_is_never_overwritten(connector):
    connector("daemon", "pause")
    connector("backup", "copy")

    done = connector("backup", "copy")

    assert done.code == 2
    assert "is there already" in done.err


@pytest.mark.parametrize("command", [("daemon", "status"), ("daemon", "status", "--json")])
def test_who_may_not_look_is_not_told_that_the_daemon_is_stopped(connector, monkeypatch, command):
    connector.storage.mkdir()
    monkeypatch.setattr("os.access", lambda path, *_, **__: path != connector.storage)

    done = connector(*command)

    assert (done.code, done.out) == (2, "")
    assert done.err.endswith("Whether a daemon runs there cannot be told.\n")
