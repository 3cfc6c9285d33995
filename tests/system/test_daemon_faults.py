"""A daemon that cannot work says so: in its log, its metrics, its status, and to who waits for it."""

from __future__ import annotations

import shutil
import signal
import socket
import sqlite3
import time
import urllib.error
import urllib.request
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from connector.daemon.control import ask
from connector.lab.records import user
from tests import disk
from tests.ports import free_port
from tests.system.commandline import CommandLine
from tests.system.slapd_world import SlapdWorld
from tests.system.test_daemon import Daemon, cycles, until

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 60.0
UNRESPONSIVE = (
    "does not answer: it was stopped in the middle, or hangs. To let it go on: kill -CONT"
)


@pytest.fixture(scope="module")
def slapd(tmp_path_factory):
    world = SlapdWorld(tmp_path_factory.mktemp("slapd"))
    world.user("ann")
    yield world
    world.close()


class Watched:
    """A daemon that syncs every second, as a monitor and an operator see it."""

    def __init__(self, connector: CommandLine, port: int) -> None:
        self.connector = connector
        self.daemon = Daemon(connector).started()
        self._port = port

    @property
    def password_file(self):
        return self.connector.path / "password"

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self._port}{path}", timeout=PATIENCE
            ) as got:
                return got.status, got.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def is_ready(self) -> bool:
        return self.get("/readyz")[0] == 200

    def is_at_work(self) -> bool:
        answer = ask(self.connector.storage, {"command": "status"})
        return answer is not None and answer["state"] == "running"

    def failing(self) -> list[tuple[str, str]]:
        found = self.connector.json("status")["failing"]
        return [(job["job"], job["reason"]) for job in found]

    def failed(self) -> set[tuple[str, str]]:
        return {(one["job"], one["reason"]) for one in self.connector.logged("job.failed")}

    def counted(self, job: str, reason: str) -> bool:
        name = f'connector_job_failures_total{{job="{job}",reason="{reason}"}}'
        return name in self.get("/metrics")[1]


@pytest.fixture
def watched_with(slapd, tmp_path, request):
    def start(sections: dict[str, dict[str, object]] | None = None, **schedule: str) -> Watched:
        port = free_port()
        password = tmp_path / "password"
        password.write_text(slapd.password)
        right = {
            "url": slapd.slapd.url,
            "bind_dn": slapd.slapd.admin,
            "password_file": str(password),
        }
        logs = tmp_path / "logs"
        logs.mkdir()
        connector = CommandLine(
            tmp_path,
            right,
            schedule={"delta": "1s", "sweep": "1s"} | schedule,
            web={"listen": f"127.0.0.1:{port}"},
            log={"file": str(logs / "connector.log")},
            **(sections or {}),
        )
        connector.storage = Path(
            str((sections or {}).get("storage", {}).get("path", connector.storage))
        )
        connector.log = logs / "connector.log"
        watched = Watched(connector, port)
        request.addfinalizer(watched.daemon.stop)
        until(watched.is_ready)
        return watched

    return start


@pytest.fixture
def watched(watched_with):
    return watched_with()


