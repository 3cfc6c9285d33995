"""What is asked of the daemon itself is bound to signatures too."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from connector.daemon.commands import AT_ONCE, COMMANDS, settings, status, stop, stop_cycle
from connector.operations.binding import perform
from connector.operations.requests import OPERATIONS


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
    answer = perform(COMMANDS, service, {"command": command, "secnods": 1})

    assert answer == {
        "error": f"{command}: unknown argument 'secnods'; there are: none",
        "exit_code": 2,
    }
    assert service.signals == FakeSignals()


def test_all_but_a_reload_is_answered_at_once():
    assert (status, settings, stop, stop_cycle) == AT_ONCE


@pytest.mark.parametrize("at_work", [True, False])
def test_only_work_at_hand_can_be_stopped(service, at_work):
    service.is_at_work = at_work

    assert stop_cycle(service) == {"stopping": at_work}
    assert service.signals.stop_cycle is at_work


def test_a_stop_wakes_the_daemon_and_leaves_the_first_reason(service):
    service.signals.stop = "SIGTERM"

    stop(service)

    assert service.signals == FakeSignals(stop="SIGTERM", woken=[True])
