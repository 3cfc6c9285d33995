"""Run ./tests/run with a private Docker engine, end it in one way or another, and look at the machine.

To be started by ``interrupted`` alone, which puts it into namespaces: it sees and changes nothing of what
else runs here.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

from tests.system.containers import PATIENCE, eventually

ROOT = Path(__file__).parents[2]
SHARED = ("/var/tmp", "/dev/shm", "/tmp")  # noqa: S108 - empty ones, of the namespaces
# A run of nothing: it removes what it finds, and ends.
_FOLDERS = ("TMPDIR", "TESTS_DISK")
NEXT = ["./tests/run", "test", "-n", "0", "tests/test_house.py", "-k", "no_such_test"]
# It uses the engine, and says something all the time, as tests do.
TESTS = """\
import time
import pytest
from pathlib import Path
from tests.system.containers import engine

pytestmark = pytest.mark.containers

@pytest.fixture(scope="module")
def network():
    with engine() as client:
        client.networks.create("waiting")
    Path("/mnt/waits").touch()

@pytest.mark.parametrize("number", range(1000))
def test_that_waits(network, number):
    time.sleep(0.2)
"""
_ENTER = """\
mount --bind "$1" /mnt
mount --bind "$2" /mnt/.venv
cd /mnt
source compose/machine.sh
python=$(find_python)
{{ "$python" --version; pwd; sha256sum pyproject.toml tests/requirements.lock; }} >stamp
mount --bind stamp /mnt/.venv/stamp
for folder in {folders}; do mount -t tmpfs tmpfs $folder; chmod 1777 $folder; done
ip link set lo up
shift 2
# Not in the place of this shell, which waits for the processes that others leave behind.
"$@" || exit
"""


def interrupted(folder: Path, way: str) -> dict[str, Any]:
    """Return the machine before, during and after a run that ended in this way.

    After a run that was killed ("KILL") it is there as that one left it ("killed"), and as the next did.
    """
    checkout = copy(folder / "checkout")
    # The engine needs no image for this, and has none.
    (checkout / "compose" / "base-image").write_text("#!/bin/sh\n")
    (checkout / "tests" / "test_waiting.py").write_text(TESTS)
    sudo = ["sudo"] if os.geteuid() else []
    namespaces = ["unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc", "--kill-child"]
    enter = [
        "bash",
        "-ec",
        _ENTER.format(folders=" ".join(SHARED)),
        "enter",
        str(checkout),
        sys.prefix,
    ]
    done = subprocess.run(
        [*sudo, *namespaces, *enter, "/mnt/.venv/bin/python", "-m", __name__, way],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


def copy(path: Path) -> Path:
    """Copy the checkout; the copy takes the environment of these tests for one that it made itself."""
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    left_out = shutil.ignore_patterns(".git", *(rule.strip("/") for rule in ignored))
    shutil.copytree(ROOT, path, ignore=left_out)
    (path / ".venv").mkdir()
    return path


def _own_environment() -> dict[str, str]:
    """Leave out the folders of the run that these tests are part of: they lie elsewhere here."""
    return {name: value for name, value in os.environ.items() if name not in _FOLDERS}


def main(way: str) -> None:
    """Run the tests, end them, and print what the machine was like in between."""
    seen = {"before": machine()}
    with Path("/mnt/said").open("w+", encoding="utf-8") as said:
        run = Run(said)
        seen["during"] = machine()
        run.end(way)
    if way == "KILL":
        seen["killed"] = machine()
        subprocess.run(
            NEXT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=_own_environment(),
            check=False,
        )
    seen["after"] = machine()
    json.dump(seen, sys.stdout)


class Run:
    """A run of tests that wait, as ``./tests/run ... 2>&1 | tee``, in a session of its own."""

    def __init__(self, said: IO[str]) -> None:
        self._said = said
        self._tee = subprocess.Popen(
            ["tee"], stdin=subprocess.PIPE, stdout=said, start_new_session=True
        )
        self._run = subprocess.Popen(
            ["./tests/run", "test", "tests/test_waiting.py"],
            stdin=subprocess.DEVNULL,
            stdout=self._tee.stdin,
            stderr=subprocess.STDOUT,
            env={**_own_environment(), "DOCKER_HOST": "unix:///nonexistent"},
            start_new_session=True,
        )
        if self._tee.stdin is not None:
            self._tee.stdin.close()
        eventually(self._waits, "the tests wait")

    def end(self, way: str) -> None:
        """Send the signal of this name; Ctrl-C goes to all, the reader of what the run says included."""
        match way:
            case "Ctrl-C":
                self._tee.kill()
                os.killpg(self._run.pid, signal.SIGINT)
            case "closed":
                self._tee.kill()
            case _:
                os.kill(self._run.pid, signal.Signals[f"SIG{way}"])
        self._run.wait(PATIENCE)
        self._tee.kill()
        self._tee.wait()

    def _waits(self) -> bool:
        if self._run.poll() is not None:
            self._said.seek(0)
            raise RuntimeError(self._said.read())
        return Path("/mnt/waits").exists()


def machine() -> dict[str, list[str]]:
    """Look at what a run could leave behind."""
    names = [
        "/usr/sbin/policy-rc.d",
        *(str(p) for folder in SHARED for p in Path(folder).iterdir()),
    ]
    return {
        "files": sorted(name for name in names if Path(name).exists()),
        "forwarding": [Path("/proc/sys/net/ipv4/ip_forward").read_text().strip()],
        "interfaces": _lines("ip", "-brief", "link"),
        "mounts": _mounts(),
        "processes": _lines("ps", "-e", "-o", "args="),
        "rules": [line for line in _lines("iptables-save") if line.startswith("-A")],
    }


def _mounts() -> list[str]:
    """Return what is mounted in the folders that a run uses; elsewhere the rest of this machine shows."""
    places = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    return sorted(place for place in places if place.startswith(SHARED) and Path(place).exists())


def _lines(*command: str) -> list[str]:
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return sorted(line for line in shown.splitlines() if line.strip())


if __name__ == "__main__":
    main(sys.argv[1])
