"""What was logged since a place is found wherever the file is by then."""

from __future__ import annotations

import gzip
import os
import shutil

import pytest

from connector.logs.log import open_log
from connector.settings import LogSettings


def stay(_log):
    """Leave the file where it is."""


def moved_beside(log):
    log.rename(log.with_name("kept"))


def moved_into_a_folder(log):
    (log.parent / "old").mkdir()
    log.rename(log.parent / "old" / "connector.log-20261123")


def copied_and_truncated(log):
    shutil.copyfile(log, log.with_name("connector.log.1"))
    os.truncate(log, 0)


def compressed(log):
    with gzip.open(log.with_name("connector.log.1.gz"), "wb") as file:
        file.write(log.read_bytes())
    log.unlink()


def moved_and_begun_anew(log):
    log.rename(log.with_name("connector.log.1"))
    log.touch()


def write(file, *numbers, **rotation):
    """Log these numbers; return where the log stood before."""
    log = open_log(LogSettings(format="json", file=file, **rotation))
    place = log.place()
    for number in numbers:
        log.error("export.failed", seq=number, filler=["x" * 1_000] * 100)
    log.close()
    return place


def found(file, place):
    log = open_log(LogSettings(format="json", file=file))
    numbers = log.sequence_numbers(1, since=place)
    log.close()
    return numbers


@pytest.mark.parametrize(
    "what_happens",
    [
        stay,
        moved_beside,
        moved_into_a_folder,
        copied_and_truncated,
        compressed,
        moved_and_begun_anew,
    ],
)
def test_lines_are_found_where_they_are(tmp_path, what_happens):
    file = tmp_path / "connector.log"
    write(file, 1, 2)
    place = write(file, *range(3, 103))
    what_happens(file)

    numbers = found(file, place)

    assert numbers >= set(range(3, 103))


def test_lines_before_the_place_do_not_count_though_their_numbers_come_again(tmp_path):
    file = tmp_path / "connector.log"
    write(file, 1, 2, 3)

    place = write(file, 1)

    assert found(file, place) == {1}


def test_lines_are_found_in_files_that_the_log_rotated_itself(tmp_path):
    file = tmp_path / "connector.log"
    place = write(file, *range(1, 31), rotate_size=1, rotate_keep=5)

    assert len(list(tmp_path.iterdir())) == 3
    assert found(file, place) == set(range(1, 31))


def test_a_file_that_is_gone_tells_nothing(tmp_path):
    file = tmp_path / "connector.log"
    place = write(file, 1, 2)
    file.unlink()

    assert found(file, place) == set()
