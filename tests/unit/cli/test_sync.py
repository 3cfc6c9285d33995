"""``connector sync`` says what it did, what comes next, and by its exit code whether all is well."""

from __future__ import annotations

import pytest

from connector.cli.sync import exit_code, next_steps

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
    }


@pytest.fixture
def answering(connector, monkeypatch):
    """A command whose work is done already, with this answer."""

    def answer(answer: dict[str, object]):
        monkeypatch.setattr("connector.cli.opening.carry_out", lambda *_: answer)
        return connector

    return answer


@pytest.mark.parametrize(
    ("result", "code"),
    [
        ("success", 0),
        ("completed-export-errors", 1),
        ("completed-sync-errors", 1),
        ("stopped-deletion-threshold-exceeded", 3),
        ("stopped-import-shrunk", 3),
        ("no-start-connection", 4),
        ("no-start-credentials", 4),
        ("stopped-user-termination", 130),
    ],
)
def test_the_exit_code_tells_how_the_run_ended(result, code):
    assert exit_code(result) == code


@pytest.mark.parametrize(
    ("ended", "steps"),
    [
        (run(), []),
        (run("completed-export-errors", quarantined=2), ["2 values quarantined: connector errors"]),
        (
            run("completed-export-errors", errors=1),
            ["1 object failed, and will be tried again: connector errors"],
        ),
        (
            run("stopped-deletion-threshold-exceeded"),
            ["nothing was deleted; see what waits for approval: connector deletions"],
        ),
        (
            run("no-start-connection"),
            ["nothing was changed; see what is wrong with the directory: connector check"],
        ),
    ],
)
def test_the_next_step_follows_from_the_run(ended, steps):
    assert next_steps(ended) == steps


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

    done = answering(ended)("sync")

    assert done.out.splitlines() == [
        "Run 7 (delta): completed-export-errors in 0.50 s",
        "Step    Result                   Adds  Errors  Quarantined  Seconds",
        "export  completed-export-errors  1     1       1            0.25",
        "Quarantined: UserPrincipalName joe@contoso.com of Bob, held by Ann",
        "Failed: Eve: AttributeValueMustBeUnique (ProxyAddresses smtp:eve@contoso.com)",
        "Next: 1 value quarantined: connector errors",
        "Next: 1 object failed, and will be tried again: connector errors",
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


def test_a_policy_that_does_not_exist_is_a_usage_error(connector):
    assert connector("sync", "--policy", "full").code == 2
