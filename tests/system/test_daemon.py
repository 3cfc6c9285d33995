"""The daemon as a process: it syncs, answers commands, and stops when it is told to."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from connector.daemon.control import SOCKET, ask
from tests.system.commandline import CommandLine
from tests.system.slapd_world import SlapdWorld

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 60.0


@pytest.fixture(scope="module")
def slapd(tmp_path_factory):
    world = SlapdWorld(tmp_path_factory.mktemp("slapd"))
    world.user("ann")
    yield world
    world.close()


class Daemon:
    """``connector run`` in a process of its own."""

    def __init__(self, connector: CommandLine, **environ: str) -> None:
        self.connector = connector
        self.process = subprocess.Popen(
            [sys.executable, "-m", "connector", "run"],
            env={**connector.environment, **environ},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def started(self) -> Daemon:
        until(lambda: ask(self.connector.storage, {"command": "status"}))
        return self

    def stop(self, number: int = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.communicate(timeout=PATIENCE)
        return self.process.returncode


def until(true: Callable[[], object]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.05)


@pytest.fixture
def connector(slapd, tmp_path):
    right = {"url": slapd.slapd.url, "bind_dn": slapd.slapd.admin, "password": slapd.password}
    return CommandLine(tmp_path, right, schedule={"delta": "1h"})


@pytest.fixture
def run_daemon(request):
    def run(connector: CommandLine, **environ: str) -> Daemon:
        daemon = Daemon(connector, **environ)
        request.addfinalizer(daemon.stop)
        return daemon

    return run


@pytest.fixture(scope="module")
def module_daemon(slapd, tmp_path_factory):
    """A daemon that has synced and goes on."""
    right = {"url": slapd.slapd.url, "bind_dn": slapd.slapd.admin, "password": slapd.password}
    connector = CommandLine(tmp_path_factory.mktemp("daemon"), right, schedule={"delta": "1h"})
    daemon = Daemon(connector).started()
    until(lambda: cycles(connector))
    yield daemon
    assert daemon.stop() == 0


def cycles(connector: CommandLine) -> list[str]:
    return [event["policy"] for event in connector.logged("cycle.finished")]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_syncs_at_once_and_stops_cleanly_when_told(connector, run_daemon, number):
    daemon = run_daemon(connector)
    until(lambda: cycles(connector))

    code = daemon.stop(number)

    assert code == 0
    assert [event["reason"] for event in connector.logged("daemon.stopped")] == [number.name]
    assert not (connector.storage / SOCKET).exists()


def test_it_syncs_on_its_schedule(slapd, run_daemon, tmp_path):
    right = {"url": slapd.slapd.url, "bind_dn": slapd.slapd.admin, "password": slapd.password}
    connector = CommandLine(tmp_path, right, schedule={"delta": "1s"})
    run_daemon(connector)

    until(lambda: len(cycles(connector)) >= 3)

    assert len(connector.logged("sweep.finished")) == 1


def test_a_sync_is_done_by_the_daemon(connector, run_daemon):
    run_daemon(connector).started()
    until(lambda: cycles(connector))

    run = connector.json("sync", "--policy", "initial")

    assert (run["run"], run["policy"], run["result"]) == (2, "initial", "success")
    assert cycles(connector) == ["delta", "initial"]


def test_commands_that_write_go_through_the_daemon(connector, run_daemon):
    run_daemon(connector).started()

    done = [connector.run("tenant", "sweep"), connector.run("deletions", "approve", "0123")]

    assert [command.returncode for command in done] == [0, 2]
    assert "No deletions wait for approval." in done[1].stderr


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        ({"command": "format-disk"}, "unknown command 'format-disk'"),
        ({"command": ["sync"]}, "unknown command ['sync']"),
        ({}, "unknown command None"),
        ({"command": "approve"}, "approve: the argument hash is missing"),
        (
            {"command": "approve", "hsah": "4f1c"},
            "approve: unknown argument 'hsah'; there are: hash",
        ),
        (
            {"command": "sync", "policy": "full"},
            "sync: the argument policy must be 'delta' or 'initial' or 'reconcile' or null",
        ),
        (
            {"command": "domain", "name": "a.example", "verified": "no"},
            "domain: the argument verified must be true or false",
        ),
        ({"command": "status", "wait": 1}, "status: unknown argument 'wait'; there are: none"),
        ({"command": "reload", "now": 1}, "reload: unknown argument 'now'; there are: none"),
    ],
)
def test_a_request_that_does_not_fit_is_refused_and_the_daemon_goes_on(
    module_daemon, request_, error
):
    storage = module_daemon.connector.storage

    assert ask(storage, request_) == {"error": error, "exit_code": 2}
    status = ask(storage, {"command": "status"})
    assert status is not None
    assert status["pid"] == module_daemon.process.pid


def test_a_sync_on_the_socket_is_one_line_and_its_answer_another(connector, run_daemon):
    run_daemon(connector).started()
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(connector.storage / SOCKET))
        client.sendall(b'{"command": "sync", "policy": "delta"}\n')
        lines = client.makefile().readlines()

    assert [json.loads(line)["policy"] for line in lines] == ["delta"]


def test_commands_that_read_work_beside_it(connector, run_daemon):
    run_daemon(connector).started()
    until(lambda: cycles(connector))
    until(lambda: connector.json("status")["state"] == "idle")

    assert connector.json("status")["nextRun"] is not None
    assert set(connector.objects()) == {"Ann"}


def test_a_second_instance_is_refused(connector, run_daemon):
    first = run_daemon(connector).started()

    second = connector.run("run")

    assert second.returncode == 75
    assert f"process {first.process.pid}" in second.stderr


def test_of_two_instances_started_at_once_one_runs(connector, run_daemon):
    daemons = [run_daemon(connector), run_daemon(connector)]

    until(lambda: any(daemon.process.poll() is not None for daemon in daemons))
    until(lambda: cycles(connector))
    codes = [daemon.stop() for daemon in daemons]

    assert sorted(codes) == [0, 75]


def test_commands_that_come_while_it_starts_on_nothing_do_no_harm(connector, run_daemon):
    daemon = run_daemon(connector)
    with ThreadPoolExecutor() as pool:
        done = list(pool.map(lambda _: connector.run("objects", "--json"), range(4)))
    until(lambda: cycles(connector))

    assert [command.returncode for command in done] == [0] * 4
    assert daemon.stop() == 0


def test_it_keeps_trying_a_directory_that_is_away(slapd, tmp_path, run_daemon):
    with socket.socket() as away:
        away.bind(("127.0.0.1", 0))
        nowhere = f"ldap://127.0.0.1:{away.getsockname()[1]}"
    right = {"url": nowhere, "bind_dn": slapd.slapd.admin, "password": slapd.password}
    connector = CommandLine(tmp_path, right, schedule={"delta": "1s"})
    run_daemon(connector)
    until(lambda: len(connector.logged("directory.unavailable")) >= 2)

    assert {event["result"] for event in connector.logged("cycle.finished")} == {
        "no-start-connection"
    }


def test_sighup_loads_the_settings_anew_and_keeps_the_old_ones_when_they_are_wrong(
    connector, run_daemon
):
    daemon = run_daemon(connector).started()
    good = connector.settings.read_text()

    connector.settings.write_text(good.replace('delta = "1h"', 'delta = "often"'))
    daemon.process.send_signal(signal.SIGHUP)
    until(lambda: connector.logged("daemon.reload_failed"))
    connector.settings.write_text(good)
    daemon.process.send_signal(signal.SIGHUP)
    until(lambda: connector.logged("daemon.reloaded"))

    assert "schedule.delta" in connector.logged("daemon.reload_failed")[0]["message"]
    assert daemon.stop() == 0


def test_sigusr1_syncs_now(connector, run_daemon):
    daemon = run_daemon(connector).started()
    until(lambda: cycles(connector))

    daemon.process.send_signal(signal.SIGUSR1)

    until(lambda: len(cycles(connector)) == 2)


def test_a_killed_daemon_leaves_nothing_in_the_way(connector, run_daemon):
    run_daemon(connector).started().stop(signal.SIGKILL)

    assert connector.json("sync")["result"] == "success"


def test_systemd_is_told_that_it_is_ready_and_that_it_stops(connector, run_daemon, tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(PATIENCE)
        daemon = run_daemon(connector, NOTIFY_SOCKET=str(tmp_path / "notify"))
        ready = manager.recv(1000)
        ran = manager.recv(1000)
        daemon.stop()
        stopping = manager.recv(1000)

    assert ready == b"READY=1\nSTATUS=ready"
    assert ran.startswith(b"STATUS=run 1 (delta): success")
    assert stopping == b"STOPPING=1\nSTATUS=stopping"
