"""A server of the tenant that is away is told of once, whatever jobs meet it, and when it is back."""

from __future__ import annotations

import pytest

from connector.daemon.failures import Failures
from connector.daemon.systemd import Notifier
from tests.world import EventLog


@pytest.fixture
def log() -> EventLog:
    return EventLog()


@pytest.fixture
def failures(log: EventLog) -> Failures:
    return Failures(log, Notifier({}), lambda _job, _reason: None)


def told(log: EventLog) -> list[tuple[str, str | None]]:
    return [(event, fields.get("job")) for event, fields in log.events]


def test_a_server_that_is_away_is_told_of_once_until_it_is_back(
    failures: Failures, log: EventLog
) -> None:
    for job in ("cycle", "sweep", "cycle"):
        failures.note(job, "server", f"{job}: connection refused")
    failing = [(found["job"], found["times"]) for found in failures.facts()]
    for job in ("sweep", "cycle"):
        failures.forget(job)
    failures.note("cycle", "server", "connection refused")

    assert failing == [("cycle", 2), ("sweep", 1)]
    assert told(log) == [
        ("job.failed", "cycle"),
        ("tenant.available", None),
        ("job.failed", "cycle"),
    ]


def test_a_server_that_answers_with_another_fault_is_back(
    failures: Failures, log: EventLog
) -> None:
    failures.note("cycle", "server", "connection refused")
    failures.note("cycle", "behind", "it lacks what was committed")
    failures.forget("cycle")

    assert told(log) == [
        ("job.failed", "cycle"),
        ("job.failed", "cycle"),
        ("tenant.available", None),
    ]


def test_other_faults_are_told_each_time(failures: Failures, log: EventLog) -> None:
    for _ in range(2):
        failures.note("cycle", "locked", "database is locked")

    assert told(log) == [("job.failed", "cycle")] * 2
