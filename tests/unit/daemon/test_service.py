"""The daemon's loop, with parts that only record their calls."""

from __future__ import annotations

import errno
import io
import queue
import sqlite3
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
import time_machine

from connector.daemon import commands
from connector.daemon.service import Service
from connector.daemon.systemd import Notifier
from connector.errors import InvalidSettings, StorageRemoved
from connector.logs.log import open_log
from connector.logs.text import parse
from connector.operations.requests import LAST_FULL
from connector.settings import LogSettings, ScheduleSettings
from connector.settings.overrides import STATE, Overrides

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.daemon.control import Server
    from connector.daemon.signals import Signals

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
SYNC = {"command": "sync", "policy": "delta"}
FULL = {"command": "sync", "policy": "initial"}
SWEEP = {"command": "sweep"}
AN_HOUR = {"command": "clock", "advance": 3600}
DONE = {"run": 1, "policy": "delta", "result": "success", "seconds": 0.1}


@dataclass
class FakeSignals:
    stop: str | None = None
    reload: bool = False
    sync_now: bool = False
    slept: list[float] = field(default_factory=list)

    def wait(self, seconds: float) -> None:
        self.slept.append(seconds)

    def wake(self) -> None:
        """Nobody sleeps."""


@dataclass
class FakeAsked:
    request: dict[str, Any]
    answers: list[Any] = field(default_factory=list)

    def answer(self, answer: Any) -> None:
        self.answers.append(answer)


class FakeServer:
    def __init__(self, *asked: FakeAsked) -> None:
        self.asked = list(asked)
        self.requests: queue.SimpleQueue[object] = queue.SimpleQueue()

    def waiting(self) -> list[FakeAsked]:
        taken, self.asked = self.asked, []
        return taken


class World:
    """A service, what it was told to do, and its log."""

    def __init__(
        self,
        clock: Clock,
        last_sweep: datetime | None = NOON,
        paused: str | None = None,
        url: str | None = None,
        **schedule: Any,
    ) -> None:
        self.performed: list[dict[str, Any]] = []
        self.answers: dict[str, Any] = {}
        self.facts: dict[str, str] = {"paused": paused} if paused else {}
        self.password = "wrong"
        self.stream = io.StringIO()
        self.signals = FakeSignals()
        parts: Any = SimpleNamespace(
            settings=SimpleNamespace(
                schedule=ScheduleSettings(**schedule),
                tenant=SimpleNamespace(url=url),
                directory=SimpleNamespace(
                    bind_dn="cn=reader",
                    password=SimpleNamespace(get_secret_value=lambda: self.password),
                    password_file=None,
                ),
            ),
            space=SimpleNamespace(
                state=SimpleNamespace(get=self.facts.get),
                note=self.facts.__setitem__,
                paused_since=lambda: self.facts.get("paused"),
                history=SimpleNamespace(last_import=lambda: self.facts.get("last-import")),
            ),
            tenant=SimpleNamespace(
                clock=SimpleNamespace(now=lambda: NOON), last_sweep=lambda: last_sweep
            ),
            log=open_log(LogSettings(), stream=self.stream, environ={}),
            clock=lambda: NOON,
            now=NOON.isoformat,
        )
        self.observed: list[object] = []
        self.problems: list[str] = []
        self.failures: list[tuple[str, ...]] = []
        self.removed = False
        self.service = Service(
            parts,
            cast("Signals", self.signals),
            Notifier({}),
            perform=self.perform,
            count_failure=lambda *failure: self.failures.append(failure),
            check_storage=self.check_storage,
            check_settings=self.check_settings,
            observe=self.observed.append,
            monotonic=lambda: clock.steady,
        )

    def check_storage(self) -> None:
        if self.removed:
            raise StorageRemoved("connector.lock was removed")

    def failing(self) -> list[tuple[str, str, int]]:
        found = commands.status(self.service)["failing"]
        return [(job["job"], job["reason"], job["times"]) for job in found]

    def check_settings(self) -> None:
        if self.problems:
            raise InvalidSettings(self.problems)

    def perform(self, _: object, request: Mapping[str, Any]) -> dict[str, Any]:
        self.performed.append(dict(request))
        answer: dict[str, Any] | Exception = self.answers.get(request["command"], DONE)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def tick(self, *asked: FakeAsked) -> list[dict[str, Any]]:
        """Let the loop go round once; return what it did."""
        self.performed.clear()
        self.service.tick(cast("Server", FakeServer(*asked)))
        return list(self.performed)

    def events(self) -> list[str]:
        return [
            record["event"]
            for line in self.stream.getvalue().splitlines()
            if (record := parse(line))
        ]


