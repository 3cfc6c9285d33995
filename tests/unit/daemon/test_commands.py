"""What is asked of the daemon itself is bound to signatures too."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from connector.daemon.commands import AT_ONCE, COMMANDS, monitor, settings, status, stop, stop_cycle
from connector.operations.binding import perform
from connector.operations.requests import OPERATIONS
from connector.web.health import Answer as Monitored


@dataclass
class FakeSignals:
    stop: str | None = None
    stop_cycle: bool = False
    woken: list[bool] = field(default_factory=list)

    def wake(self) -> None:
        self.woken.append(True)


@pytest.fixture
def service():
    return SimpleNamespace(signals=FakeSignals(), is_at_work=True)


def test_no_command_of_the_daemon_hides_an_operation():
    assert COMMANDS.keys() & OPERATIONS.keys() == set()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_misspelt_argument_is_refused_by_name(service, command):
    arguments = {"monitor": "path"}.get(command, "none")
    answer = perform(COMMANDS, service, {"command": command, "secnods": 1})

    assert answer == {
        "error": f"{command}: unknown argument 'secnods'; there are: {arguments}",
        "exit_code": 2,
    }
    assert service.signals == FakeSignals()


def test_all_but_a_reload_is_answered_at_once():
    assert set(AT_ONCE) == {status, monitor, settings, stop, stop_cycle}


@pytest.mark.parametrize(
    ("found", "answer"),
    [
        (
            Monitored(503, "text/plain", b"stuck\n"),
            {"status": 503, "contentType": "text/plain", "body": "stuck\n"},
        ),
        (None, {"status": None, "contentType": None, "body": None}),
    ],
)
def test_the_daemon_answers_monitoring_for_another_process(service, found, answer):
    service.monitor = {"/healthz": found}.get

    assert monitor(service, path="/healthz") == answer


@pytest.mark.parametrize("at_work", [True, False])
def test_only_work_at_hand_can_be_stopped(service, at_work):
    service.is_at_work = at_work

    assert stop_cycle(service) == {"stopping": at_work}
    assert service.signals.stop_cycle is at_work


def test_a_stop_wakes_the_daemon_and_leaves_the_first_reason(service):
    service.signals.stop = "SIGTERM"

    stop(service)

    assert service.signals == FakeSignals(stop="SIGTERM", woken=[True])
