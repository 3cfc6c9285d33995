"""The daemon carries out an administrator's commands, and work that falls due starts at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from tests.ports import free_port
from tests.system.commandline import CommandLine
from tests.system.slapd_world import SlapdWorld
from tests.system.test_daemon import Daemon, cycles, until

CLOUD = ("add", "user", "displayName=Cloud", "userPrincipalName=joe@contoso.com")


@pytest.fixture(scope="module")
def slapd(tmp_path_factory):
    world = SlapdWorld(tmp_path_factory.mktemp("slapd"))
    world.user("ann", upn="ann@contoso.com")
    world.user("bob", upn="ann@contoso.com")
    yield world
    world.close()


@pytest.fixture
def connector(slapd, tmp_path):
    listen = f"127.0.0.1:{free_port()}"
    right = {"url": slapd.slapd.url, "bind_dn": slapd.slapd.admin, "password": slapd.password}
    return CommandLine(tmp_path, right, schedule={"delta": "1h"}, web={"listen": listen})


@pytest.fixture
def daemon(connector):
    """A daemon that has run its first cycle and its first sweep."""
    daemon = Daemon(connector)
    try:
        daemon.started()
        until(lambda: cycles(connector) and connector.logged("sweep.finished"))
        yield daemon
    finally:
        daemon.stop()


def tenant(connector: CommandLine, *arguments: str):
    return connector.json("tenant", *arguments)


@pytest.mark.usefixtures("daemon")
def test_an_hour_later_the_daemon_sweeps_within_moments(connector):
    """Seed: "A background timer task ... runs every hour"; here the hour passes at once."""
    [held] = connector.json("errors")
    tenant(connector, "delete", held["conflictsWith"]["id"])

    tenant(connector, "clock", "advance", "1h")
    until(lambda: len(connector.logged("sweep.finished")) == 2)

    assert [event["value"] for event in connector.logged("sweep.released")] == ["ann@contoso.com"]
    assert connector.json("errors") == []


def has_reported(connector, times):
    return len(connector.logged("report.sent")) == times


@pytest.mark.usefixtures("daemon")
def test_a_monday_later_the_daemon_reports_within_moments_and_once(connector):
    """Seed: "A generic error report email is sent every Monday"."""
    for week in (1, 2):
        tenant(connector, "clock", "advance", "7d")
        until(partial(has_reported, connector, week))
    tenant(connector, "clock", "advance", "1m")
    tenant(connector, "sweep")

    assert [event["kind"] for event in connector.logged("report.sent")] == ["weekly"] * 2


@pytest.mark.usefixtures("daemon")
def test_objects_features_and_domains_are_changed_through_the_daemon(connector):
    added = tenant(connector, *CLOUD)
    licensed = tenant(connector, "license", added["id"], "--assign", "EXCHANGE")
    changed = tenant(connector, "set", added["id"], "jobTitle=Boss")
    gone = tenant(connector, "delete", added["id"])
    back = tenant(connector, "restore", added["id"])
    features = tenant(connector, "features", "BlockSoftMatch", "on")
    domains = tenant(connector, "domains", "add", "wingtip.example")

    assert {item["id"] for item in (licensed, changed, gone, back)} == {added["id"]}
    assert (back["jobTitle"], back["mail"]) == ("Boss", "joe@contoso.com")
    assert features["BlockSoftMatch"] is True
    assert "wingtip.example" in [domain["id"] for domain in domains]
    assert {**connector.objects()["Cloud"], "manager": None} == back


@pytest.mark.usefixtures("daemon")
def test_what_the_daemon_refuses_has_an_exit_code_and_a_reason(connector):
    done = connector.run("tenant", "add", "user", "userPrincipleName=x")

    assert done.returncode == 2
    assert "Did you mean userPrincipalName?" in done.stderr


@pytest.mark.usefixtures("daemon")
def test_two_who_advance_the_clock_at_the_same_time_advance_it_twice(connector):
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda _: tenant(connector, "clock", "advance", "1h"), range(3)))

    assert tenant(connector, "clock")["aheadSeconds"] == 3 * 3600


@pytest.mark.usefixtures("daemon")
def test_the_daemon_goes_back_to_a_snapshot_and_on_from_there(slapd, connector):
    before = connector.objects()
    tenant(connector, "snapshot", "start")
    tenant(connector, *CLOUD)
    dn = slapd.user("eve", upn="eve@contoso.com")
    connector.json("sync")
    later = connector.objects()

    tenant(connector, "rewind", "start")
    back = connector.objects()
    run = connector.json("sync")
    again = connector.objects()
    verified = connector.run("verify")
    slapd.remove(dn)

    assert back == before
    assert (later.keys(), again.keys()) == (
        before.keys() | {"Cloud", "Eve"},
        before.keys() | {"Eve"},
    )
    assert (run["run"], run["result"]) == (2, "success")
    assert verified.returncode == 0


def test_without_a_daemon_the_commands_do_the_work_themselves(connector):
    connector.run("sync")
    before = connector.objects()

    tenant(connector, "snapshot", "start")
    tenant(connector, *CLOUD)
    tenant(connector, "clock", "advance", "7d")
    changed = connector.objects()
    tenant(connector, "rewind", "start")

    assert changed.keys() == before.keys() | {"Cloud"}
    assert connector.objects() == before
    assert tenant(connector, "clock")["aheadSeconds"] == 0
    assert [one["name"] for one in tenant(connector, "snapshot")] == ["start"]


def test_what_needs_no_directory_needs_no_password_for_it(slapd, tmp_path):
    empty = tmp_path / "password"
    empty.touch()
    who = {"bind_dn": slapd.slapd.admin, "password_file": str(empty)}
    connector = CommandLine(tmp_path, {"url": slapd.slapd.url, **who})

    added = connector.run("tenant", *CLOUD)
    synced = connector.run("sync")

    assert (added.returncode, synced.returncode) == (0, 2)
    assert f"directory.password_file: {empty}: is empty" in synced.stderr
    assert connector.json("history") == []
