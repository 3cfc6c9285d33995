"""Commands pause, resume, reload, back up, watch and stop a running daemon."""

from __future__ import annotations

import json
import shutil
import socket
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

from connector.storage.instance import is_locked
from tests.ports import free_port
from tests.system.commandline import CommandLine
from tests.system.slapd_world import SlapdWorld
from tests.system.test_daemon import PATIENCE, Daemon, cycles, until


@pytest.fixture(scope="module")
def slapd(tmp_path_factory):
    world = SlapdWorld(tmp_path_factory.mktemp("slapd"))
    world.user("ann")
    world.user("bob", upn="ann@contoso.com")
    yield world
    world.close()


@pytest.fixture
def port():
    return free_port()


@pytest.fixture
def connector_with(slapd, tmp_path, port):
    """A command line that syncs every second, unless told otherwise."""

    def make(**schedule):
        right = {"url": slapd.slapd.url, "bind_dn": slapd.slapd.admin, "password": slapd.password}
        schedule = {"delta": "1s", **schedule}
        return CommandLine(tmp_path, right, schedule=schedule, web={"listen": f"127.0.0.1:{port}"})

    return make


@pytest.fixture
def run_daemon(request):
    def run(connector):
        daemon = Daemon(connector)
        request.addfinalizer(daemon.stop)
        return daemon.started()

    return run


@pytest.fixture
def running(connector_with, run_daemon):
    """A daemon that has finished its first cycle."""
    connector = connector_with()
    run_daemon(connector)
    until(lambda: cycles(connector))
    return connector


def test_a_paused_daemon_starts_no_cycle_until_it_is_resumed(running):
    paused = running.run("daemon", "pause")
    before = len(cycles(running))
    asked = running.json("sync")
    state = running.json("daemon", "status")
    after = len(cycles(running))
    running.run("daemon", "resume")
    until(lambda: len(cycles(running)) > after)

    assert paused.returncode == 0
    assert (asked["result"], state["state"], state["nextRun"]) == ("success", "paused", None)
    assert after == before + 1
    assert running.json("status")["pausedSince"] is None


def test_a_pause_survives_a_restart(connector_with, run_daemon):
    connector = connector_with()
    first = run_daemon(connector)
    until(lambda: cycles(connector))
    connector.run("daemon", "pause")
    first.stop()
    before = len(cycles(connector))

    run_daemon(connector)
    until(lambda: connector.json("daemon", "status")["state"] == "paused")

    assert len(cycles(connector)) == before
    assert connector.json("status")["state"] == "paused"


def test_settings_are_loaded_anew_when_they_will_do(connector_with, run_daemon):
    connector = connector_with(delta="1h")
    run_daemon(connector)
    until(lambda: cycles(connector))
    connector.settings.write_text(connector.settings.read_text().replace('"1h"', '"1s"'))

    done = connector.run("daemon", "reload")

    assert done.returncode == 0
    until(lambda: len(cycles(connector)) > 2)


@pytest.mark.parametrize(
    ("right", "wrong", "problem"),
    [
        ('delta = "1s"', 'delta = "often"', "schedule.delta"),
        ("password = ", "password_file = ", "directory.password_file"),
        ("connector.log", "no/connector.log", "log.file"),
    ],
)
def test_settings_that_will_not_do_are_named_and_change_nothing(running, right, wrong, problem):
    running.settings.write_text(running.settings.read_text().replace(right, wrong))

    done = running.run("daemon", "reload")

    assert (done.returncode, problem in done.stderr) == (2, True)
    before = len(cycles(running))
    until(lambda: len(cycles(running)) > before)


def test_stop_waits_until_the_daemon_has_ended(connector_with, run_daemon):
    connector = connector_with()
    daemon = run_daemon(connector)

    done = connector.run("daemon", "stop")

    assert (done.returncode, is_locked(connector.storage)) == (0, False)
    assert (daemon.process.wait(PATIENCE), connector.logged("daemon.stopped")[0]["reason"]) == (
        0,
        "connector daemon stop",
    )


def test_a_backup_of_a_running_daemon_is_restored_and_has_nothing_to_do(running, slapd, tmp_path):
    with ThreadPoolExecutor() as pool:
        syncs = [pool.submit(running.json, "sync", codes=(0, 1)) for _ in range(2)]
        done = running.run("backup", str(tmp_path / "copy"))
        results = {sync.result()["result"] for sync in syncs}
    running.run("daemon", "stop")
    cloud = running.objects()
    shutil.rmtree(running.storage)
    shutil.copytree(tmp_path / "copy", running.storage)

    runs = [running.json("sync"), running.json("sync", "--policy", "initial")]

    assert (done.returncode, results) == (0, {"success"})
    assert [run["result"] for run in runs] == ["success", "success"]
    assert running.objects() == cloud
    assert running.run("sync", "--dry-run").stdout == "Nothing to do.\n"
    assert running.run("verify").returncode == 0


def fetched(port, path):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=PATIENCE) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_monitoring_is_answered_while_it_runs(running, port):
    until(lambda: fetched(port, "/readyz")[0] == 200)

    numbers = fetched(port, "/metrics")[1].splitlines()

    assert fetched(port, "/healthz") == (200, "alive\n")
    assert 'connector_runs_total{policy="delta",result="completed-export-errors"} 1.0' in numbers
    assert "connector_quarantined_values 1.0" in numbers
    assert 'connector_objects{type="user"} 2.0' in numbers


def test_it_is_not_ready_while_the_directory_is_away(connector_with, run_daemon, port):
    connector = connector_with()
    settings = connector.settings.read_text()
    with socket.socket() as away:
        away.bind(("127.0.0.1", 0))
        url = json.dumps(f"ldap://127.0.0.1:{away.getsockname()[1]}")
        lines = [
            f"url = {url}" if line.startswith("url") else line for line in settings.split("\n")
        ]
        connector.settings.write_text("\n".join(lines))
    run_daemon(connector)
    until(lambda: connector.logged("directory.unavailable"))

    assert fetched(port, "/healthz")[0] == 200
    assert fetched(port, "/readyz")[0] == 503


def test_a_port_that_is_taken_does_not_keep_it_from_syncing(connector_with, run_daemon, port):
    connector = connector_with()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        run_daemon(connector)
        until(lambda: cycles(connector))

    assert [event["message"] for event in connector.logged("web.failed")] == [
        "Address already in use"
    ]
