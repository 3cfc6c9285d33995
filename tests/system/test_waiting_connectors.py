"""A connector, as a process, waits for another one that writes to the tenant on a server, and is told to stop."""

from __future__ import annotations

import signal
from contextlib import contextmanager

import psycopg
import pytest

from connector.tenant.postgresql.session import LOCK
from tests.system.commandline import CommandLine
from tests.system.slapd_world import SlapdWorld
from tests.waiting import PATIENCE, until


@pytest.fixture
def slapd(tmp_path):
    world = SlapdWorld(tmp_path / "slapd")
    world.user("ann")
    yield world
    world.close()


@pytest.fixture
def database(postgresql):
    return postgresql.url(postgresql.make(migrated=False).parameters["dbname"])


@pytest.fixture
def connectors(tmp_path, slapd, database):
    """Two connectors that have synced; the objects are those of the first one."""
    right = {"url": slapd.slapd.url, "bind_dn": slapd.slapd.admin, "password": slapd.password}
    found = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        found.append(CommandLine(tmp_path / name, right, tenant={"database": database}))
        done = found[-1].run("sync")
        assert done.returncode in {0, 1}, done.stderr
    return found


@contextmanager
def writing(database):
    """Be the second connector, and write to the tenant until the block ends."""
    with psycopg.connect(database, application_name="connector/2") as connection:
        connection.execute(LOCK.encode())
        yield
        connection.rollback()


@pytest.mark.parametrize("command", ["sync", "run"])
def test_a_process_that_waits_says_for_whom_and_ends_when_it_is_told_to(
    connectors, slapd, database, command
):
    one, two = connectors
    slapd.user("bob")
    with writing(database):
        process = one.start(command)
        try:
            until("it waits", lambda: one.logged("tenant.waiting"))
            refused = two.run("tenant", "clock", "advance", "1h")
            process.send_signal(signal.SIGTERM)
            told = process.communicate(timeout=PATIENCE)[1]
        finally:
            process.kill()
            process.wait(PATIENCE)
        ended = one.logged("cycle.finished")[-1]["result"]
    again = one.run("sync")
    moved = two.run("tenant", "clock", "advance", "1h")

    [waited] = one.logged("tenant.waiting")
    assert waited["held_by"].endswith(f" {two.storage}")
    assert (ended, process.returncode) == (
        "stopped-user-termination",
        0 if command == "run" else 130,
    )
    assert (one.logged("job.failed"), "Traceback" in told) == ([], False)
    assert (again.returncode, sorted(one.objects())) == (0, ["Ann", "Bob"])
    assert (refused.returncode, f"{one.storage}): the clock needs" in refused.stderr) == (75, True)
    assert moved.returncode == 0, moved.stderr
    assert [event["name"] for event in one.logged("object.added")] == ["Ann", "Bob"]
    assert one.run("verify").returncode == 0
