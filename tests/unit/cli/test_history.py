"""``connector history`` lists runs, newest first, and shows one with its steps."""

from __future__ import annotations

import pytest

from connector.run import Counts, RunResult, StepResult
from connector.settings import load
from connector.settings.models import TENANT_FILE
from connector.staging.space import ConnectorSpace
from connector.storage.instance import lock_storage
from connector.tenant.service import open_tenant
from tests.fakes import SUFFIX
from tests.world import World


@pytest.fixture
def ran(connector):
    """A command on a storage with two finished runs."""
    space = ConnectorSpace.open(connector.storage)
    for adds, started in enumerate(("2026-01-05T08:00:00Z", "2026-01-05T08:30:00Z")):
        run = space.history.begin("delta", started)
        run.steps.append(StepResult("export", counts=Counts(adds=adds)))
        run.result, run.seconds = RunResult.SUCCESS, 0.5
        space.history.end(run, keep_since="2026-01-01T00:00:00Z")
    space.close()
    open_tenant(connector.storage / TENANT_FILE, load(connector.file, {}).tenant).close()
    return connector


def test_runs_are_listed_newest_first(ran):
    assert ran("history").out == (
        "Run  Started               Policy  Result   Seconds\n"
        "2    2026-01-05T08:30:00Z  delta   success  0.50\n"
        "1    2026-01-05T08:00:00Z  delta   success  0.50\n"
    )


def test_json_holds_each_run_with_its_steps(ran):
    newest = ran("history", "--json").json[0]

    assert newest["run"] == 2
    assert [(step["name"], step["adds"]) for step in newest["steps"]] == [("export", 1)]
    assert newest == ran("history", "2", "--json").json


def test_a_run_that_nobody_is_at_shows_as_aborted(ran):
    space = ConnectorSpace.open(ran.storage)
    space.history.begin("delta", "2026-01-05T09:00:00Z")
    space.close()

    dead = [run["result"] for run in ran("history", "--max", "1", "--json").json]
    with lock_storage(ran.storage):
        at_work = ran("history", "3", "--json").json["result"]

    assert (dead, at_work) == (["aborted"], "in-progress")
    assert ran("status", "--json").json["lastRun"]["result"] == "aborted"


def test_only_the_newest_are_listed_when_asked(ran):
    assert [run["run"] for run in ran("history", "--max", "1", "--json").json] == [2]


def test_an_unknown_run_is_an_error(ran):
    done = ran("history", "3")

    assert (done.code, done.err) == (
        2,
        "connector: There is no run 3 in the history: connector history\n",
    )


@pytest.fixture
def changed(connector):
    """A command on a storage in which Ann was added, promoted and deleted."""
    with World(connector.storage) as world:
        ann = world.user("ann", title="Clerk")
        world.user("bob", upn="ann@contoso.com")
        world.sync()
        world.directory.modify(ann, title="\x1b[31mHead")
        world.sync()
        world.directory.remove(ann)
        world.sync()
    return connector


def test_the_changes_of_an_object_are_listed_newest_first(changed):
    done = changed("history", "--object", f"uid=ann,ou=users,{SUFFIX}", "--json").json

    assert [(change["run"], change["operation"]) for change in done] == [
        (3, "deleted"),
        (2, "updated"),
        (1, "added"),
    ]
    assert done[1]["attributes"] == {"jobTitle": ["Clerk", "\x1b[31mHead"]}


def test_people_read_a_line_an_attribute_and_no_control_characters(changed):
    lines = changed("history", "--object", f"uid=ann,ou=users,{SUFFIX}").out.splitlines()

    assert [line.split()[2:] for line in lines[2:]] == [
        ["deleted"],
        ["updated", "jobTitle", "Clerk", "\\u001b[31mHead"],
        ["added"],
    ]


def test_a_quarantine_names_the_holder(changed):
    out = changed("history", "--object", f"uid=bob,ou=users,{SUFFIX}").out

    assert "quarantined  UserPrincipalName  held by Ann  ann@contoso.com" in out


def test_an_object_that_nothing_is_called_is_a_mistake(changed):
    done = changed("history", "--object", "nobody")

    assert (done.code, done.out, done.err) == (
        2,
        "",
        (
            "connector: No object is called nobody, and none was in the runs that are remembered. "
            "`connector objects` lists those that there are.\n"
        ),
    )


def test_an_object_without_changes_is_told_so(connector):
    with World(connector.storage) as world:
        world.user("ann")
        world.sync()
        world.tenant.administrator.add("group", {"displayName": "Zoe Z"})

    done = connector("history", "--object", "Zoe Z")

    assert (done.code, done.out) == (
        0,
        "No run that is remembered changed Zoe Z: connector explain 'Zoe Z'\n",
    )


def test_the_changes_of_two_that_had_one_name_are_told_apart(connector):
    with World(connector.storage) as world:
        for name in ("ann", "bob"):
            world.group(name, displayName="Staff")
        world.user("keep")
        world.sync()
        for name in ("ann", "bob"):
            world.directory.remove(f"cn={name},ou=groups,{SUFFIX}")
        world.sync()

    told = connector("history", "--object", "staff").out.splitlines()
    rows = connector("history", "--object", "staff", "--json").json

    dns = [f"cn={name},ou=groups,{SUFFIX}" for name in ("ann", "bob")]
    assert [line for line in told if line.startswith("Staff")] == [f"Staff {dn}" for dn in dns]
    assert [(row["dn"], row["operation"]) for row in rows] == [
        (dn, operation) for dn in dns for operation in ("deleted", "added")
    ]


def test_whose_changes_they_are_is_said_above_them(changed):
    out = changed("history", "--object", "bob").out

    assert out.splitlines()[0] == f"Bob (user) uid=bob,ou=users,{SUFFIX}"


def test_a_name_of_several_is_refused_with_their_dns(connector):
    with World(connector.storage) as world:
        dns = [world.user(name, displayName="John Smith") for name in ("john1", "john2")]
        world.sync()

    for command in (["history", "--object"], ["show"], ["tenant", "delete"], ["log", "--object"]):
        done = connector(*command, "john smith")

        assert (done.code, done.out) == (2, "")
        assert done.err.splitlines() == [
            "connector: 2 objects are called john smith. Name one of them:",
            *(f"connector:   {dn} (user, John Smith)" for dn in dns),
        ]


def test_what_a_run_did_is_listed_object_by_object(changed):
    told = [changed("history", str(run), "--objects").out.splitlines() for run in (1, 2, 3)]
    anchors = {
        row["dn"]: row["anchor"] for row in changed("history", "1", "--objects", "--json").json
    }

    ann, bob = (anchors[f"uid={name},ou=users,{SUFFIX}"] for name in ("ann", "bob"))
    assert [[line.split() for line in lines[1:]] for lines in told] == [
        [
            ["added", "Ann", ann],
            ["added", "Bob", bob],
            [
                "quarantined",
                "Bob",
                *["UserPrincipalName", "held", "by", "Ann", "ann@contoso.com"],
                bob,
            ],
        ],
        [["updated", "Ann", "jobTitle", "Clerk", "\\u001b[31mHead", ann]],
        [["deleted", "Ann", ann]],
    ]


def test_a_run_that_did_nothing_says_so(ran):
    assert ran("history", "2", "--objects").out == "Run 2 changed nothing in the cloud.\n"


@pytest.mark.parametrize(
    "options", [["--objects"], ["9", "--objects"], ["1", "--objects", "--object", "ann"]]
)
def test_the_objects_are_those_of_one_run_that_there_was(ran, options):
    assert ran("history", *options).code == 2
