"""Run on a schedule until told to stop: cycles, sweeps, and what commands ask for.

One thread does the work; signal handlers and the control socket only leave a mark and wake it. What
is due is judged by stored facts and by two clocks, so that neither a restart nor a clock that jumps
makes a cycle late or doubles it.
"""

from __future__ import annotations

import time
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from connector.daemon.bind_pause import BindPause, retry_time
from connector.daemon.commands import AT_ONCE, COMMANDS
from connector.daemon.control import Server, stopping
from connector.daemon.failures import CREDENTIALS, REFUSED, Failures
from connector.daemon.timetable import Timetable
from connector.errors import ConnectorError, MailUndelivered, WorkStopped
from connector.operations import binding, cloud, requests
from connector.operations.binding import asked_for, command, refusal, request_for
from connector.operations.due import due, full_cycle_due
from connector.report.delivery import send_weekly_if_due
from connector.run import RunResult
from connector.settings import directory_password
from connector.settings.overrides import overrides, schedule_in_force
from connector.values import moments

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from connector.assembly import Parts
    from connector.daemon.control import Asked
    from connector.daemon.signals import Signals
    from connector.daemon.systemd import Notifier
    from connector.daemon.timetable import Job
    from connector.operations.binding import Answer, Request
    from connector.web.health import Answer as Monitored

