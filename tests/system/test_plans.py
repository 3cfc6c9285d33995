"""A plan is made by a command, read by a person, and applied by the daemon: all of it, or nothing."""

from __future__ import annotations

import json

import pytest

from tests.system.commandline import CommandLine
from tests.system.slapd_world import SlapdWorld
from tests.system.test_daemon import Daemon, cycles, until

JOE = "joe@contoso.com"


@pytest.fixture
def world(tmp_path):
    made = SlapdWorld(tmp_path / "slapd")
    made.user("ann", upn=JOE)
    yield made
    made.close()


@pytest.fixture
def connector_with(world, tmp_path):
    """A command line on the directory, with this schedule."""

    def make(**schedule):
        right = {"url": world.slapd.url, "bind_dn": world.slapd.admin, "password": world.password}
        return CommandLine(tmp_path, right, schedule={"delta": "1d", **schedule})

    return make


@pytest.fixture
def daemon_of(request):
    def run(connector):
        daemon = Daemon(connector)
        request.addfinalizer(daemon.stop)
        daemon.started()
        until(lambda: cycles(connector))
        return daemon

    return run


def test_a_plan_of_staging_mode_is_applied_when_that_has_ended(world, connector_with, tmp_path):
    connector_with().json("sync")
    staging = connector_with(staging_mode=True)
    world.user("bob", upn=JOE)
    plan = tmp_path / "plan.json"

    planned = staging.run("sync", "--plan", str(plan))
    early = staging.run("sync", "--apply", str(plan))
    applied = connector_with().run("sync", "--apply", str(plan), "--json")

    assert (planned.returncode, planned.stdout) == (
        1,
        (
            "1 user to add:\n"
            "  + Bob (uid=bob,ou=users,dc=contoso,dc=com)\n"
            "Quarantined: UserPrincipalName joe@contoso.com of Bob, held by Ann\n"
            "Plan: 1 to add, 0 to update, 0 to delete; 1 value would be quarantined\n"
        ),
    )
    assert (early.returncode, "staging_mode" in early.stderr) == (3, True)
    assert (applied.returncode, json.loads(applied.stdout)["result"]) == (
        1,
        "completed-export-errors",
    )
    assert set(connector_with().objects()) == {"Ann", "Bob"}


def test_a_daemon_applies_a_plan_or_says_what_changed(world, connector_with, daemon_of, tmp_path):
    connector = connector_with()
    daemon_of(connector)
    plan = tmp_path / "plan.json"
    bob = world.user("bob")
    connector.run("sync", "--plan", str(plan))
    world.modify(bob, title="Engineer")
    before = len(connector.logged("cycle.started"))

    refused = connector.run("sync", "--apply", str(plan))
    in_json = connector.json("sync", "--apply", str(plan), "--json", codes=(3,))
    begun = len(connector.logged("cycle.started"))
    connector.run("sync", "--plan", str(plan))
    applied = connector.run("sync", "--apply", str(plan))
    again = connector.run("sync", "--apply", str(plan))

    assert (refused.returncode, refused.stdout) == (
        3,
        f"user Bob ({bob}): jobTitle: the plan has no change, now it is Engineer\n",
    )
    assert [one["what"] for one in in_json["differences"]] == ["attribute"]
    assert begun == before
    assert (applied.returncode, set(connector.objects())) == (0, {"Ann", "Bob"})
    assert (again.returncode, "applied already" in again.stderr) == (3, True)