@contextmanager
def locked(watched: Watched, name: str) -> Iterator[None]:
    """Let another process write to a database, and not end."""
    path = watched.connector.storage / name
    with closing(sqlite3.connect(path, timeout=10, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def test_a_cycle_beside_a_locked_database_is_told_until_it_is_free(watched):
    with locked(watched, "connector-space.db"):
        until(lambda: ("cycle", "locked") in watched.failing())
        ready = watched.get("/readyz")
        said = [
            watched.connector.run(*words).stdout for words in (["status"], ["daemon", "status"])
        ]
        counted = watched.counted("cycle", "locked")
    until(watched.is_ready)

    assert (ready[0], "cycle: locked: " in ready[1], counted) == (503, True, True)
    assert ["Failing" in text and "database is locked" in text for text in said] == [True, True]
    assert ("cycle", "locked") in watched.failed()
    assert watched.failing() == []


def test_a_sweep_beside_a_locked_tenant_is_told_until_it_is_free(watched):
    with locked(watched, "tenant.db"):
        until(lambda: ("sweep", "locked") in watched.failing())
        ready = watched.is_ready()
    until(watched.is_ready)

    assert ready is False
    assert watched.counted("sweep", "locked")


@pytest.mark.parametrize(
    ("name", "command"),
    [("connector-space.db", ("sync",)), ("tenant.db", ("tenant", "sweep"))],
)
def test_a_daemon_that_waits_for_a_locked_database_stops_when_told(watched_with, name, command):
    watched = watched_with(delta="1h", sweep="1h")
    with locked(watched, name):
        asking = watched.connector.start(*command)
        until(watched.is_at_work)
        code = watched.daemon.stop()
        asking.communicate(timeout=PATIENCE)

    assert code == 0
    assert watched.connector.logged("daemon.stopped")[-1]["reason"] == "SIGTERM"


def test_a_daemon_that_waits_for_a_mail_server_stops_when_told(watched_with, slapd):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        mail = {"host": "127.0.0.1", "port": port, "tls": "none", "to": ["a@contoso.com"]}
        slapd.user("twin", userPrincipalName="ann@contoso.com")
        watched = watched_with({"mail": mail}, delta="1h")
        silent.settimeout(PATIENCE)
        asking = watched.connector.start("tenant", "report", "--send")
        connection, _ = silent.accept()
        code = watched.daemon.stop()
        asking.communicate(timeout=PATIENCE)
        connection.close()

    assert code == 0
    assert "told to stop" in watched.connector.logged("report.failed")[-1]["message"]


def test_a_daemon_on_a_full_disk_tells_it_until_there_is_room(watched_with, slapd, tmp_path):
    with disk.small(tmp_path / "disk", megabytes=6) as place:
        watched = watched_with({"storage": {"path": str(place / "var")}})
        disk.fill(place / "filler")
        slapd.slapd.apply(
            "".join(user(f"late{n}", f"Late {n}", title="Clerk " * 50) for n in range(300))
        )
        until(lambda: ("cycle", "disk") in watched.failing())
        ready = watched.get("/readyz")
        counted = watched.counted("cycle", "disk")
        (place / "filler").unlink()
        until(watched.is_ready)
        names = watched.connector.objects().keys()
        stopped = watched.daemon.stop()

    assert (ready[0], "cycle: disk: " in ready[1], counted) == (503, True, True)
    assert {f"Late {n}" for n in range(300)} <= names
    assert ("cycle", "disk") in watched.failed()
    assert stopped == 0


def test_a_reload_beside_a_locked_database_does_not_end_the_daemon(watched):
    with locked(watched, "connector-space.db"), locked(watched, "tenant.db"):
        watched.daemon.process.send_signal(signal.SIGHUP)
        until(lambda: watched.connector.logged("daemon.reloaded"))
        until(lambda: ("cycle", "locked") in watched.failing())
    until(watched.is_ready)

    assert watched.daemon.process.poll() is None


def test_a_log_that_cannot_be_written_is_told_on_standard_error_and_the_daemon_goes_on(watched):
    logs = watched.connector.log.parent
    # In one step: the daemon would make the file anew while the folder is emptied.
    shutil.rmtree(logs.rename(logs.with_name("old")))
    until(lambda: ("cycle", "log") in watched.failing())
    ready = watched.is_ready()
    logs.mkdir()
    until(watched.is_ready)
    watched.daemon.process.send_signal(signal.SIGTERM)
    _, errors = watched.daemon.process.communicate(timeout=PATIENCE)

    assert (ready, watched.daemon.process.returncode) == (False, 0)
    assert "job.failed" in errors
    assert "The log cannot be kept" in errors
    assert watched.connector.logged("daemon.stopped")


def test_a_password_file_that_cannot_be_read_is_told_until_it_can(watched, slapd):
    watched.password_file.write_text("")
    until(lambda: watched.failing() == [("cycle", "settings")])
    watched.password_file.write_text(slapd.password)
    until(watched.is_ready)

    assert watched.failed() == {("cycle", "settings")}


def test_a_refused_password_is_not_sent_again_and_another_one_at_once(watched_with, slapd):
    watched = watched_with(delta="1h")
    watched.connector.settings.write_text(
        watched.connector.settings.read_text().replace('delta = "1h"', 'delta = "1s"')
    )
    watched.password_file.write_text("wrong")
    watched.connector.run("daemon", "reload")
    until(lambda: watched.failing() == [("cycle", "credentials")])
    time.sleep(4)
    refused = len(watched.connector.logged("directory.unavailable"))
    (failed,) = watched.connector.logged("job.failed")
    watched.password_file.write_text(slapd.password)
    synced = watched.connector.json("sync")["result"]
    until(watched.is_ready)

    assert (refused, synced) == (1, "success")
    assert f"or as soon as {watched.password_file} holds another one" in failed["message"]


def test_a_password_that_is_mended_in_its_file_needs_no_command(watched_with, slapd):
    watched = watched_with(delta="1h")
    watched.password_file.write_text("wrong")
    watched.connector.run("daemon", "reload")
    until(lambda: watched.failing() == [("cycle", "credentials")])
    watched.password_file.write_text(slapd.password)

    until(watched.is_ready)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["status"], 0),
        (["daemon", "status"], 75),
        (["daemon", "status", "--json"], 75),
        (["daemon", "stop"], 75),
        (["daemon", "reload"], 75),
        (["daemon", "pause"], 75),
        (["sync"], 75),
        (["tenant", "sweep"], 75),
        (["backup", "copy"], 75),
        (["cmdlet", "Get-ADSyncScheduler"], 75),
    ],
)
def test_beside_a_frozen_daemon_a_command_answers_in_good_time(watched_with, arguments, code):
    watched = watched_with(delta="1h")
    process = watched.daemon.process
    process.send_signal(signal.SIGSTOP)
    try:
        done = watched.connector.run(*arguments, timeout=PATIENCE)
    finally:
        process.send_signal(signal.SIGCONT)

    assert done.returncode == code
    assert f"(process {process.pid}) {UNRESPONSIVE} {process.pid}" in done.stderr


