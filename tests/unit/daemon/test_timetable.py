"""When jobs come round: by two clocks, on a grid, sooner after a failure."""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine

from connector.daemon.timetable import Timetable

if TYPE_CHECKING:
    from connector.daemon.timetable import Job

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
HALF_AN_HOUR = timedelta(minutes=30)


class World:
    """A timetable on two clocks of its own; ``done`` are the jobs that came round, ``failing`` fail."""

    def __init__(self, wall: time_machine.Traveller) -> None:
        self.wall = wall
        self.steady = 0.0
        self.done: list[str] = []
        self.failing: set[str] = set()
        self.lasts = timedelta()
        self.timetable = Timetable(self._do, monotonic=lambda: self.steady)

    def _do(self, job: Job) -> bool:
        self.done.append(job.name)
        self.pass_(self.lasts)
        return job.work() and job.name not in self.failing

    def keep(self, name: str, every: timedelta | None) -> None:
        self.timetable.keep(name, every, lambda: True)

    def pass_(self, time: timedelta) -> None:
        """Let time pass by both clocks."""
        self.wall.shift(time)
        self.steady += time.total_seconds()

    def look(self) -> list[str]:
        """Do what is due; return what it was."""
        self.done.clear()
        self.timetable.do_what_is_due()
        return list(self.done)

    def looks(self, *minutes: float) -> list[list[str]]:
        """Look once after each of these spans."""
        found = []
        for span in minutes:
            self.pass_(timedelta(minutes=span))
            found.append(self.look())
        return found


@pytest.fixture
def world():
    with time_machine.travel(NOON, tick=False) as wall:
        yield World(wall)


def test_a_job_comes_round_at_once_and_then_an_interval_later(world):
    world.keep("cycle", HALF_AN_HOUR)

    assert world.looks(0, 0, 29, 1, 1) == [["cycle"], [], [], ["cycle"], []]


def test_the_time_that_work_takes_does_not_add_up(world):
    world.keep("cycle", HALF_AN_HOUR)
    world.lasts = timedelta(minutes=10)

    assert world.looks(0, 19, 1, 19, 1) == [["cycle"], [], ["cycle"], [], ["cycle"]]


def test_a_clock_set_back_makes_nothing_late(world):
    world.keep("cycle", HALF_AN_HOUR)
    world.look()

    world.wall.shift(timedelta(hours=-1))

    assert world.looks(29, 1) == [[], ["cycle"]]


def test_after_a_sleep_of_the_machine_a_job_comes_round_once(world):
    world.keep("cycle", HALF_AN_HOUR)
    world.look()

    world.wall.shift(timedelta(hours=8))

    assert [world.look(), world.look()] == [["cycle"], []]


@pytest.fixture
def in_berlin(monkeypatch):
    """Let local time be that of central Europe, by a rule that needs no database of zones."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.parametrize(("month", "day"), [(3, 29), (10, 25)])
def test_summer_time_makes_nothing_early_or_late(in_berlin, month, day):
    """``schedule`` compares local times: at 1:00 UTC they jump an hour ahead, or back."""
    start = datetime(2026, month, day, 0, 45, tzinfo=UTC).timestamp()  # a datetime would set TZ
    with time_machine.travel(start, tick=False) as wall:
        world = World(wall)
        world.keep("cycle", HALF_AN_HOUR)

        found = world.looks(0, 1, 28, 1, 29, 1)

    assert found == [["cycle"], [], [], ["cycle"], [], ["cycle"]]


def test_what_failed_is_tried_again_sooner_and_ever_later(world):
    world.keep("cycle", HALF_AN_HOUR)
    world.failing.add("cycle")

    found = world.looks(0, 9 / 60, 1 / 60, 19 / 60, 1 / 60)

    assert found == [["cycle"], [], ["cycle"], [], ["cycle"]]


def test_what_went_well_again_is_back_on_its_grid(world):
    world.keep("cycle", HALF_AN_HOUR)
    world.failing.add("cycle")
    world.look()
    world.failing.clear()

    assert world.looks(1, 28, 1) == [["cycle"], [], ["cycle"]]


def test_what_fell_due_first_is_done_first(world):
    world.keep("cycle", HALF_AN_HOUR)
    world.keep("sweep", timedelta(minutes=20))
    world.look()

    assert world.looks(45) == [["sweep", "cycle"]]


def test_what_is_held_keeps_its_time(world):
    world.keep("cycle", HALF_AN_HOUR)
    world.look()
    world.timetable.hold("cycle", held=True)

    held = (world.looks(31), world.timetable.remaining("cycle"), world.timetable.idle())
    world.timetable.hold("cycle", held=False)

    assert held == ([[]], None, math.inf)
    assert world.looks(0, 28, 1) == [["cycle"], [], ["cycle"]]


def test_another_interval_moves_the_next_time_along_its_own_grid(world):
    world.keep("cycle", HALF_AN_HOUR)
    world.looks(0, 10)

    world.keep("cycle", timedelta(minutes=20))

    assert world.looks(9, 1, 20) == [[], ["cycle"], ["cycle"]]


def test_what_has_no_interval_comes_round_no_more(world):
    world.keep("cycle", HALF_AN_HOUR)
    world.look()

    world.keep("cycle", None)

    assert world.looks(31, 31) == [[], []]
    assert world.timetable.remaining("cycle") is None


def test_what_gets_an_interval_again_comes_round_at_once(world):
    world.keep("cycle", None)
    world.keep("cycle", HALF_AN_HOUR)

    assert world.look() == ["cycle"]


def test_what_is_made_due_comes_round_at_the_next_look(world):
    world.keep("sweep", HALF_AN_HOUR)
    world.look()

    world.timetable.make_due("sweep")

    assert world.looks(0, 29, 1) == [["sweep"], [], ["sweep"]]


def test_it_tells_how_long_nothing_is_due(world):
    world.keep("cycle", HALF_AN_HOUR)
    world.keep("sweep", timedelta(seconds=30))
    world.look()

    assert world.timetable.remaining("cycle") == 1800
    assert world.timetable.idle() == 30
