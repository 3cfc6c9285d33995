"""An error gives one message, the right exit code, and a traceback only on request."""

from __future__ import annotations

import pwd
import subprocess
import sys

import pytest

from connector import __version__
from connector.cli import app
from connector.errors import (
    DirectoryUnavailable,
    InstanceLocked,
    InvalidSettings,
    RunStopped,
    StorageUnusable,
)
from connector.run import RunResult
from tests.world import World


@pytest.fixture
def failing(monkeypatch, connector):
    """Let ``connector history`` fail with an error."""

    def fail(error: BaseException):
        def settings(_: object) -> None:
            raise error

        monkeypatch.setattr("connector.cli.opening.settings", settings)
        return connector("history")

    return fail


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (StorageUnusable("disk"), 2),
        (RunStopped(RunResult.STOPPED_IMPORT_SHRUNK, "shrunk"), 3),
        (DirectoryUnavailable("away"), 4),
        (InstanceLocked("busy"), 75),
    ],
)
def test_an_expected_error_is_one_message_and_its_exit_code(failing, error, code):
    done = failing(error)

    assert (done.code, done.out, done.err) == (code, "", f"connector: {error}\n")


def test_the_problems_of_settings_stand_on_a_line_each(failing):
    done = failing(InvalidSettings(["a: wrong", "b: wrong too"]))

    assert done.err == "connector: the settings cannot be used:\n  a: wrong\n  b: wrong too\n"


def test_what_a_message_repeats_from_the_directory_cannot_draw_on_the_terminal(failing):
    assert failing(DirectoryUnavailable("\x1b[2J")).err == "connector: \\u001b[2J\n"


def test_an_unexpected_error_is_one_message_that_says_how_to_see_more(failing):
    done = failing(ZeroDivisionError("oops"))

    assert done.code == 70
    assert done.err == (
        "connector: internal error: ZeroDivisionError: oops\n"
        "Run the command again with CONNECTOR_DEBUG=1 to see where.\n"
    )


def test_a_right_that_the_user_lacks_is_one_sentence_with_the_owner(failing, tmp_path):
    (tmp_path / "file").write_text("")

    done = failing(PermissionError(13, "Permission denied", str(tmp_path / "file")))

    owner = pwd.getpwuid((tmp_path / "file").stat().st_uid).pw_name
    assert done.code == 2
    assert f"may not use {tmp_path / 'file'}, which belongs to {owner}." in done.err
    assert done.err.count("\n") == 1


def test_a_right_on_nothing_in_particular_is_an_internal_error(failing):
    assert failing(PermissionError(1, "Operation not permitted")).code == 70


def test_with_connector_debug_an_unexpected_error_shows_its_traceback(monkeypatch):
    def settings(_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setenv("CONNECTOR_DEBUG", "1")
    monkeypatch.setattr("connector.cli.opening.settings", settings)

    with pytest.raises(ZeroDivisionError):
        app.main(["status"])


def test_ctrl_c_ends_a_command_with_130(failing):
    assert failing(KeyboardInterrupt()).code == 130


def test_a_wrong_option_is_a_usage_error(connector):
    done = connector("status", "--jsno")

    assert done.code == 2
    assert "No such option: --jsno" in done.err


def test_a_wrong_setting_is_named_with_its_file(connector):
    connector.file.write_text(connector.file.read_text() + "[directry]\n")

    done = connector("status")

    assert done.code == 2
    assert done.err == (
        f"connector: the settings in {connector.file} cannot be used:\n"
        "  directry: unknown section; did you mean directory?\n"
    )


def test_without_settings_it_says_where_it_looked(connector):
    connector.file.unlink()

    done = connector("status")

    assert done.code == 2
    assert f"no settings file at {connector.file}" in done.err


def test_the_version_is_told(connector):
    assert connector("--version").out == f"connector {__version__}\n"


def test_a_reader_that_went_away_is_no_error():
    command = f"{sys.executable} -m connector --help | true; exit ${{PIPESTATUS[0]}}"

    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)

    assert "Error" not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("variable", "value", "is_coloured"),
    [("NO_COLOR", "1", False), ("TERM", "dumb", False), ("TERM", "xterm", True)],
)
def test_who_wants_no_colours_gets_none(connector, monkeypatch, variable, value, is_coloured):
    with World(connector.storage) as world:
        world.sync()
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv(variable, value)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)

    assert ("\x1b[" in connector("history").out) is is_coloured
