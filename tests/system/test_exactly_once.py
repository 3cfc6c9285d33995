"""A batch with more errors than anybody wants to read, killed while they are logged: each is there once.

Between the kill and the next start the log is rotated, moved away, copied and truncated, or left.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import signal
import time
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from connector.lab import generator
from connector.lab.records import user
from connector.lab.slapd import PrivateSlapd
from tests.system.commandline import CommandLine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PEOPLE, ADDRESSES = 110, 300
LINES = PEOPLE * ADDRESSES
ENOUGH = 8_500_000


@pytest.fixture(scope="module")
def slapd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateSlapd]:
    """Each second user wants every address of the one before."""
    server = PrivateSlapd(tmp_path_factory.mktemp("slapd") / "own")
    server.load([*generator.entries(0), *_pairs()])
    server.start()
    yield server
    server.stop()


def _pairs() -> Iterator[str]:
    for number in range(PEOPLE):
        wanted = [f"smtp:address{each}.of.user{number}@contoso.com" for each in range(ADDRESSES)]
        for side in ("first", "second"):
            yield user(f"{side}{number}", f"{side.title()} {number}", proxies=wanted)


@pytest.fixture(scope="module")
def planned(slapd: PrivateSlapd, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A storage in which everything waits to be exported."""
    connector = _connector(slapd, tmp_path_factory.mktemp("planned"))
    connector.environ = {"CONNECTOR__SCHEDULE__STAGING_MODE": "true"}
    assert connector.run("sync").returncode == 0
    return connector.storage


def _connector(slapd: PrivateSlapd, path: Path, **log: int) -> CommandLine:
    directory = {
        "url": slapd.url,
        "bind_dn": slapd.admin,
        "password_file": str(slapd.password_file),
    }
    return CommandLine(path, directory, log={"format": "json", "file": str(path / "connector.log"), **log})  # fmt: skip


def _attempt(
    slapd: PrivateSlapd, planned: Path, path: Path, rotation: dict[str, int]
) -> CommandLine:
    (path / "attempt").mkdir()
    connector = _connector(slapd, path / "attempt", **rotation)
    shutil.copytree(planned, connector.storage)
    return connector


def _struck(connector: CommandLine, enough: int) -> bool:
    """Kill a sync when it has logged so many bytes; tell whether it was still at work."""
    process = connector.start("sync")
    while process.poll() is None and _written(connector.path) < enough:
        time.sleep(0.01)
    process.kill()
    process.communicate()
    return process.returncode == -signal.SIGKILL and (
        sum(_numbers(connector.path).values()) < LINES
    )


def _stay(_: Path) -> None:
    """Leave the log where it is."""


def _move(log: Path) -> None:
    log.rename(log.with_name("connector.log-20261123"))


def _move_into_a_folder(log: Path) -> None:
    (log.parent / "old").mkdir()
    log.rename(log.parent / "old" / "whatever")


def _copy_and_truncate(log: Path) -> None:
    shutil.copyfile(log, log.with_name("connector.log.copied"))
    os.truncate(log, 0)


def _compress(log: Path) -> None:
    with gzip.open(log.with_name("connector.log.1.gz"), "wb") as file:
        file.write(log.read_bytes())
    log.unlink()


def _written(folder: Path) -> int:
    """Return the bytes in all logs; one that is renamed while they are counted is left out."""
    total = 0
    for path in folder.glob("connector.log*"):
        with suppress(FileNotFoundError):
            total += path.stat().st_size
    return total


def _numbers(folder: Path) -> Counter[int]:
    """Return how often each number is in the files of a folder, the older ones and those below too."""
    found: Counter[int] = Counter()
    for path in folder.rglob("*"):
        if path.is_file() and (path.suffix == ".gz" or path.read_bytes()[:2] == b'{"'):
            text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            for line in text.splitlines(keepends=True):
                if b'"seq":' in line and line.endswith(b"}\n"):
                    found[json.loads(line)["seq"]] += 1
    return found


_BY_SIZE = {"rotate_size": 1, "rotate_keep": 50}


@pytest.mark.parametrize(
    ("rotation", "what_happens"),
    [
        ({}, _stay),
        ({}, _move),
        ({}, _move_into_a_folder),
        ({}, _copy_and_truncate),
        ({}, _compress),
        (_BY_SIZE, _stay),
        (_BY_SIZE, _copy_and_truncate),
    ],
)
def test_each_error_is_logged_once_though_the_log_went_elsewhere(
    slapd: PrivateSlapd,
    planned: Path,
    tmp_path: Path,
    rotation: dict[str, int],
    what_happens: Callable[[Path], None],
) -> None:
    enough = ENOUGH
    while not _struck(connector := _attempt(slapd, planned, tmp_path, rotation), enough):
        # It was done before the kill came: the work is done again, and killed earlier.
        shutil.rmtree(connector.path)
        enough = enough * 4 // 5
    before = sum(_numbers(connector.path).values())
    what_happens(connector.log)

    done = connector.run("sync")

    assert done.returncode in {0, 1}, done.stderr
    assert 0 < before < LINES
    assert _numbers(connector.path) == Counter(range(1, LINES + 1))
