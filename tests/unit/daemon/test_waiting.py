"""A daemon that starts while the server of its tenant is away waits for it, and answers."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from connector.daemon import commands
from connector.daemon.control import ask, inquire
from connector.daemon.failures import AWAY
from connector.daemon.signals import Signals
from connector.daemon.systemd import Notifier
from connector.daemon.waiting import Waiting, is_away
from connector.errors import InvalidSettings, StorageUnusable, TenantUnavailable
from connector.operations import requests
from connector.operations.binding import request_for
from connector.settings import Settings
from tests.waiting import until
from tests.world import EventLog


def away(kind=TenantUnavailable):
    error = kind("https://tenant.contoso.com: it does not answer")
    error.reason = AWAY
    return error


class Daemon:
    """A daemon that waits, in a thread of its own; ``begin`` is what it tries."""

    def __init__(self, path) -> None:
        self.path = path
        self.log = EventLog()
        self.signals = Signals()
        settings = Settings.model_validate(
            {
                "directory": {"url": "ldap://memory", "base_dn": "dc=contoso,dc=com"},
                "tenant": {"initial_domain": "contoso.onmicrosoft.com"},
                "storage": {"path": path},
            }
        )
        self.waiting = Waiting(
            settings,
            self.signals,
            Notifier({}),
            self.log,
            check_settings=dict,
            count_failure=lambda *_: None,
            check_storage=lambda: None,
        )
        self.ended: list[Any] = []
        self.begin = away
        self.tried = threading.Event()
        self.thread = threading.Thread(target=self._wait)
        self.thread.start()

    def _wait(self) -> None:
        def begin() -> None:
            self.tried.set()
            if (error := self.begin()) is not None:
                raise error

        try:
            self.ended.append(self.waiting.wait(away(), begin))
        except InvalidSettings as error:
            self.ended.append(error)

    def end(self):
        self.thread.join(60)
        assert not self.thread.is_alive()
        return self.ended

    def ask(self, operation):
        def answer():
            request = request_for(operation)
            return inquire(self.path, request) or ask(self.path, request)

        return until("the daemon answers", answer)


@pytest.fixture
def daemon(tmp_path):
    found = Daemon(tmp_path)
    yield found
    found.signals.stop = "SIGTERM"
    found.signals.wake()
    found.end()


def test_it_is_told_once_and_goes_on_when_the_server_answers(daemon):
    assert daemon.tried.wait(60)
    daemon.begin = lambda: None

    assert daemon.end() == [True]
    assert [event for event, _ in daemon.log.events] == ["job.failed", "tenant.available"]


def test_it_answers_what_is_asked_meanwhile(daemon):
    state, sync = daemon.ask(commands.status), daemon.ask(requests.sync)

    assert (state["state"], state["nextRun"]) == ("waiting", None)
    assert [(one["job"], one["reason"]) for one in state["failing"]] == [("start", AWAY)]
    assert (sync["exit_code"], "does not answer" in sync["error"]) == (2, True)


def test_it_stops_and_reloads_when_it_is_told_to(daemon):
    assert daemon.ask(commands.reload) == {"reloaded": True}

    assert daemon.end() == [False]
    assert daemon.signals.reload


def test_another_fault_than_a_server_that_is_away_ends_it(daemon):
    wrong = InvalidSettings(["tenant.resiliency: is false here"])
    daemon.begin = lambda: wrong

    assert daemon.end() == [wrong]


def test_only_a_server_that_is_away_is_waited_for():
    refused = TenantUnavailable("the secret is wrong")

    assert [is_away(one) for one in (away(), away(StorageUnusable), refused)] == [True, True, False]
