"""``connector lab up --engine samba``: a domain of Active Directory with Contoso in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from connector.lab.processes import command_line_and_files


class User:
    """A person who types commands in a folder."""

    def __init__(self, home):
        self.lab = home / "connector-lab"
        self._home = home
        self._environ = {**os.environ, "CONNECTOR_CONFIG": str(self.lab / "connector.toml")}

    def types(self, *arguments):
        return subprocess.run(
            [sys.executable, "-m", "connector", *arguments],
            cwd=self._home,
            env=self._environ,
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def server(self):
        return int((self.lab / "samba" / "pid" / "samba.pid").read_text())


@pytest.fixture
def user(tmp_path_factory):
    somebody = User(tmp_path_factory.mktemp("ad"))  # short, for the sockets of Samba
    yield somebody
    somebody.types("lab", "down", "--yes")


@pytest.mark.samba
def test_a_domain_is_checked_synced_changed_and_taken_down(user):
    up = user.types("lab", "up", "--engine", "samba")
    checked = user.types("check")
    synced = json.loads(user.types("sync", "--json").stdout)
    codes = [
        user.types(*words.split()).returncode
        for words in ("lab seed conflicts", "sync", "lab seed resolve", "sync", "tenant sweep")
    ]
    again = user.types("lab", "seed", "contoso"), user.types("lab", "up")
    server = user.server
    down = user.types("lab", "down")

    assert up.stdout.startswith("The lab is up: an Active Directory domain of Samba (process "), up
    assert (checked.returncode, "tells what changed (DirSync)" in checked.stdout) == (0, True)
    assert [step["adds"] for step in synced["steps"] if step["name"] == "export"] == [297]
    assert codes == [0, 1, 0, 1, 0]
    assert [each.stdout.partition(":")[0] for each in again] == [
        "contoso",
        "The lab was up already",
    ]
    assert "all 305 entries are there already" in again[0].stdout
    assert down.stdout.splitlines() == [
        f"Removed samba (process {server}).",
        f"Removed the folder {user.lab}.",
    ]
    assert str(user.lab) not in command_line_and_files(server)
    assert not user.lab.exists()


def test_without_samba_it_says_what_to_install_and_nothing_stays(user, tmp_path):
    program = (
        "import sys; from connector.lab import installed; installed._PROGRAM_FOLDERS = ();"
        "from connector.cli.app import main; main(sys.argv[1:])"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, "lab", "up", "--engine", "samba"],
        cwd=tmp_path,
        env={**os.environ, "PATH": "/nonexistent"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "an Active Directory domain needs Samba; not installed: samba, samba-tool" in done.stderr
    assert "apt-get install samba samba-ad-dc samba-ad-provision ldb-tools" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.samba
def test_a_path_that_is_too_long_for_sambas_sockets_is_told_before_anything_is_made(tmp_path):
    folder = tmp_path / ("deep" * 20)
    folder.mkdir()

    done = User(folder).types("lab", "up", "--engine", "samba")

    assert (done.returncode, "is too long for the sockets of Samba" in done.stderr) == (2, True)
    assert list(folder.iterdir()) == []
