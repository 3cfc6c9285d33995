"""A command at a terminal shows what went wrong; its log file has every event."""

from __future__ import annotations

import sys

import pytest

from connector.cli.verbosity import Echo, Verbosity, chosen, open_command_log
from connector.settings import load


@pytest.fixture
def settings(connector):
    """Settings with the log on standard error."""
    text = connector.file.read_text()
    connector.file.write_text(text.replace('file = "connector.log"', ""))
    return load(connector.file, {})


@pytest.fixture
def told(request):
    """How much a command is to tell, until the test ends."""
    before = chosen.set(request.param)
    yield request.param
    chosen.reset(before)


def logged(settings, capsys):
    """Print two events; return those that the terminal shows, and those that a file has."""
    log = open_command_log(settings, None)
    log.info("daemon.resumed")
    log.warning("daemon.paused")
    log.close()
    kept = settings.log.file or settings.storage.path / "connector.log"
    texts = (capsys.readouterr().err, kept.read_text() if kept.exists() else "")
    return tuple([line.split()[2] for line in text.splitlines()] for text in texts)


EVERY, WRONG = ["daemon.resumed", "daemon.paused"], ["daemon.paused"]


@pytest.mark.parametrize(
    ("told", "shown"),
    [(Verbosity.QUIET, []), (Verbosity.NORMAL, WRONG), (Verbosity.VERBOSE, EVERY)],
    indirect=["told"],
)
def test_at_a_terminal_the_file_has_all(settings, capsys, monkeypatch, told, shown):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    log = settings.log.model_copy(update={"file": settings.storage.path.with_name("own.log")})

    told_of = [
        logged(each, capsys) for each in (settings, settings.model_copy(update={"log": log}))
    ]

    assert told_of == [(shown, EVERY)] * 2


@pytest.mark.parametrize(
    ("told", "shown", "kept"),
    [(Verbosity.QUIET, [], EVERY), (Verbosity.NORMAL, EVERY, []), (Verbosity.VERBOSE, EVERY, [])],
    indirect=["told"],
)
def test_elsewhere_the_log_goes_where_the_settings_say(settings, capsys, told, shown, kept):
    assert logged(settings, capsys) == (shown, kept)


def test_of_one_event_ten_are_shown_and_none_that_the_summary_names(capsys):
    echo = Echo(sys.stderr, everything=False)
    for number in range(300):
        echo("warning", "synchronization.value_dropped", f"dropped {number}")
        echo("error", "export.quarantined", f"quarantined {number}")
    echo("error", "directory.unavailable", "away")

    assert capsys.readouterr().err.splitlines() == [*(f"dropped {n}" for n in range(10)), "away"]


def test_a_log_that_was_kept_so_is_read_by_connector_log(settings, connector, monkeypatch, capsys):
    with monkeypatch.context() as terminal:
        terminal.setattr("sys.stderr.isatty", lambda: True, raising=False)
        logged(settings, capsys)

    done = connector("log", "--event", "daemon.resumed")

    kept = settings.storage.path / "connector.log"
    assert done.out.count("daemon.resumed") == 1
    assert done.err == (
        f"log.file is not set: {kept} has the events of commands at a terminal alone.\n"
    )


def test_a_folder_that_cannot_be_written_keeps_no_log_and_fails_no_command(
    settings, capsys, monkeypatch, tmp_path
):
    (tmp_path / "file").write_text("")
    storage = settings.storage.model_copy(update={"path": tmp_path / "file" / "var"})
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)

    assert logged(settings.model_copy(update={"storage": storage}), capsys) == (WRONG, [])
