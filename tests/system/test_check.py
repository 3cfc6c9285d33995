"""``connector check`` fails where ``sync`` or ``run`` would, and only there."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests import disk as disks
from tests.fakes import SUFFIX
from tests.ports import free_port
from tests.system.commandline import CommandLine
from tests.system.slapd_world import SlapdWorld

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import Any

    Make = Callable[..., CommandLine]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[SlapdWorld]:
    world = SlapdWorld(tmp_path / "slapd")
    world.user("ann")
    yield world
    world.close()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with disks.small(tmp_path / "disk", megabytes=4) as folder:
        yield folder


@pytest.fixture
def make(world: SlapdWorld, tmp_path: Path) -> Make:
    def make(**sections: dict[str, Any]) -> CommandLine:
        directory = {
            "url": world.slapd.url,
            "bind_dn": world.slapd.admin,
            "password_file": str(world.slapd.password_file),
            **sections.pop("directory", {}),
        }
        web = {"listen": f"127.0.0.1:{free_port()}"}
        return CommandLine(tmp_path, directory, web=web, **sections)

    return make


def failed(connector: CommandLine) -> tuple[int, list[str]]:
    done = connector.run("check")
    return done.returncode, [line for line in done.stdout.splitlines() if line[:6] == "FAILED"]


def fill(file: Path) -> None:
    with file.open("wb", buffering=0) as out:
        try:
            while True:
                out.write(bytes(4096))
        except OSError:
            pass


def test_a_check_before_the_first_sync_makes_nothing(make: Make) -> None:
    connector = make()
    before = sorted(path for path in connector.path.iterdir())

    assert failed(connector) == (0, [])
    assert sorted(path for path in connector.path.iterdir()) == before


def test_a_full_disk_is_named_before_the_first_sync_and_after_it(make: Make, disk: Path) -> None:
    connector = make(storage={"path": str(disk / "var")})
    fill(disk / "filler")
    before = failed(connector)
    (disk / "filler").unlink()
    connector.synced()
    fill(disk / "filler")
    after = failed(connector)

    line = f"FAILED  storage: {disk / 'var'}: No space left on device. Make room on that disk."
    assert (before, after) == ((2, [line]), (2, [line]))


def test_a_full_disk_of_the_log_is_named(make: Make, disk: Path) -> None:
    connector = make(log={"file": str(disk / "connector.log")})
    connector.synced()
    fill(disk / "filler")

    assert failed(connector) == (
        2,
        [f"FAILED  log: log.file: {disk / 'connector.log'}: No space left on device"],
    )


def test_a_disk_that_became_read_only_is_named(make: Make, disk: Path) -> None:
    connector = make(storage={"path": str(disk / "var")}, log={"file": str(disk / "new.log")})
    connector.synced()
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)

    code, lines = failed(connector)

    assert (code, [line.partition(": ")[0] for line in lines]) == (
        2,
        ["FAILED  storage", "FAILED  log"],
    )
    assert all("ead-only file system" in line or "readonly" in line for line in lines), lines


def test_a_password_file_that_cannot_be_read_is_named(make: Make, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    connector = make(directory={"password_file": str(secret)})

    assert failed(connector) == (
        2,
        [f"FAILED  directory password: directory.password_file: {secret}: Is a directory"],
    )
    assert connector.run("sync").returncode == 2


@pytest.mark.parametrize(
    "configuration",
    [
        pytest.param({"session_log": None}, id="without a session log"),
        pytest.param(
            {"directives": ["access to attrs=contextCSN by * none", "access to * by * read"]},
            id="hidden mark",
        ),
    ],
)
def test_check_and_sync_agree_on_a_server(tmp_path: Path, configuration: dict[str, Any]) -> None:
    world = SlapdWorld(tmp_path / "slapd", **configuration)
    world.user("ann")
    try:
        connector = CommandLine(
            tmp_path,
            {"url": world.slapd.url, "base_dn": SUFFIX},
            web={"listen": f"127.0.0.1:{free_port()}"},
        )
        codes = connector.run("check").returncode, connector.run("sync").returncode
    finally:
        world.close()

    assert codes == (0, 0)


def test_a_check_beside_a_daemon_is_well(make: Make) -> None:
    connector = make()
    daemon = connector.start("run")
    try:
        while not connector.logged("cycle.finished"):
            assert daemon.poll() is None
            time.sleep(0.05)
        done = connector.run("check")
    finally:
        daemon.terminate()
        daemon.communicate()

    assert done.returncode == 0
    assert f"storage: {connector.storage}; a connector is at work on it" in done.stdout
    assert "web:" not in done.stdout
