"""``connector lab up``, ``seed`` and ``down`` on a private slapd, as a user types them."""

from __future__ import annotations

import json
import os
import pty
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from connector.lab.processes import command_line


class User:
    """A person who types commands in a folder."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.lab = home / "connector-lab"
        self.environ = {**os.environ, "DOCKER_HOST": f"unix://{home}/no-engine.sock"}

    def types(self, *arguments: str, answer: str = "", **environ: str):
        return subprocess.run(
            [sys.executable, "-m", "connector", *arguments],
            cwd=self.home,
            env={**self.environ, **environ},
            input=answer,
            capture_output=True,
            text=True,
            check=False,
        )

    def starts(self, *arguments: str, **environ: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "connector", *arguments],
            cwd=self.home,
            env={**self.environ, **environ},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def follows(self) -> dict[str, str]:
        """The environment after ``export CONNECTOR_CONFIG=...``."""
        return {"CONNECTOR_CONFIG": str(self.lab / "connector.toml")}

    @property
    def server(self) -> int:
        return int((self.lab / "slapd" / "slapd.pid").read_text())

    @property
    def port(self) -> int:
        return int(json.loads((self.lab / "lab.json").read_text())["ports"][0])


@pytest.fixture
def user(tmp_path):
    somebody = User(tmp_path)
    yield somebody
    somebody.types("lab", "down", "--yes")


@pytest.fixture
def tools(tmp_path_factory):
    """A folder of programs that is looked into before any other."""
    return tmp_path_factory.mktemp("tools")


@pytest.fixture
def lab(user):
    """A user with an empty lab."""
    done = user.types("lab", "up", "--engine", "slapd", "--empty")
    assert done.returncode == 0, done.stderr
    return user


def runs(process: int) -> bool:
    return command_line(process) != ""


def test_what_up_says_to_type_next_works(user):
    up = user.types("lab", "up", "--engine", "slapd")
    told = up.stdout.partition("What to type next:\n")[2]
    commands = told.partition("Changes of your own:\n")[0].splitlines()
    typed = [line.split()[1:] for line in commands if line.startswith("  connector ")]

    done = [(" ".join(words), user.types(*words, **user.follows())) for words in typed]

    assert f"  export CONNECTOR_CONFIG={user.lab}/connector.toml" in commands
    assert [(command, each.returncode) for command, each in done] == [
        ("sync", 0),
        ("errors", 0),
        ("lab seed conflicts", 0),
        ("sync", 1),
        ("lab story list", 0),
        ("lab exercise list", 0),
        ("lab down", 0),
    ], done
    assert not user.lab.exists()


def test_a_lab_outlives_the_command_and_is_contoso(user):
    user.types("lab", "up", "--engine", "slapd")

    synced = user.types("sync", "--json", **user.follows())

    [export] = [s for s in json.loads(synced.stdout)["steps"] if s["name"] == "export"]
    assert (export["adds"], export["errors"]) == (297, 0)


def test_conflicts_are_quarantined_and_their_resolution_is_swept(user):
    user.types("lab", "up", "--engine", "slapd")
    user.types("sync", **user.follows())

    codes = [
        user.types(*words.split(), **user.follows()).returncode
        for words in ("lab seed conflicts", "sync", "lab seed resolve", "sync", "tenant sweep")
    ]

    assert codes == [0, 1, 0, 1, 0]
    errors = json.loads(user.types("errors", "--json", **user.follows()).stdout)
    assert "User B" not in {error["object"]["displayName"] for error in errors}
    assert len(errors) == 5


def test_up_on_a_running_lab_says_so_and_changes_nothing(lab):
    server = lab.server

    again = lab.types("lab", "up")

    assert again.stdout.startswith("The lab was up already: a private slapd")
    assert (again.returncode, lab.server) == (0, server)


def test_a_lab_whose_server_was_killed_is_started_again(lab):
    port, server = lab.port, lab.server
    os.kill(server, signal.SIGKILL)

    stopped = lab.types("lab", "seed", "contoso")
    up = lab.types("lab", "up")
    seeded = lab.types("lab", "seed", "contoso")

    assert (stopped.returncode, "connector lab up starts it" in stopped.stderr) == (2, True)
    assert up.stdout.startswith("The lab is up: ")
    assert (lab.port, seeded.returncode) == (port, 0)


def test_the_password_is_random_and_for_its_owner_alone(lab):
    file = lab.lab / "slapd" / "admin.password"

    assert file.stat().st_mode & 0o777 == 0o600
    assert len(file.read_text()) >= 24
    assert file.read_text() not in command_line(lab.server)


def test_the_directory_is_reached_over_tls_and_on_this_machine_alone(lab):
    checked = lab.types("check", **lab.follows())

    assert checked.returncode == 0, checked.stdout
    assert 'tls = "starttls"' in (lab.lab / "connector.toml").read_text()
    assert listening(lab.server) == {"127.0.0.1"}


def listening(process: int) -> set[str]:
    """The addresses on which a process listens."""
    opened = [str(file.readlink()) for file in Path(f"/proc/{process}/fd").iterdir()]
    inodes = {name[len("socket:[") : -1] for name in opened if name.startswith("socket:")}
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    found = {words[1] for words in lines if words[3] == "0A" and words[9] in inodes}
    return {socket.inet_ntoa(bytes.fromhex(text[:8])[::-1]) for text in found}


def test_without_openssl_the_lab_does_without_tls(user):
    tools = user.home / "bin"
    tools.mkdir()
    for name in ("ldapmodify", "ldapadd", "ldapsearch", "sh", "setpriv"):
        (tools / name).symlink_to(shutil.which(name))

    up = user.types("lab", "up", "--engine", "slapd", "--empty", PATH=str(tools))

    assert up.returncode == 0, up.stderr
    assert "tls" not in (user.lab / "connector.toml").read_text()
    assert user.types("check", **user.follows()).returncode == 0


def test_without_an_engine_a_private_slapd_is_chosen_and_the_reason_told(user):
    up = user.types("lab", "up", "--empty")

    assert up.returncode == 0
    assert up.stderr.startswith("No containers: no Docker engine answers at unix://")
    assert "a private slapd (process " in up.stdout


@pytest.mark.parametrize(
    ("engine", "complaint"),
    [("docker", "no Docker engine answers at unix://"), ("slapd", "slapd is not installed.")],
)
@pytest.mark.parametrize("command", [("up",), ("story", "swap")])
def test_what_is_missing_is_told_and_nothing_stays(user, engine, complaint, command):
    done = without_slapd(user, "lab", *command, "--engine", engine)

    assert (done.returncode, done.stderr.startswith(f"connector: {complaint}")) == (2, True)
    assert list(user.home.iterdir()) == []


@pytest.mark.parametrize("command", [("up",), ("story", "swap")])
def test_where_there_is_neither_both_are_told(user, command):
    done = without_slapd(user, "lab", *command)

    assert done.returncode == 2
    assert "apt-get install slapd ldap-utils" in done.stderr
    assert "Or run it in a container: no Docker engine answers" in done.stderr


def without_slapd(user, *arguments: str):
    """Type a command on a machine that has no slapd."""
    program = (
        "import sys; from connector.lab import installed; installed._PROGRAM_FOLDERS = ();"
        "from connector.cli.app import main; main(sys.argv[1:])"
    )
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=user.home,
        env={**user.environ, "PATH": "/nonexistent", "TMPDIR": str(user.home)},
        capture_output=True,
        text=True,
        check=False,
    )


# --- seed -----------------------------------------------------------------------------------------


def test_seeding_twice_says_what_is_there(lab):
    first, second = (lab.types("lab", "seed", "contoso") for _ in range(2))

    assert first.stdout.startswith("contoso: 305 entries were added.")
    assert second.stdout == "contoso: all 305 entries are there already; nothing was added.\n"
    assert (first.returncode, second.returncode) == (0, 0)


def test_conflicts_without_contoso_are_refused_with_the_next_step(lab):
    done = lab.types("lab", "seed", "conflicts")

    assert done.returncode == 2
    assert "connector lab seed contoso" in done.stderr


def test_a_big_directory_is_loaded_and_grows(lab):
    small, big = (lab.types("lab", "seed", "big", number) for number in ("300", "3000"))

    synced = lab.types("sync", "--json", **lab.follows())

    assert small.stdout.startswith("big: 300 entries were added; 4 were there already.")
    assert big.stdout.startswith("big: 2700 entries were added; 304 were there already.")
    assert json.loads(synced.stdout)["steps"][0]["adds"] == 3000


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["big"], "connector lab seed big 10000"),
        (["contoso", "5"], "contoso has the size that it has"),
        (["fabrikam"], "one of contoso, conflicts, resolve, bad or big"),
        (["big", "0"], "greater than or equal to 1"),
    ],
)
def test_what_cannot_be_seeded_is_told(user, words, complaint):
    done = user.types("lab", "seed", *words)

    assert (done.returncode, complaint in done.stderr) == (2, True), done.stderr


def test_without_a_lab_there_is_nothing_to_seed(user):
    done = user.types("lab", "seed", "contoso")

    assert (done.returncode, "connector lab up makes one" in done.stderr) == (2, True)


def test_the_lab_of_the_settings_is_meant_from_anywhere(lab):
    elsewhere = User(lab.home / "elsewhere")
    elsewhere.home.mkdir()

    seeded = elsewhere.types("lab", "seed", "bad", **lab.follows())

    assert seeded.stdout.startswith("bad: 34 entries were added.")


# --- down -----------------------------------------------------------------------------------------


def test_down_removes_everything_and_says_what(lab):
    server = lab.server
    lab.types("sync", **lab.follows())

    down, again = (lab.types("lab", "down") for _ in range(2))

    assert down.stdout.splitlines() == [
        f"Removed slapd (process {server}).",
        f"Removed the folder {lab.lab}.",
    ]
    assert again.stdout == f"There is no lab in {lab.lab}: nothing to take down.\n"
    assert (down.returncode, again.returncode) == (0, 0)
    assert not runs(server)
    assert list(lab.home.iterdir()) == []


def test_down_asks_where_there_is_something_that_its_user_may_want(lab):
    (lab.lab / "change.ldif").touch()

    refused = lab.types("lab", "down")

    assert refused.returncode == 2
    assert f"{lab.lab} holds the file change.ldif." in refused.stderr
    assert "--yes takes it down all the same." in refused.stderr
    assert runs(lab.server)


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 2)])
def test_down_does_what_it_is_answered_at_a_terminal(lab, answer, code):
    (lab.lab / "change.ldif").touch()
    ours, theirs = pty.openpty()

    with subprocess.Popen(
        [sys.executable, "-m", "connector", "lab", "down"],
        cwd=lab.home,
        env=lab.environ,
        stdin=theirs,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as asking:
        os.write(ours, f"{answer}\n".encode())
        assert asking.stderr
        said = asking.stderr.read()
    os.close(ours)
    os.close(theirs)

    assert "Take it down all the same?" in said
    assert (asking.returncode, lab.lab.exists()) == (code, code != 0)


def test_down_with_yes_asks_nothing(lab):
    (lab.lab / "change.ldif").touch()

    assert lab.types("lab", "down", "--yes").returncode == 0
    assert not lab.lab.exists()


def test_down_stops_a_daemon_that_works_on_the_lab(lab):
    with lab.starts("--config", str(lab.lab / "connector.toml"), "run") as daemon:
        while '"idle"' not in lab.types("daemon", "status", "--json", **lab.follows()).stdout:
            assert daemon.poll() is None
            time.sleep(0.1)

        refused = lab.types("lab", "down")
        done = lab.types("lab", "down", "--yes")

    assert f"a daemon that is using it (process {daemon.pid})" in refused.stderr
    assert (refused.returncode, done.returncode, daemon.returncode) == (2, 0, 0)
    assert not lab.lab.exists()


def test_a_folder_that_is_no_lab_is_left_alone(user):
    user.lab.mkdir()
    (user.lab / "thesis.tex").touch()

    up, down = user.types("lab", "up"), user.types("lab", "down", "--yes")

    assert (up.returncode, "is not a lab and holds thesis.tex" in up.stderr) == (2, True)
    assert "There is no lab in" in down.stdout
    assert [file.name for file in user.lab.iterdir()] == ["thesis.tex"]


# --- interrupted ----------------------------------------------------------------------------------


# A tool that waits until its command has ended.
WAITING = """\
#!/bin/sh
touch "$0.waits"
while kill -0 $PPID 2>/dev/null; do sleep 0.05; done
"""


def half_made(user, tools: Path, number: signal.Signals) -> tuple[int, int]:
    """Interrupt up while its server is being filled; return the exit code and the server's process."""
    (tools / "ldapadd").write_text(WAITING)
    (tools / "ldapadd").chmod(0o755)
    path = f"{tools}:{os.environ['PATH']}"
    with user.starts("lab", "up", "--engine", "slapd", PATH=path) as up:
        while not (tools / "ldapadd.waits").exists():
            assert up.poll() is None
            time.sleep(0.01)
        server = user.server
        os.killpg(up.pid, number)
    return up.returncode, server


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_up_leaves_nothing(user, tools, number):
    code, server = half_made(user, tools, number)

    assert code == (130 if number is signal.SIGINT else 128 + number)
    assert not runs(server)
    assert list(user.home.iterdir()) == []


def test_a_lab_that_was_half_made_by_a_killed_command_is_taken_down(user, tools):
    _, server = half_made(user, tools, signal.SIGKILL)
    assert runs(server)

    down = user.types("lab", "down")

    assert (down.returncode, runs(server), user.lab.exists()) == (0, False, False)


def test_a_lab_that_was_half_made_is_made_anew(user, tools):
    half_made(user, tools, signal.SIGKILL)

    up = user.types("lab", "up")

    assert up.returncode == 0, up.stderr
    assert user.types("lab", "seed", "contoso").stdout.startswith("contoso: all 305 entries")