class Clock:
    """The wall clock and the monotonic one."""

    def __init__(self, wall: time_machine.Traveller) -> None:
        self.wall = wall
        self.steady = 0.0

    def shift(self, **duration: float) -> None:
        self.wall.shift(timedelta(**duration))
        self.steady += timedelta(**duration).total_seconds()


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as wall:
        yield Clock(wall)


@pytest.fixture
def world_with(clock):
    return lambda **facts: World(clock, **facts)


def test_the_first_cycle_starts_at_once_and_the_next_an_interval_later(clock, world_with):
    world = world_with(delta=timedelta(minutes=30))

    did = [world.tick()]
    clock.shift(minutes=29)
    did.append(world.tick())
    clock.shift(minutes=1)
    did.append(world.tick())

    assert did == [[SYNC], [], [SYNC]]


def test_a_failing_cycle_is_tried_again_sooner_and_ever_later(clock, world_with):
    world = world_with(delta=timedelta(minutes=30))
    world.answers["sync"] = {**DONE, "result": "no-start-connection"}

    did = [world.tick()]
    for seconds in (9, 1, 19, 1):
        clock.shift(seconds=seconds)
        did.append(world.tick())

    assert did == [[SYNC], [], [SYNC], [], [SYNC]]


def test_a_cycle_that_crashes_is_logged_and_starves_nothing(world_with):
    world = world_with(last_sweep=None)
    world.answers["sync"] = RuntimeError("boom")

    did = world.tick()

    assert did == [SYNC, SWEEP]
    assert world.events() == ["daemon.failed"]


def test_the_sweep_runs_when_the_stored_last_one_is_an_interval_old(world_with):
    fresh = world_with(last_sweep=NOON - timedelta(minutes=59), enabled=False)
    old = world_with(last_sweep=NOON - timedelta(hours=1), enabled=False)

    assert [fresh.tick(), old.tick()] == [[], [SWEEP]]


def test_the_sweep_is_left_to_the_site_that_has_the_tenant(world_with):
    world = world_with(
        last_sweep=NOON - timedelta(days=1), enabled=False, url="https://tenant.contoso.com"
    )

    assert world.tick() == []


def test_a_full_cycle_runs_when_the_stored_last_one_is_too_old(world_with):
    world = world_with(full=timedelta(days=1))
    world.facts[LAST_FULL] = (NOON - timedelta(days=1)).isoformat()

    did = world.tick()

    assert did == [FULL]


@pytest.mark.parametrize(("days", "did"), [(7, [SYNC]), (7.1, [FULL])])
def test_after_more_than_a_week_without_an_import_the_cycle_is_a_full_one(world_with, days, did):
    world = world_with()
    world.facts["last-import"] = (NOON - timedelta(days=days)).isoformat()

    assert world.tick() == did


def test_a_paused_daemon_starts_no_cycle_but_sweeps_and_answers(clock, world_with):
    world = world_with(last_sweep=None, paused=NOON.isoformat())

    did = [world.tick(), world.tick(FakeAsked(FULL))]
    clock.shift(hours=2)
    did.append(world.tick())

    assert did == [[SWEEP], [FULL], [SWEEP]]


