"""What a test run needs and cannot have is named in a line, before anything runs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

ROOT = Path(__file__).parents[2]
NOBODY = 65534
STAMP = """\
source compose/machine.sh
python=$(find_python)
{ "$python" --version; pwd; sha256sum pyproject.toml tests/requirements.lock; } >.venv/stamp
"""
# Of the servers in the copy of the checkout, which nobody has.
PACKAGES = """\
slapd no-such-server /nonexistent/server
slapd no-such-client /nonexistent/client
ds389 no-such-other /nonexistent/other
"""


FILES = """\
compose/base-image compose/engine.sh compose/machine.sh compose/owned.sh pyproject.toml
tests/prerequisites.sh tests/requirements.lock tests/run
"""
TOOLS = """\
awk bash cat chmod cut df dirname env find flock getconf grep head id ls mkdir mkfifo mktemp mv nproc
readlink rm sed setpriv setsid sha256sum sleep sort stat tac tail tee timeout touch tr
"""


class Checkout:
    """What a run needs of a checkout, at first without an environment.

    On its PATH are the common programs of this machine and a Python, and nothing that installs others.
    """

    def __init__(self, path: Path) -> None:
        self.path = path / "checkout"
        for file in FILES.split():
            (self.path / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / file, self.path / file)
        (self.path / "tests" / "system").mkdir()
        (self.path / "tests" / "system" / "packages.txt").write_text(PACKAGES)
        self.programs = path / "programs"
        self.programs.mkdir()
        for tool in TOOLS.split():
            (self.programs / tool).symlink_to(shutil.which(tool) or tool)
        self.program("python3", f'exec {Path(sys.executable).resolve()} "$@"')
        self.environ = {
            "HOME": str(path),
            "PATH": str(self.programs),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
            "TMPDIR": str(path),
        }

    def program(self, name: str, text: str) -> None:
        self._write(self.programs / name, text)

    def needing(self, *needs: str) -> None:
        """Have an environment, and tests that need this."""
        self.collecting(f"echo needs: {' '.join(needs)}")

    def collecting(self, text: str) -> None:
        """Have an environment, and do this where tests are to be collected."""
        self.program("python3", '[ "$1" != --version ] || echo Python 3')
        programs = self.path / ".venv" / "bin"
        programs.mkdir(parents=True)
        self._write(programs / "python", f'[ "$1" = -c ] || {{ {text}; }}')
        subprocess.run(["bash", "-c", STAMP], cwd=self.path, env=self.environ, check=True)

    def run(self, *arguments: str, user: int = 0) -> tuple[int, list[str]]:
        """Run the tests, as another user if root runs this; return the exit code and what was said."""
        other = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]
        if user and not os.geteuid():
            subprocess.run(["chown", "-R", str(user), self.path.parent], check=True)
        done = subprocess.run(
            [*(other if user and not os.geteuid() else []), "./tests/run", *arguments],
            cwd=self.path,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=100,
            check=False,
        )
        assert list(self.path.parent.glob("tests.*")) == []
        said = done.stdout.replace(str(self.path.parent), "")
        return done.returncode, [line.removeprefix("tests/run: ") for line in said.splitlines()]

    def _write(self, file: Path, text: str) -> None:
        file.unlink(missing_ok=True)
        file.write_text(f"#!/bin/sh\n{text}\n")
        file.chmod(0o755)


@pytest.fixture
def checkout():
    # Where another user gets to, too.
    with TemporaryDirectory(prefix="test.", dir="/var/tmp") as path:
        Path(path).chmod(0o755)
        yield Checkout(Path(path))


def test_without_a_python_that_is_new_enough_nothing_runs(checkout):
    checkout.program("python3", "exit 1")

    assert checkout.run("unit") == (
        1,
        [
            (
                "python3 python3-venv cannot be installed here without apt-get: use your package manager"
                " and run this again."
            ),
        ],
    )


def test_a_package_index_that_does_not_answer_is_said_after_one_question(checkout):
    code, said = checkout.run("unit")

    assert code == 1
    assert said[0] == "making a virtual environment in /checkout/.venv ..."
    assert said[1].startswith("the Python package index does not answer: ERROR: ")
    assert len(said) == 2


def test_a_disk_that_is_full_is_said(checkout):
    checkout.program("df", "echo; echo - 5000 4995 5 100% /")

    assert checkout.run("unit") == (
        1,
        [
            "only 5 MB are free in , and the tests need 1000: make room, or set TMPDIR to another folder."
        ],
    )


def test_a_folder_that_cannot_be_written_to_is_said(checkout):
    checkout.environ["TMPDIR"] = "/proc"
    checkout.program("df", "echo; echo - 5000 0 5000 0% /")

    assert checkout.run("unit") == (
        1,
        ["no folder can be made in /proc: set TMPDIR to one that can be written to."],
    )


def test_servers_that_cannot_be_installed_are_named_in_a_line(checkout):
    checkout.needing("processes", "slapd")

    assert checkout.run("system") == (
        1,
        [
            (
                "no-such-server no-such-client cannot be installed here without apt-get: use your package"
                " manager and run this again."
            ),
            "nothing was run.",
        ],
    )


def test_who_is_not_root_is_told_all_that_takes_root(checkout):
    checkout.needing("processes", "samba", "slapd")
    checkout.program("apt-get", "exit 1")

    assert checkout.run("all", user=NOBODY) == (
        1,
        [
            (
                "Samba listens on port 389, which only root may: run this as root, or leave its tests out"
                " with -m 'not samba'."
            ),
            (
                'no-such-server no-such-client cannot be installed without root: run "apt-get install'
                ' no-such-server no-such-client" as root, or this as root or with sudo there.'
            ),
            "nothing was run.",
        ],
    )


def test_where_no_docker_engine_can_be_had_nothing_runs(checkout):
    checkout.needing("containers")
    for program in ("docker", "ip", "iptables"):
        checkout.program(program, "exit 1")
    for program in ("docker-compose", "dockerd"):
        checkout.program(program, "exit 0")

    assert checkout.run("containers") == (
        1,
        [
            "starting a private Docker engine ...",
            "this machine does not let a Docker engine have a network.",
            "no Docker engine can be had, and nothing was run. What needs none: ./tests/run all-but-containers",
            "stopping the private Docker engine ...",
        ],
    )


def test_tests_that_cannot_be_collected_are_said_and_not_run(checkout):
    checkout.collecting("echo broken; exit 2")

    assert checkout.run("all") == (
        1,
        ["broken", "pytest cannot collect these tests; the lines above say why."],
    )
