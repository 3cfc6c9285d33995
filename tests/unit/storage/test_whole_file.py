"""A file is written whole or not at all, for its user alone."""

from __future__ import annotations

import stat

import pytest

from connector.storage.whole_file import writing_whole


def test_a_file_that_is_written_whole_takes_the_name(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    path.chmod(0o644)

    with writing_whole(path) as file:
        file.write("new ü\n")
        seen = path.read_text()

    assert (seen, path.read_text(encoding="utf-8")) == ("old", "new ü\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("fault", [OSError, KeyboardInterrupt])
def test_a_file_that_fails_leaves_what_was_there(tmp_path, fault):
    path = tmp_path / "file"
    path.write_text("old")

    def write_half() -> None:
        with writing_whole(path) as file:
            file.write("half")
            raise fault

    with pytest.raises(fault):
        write_half()

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(FileNotFoundError), writing_whole(tmp_path / "nowhere" / "file"):
        pass