LONGEST_SLEEP = 15.0
LONGEST_CHECK = timedelta(seconds=30)
# What is asked for by name and is the work of a job: one that succeeds ends the failure of the other.
_JOBS = {"sync": "cycle", "sweep": "sweep", "report": "report"}


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
        count_failure: Callable[[str, str], None] = lambda *_: None,
        check_storage: Callable[[], None] = lambda: None,
        progress: Callable[[], dict[str, object] | None] = lambda: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._parts = parts
        self._perform = perform
        self._check_settings = check_settings
        self._observe = observe
        self._check_storage = check_storage
        self._notifier = notifier
        self._bind_pause = BindPause(partial(directory_password, parts.settings))
        self._next_bind: float | None = None
        self.settings = parts.settings
        self.signals = signals
        self.progress = progress
        self.failures = Failures(parts.log, notifier, count_failure)
        self.is_at_work = False
        self.monitor: Callable[[str], Monitored | None] = lambda _: None
        self.paused_since: str | None = None
        self.timetable = Timetable(self._do_job, monotonic=monotonic)
        self._read_schedule()
        if parts.settings.tenant.url is None:  # else the site that has the tenant sweeps it
            sweep = parts.settings.schedule.sweep
            self.timetable.keep("sweep", min(sweep, LONGEST_CHECK), self._sweep_if_due)
        self.timetable.keep("report", LONGEST_CHECK, self._report_if_due)

    def serve(self) -> None:
        """Work until told to stop or to load the settings anew.

        Raises StorageRemoved when the storage folder is taken away.
        """
        storage = self._parts.settings.storage.path
        answer = partial(binding.perform, COMMANDS, self)
        at_once = {command(operation): answer for operation in AT_ONCE}
        with closing(Server(storage, at_once=at_once, wake=self.signals.wake)) as server:
            self._notifier.ready("paused" if self.paused_since else "ready")
            while not (self.signals.stop or self.signals.reload):
                self.tick(server)

    def tick(self, server: Server) -> None:
        """Do what is due and what was asked, then sleep until there is more to do."""
        self._check_storage()
        self._sync_if_told()
        if self._bind_pause.is_mended():
            self.timetable.make_due("cycle")
        self.timetable.do_what_is_due()
        self._answer(server.waiting())
        if self._next_bind is not None:
            self.timetable.postpone("cycle", self._next_bind)
            self._next_bind = None
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
            self._parts.log.tell("error", "daemon.reload_failed", message=str(error))
            raise

    # --- what is due --------------------------------------------------------------------------

    def _follow_schedule(self) -> None:
        """Apply the current schedule, or keep the one before where it cannot be read."""
        try:
            self._read_schedule()
        except Exception as error:  # noqa: BLE001 -- the service goes on
            if not self.failures.fails("schedule"):
                self.failures.meet("schedule", error)
        else:
            self.failures.forget("schedule")

    def _read_schedule(self) -> None:
        """Apply the settings file plus what commands and cmdlets changed since."""
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
            did_well = job.work()
        except Exception as error:  # noqa: BLE001 -- as above
            self.failures.meet(job.name, error)
            return False
        finally:
            self.is_at_work = False
        if did_well:
            self.failures.forget(job.name)
        return did_well

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
        return self._judge("cycle", answer)

    def _sweep_if_due(self) -> bool:
        parts = self._parts
        if due(parts.tenant.clock.now(), parts.tenant.last_sweep(), parts.settings.schedule.sweep):
            return self._judge("sweep", self._perform(parts, request_for(cloud.sweep)))
        return True

    def _report_if_due(self) -> bool:
        if not send_weekly_if_due(self._parts):
            message = "the weekly report could not be sent: connector log --event report.failed"
            self.failures.note("report", MailUndelivered.reason, message)
            return False
        return True

    def _judge(self, job: str, answer: Answer) -> bool:
        """Tell of an answer what there is to tell; return whether the job went well."""
        if "error" in answer:
            if self.signals.stop and answer.get("exit_code") == WorkStopped.exit_code:
                return True
            self.failures.note(job, answer.get("reason") or REFUSED, str(answer["error"]))
            return False
        if "result" not in answer:
            self.failures.forget(job)
            return True
        result = RunResult(answer["result"])
        if result is RunResult.NO_START_CREDENTIALS:
            self._wait_to_bind(job)
        else:
            self.failures.forget(job)
            if not result.did_not_start:
                self._bind_pause.end()
        self._tell(answer)
        return not result.did_not_start

    def _wait_to_bind(self, job: str) -> None:
        """Send a password that was refused no more for a while, and say what ends the wait."""
        directory = self.settings.directory
        pause = self._bind_pause.begin()
        file = directory.password_file
        self.failures.note(
            job,
            CREDENTIALS,
            f"The directory refused the password of {directory.bind_dn}. So that the account is not "
            f"locked, the schedule sends it again at {retry_time(pause)} alone, "
            + (f"or as soon as {file} holds another one" if file else "or after a reload")
            + ". `connector sync` tries at once.",
        )
        self._next_bind = pause

    # --- what is asked ------------------------------------------------------------------------

    def _sync_if_told(self) -> None:
        """Run the cycle that a SIGUSR1 asks for, paused or not."""
        if self.signals.sync_now:
            self.signals.sync_now = False
            self._do(request_for(requests.sync))

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
        answer = self._answer_to(request)
        self.is_at_work = False
        if asked_for(requests.OPERATIONS, request) in requests.MOVES_TIME:
            self.timetable.make_due("sweep")
            self.timetable.make_due("report")
        return answer

    def _answer_to(self, request: Request) -> Answer:
        """Do what is asked; what fails is told here too, unless it was only refused."""
        name = str(request.get(binding.COMMAND))
        job = _JOBS.get(name)
        try:
            answer = self._perform(self._parts, request)
        except Exception as error:  # noqa: BLE001 -- a fault of one must not end the service
            return self.failures.meet(job or name, error, lasting=job is not None)
        if job is not None and ("error" not in answer or "reason" in answer):
            self._judge(job, answer)
        elif "reason" in answer:
            self.failures.note(name, answer["reason"], str(answer["error"]), lasting=False)
        return answer

    def _begin_work(self) -> None:
        self._check_storage()
        self.signals.stop_cycle = False
        self.is_at_work = True

    # --- what is told -------------------------------------------------------------------------

    def _tell(self, answer: Answer) -> None:
        """Give systemd one line about a run, and the metrics its numbers."""
        self._observe(answer)
        line = "run {run} ({policy}): {result} in {seconds:.1f} s".format_map(answer)
        self._notifier.notify(STATUS="; ".join(filter(None, (line, self.failures.line()))))


def _moment(text: str | None) -> datetime | None:
    return moments.read(text) if text else None
