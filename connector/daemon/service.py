"""Run on a schedule until told to stop: cycles, sweeps, and what commands ask for.

One thread does the work; signal handlers and the control socket only leave a mark and wake it. What
is due is judged by stored facts and by two clocks, so that neither a restart nor a clock that jumps
makes a cycle late or doubles it.
"""

from __future__ import annotations

import os
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import schedule

from connector import __version__
from connector.assembly import open_parts
from connector.daemon.control import Server
from connector.daemon.due import due, full_cycle_due, next_on_grid, retry_after
from connector.daemon.signals import Signals
from connector.daemon.systemd import BeatingProgress, Notifier, watched
from connector.errors import ConnectorError, DaemonUnavailable
from connector.logs.log import open_log
from connector.operations import requests as operations
from connector.operations.requests import LAST_FULL
from connector.report.delivery import send_weekly_if_due
from connector.run import RunResult
from connector.settings import directory_password
from connector.settings.overrides import overrides, schedule_in_force
from connector.storage.instance import lock_storage
from connector.web.health import Health
from connector.web.listener import listening
from connector.web.metrics import Metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from connector.assembly import Parts
    from connector.daemon.control import Asked
    from connector.logs.log import Log
    from connector.settings import Settings

LONGEST_SLEEP = 30.0
LONGEST_CHECK = timedelta(seconds=30)
SUSPENDED = 86400.0
STOP_COMMAND = "connector daemon stop"
INTERNAL_ERROR = 70


@dataclass(slots=True)
class Job:
    """Work that comes round; ``work`` tells whether it went well."""

    name: str
    every: timedelta
    work: Callable[[], bool]
    start: float
    due_at: float
    due_time: float
    failures: int = 0

    def remaining(self, monotonic: float) -> float:
        """Return the seconds left by whichever clock says less.

        The monotonic clock stands still while the machine sleeps; the other one can be set back.
        """
        return max(0.0, min(self.due_at - monotonic, self.due_time - time.time()))

    def plan(self, monotonic: float, seconds: float) -> None:
        self.due_at = monotonic + seconds
        self.due_time = time.time() + seconds