def test_a_cycle_that_came_due_in_a_pause_starts_when_it_ends(clock, world_with):
    world = world_with(delta=timedelta(minutes=30))
    world.tick()
    world.facts["paused"] = NOON.isoformat()
    world.tick()
    clock.shift(minutes=31)
    paused = world.tick()
    del world.facts["paused"]

    assert (paused, world.tick(), world.tick()) == ([], [], [SYNC])


def test_its_state_tells_that_it_is_paused(world_with):
    world = world_with(paused="2026-01-05T11:00:00Z")
    world.tick()

    status = commands.status(world.service)

    assert (status["state"], status["nextRun"], status["pausedSince"]) == (
        "paused",
        None,
        "2026-01-05T11:00:00Z",
    )


def test_sigusr1_syncs_a_paused_daemon_too(world_with):
    world = world_with(paused=NOON.isoformat())
    world.tick()
    world.signals.sync_now = True

    assert world.tick() == [{"command": "sync"}]


def test_a_reload_that_was_asked_for_ends_the_service_when_the_settings_will_do(world_with):
    world = world_with(enabled=False)
    asked = FakeAsked({"command": "reload"})

    world.tick(asked)

    assert asked.answers == [{"reloaded": True}]
    assert (world.signals.reload, world.signals.slept) == (True, [])


def test_a_reload_of_settings_that_will_not_do_says_why_and_changes_nothing(world_with):
    world = world_with(enabled=False)
    world.problems = ["schedule.delta: wrong"]
    asked = FakeAsked({"command": "reload"})

    world.tick(asked)

    assert asked.answers == [
        {"error": "schedule.delta: wrong", "exit_code": 2, "reason": "settings"}
    ]
    assert (world.signals.reload, world.events()) == (False, ["daemon.reload_failed"])


def test_a_stop_that_was_asked_for_is_told_at_once(world_with):
    world = world_with()

    commands.stop(world.service)

    assert world.signals.stop == "connector daemon stop"
    assert commands.status(world.service)["state"] == "stopping"


def test_every_run_is_observed_scheduled_or_asked_for(world_with):
    world = world_with()
    world.answers["sweep"] = {"released": []}

    world.tick(FakeAsked(FULL), FakeAsked(SWEEP))

    assert world.observed == [DONE, DONE]


def test_a_full_cycle_that_could_not_start_is_still_due(clock, world_with):
    world = world_with(full=timedelta(days=1))
    world.answers["sync"] = {**DONE, "result": "no-start-connection"}

    world.tick()
    clock.shift(seconds=10)

    assert world.tick() == [FULL]


def test_with_the_schedule_off_cycles_run_only_when_asked_for(world_with):
    world = world_with(enabled=False)
    asked = FakeAsked(SYNC)

    did = [world.tick(), world.tick(asked)]

    assert did == [[], [SYNC]]
    assert asked.answers == [DONE]


def test_those_who_ask_for_the_same_share_one_run(world_with):
    world = world_with(enabled=False)
    asked = [FakeAsked(SYNC), FakeAsked(SYNC), FakeAsked(SWEEP)]

    did = world.tick(*asked)

    assert did == [SYNC, SWEEP]
    assert [one.answers for one in asked] == [[DONE]] * 3


def test_a_change_that_two_ask_for_is_made_twice(world_with):
    world = world_with(enabled=False)
    asked = [FakeAsked(AN_HOUR), FakeAsked(AN_HOUR)]

    assert world.tick(*asked) == [AN_HOUR, AN_HOUR]


@pytest.mark.parametrize("request_", [AN_HOUR, {"command": "rewind", "name": "start"}])
def test_when_the_tenants_clock_moves_the_sweep_is_looked_at_at_once(world_with, request_):
    world = world_with(enabled=False)
    world.tick()
    world.service._parts.tenant.clock.now = lambda: NOON + timedelta(hours=1)

    did = [world.tick(), world.tick(FakeAsked(request_)), world.tick()]

    assert did == [[], [request_], [SWEEP]]


