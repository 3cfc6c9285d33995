"""Work is done by a few threads, in its order, and what fails is told to the one who asked."""

from __future__ import annotations

import threading
from concurrent.futures import wait

import pytest

from connector.web.workers import Workers


@pytest.fixture
def workers_of():
    made = []

    def make(most):
        made.append(Workers(most, "test"))
        return made[-1]

    yield make
    for workers in made:
        workers.shutdown()


def test_no_more_threads_than_allowed_are_at_work(workers_of):
    workers, lock = workers_of(3), threading.Lock()
    at_work, most = [], []

    def work(number):
        with lock:
            at_work.append(number)
            most.append(len(at_work))
        gate.wait(60)
        with lock:
            at_work.remove(number)
        return number * 2

    gate = threading.Event()
    futures = [workers.submit(work, number) for number in range(9)]
    wait(futures, timeout=0.2)
    gate.set()

    assert [future.result(60) for future in futures] == [number * 2 for number in range(9)]
    assert max(most) == 3


def test_a_thread_that_is_idle_takes_the_next_work(workers_of):
    workers = workers_of(8)
    names = set()
    for _ in range(20):
        names.add(workers.submit(lambda: threading.current_thread().name).result(60))

    assert len(names) <= 2


def test_an_error_is_told_to_the_one_who_asked(workers_of):
    def fail():
        raise ValueError("wrong")

    with pytest.raises(ValueError, match="wrong"):
        workers_of(1).submit(fail).result(60)