class Service:
    """The daemon between two loads of its settings."""

    def __init__(  # noqa: PLR0913 -- one keyword a thing that a test replaces
        self,
        parts: Parts,
        signals: Signals,
        notifier: Notifier,
        *,
        perform: Callable[[Parts, Mapping[str, Any]], dict[str, Any]] = operations.perform,
        check_settings: Callable[[], object] = dict,
        observe: Callable[[Mapping[str, Any]], None] = lambda _: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._parts = parts
        self._monotonic = monotonic
        self._do = perform
        self._check_settings = check_settings
        self._observe = observe
        self._signals = signals
        self._notifier = notifier
        self._state = "idle"
        self._paused: str | None = None
        self._scheduler = schedule.Scheduler()
        self._jobs: dict[str, tuple[Job, schedule.Job]] = {}
        self._follow_schedule()
        sweep = parts.settings.schedule.sweep
        self._add("sweep", min(sweep, LONGEST_CHECK), self._sweep_if_due)
        self._add("report", LONGEST_CHECK, self._send_report_if_due)

    def serve(self) -> None:
        """Work until told to stop or to load the settings anew."""
        storage = self._parts.settings.storage.path
        at_once = {"status": self.status, "stop-cycle": self.stop_cycle, "stop": self.stop}
        with closing(Server(storage, at_once=at_once, wake=self._signals.wake)) as server:
            self._notifier.ready("paused" if self._paused else "ready")
            while not (self._signals.stop or self._signals.reload):
                self.tick(server)

    def status(self) -> dict[str, Any]:
        """Say what the daemon does now, and when its next cycle starts; any thread may ask."""
        cycle = None if self._paused else self._jobs.get("cycle")
        start = datetime.now(UTC) + timedelta(seconds=self._remaining(cycle[0])) if cycle else None
        return {
            "state": self._shown_state(),
            "nextRun": start and start.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "pausedSince": self._paused,
            "pid": os.getpid(),
        }

    def _shown_state(self) -> str:
        if self._signals.stop:
            return "stopping"
        return "paused" if self._paused and self._state == "idle" else self._state

    def stop(self) -> dict[str, Any]:
        """End the service as SIGTERM does; any thread may ask."""
        self._signals.stop = self._signals.stop or STOP_COMMAND
        self._signals.wake()
        return {"pid": os.getpid()}

    def stop_cycle(self) -> dict[str, Any]:
        """End the work at hand as soon as it can be left; any thread may ask."""
        self._signals.stop_cycle = self._state == "running"
        return {"stopping": self._signals.stop_cycle}

    def tick(self, server: Server) -> None:
        """Do what is due and what was asked, then sleep until there is more to do."""
        self._sync_if_told()
        self._align()
        self._scheduler.run_pending()
        self._serve(server.waiting())
        self._follow_schedule()
        self._align()
        self._notifier.beat()
        if self._signals.reload or not server.requests.empty():
            return
        pause = min(self._scheduler.idle_seconds or 0.0, LONGEST_SLEEP)
        self._signals.wait(min(pause, (self._notifier.watchdog or LONGEST_SLEEP) / 3))

    # --- jobs ---------------------------------------------------------------------------------

    def _add(self, name: str, every: timedelta, work: Callable[[], bool]) -> None:
        now = self._monotonic()
        job = Job(name, every, work, now, now, time.time())
        seconds = max(1, int(every.total_seconds()))
        self._jobs[name] = job, self._scheduler.every(seconds).seconds.do(self._run, job)

    def _sync_if_told(self) -> None:
        """Run the cycle of a SIGUSR1; whoever sends it means it, paused or not."""
        if self._signals.sync_now:
            self._signals.sync_now = False
            policy = overrides(self._parts.space.state).next_policy
            self._perform({"command": "sync", "policy": policy})

    def _follow_schedule(self) -> None:
        """Let cycles come round as the settings, and commands and cmdlets since, want it."""
        self._paused = self._parts.space.paused_since()
        wanted = schedule_in_force(self._parts.settings.schedule, self._parts.space.state)
        known = self._jobs.get("cycle")
        if known is None and wanted.enabled:
            self._add("cycle", wanted.delta, self._cycle)
        elif known is not None and not wanted.enabled:
            self._scheduler.cancel_job(known[1])
            del self._jobs["cycle"]
        elif known is not None and known[0].every != wanted.delta:
            job, now = known[0], self._monotonic()
            job.every = wanted.delta
            job.plan(now, next_on_grid(job.start, now, job.every.total_seconds()) - now)

    def _align(self) -> None:
        """Give the scheduler, which knows local time only, the next time of each job."""
        now = datetime.now()  # noqa: DTZ005 -- schedule compares with naive local time
        for job, scheduled in self._jobs.values():
            scheduled.next_run = now + timedelta(seconds=self._remaining(job))

    def _remaining(self, job: Job) -> float:
        if self._paused and job.name == "cycle":
            return SUSPENDED
        return job.remaining(self._monotonic())

    def _run(self, job: Job) -> None:
        """Do a job; what it raises must not reach the scheduler, where it would starve the others."""
        if self._signals.stop:
            return
        self._begin_work()
        try:
            well = job.work()
        except Exception as error:  # noqa: BLE001 -- a fault of one job must not end the service
            self._report(job.name, error)
            well = False
        self._state = "idle"
        job.failures = 0 if well else job.failures + 1
        now = self._monotonic()
        if well:
            job.plan(now, next_on_grid(job.start, now, job.every.total_seconds()) - now)
        else:
            job.plan(now, retry_after(job.failures, job.every).total_seconds())

    def _begin_work(self) -> None:
        self._signals.stop_cycle = False
        self._state = "running"

    def _cycle(self) -> bool:
        parts = self._parts
        is_full = full_cycle_due(
            parts.clock(),
            every=parts.settings.schedule.full,
            last_full=_moment(parts.space.state.get(LAST_FULL)),
            last_import=_moment(parts.space.history.last_import()),
        )
        policy = "initial" if is_full else overrides(parts.space.state).next_policy
        answer = self._do(parts, {"command": "sync", "policy": policy})
        self._tell(answer)
        return "result" in answer and not RunResult(answer["result"]).did_not_start

    def _sweep_if_due(self) -> bool:
        parts = self._parts
        if due(parts.tenant.clock.now(), parts.tenant.last_sweep(), parts.settings.schedule.sweep):
            self._do(parts, {"command": "sweep"})
        return True

    def _send_report_if_due(self) -> bool:
        return send_weekly_if_due(self._parts)

    # --- commands -----------------------------------------------------------------------------

    def _serve(self, waiting: list[Asked]) -> None:
        """Answer what was asked; those who ask for the same cycle before it begins share it."""
        answers: dict[str, dict[str, Any]] = {}
        for asked in waiting:
            key = repr(sorted(asked.request.items()))
            if key not in answers or asked.request.get("command") not in operations.SHARED:
                answers[key] = self._perform(asked.request)
            asked.answer(answers[key])

    def _perform(self, request: Mapping[str, Any]) -> dict[str, Any]:
        if self._signals.stop:
            return {"error": "The daemon stops.", "exit_code": DaemonUnavailable.exit_code}
        if request.get("command") == "reload":
            return self._reload()
        self._begin_work()
        try:
            answer = self._do(self._parts, request)
        except Exception as error:  # noqa: BLE001 -- a fault of one request must not end the service
            self._report(str(request.get("command")), error)
            answer = {"error": f"{type(error).__name__}: {error}", "exit_code": INTERNAL_ERROR}
        self._state = "idle"
        if "run" in answer:
            self._tell(answer)
        if request.get("command") in operations.MOVES_TIME:
            for name in ("sweep", "report"):
                self._jobs[name][0].plan(self._monotonic(), 0.0)
        return answer

    def _reload(self) -> dict[str, Any]:
        """Load the settings anew if they can be used; whoever asked is told why not."""
        try:
            self._check_settings()
        except ConnectorError as error:
            self._parts.log.error("daemon.reload_failed", message=str(error))
            return {"error": str(error), "exit_code": error.exit_code}
        self._signals.reload = True
        return {"reloaded": True}

    def _report(self, work: str, error: Exception) -> None:
        self._parts.log.error(
            "daemon.failed", work=work, error=type(error).__name__, message=str(error)
        )

    def _tell(self, answer: Mapping[str, Any]) -> None:
        """Give systemd one line about the last run, and the metrics its numbers."""
        if "run" in answer:
            self._observe(answer)
            line = "run {run} ({policy}): {result} in {seconds:.1f} s".format_map(answer)
            self._notifier.notify(STATUS=line)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def run(load: Callable[[], Settings], environ: Mapping[str, str] = os.environ) -> None:
    """Be the daemon until SIGTERM or SIGINT; SIGHUP loads the settings anew, SIGUSR1 syncs now.

    Raises InvalidSettings, StorageUnusable, and InstanceLocked when another instance works on the
    storage path.
    """
    settings = load()
    signals, notifier, metrics = Signals(), Notifier(environ), Metrics()

    def check() -> Settings:
        return _usable(load, environ)

    # Before the lock: whoever sees it held may send a signal at once.
    signals.install()
    with watched(notifier), lock_storage(settings.storage.path):
        while True:
            with closing(open_log(settings.log, environ=environ)) as log:
                _serve(settings, log, signals, notifier, metrics, check)
                if signals.stop:
                    return
                notifier.notify(RELOADING=1, MONOTONIC_USEC=time.monotonic_ns() // 1000)
                settings = _reloaded(settings, check, log)
            signals.reload = False


def _serve(  # noqa: PLR0913, PLR0917 -- what lives as long as the process, one by one
    settings: Settings,
    log: Log,
    signals: Signals,
    notifier: Notifier,
    metrics: Metrics,
    check: Callable[[], object],
) -> None:
    """Serve with these settings, and say in the log when that begins and why it ends."""

    def stop() -> bool:
        notifier.beat()
        return signals.stop is not None or signals.stop_cycle

    progress = BeatingProgress(notifier)
    with open_parts(settings, log=log, stop=stop, lock=False, progress=progress) as parts:
        log.info(
            "daemon.started",
            version=__version__,
            storage=str(settings.storage.path),
            directory=", ".join(settings.directory.url),
        )
        service = Service(parts, signals, notifier, check_settings=check, observe=metrics.observe)
        health = Health(settings, metrics, status=service.status, silence=notifier.silence)
        with listening(settings.web, health.answer, log):
            service.serve()
        if signals.stop:
            notifier.notify(STOPPING=1, STATUS="stopping")
            log.info("daemon.stopped", reason=signals.stop)


def _usable(load: Callable[[], Settings], environ: Mapping[str, str]) -> Settings:
    """Load settings that the daemon can start with, the files included that it then opens.

    Raises InvalidSettings.
    """
    fresh = load()
    directory_password(fresh)
    open_log(fresh.log, environ=environ).close()
    return fresh


def _reloaded(settings: Settings, load: Callable[[], Settings], log: Log) -> Settings:
    """Load the settings anew; those that cannot be used are named, and the old ones stay."""
    try:
        fresh = load()
    except ConnectorError as error:
        log.error("daemon.reload_failed", message=str(error))
        return settings
    if fresh.storage != settings.storage:
        log.warning("daemon.reload_failed", message="storage.path: takes effect after a restart")
        fresh = fresh.model_copy(update={"storage": settings.storage})
    log.info("daemon.reloaded")
    return fresh