def test_a_request_that_crashes_is_answered_with_the_error(world_with):
    world = world_with(enabled=False)
    world.answers["sync"] = RuntimeError("boom")
    asked = FakeAsked(SYNC)

    world.tick(asked)

    assert asked.answers == [{"error": "RuntimeError: boom", "exit_code": 70}]


def test_once_told_to_stop_it_starts_nothing_more(world_with):
    world = world_with()
    world.signals.stop = "SIGTERM"
    asked = FakeAsked(SYNC)

    did = world.tick(asked)

    assert did == []
    assert asked.answers == [{"error": "The daemon stops.", "exit_code": 75}]


def test_sigusr1_makes_the_next_cycle_due(world_with):
    world = world_with()
    world.tick()
    world.signals.sync_now = True

    assert world.tick() == [{"command": "sync"}]


def test_it_sleeps_until_the_next_work_and_five_seconds_at_most(world_with):
    soon, late = world_with(delta=timedelta(seconds=3)), world_with(delta=timedelta(seconds=7))

    soon.tick()
    late.tick()

    assert [soon.signals.slept, late.signals.slept] == [[3], [5]]


def test_its_state_tells_when_the_next_cycle_starts(world_with):
    world = world_with(delta=timedelta(minutes=30))
    world.tick()

    status = commands.status(world.service)

    assert (status["state"], status["nextRun"]) == ("idle", "2026-01-05T12:30:00Z")


def test_cycles_follow_what_cmdlets_set_at_once(clock, world_with):
    world = world_with(delta=timedelta(minutes=30))
    did = [world.tick()]
    world.facts[STATE] = Overrides(interval=7200).to_text()
    world.tick()
    for _ in range(4):
        clock.shift(minutes=30)
        did.append(world.tick())

    assert did == [[SYNC], [], [], [], [SYNC]]


def test_cycles_stop_and_start_again_as_cmdlets_set(clock, world_with):
    world = world_with(delta=timedelta(minutes=30))
    did = [world.tick()]
    for enabled in (False, True):
        world.facts[STATE] = Overrides(cycle_enabled=enabled).to_text()
        world.tick()
        clock.shift(hours=1)
        did.append(world.tick())

    assert did == [[SYNC], [], [SYNC]]


def test_the_next_cycle_may_be_set_to_be_a_full_one(world_with):
    world = world_with()
    world.facts[STATE] = Overrides(next_policy="initial").to_text()

    assert world.tick() == [FULL]


@pytest.mark.parametrize("name", [["sync"], {"sync": 1}, None, 7])
def test_a_command_that_is_no_text_is_passed_on_like_any_other(world_with, name):
    world = world_with(enabled=False)
    world.answers = SimpleNamespace(get=lambda *_: DONE)

    assert world.tick(FakeAsked({"command": name})) == [{"command": name}]


def test_a_misspelt_reload_is_refused(world_with):
    world = world_with(enabled=False)
    asked = FakeAsked({"command": "reload", "now": True})

    world.tick(asked)

    assert [answer["exit_code"] for answer in asked.answers] == [2]
    assert world.signals.reload is False


LOCKED = {"error": "database is locked", "exit_code": 2, "reason": "locked"}
REFUSED = {**DONE, "result": "no-start-credentials"}


def test_a_job_that_fails_is_logged_counted_and_shown_until_it_succeeds(clock, world_with):
    world = world_with(delta=timedelta(minutes=30))
    world.answers["sync"] = LOCKED
    world.tick()
    clock.shift(seconds=10)
    world.tick()
    failing = world.failing()
    world.answers["sync"] = DONE
    clock.shift(seconds=20)
    world.tick()

    assert world.events() == ["job.failed", "job.failed"]
    assert world.failures == [("cycle", "locked"), ("cycle", "locked")]
    assert (failing, world.failing()) == ([("cycle", "locked", 2)], [])


