"""``connector sync`` says what it did and what to do next, and ends with the right exit code."""

from __future__ import annotations

import json

import pytest

from connector.report.runs import run_report
from connector.run import RunResult
from tests.world import World

COUNTERS = dict.fromkeys(("adds", "updates", "deletes", "unchanged", "errors", "quarantined"), 0)


def run(result: str = "success", **counters: int) -> dict[str, object]:
    step = {"name": "export", "result": result, "seconds": 0.25, **COUNTERS, **counters}
    return {
        "run": 7,
        "policy": "delta",
        "started": "2026-01-05T08:00:00Z",
        "result": result,
        "seconds": 0.5,
        "steps": [step],
        "errors": [],
        "next": [],
    }


@pytest.fixture
def answering(connector, monkeypatch):
    """A command whose work is done already, with this answer."""

    def answer(answer: dict[str, object]):
        monkeypatch.setattr("connector.cli.opening.carry_out", lambda *_: answer)
        return connector

    return answer


@pytest.mark.parametrize("result", RunResult)
def test_the_exit_code_is_that_of_the_result(answering, result):
    assert answering(run(result.value))("sync").code == result.exit_code


def test_json_is_the_answer_itself(answering):
    done = answering(run("completed-export-errors", quarantined=1))("sync", "--json")

    assert done.json == run("completed-export-errors", quarantined=1)
    assert done.code == 1


def test_text_is_a_summary_with_the_errors_and_the_next_step(answering):
    ended = run("completed-export-errors", adds=1, quarantined=1, errors=1)
    ended["errors"] = [
        {
            "kind": "quarantine",
            "name": "Bob",
            "attribute": "UserPrincipalName",
            "value": "joe@contoso.com",
            "held_by": "Ann",
        },
        {
            "kind": "export",
            "name": "Eve",
            "error": "AttributeValueMustBeUnique",
            "attribute": "ProxyAddresses",
            "value": "smtp:eve@contoso.com",
        },
    ]
    ended["next"] = ["1 value quarantined: connector errors", "look at the log: connector log"]

    done = answering(ended)("sync")

    assert done.out.splitlines() == [
        "Run 7 (delta): completed-export-errors in 0.50 s",
        "Step    Result                   Adds  Errors  Quarantined  Seconds",
        "export  completed-export-errors  1     1       1            0.25",
        "Quarantined: UserPrincipalName joe@contoso.com of Bob, held by Ann",
        "Failed: Eve: AttributeValueMustBeUnique (ProxyAddresses smtp:eve@contoso.com)",
        "Next: 1 value quarantined: connector errors",
        "Next: look at the log: connector log",
    ]


def test_on_a_terminal_it_says_which_daemon_it_waits_for(connector, monkeypatch):
    def ask(*_: object, heard) -> dict[str, object]:
        heard(4711)
        return run()

    monkeypatch.setattr("connector.daemon.control.ask", ask)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)

    done = [connector("sync"), connector("sync", "--json")]

    assert [each.err for each in done] == [
        "Asked the daemon (process 4711); waiting for its run to end.\n",
        "",
    ]


def test_in_staging_mode_the_shell_says_what_the_log_says(answering, tmp_path):
    with World(tmp_path / "world", schedule={"staging_mode": True}) as world:
        world.user("ann")
        ended = json.loads(json.dumps(run_report(world.sync())))
        logged = world.logged("cycle.finished")[0]["next"]

    said = answering(ended)("sync").out.splitlines()[-1]

    assert logged == "staging mode: 1 pending export kept back: connector sync --dry-run"
    assert said == f"Next: {logged}"


def test_a_daemon_from_before_an_upgrade_gives_no_advice(answering):
    ended = run("completed-export-errors", quarantined=1)
    del ended["next"]

    done = answering(ended)("sync")

    assert (done.code, "Next:" in done.out) == (1, False)


def test_a_policy_that_does_not_exist_is_a_usage_error(connector):
    assert connector("sync", "--policy", "full").code == 2


def test_a_quiet_sync_prints_nothing(answering):
    ended = run("completed-export-errors", quarantined=1)
    ended["next"] = ["1 value quarantined: connector errors"]

    done = answering(ended)("sync", "-q")

    assert (done.code, done.out, done.err) == (1, "", "")


def test_quiet_and_verbose_exclude_each_other(answering):
    done = answering(run())("sync", "-q", "-v")

    assert (done.code, "choose one of them" in done.err) == (2, True)
