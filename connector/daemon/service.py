"""Run on a schedule until told to stop: cycles, sweeps, and what commands ask for.

One thread does the work; signal handlers and the control socket only leave a mark and wake it. What
is due is judged by stored facts and by two clocks, so that neither a restart nor a clock that jumps
makes a cycle late or doubles it.
"""

from __future__ import annotations

import os
import time
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from connector import __version__
from connector.assembly import open_parts
from connector.daemon.commands import AT_ONCE, COMMANDS, status
from connector.daemon.control import Server, stopping
from connector.daemon.due import due, full_cycle_due
from connector.daemon.signals import Signals
from connector.daemon.systemd import BeatingProgress, Notifier, watched
from connector.daemon.timetable import Timetable
from connector.errors import ConnectorError
from connector.logs.log import open_log
from connector.operations import binding, requests
from connector.operations.binding import asked_for, command, refusal, request_for
from connector.report.delivery import send_weekly_if_due
from connector.run import RunResult
from connector.settings import directory_password
from connector.settings.overrides import overrides, schedule_in_force
from connector.storage.instance import lock_storage
from connector.values import moments
from connector.web.health import Health
from connector.web.listener import listening
from connector.web.metrics import Metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from connector.assembly import Parts
    from connector.daemon.control import Asked
    from connector.daemon.timetable import Job
    from connector.logs.log import Log
    from connector.operations.binding import Answer, Request
    from connector.settings import Settings

LONGEST_SLEEP = 30.0
LONGEST_CHECK = timedelta(seconds=30)
INTERNAL_ERROR = 70


