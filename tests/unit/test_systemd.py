"""What systemd is told, and when nobody is told anything."""

from __future__ import annotations

import os
import socket

import pytest

from connector.systemd import BeatingProgress, Notifier


@pytest.fixture
def manager(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.setblocking(False)
        yield manager


@pytest.fixture
def environ(manager):
    return {"NOTIFY_SOCKET": manager.getsockname()}


def test_facts_are_sent_one_a_line(manager, environ):
    Notifier(environ).notify(READY=1, STATUS="run 7: success\nforged=1")

    assert manager.recv(1000) == b"READY=1\nSTATUS=run 7: success"


def test_the_watchdog_hears_a_beat_but_not_more_often_than_it_needs(manager, environ):
    notifier = Notifier({**environ, "WATCHDOG_USEC": "120000000", "WATCHDOG_PID": str(os.getpid())})

    notifier.beat()
    notifier.beat()

    assert notifier.watchdog == 120
    assert manager.recv(1000) == b"WATCHDOG=1"
    with pytest.raises(BlockingIOError):
        manager.recv(1000)


@pytest.mark.parametrize(
    "watchdog",
    [{}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "5", "WATCHDOG_PID": "1"}],
)
def test_without_a_watchdog_of_ours_there_is_no_beat(manager, environ, watchdog):
    Notifier({**environ, **watchdog}).beat()

    with pytest.raises(BlockingIOError):
        manager.recv(1000)


def test_without_a_manager_nothing_is_sent():
    Notifier({}).notify(READY=1)


def test_a_manager_that_went_away_stops_nothing(tmp_path):
    Notifier({"NOTIFY_SOCKET": str(tmp_path / "gone")}).notify(READY=1)


def test_every_sign_of_life_ends_the_silence(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    notifier = Notifier({})
    progress = BeatingProgress(notifier)
    silences = []
    for sign in (notifier.beat, lambda: progress.begin("x"), lambda: progress.advance(1)):
        now[0] += 7
        silences.append(notifier.silence())
        sign()

    progress.end()

    assert (silences, notifier.silence()) == ([7, 7, 7], 0)
