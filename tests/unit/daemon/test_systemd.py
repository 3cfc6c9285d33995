"""The daemon notifies systemd if it runs under it, and nobody otherwise."""

from __future__ import annotations

import os
import socket
import time

import pytest

from connector.daemon.systemd import LONGEST_SILENT_WORK, BeatingProgress, Notifier, watched


@pytest.fixture
def manager(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.setblocking(False)
        yield manager


@pytest.fixture
def environ(manager):
    return {"NOTIFY_SOCKET": manager.getsockname()}


@pytest.fixture
def notifier(environ, manager):
    """A service that is ready, and has a watchdog of 0.2 s."""
    notifier = Notifier({**environ, "WATCHDOG_USEC": "200000"})
    notifier.ready("ready")
    manager.recv(1000)
    return notifier


def said(manager):
    messages = []
    while True:
        try:
            messages.append(manager.recv(1000).decode())
        except BlockingIOError:
            return messages


def compute_until(true):
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end, "it did not come true"
        sum(range(1000))


def test_facts_are_sent_one_a_line(manager, environ):
    Notifier(environ).notify(READY=1, STATUS="run 7: success\nforged=1")

    assert manager.recv(1000) == b"READY=1\nSTATUS=run 7: success"


def test_the_watchdog_hears_a_beat_but_not_more_often_than_it_needs(manager, environ):
    notifier = Notifier({**environ, "WATCHDOG_USEC": "120000000", "WATCHDOG_PID": str(os.getpid())})

    notifier.ready("ready")
    notifier.beat()
    notifier.beat()

    assert notifier.watchdog == 120
    assert said(manager) == ["READY=1\nSTATUS=ready", "WATCHDOG=1"]


def test_a_start_that_takes_long_asks_for_more_time(manager, environ):
    Notifier(environ).beat()

    assert said(manager) == ["EXTEND_TIMEOUT_USEC=120000000"]


@pytest.mark.parametrize(
    "watchdog",
    [{}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "5", "WATCHDOG_PID": "1"}],
)
def test_without_a_watchdog_of_ours_there_is_no_beat(manager, environ, watchdog):
    notifier = Notifier({**environ, **watchdog})
    notifier.ready("ready")

    notifier.beat()

    assert said(manager) == ["READY=1\nSTATUS=ready"]


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


def test_work_without_a_beat_is_a_sign_of_life(manager, notifier):
    began, heard = time.monotonic(), []

    def has_heard():
        heard.extend(said(manager))
        return len(heard) >= 2

    with watched(notifier):
        compute_until(has_heard)

    assert set(heard) == {"WATCHDOG=1"}
    assert notifier.silence() < time.monotonic() - began


def test_waiting_without_a_beat_is_none(manager, notifier):
    with watched(notifier):
        time.sleep(0.5)

    assert said(manager) == []
    assert notifier.silence() >= 0.5


def test_what_works_for_an_hour_without_a_beat_is_taken_for_stuck(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    notifier = Notifier({})

    silences = []
    for seconds in (LONGEST_SILENT_WORK, 1):
        now[0] += seconds
        notifier.work()
        silences.append(notifier.silence())

    assert silences == [0, 1]


def test_who_asks_is_told_how_far_the_piece_of_work_at_hand_is():
    progress = BeatingProgress(Notifier({}))
    told = [progress.facts()]
    progress.begin("export", 1000)
    progress.advance(300)
    progress.advance(200)
    told.append(progress.facts())
    progress.end()

    assert [*told, progress.facts()] == [None, {"step": "export", "done": 500, "total": 1000}, None]