class Service:
    """The daemon between two loads of its settings: what is asked, what is due, and what is told.

    What is public here is what ``commands`` work on.
    """

    def __init__(  # noqa: PLR0913 -- one keyword a thing that a test replaces
        self,
        parts: Parts,
        signals: Signals,
        notifier: Notifier,
        *,
        perform: Callable[[Parts, Request], Answer] = requests.perform,
        check_settings: Callable[[], object] = dict,
        observe: Callable[[Mapping[str, Any]], None] = lambda _: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._parts = parts
        self._perform = perform
        self._check_settings = check_settings
        self._observe = observe
        self._notifier = notifier
        self.signals = signals
        self.is_at_work = False
        self.paused_since: str | None = None
        self.timetable = Timetable(self._do_job, monotonic=monotonic)
        self._follow_schedule()
        sweep = parts.settings.schedule.sweep
        self.timetable.keep("sweep", min(sweep, LONGEST_CHECK), self._sweep_if_due)
        self.timetable.keep("report", LONGEST_CHECK, partial(send_weekly_if_due, parts))

    def serve(self) -> None:
        """Work until told to stop or to load the settings anew."""
        storage = self._parts.settings.storage.path
        answer = partial(binding.perform, COMMANDS, self)
        at_once = {command(operation): answer for operation in AT_ONCE}
        with closing(Server(storage, at_once=at_once, wake=self.signals.wake)) as server:
            self._notifier.ready("paused" if self.paused_since else "ready")
            while not (self.signals.stop or self.signals.reload):
                self.tick(server)

    def tick(self, server: Server) -> None:
        """Do what is due and what was asked, then sleep until there is more to do."""
        self._sync_if_told()
        self.timetable.do_what_is_due()
        self._answer(server.waiting())
        self._follow_schedule()
        self._notifier.beat()
        if self.signals.reload or not server.requests.empty():
            return
        pause = min(self.timetable.idle(), LONGEST_SLEEP)
        self.signals.wait(min(pause, (self._notifier.watchdog or LONGEST_SLEEP) / 3))

    def state(self) -> str:
        """Say in a word what the daemon does now."""
        if self.signals.stop:
            return "stopping"
        if self.is_at_work:
            return "running"
        return "paused" if self.paused_since else "idle"

    def check_settings(self) -> None:
        """Raise InvalidSettings, and log it, when the settings as they are now cannot be used."""
        try:
            self._check_settings()
        except ConnectorError as error:
            self._parts.log.error("daemon.reload_failed", message=str(error))
            raise

    # --- what is due --------------------------------------------------------------------------

    def _follow_schedule(self) -> None:
        """Apply the current schedule: the settings file plus what commands and cmdlets changed since."""
        self.paused_since = self._parts.space.paused_since()
        wanted = schedule_in_force(self._parts.settings.schedule, self._parts.space.state)
        self.timetable.keep("cycle", wanted.delta if wanted.enabled else None, self._cycle)
        self.timetable.hold("cycle", held=self.paused_since is not None)

    def _do_job(self, job: Job) -> bool:
        """Do what is due and tell whether it went well; a fault of one job must not end the service."""
        if self.signals.stop:
            return True
        self._begin_work()
        try:
            return job.work()
        except Exception as error:  # noqa: BLE001 -- as above
            self._log_fault(job.name, error)
            return False
        finally:
            self.is_at_work = False

    def _cycle(self) -> bool:
        parts = self._parts
        is_full = full_cycle_due(
            parts.clock(),
            every=parts.settings.schedule.full,
            last_full=_moment(parts.space.state.get(requests.LAST_FULL)),
            last_import=_moment(parts.space.history.last_import()),
        )
        policy = "initial" if is_full else overrides(parts.space.state).next_policy
        answer = self._perform(parts, request_for(requests.sync, policy=policy))
        self._tell(answer)
        return "result" in answer and not RunResult(answer["result"]).did_not_start

    def _sweep_if_due(self) -> bool:
        parts = self._parts
        if due(parts.tenant.clock.now(), parts.tenant.last_sweep(), parts.settings.schedule.sweep):
            self._perform(parts, request_for(requests.sweep))
        return True

    # --- what is asked ------------------------------------------------------------------------

    def _sync_if_told(self) -> None:
        """Run the cycle that a SIGUSR1 asks for, paused or not."""
        if self.signals.sync_now:
            self.signals.sync_now = False
            policy = overrides(self._parts.space.state).next_policy
            self._do(request_for(requests.sync, policy=policy))

    def _answer(self, waiting: list[Asked]) -> None:
        """Answer what was asked; those who ask for the same cycle before it begins share it."""
        answers: dict[str, Answer] = {}
        for asked in waiting:
            key = repr(sorted(asked.request.items()))
            shared = asked_for(requests.OPERATIONS, asked.request) in requests.SHARED
            if key not in answers or not shared:
                answers[key] = self._do(asked.request)
            asked.answer(answers[key])

    def _do(self, request: Request) -> Answer:
        """Do what is asked and return the answer; a fault of one must not end the service."""
        if self.signals.stop:
            return refusal(stopping())
        if asked_for(COMMANDS, request):
            return binding.perform(COMMANDS, self, request)
        self._begin_work()
        try:
            answer = self._perform(self._parts, request)
        except Exception as error:  # noqa: BLE001 -- as above
            self._log_fault(str(request.get(binding.COMMAND)), error)
            answer = {"error": f"{type(error).__name__}: {error}", "exit_code": INTERNAL_ERROR}
        self.is_at_work = False
        self._tell(answer)
        if asked_for(requests.OPERATIONS, request) in requests.MOVES_TIME:
            self.timetable.make_due("sweep")
            self.timetable.make_due("report")
        return answer

    def _begin_work(self) -> None:
        self.signals.stop_cycle = False
        self.is_at_work = True

    # --- what is told -------------------------------------------------------------------------

    def _log_fault(self, work: str, error: Exception) -> None:
        self._parts.log.error(
            "daemon.failed", work=work, error=type(error).__name__, message=str(error)
        )

    def _tell(self, answer: Answer) -> None:
        """Give systemd one line about a run, and the metrics its numbers."""
        if "run" in answer:
            self._observe(answer)
            line = "run {run} ({policy}): {result} in {seconds:.1f} s".format_map(answer)
            self._notifier.notify(STATUS=line)


def _moment(text: str | None) -> datetime | None:
    return moments.read(text) if text else None


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
        health = Health(
            settings, metrics, status=partial(status, service), silence=notifier.silence
        )
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
