"""The log file rotates itself if the settings say so."""

from __future__ import annotations

import stat
from contextlib import closing

from connector.logs.file import LogFile


def written(path, lines, **rotation):
    with closing(LogFile(path, **rotation)) as log:
        for line in lines:
            log.write(f"{line}\n")


def files(folder):
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_a_full_file_becomes_the_first_of_the_old_ones(tmp_path):
    written(tmp_path / "log", ["one", "two", "three", "four"], rotate_at=4, keep=2)

    assert files(tmp_path) == {"log": "four\n", "log.1": "three\n", "log.2": "two\n"}


def test_a_file_that_is_not_full_is_left_alone(tmp_path):
    written(tmp_path / "log", ["one", "two"], rotate_at=9)

    assert files(tmp_path) == {"log": "one\ntwo\n"}


def test_a_file_that_was_full_before_is_turned_over_at_the_first_line(tmp_path):
    (tmp_path / "log").write_text("old\n" * 9)

    written(tmp_path / "log", ["new"], rotate_at=9)

    assert files(tmp_path) == {"log": "new\n", "log.1": "old\n" * 9}


def test_the_log_is_for_its_user_alone_also_when_it_was_rotated(tmp_path):
    written(tmp_path / "log", ["one", "two"], rotate_at=4)

    assert {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {
        "log": 0o600,
        "log.1": 0o600,
    }


def test_without_a_size_it_grows(tmp_path):
    written(tmp_path / "log", ["x" * 1000] * 100)

    assert list(files(tmp_path)) == ["log"]


def test_a_file_that_cannot_be_moved_goes_on(tmp_path):
    (tmp_path / "log.1").mkdir()
    (tmp_path / "log.1" / "x").touch()

    written(tmp_path / "log", ["one", "two"], rotate_at=2, keep=1)

    assert (tmp_path / "log").read_text() == "one\ntwo\n"
