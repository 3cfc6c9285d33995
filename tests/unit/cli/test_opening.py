"""A command lets a running daemon do the work, and does it itself otherwise."""

from __future__ import annotations

import pytest

from connector.cli.opening import AnswerError, perform
from connector.errors import InstanceLocked
from connector.operations import requests
from connector.settings import load
from connector.storage.instance import lock_storage


@pytest.fixture
def settings(connector):
    return load(connector.file, {})


@pytest.fixture
def answers(monkeypatch):
    """Let a daemon give these answers, None meaning that it does not listen."""

    def give(*answers: object) -> None:
        waiting = list(answers)
        monkeypatch.setattr(
            "connector.daemon.control.ask",
            lambda *_, **__: waiting.pop(0) if waiting else None,
        )

    return give


def test_a_running_daemon_is_asked(settings, answers):
    answers({"done": True})

    assert perform(settings, requests.discard) == {"done": True}


def test_an_error_of_the_daemon_keeps_its_exit_code(settings, answers):
    answers({"error": "No deletions wait.", "exit_code": 2})

    with pytest.raises(AnswerError, match="No deletions wait") as raised:
        perform(settings, requests.discard)

    assert raised.value.exit_code == 2


def test_without_a_daemon_the_work_is_done_here(settings, answers):
    answers(None)

    assert perform(settings, requests.discard) == {"discarded": False}


def test_a_daemon_that_only_starts_is_asked_again(settings, answers):
    answers(None, None, {"done": True})

    with lock_storage(settings.storage.path):
        assert perform(settings, requests.discard) == {"done": True}


def test_another_command_at_work_is_an_error(settings, answers, monkeypatch):
    answers()
    monkeypatch.setattr("connector.cli.opening._SECONDS_FOR_A_DAEMON_TO_START", 0.0)

    with lock_storage(settings.storage.path), pytest.raises(InstanceLocked, match="in use"):
        perform(settings, requests.discard)
