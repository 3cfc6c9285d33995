"""The stream tells of a run as it goes on, and says something now and then."""

from __future__ import annotations

import json

import pytest

from connector.run import Run, RunResult
from connector.web.pages import events
from connector.web.pages.events import Listener, Moment, between, sentence, status
from connector.web.pages.work import Ended

STARTED = "2026-11-23T08:00:00Z"
AT_WORK = Run(2, "delta", STARTED)
DONE = Run(2, "delta", STARTED, RunResult.SUCCESS, 1.5)
BEFORE = Run(1, "delta", STARTED, RunResult.SUCCESS, 1.0)
HALF = {"step": "export", "done": 500, "total": 1000}


def idle(last=BEFORE, ended=None):
    return Moment("idle", last, None, ended)


def running(progress=None):
    return Moment("running", AT_WORK, progress, None)


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (idle(None), "Nothing has run yet."),
        (idle(), "Run 1 (delta) finished: success, 1.00 s."),
        (Moment("running", BEFORE, None, None), "At work: it has just begun."),
        (running(), "Run 2 (delta) is at work."),
        (running(HALF), "Run 2: export 500 of 1,000"),
        (running({**HALF, "total": None}), "Run 2: export 500"),
    ],
)
def test_the_state_is_said_in_a_sentence(moment, said):
    assert sentence(moment) == said


def test_a_run_that_began_and_went_on_is_told():
    assert list(between(idle(), running(HALF))) == [
        ("progress", {"run": 2, **HALF}),
        status(running(HALF)),
    ]


def test_progress_before_the_run_has_a_number_is_not_told_of_the_run_before():
    begun = Moment("running", BEFORE, HALF, None)

    assert list(between(idle(), begun)) == [status(begun)]


def test_progress_is_told_once():
    assert list(between(running(HALF), running(HALF))) == []


def test_a_run_that_ended_is_told_with_its_result():
    found = list(between(running(HALF), idle(DONE)))

    assert found[0] == ("finished", {"run": 2, "result": "success"})


def test_a_run_that_began_and_ended_between_two_looks_is_told():
    assert list(between(idle(), idle(DONE))) == [("finished", {"run": 2, "result": "success"})]


def test_what_a_sweep_gave_back_is_told():
    swept = Ended(1, "sweep", "The sweep released 1 value.", True)

    assert list(between(idle(), idle(ended=swept))) == [
        ("told", {"text": "The sweep released 1 value."})
    ]


def test_a_cycle_that_could_not_begin_is_told():
    failed = Ended(1, "sync", "The directory's password cannot be read.", False)

    assert [name for name, _ in between(idle(), idle(ended=failed))] == ["told"]


def test_a_stream_begins_with_the_state_and_says_something_after_a_silence():
    now = [0.0]
    listener = Listener("client", status(idle()), clock=lambda: now[0], patience=0)

    first, second, third = next(listener), next(listener), next(listener)
    now[0] = 11.0

    assert first == b"retry: 3000\n\n"
    assert second.startswith(b"event: status\ndata: {")
    assert (third, next(listener), next(listener)) == (b"", b": still here\n\n", b"")


def test_a_stream_keeps_the_newest_events_for_a_slow_client():
    listener = Listener("client", status(idle()), patience=0)
    for number in range(200):
        listener.hear(("progress", {"run": number}))

    pieces = [json.loads(next(listener).split(b"data: ")[1])["run"] for _ in range(100)]

    assert pieces == list(range(100, 200))


def test_a_stream_that_is_closed_ends():
    listener = Listener("client", status(idle()), patience=0)
    listener.close()

    assert list(listener) == []


def test_a_stream_ends_when_its_person_signs_out(visitor):
    stream = visitor.ask("/events").stream
    before = next(stream)

    visitor.send("/signout")

    assert before == b"retry: 3000\n\n"
    assert list(stream) == []
    assert not stream.is_open


def test_a_client_has_so_many_streams_and_no_more(visitor):
    replies = [visitor.ask("/events") for _ in range(events.STREAMS_OF_A_CLIENT + 1)]

    assert [reply.status for reply in replies] == [200] * events.STREAMS_OF_A_CLIENT + [429]
    replies[0].stream.close()
    assert visitor.ask("/events").status == 200
    for reply in replies[1:-1]:
        reply.stream.close()


def test_a_run_is_told_to_those_who_listen(visitor):
    stream = visitor.ask("/events").stream
    assert [next(stream) for _ in range(2)][1].startswith(b"event: status")

    visitor.world.sync()
    heard = next(piece for piece in stream if piece)
    stream.close()

    assert heard == b'event: finished\ndata: {"run": 1, "result": "success"}\n\n'