def test_a_daemon_that_freezes_while_a_command_waits_is_noticed(watched_with):
    watched = watched_with(delta="1h")
    process = watched.daemon.process
    with locked(watched, "tenant.db"):
        waiting = watched.connector.start("tenant", "domains", "add", "fabrikam.net")
        until(lambda: watched.connector.json("status")["state"] == "running")
        process.send_signal(signal.SIGSTOP)
        try:
            _, errors = waiting.communicate(timeout=PATIENCE)
        finally:
            process.send_signal(signal.SIGCONT)

    assert waiting.returncode == 75
    assert UNRESPONSIVE in errors


def test_a_command_with_other_settings_is_refused_and_names_them(watched_with):
    watched = watched_with(delta="1h")
    connector = watched.connector
    connector.environ = {
        "CONNECTOR__SAFETY__DELETE_THRESHOLD": "0",
        "CONNECTOR__TENANT__RESILIENCY": "false",
    }

    refused = connector.run("sync")
    agreed = connector.run("--as-daemon", "sync")

    assert (refused.returncode, agreed.returncode) == (2, 0)
    assert refused.stderr.splitlines()[:3] == [
        "connector: The daemon would do this with settings of its own, which differ:",
        "connector:   safety.delete_threshold: the daemon has another value",
        "connector:   tenant.resiliency: the daemon has another value",
    ]


def test_a_secret_that_differs_is_named_and_not_told(slapd, tmp_path, request):
    right = {"url": slapd.slapd.url, "bind_dn": slapd.slapd.admin, "password": slapd.password}
    connector = CommandLine(tmp_path, right, schedule={"delta": "1h"})
    daemon = Daemon(connector).started()
    request.addfinalizer(daemon.stop)
    connector.environ = {"CONNECTOR__DIRECTORY__PASSWORD": "hush"}

    done = connector.run("tenant", "sweep")

    assert done.returncode == 2
    assert "directory.password: the daemon has another value" in done.stderr
    assert "hush" not in done.stderr
    assert slapd.password not in done.stderr


def test_after_a_reload_the_settings_are_the_same_again(watched_with):
    watched = watched_with(delta="1h")
    connector = watched.connector
    connector.settings.write_text(
        connector.settings.read_text() + "\n[safety]\nshrink_percent = 7\n"
    )
    before = connector.run("sync").returncode
    connector.run("daemon", "reload")
    until(lambda: connector.logged("daemon.reloaded"))
    until(lambda: len(connector.logged("daemon.started")) == 2)

    assert (before, connector.run("sync").returncode) == (2, 0)


@pytest.mark.parametrize("name", [".", "connector.lock", "tenant.db", "connector-space.db"])
def test_a_storage_that_is_taken_away_stops_the_daemon(watched, name):
    storage = watched.connector.storage
    gone = storage / name
    # In one step: the daemon writes to it.
    shutil.rmtree(storage.rename(storage.with_name("old"))) if name == "." else gone.unlink()

    _, errors = watched.daemon.process.communicate(timeout=PATIENCE)
    readers = [watched.connector.run(*words) for words in (["objects"], ["errors"], ["status"])]

    assert watched.daemon.process.returncode == 2
    assert "was removed while this instance worked on it" in errors
    assert [one["reason"] for one in watched.connector.logged("daemon.stopped")] == ["removed"]
    assert [one.returncode for one in readers] == [0, 0, 0]
    assert not gone.exists()


def test_a_run_that_was_killed_is_shown_as_aborted(watched_with, slapd):
    watched = watched_with(delta="1h", sweep="1h")
    connector = watched.connector
    slapd.user("bob")
    with locked(watched, "tenant.db"):
        waiting = connector.start("sync")
        until(lambda: connector.json("status")["lastRun"]["run"] == 2)
        watched.daemon.stop(signal.SIGKILL)
        waiting.communicate(timeout=PATIENCE)

        assert connector.json("status")["lastRun"]["result"] == "aborted"
        assert connector.json("history")[0]["result"] == "aborted"


def test_a_run_that_met_a_locked_database_is_not_in_progress_for_ever(watched_with, slapd):
    watched = watched_with(delta="1h")
    slapd.user("cid")
    with locked(watched, "tenant.db"):
        watched.connector.run("sync")

        assert watched.connector.json("status")["lastRun"]["result"] == "aborted"
    assert cycles(watched.connector) == ["delta"]
