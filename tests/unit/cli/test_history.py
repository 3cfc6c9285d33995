"""``connector history`` lists runs, newest first, and shows one with its steps."""

from __future__ import annotations

import pytest

from connector.model import StepResult
from connector.staging.space import ConnectorSpace


@pytest.fixture
def ran(connector):
    """A command on a storage with two finished runs."""
    space = ConnectorSpace.open(connector.storage)
    for adds, started in enumerate(("2026-01-05T08:00:00Z", "2026-01-05T08:30:00Z")):
        run = space.begin_run("delta", started)
        run.steps.append(StepResult("export", adds=adds))
        run.result, run.seconds = "success", 0.5
        space.end_run(run, keep_since="2026-01-01T00:00:00Z")
    space.close()
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


def test_only_the_newest_are_listed_when_asked(ran):
    assert [run["run"] for run in ran("history", "--max", "1", "--json").json] == [2]


def test_an_unknown_run_is_an_error(ran):
    done = ran("history", "3")

    assert (done.code, done.err) == (
        2,
        "connector: There is no run 3 in the history: connector history\n",
    )