def test_a_sync_that_somebody_asked_for_ends_the_failure_of_the_cycle(world_with):
    world = world_with()
    world.answers["sync"] = LOCKED
    world.tick()
    world.answers["sync"] = DONE

    world.tick(FakeAsked(FULL))

    assert world.failing() == []


def test_a_sync_that_was_refused_for_its_arguments_is_no_failure(world_with):
    world = world_with(enabled=False)
    world.answers["sync"] = {"error": "sync: unknown argument", "exit_code": 2}

    world.tick(FakeAsked(SYNC))

    assert (world.failures, world.failing(), world.events()) == ([], [], [])


def test_a_command_that_fails_is_counted_and_leaves_the_daemon_ready(world_with):
    world = world_with(enabled=False)
    world.answers["backup"] = {"error": "no room", "exit_code": 2, "reason": "disk"}

    world.tick(FakeAsked({"command": "backup", "path": "/copy"}))

    assert (world.failures, world.failing()) == ([("backup", "disk")], [])


def test_a_sweep_that_fails_is_tried_again_soon(clock, world_with):
    world = world_with(last_sweep=None, enabled=False)
    world.answers["sweep"] = LOCKED
    world.tick()
    clock.shift(seconds=10)

    assert world.tick() == [SWEEP]
    assert world.failing() == [("sweep", "locked", 2)]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "disk"),
        (InvalidSettings(["directory.password_file: Permission denied"]), "settings"),
        (RuntimeError("boom"), "internal"),
    ],
)
def test_a_fault_is_counted_by_its_reason(world_with, error, reason):
    world = world_with()
    world.answers["sync"] = error

    world.tick()

    assert world.failures == [("cycle", reason)]


def test_a_schedule_that_cannot_be_read_stays_as_it_was(clock, world_with):
    world = world_with(delta=timedelta(minutes=30))
    world.tick()
    read, world.facts["paused"] = world.service._parts.space.paused_since, "now"

    def locked() -> str:
        raise sqlite3.OperationalError("disk I/O error")

    world.service._parts.space.paused_since = locked
    world.tick()
    failing = world.failing()
    world.service._parts.space.paused_since = read
    clock.shift(minutes=30)

    assert (failing, world.tick()) == ([("schedule", "internal", 1)], [SYNC])
    assert world.failing() == []


def test_a_storage_that_was_taken_away_ends_the_service_before_it_does_anything(world_with):
    world = world_with()
    world.removed = True

    with pytest.raises(StorageRemoved):
        world.tick()

    assert world.performed == []


def test_a_log_that_cannot_be_written_ends_nothing(world_with, capsys):
    world = world_with()
    world.answers["sync"] = LOCKED

    def full(_: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    world.stream.write = full
    world.tick()

    assert world.failing() == [("cycle", "locked", 1)]
    assert "job.failed job=cycle reason=locked" in capsys.readouterr().err


def test_a_password_that_was_refused_is_sent_again_after_a_growing_pause(clock, world_with):
    world = world_with(delta=timedelta(minutes=1))
    world.answers["sync"] = REFUSED
    did = []
    for minutes in (0, 14, 1, 29, 1):
        clock.shift(minutes=minutes)
        did.append(world.tick())

    assert did == [[SYNC], [], [SYNC], [], [SYNC]]
    assert world.failing() == [("cycle", "credentials", 3)]


def test_another_password_is_tried_at_once(clock, world_with):
    world = world_with(delta=timedelta(minutes=1))
    world.answers["sync"] = REFUSED
    world.tick()
    clock.shift(minutes=5)
    before = world.tick()
    world.password, world.answers["sync"] = "right", DONE

    assert (before, world.tick(), world.failing()) == ([], [SYNC], [])


def test_whoever_asks_for_a_sync_does_not_wait_for_the_pause(world_with):
    world = world_with()
    world.answers["sync"] = REFUSED
    world.tick()
    world.answers["sync"] = DONE

    did = world.tick(FakeAsked(SYNC))

    assert (did, world.failing()) == ([SYNC], [])
