"""Wait for the server of the tenant when the daemon starts and it is away, and answer in the meantime.

The service manager is told that the start is over: what follows works as when the server goes away later. It is
told once in the log; commands learn it as the answer to what they ask.
"""

from __future__ import annotations

import time
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

from connector.daemon.commands import AT_ONCE, COMMANDS
from connector.daemon.control import Server, stopping
from connector.daemon.failures import AWAY, Failures
from connector.daemon.timetable import Timetable
from connector.errors import ConnectorError, StorageUnusable
from connector.operations import binding
from connector.operations.binding import asked_for, command, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.daemon.control import Asked
    from connector.daemon.signals import Signals
    from connector.daemon.systemd import Notifier
    from connector.logs.log import Log
    from connector.settings import Settings
    from connector.web.health import Answer as Monitored

WAITING = "waiting"
"""The state of a daemon that waits for the server of its tenant."""

_JOB = "start"
_PAUSES = (1.0, 2.0, 5.0, 10.0)


def is_away(error: ConnectorError) -> bool:
    """Tell whether the server of the tenant is away, so that waiting helps."""
    return isinstance(error, StorageUnusable) and error.reason == AWAY


class Waiting:
    """A daemon that has no tenant yet; what is public is what ``commands`` work on."""

    def __init__(  # noqa: PLR0913 - what a service has
        self,
        settings: Settings,
        signals: Signals,
        notifier: Notifier,
        log: Log,
        *,
        check_settings: Callable[[], object],
        count_failure: Callable[[str, str], None],
        check_storage: Callable[[], None],
    ) -> None:
        self.settings = settings
        self.signals = signals
        self.failures = Failures(log, notifier, count_failure)
        self.timetable = Timetable(lambda _: True)
        self.paused_since: str | None = None
        self.is_at_work = False
        self.monitor: Callable[[str], Monitored | None] = lambda _: None
        self._notifier = notifier
        self._check_settings = check_settings
        self._check_storage = check_storage

    def wait(self, error: ConnectorError, begin: Callable[[], None]) -> bool:
        """Try to ``begin`` until it is done; return False where the daemon was told to stop or reload.

        ``error`` is what it raised first. Raises what else it raises, and StorageRemoved.
        """
        storage = self.settings.storage.path
        answer = partial(binding.perform, COMMANDS, self)
        at_once = {command(operation): answer for operation in AT_ONCE}
        attempts = 0
        self.failures.meet(_JOB, error)  # before anybody can ask
        with closing(Server(storage, at_once=at_once, wake=self.signals.wake)) as server:
            self._notifier.ready(self.failures.line())
            while True:
                if not self._pause(server, error, _PAUSES[min(attempts, len(_PAUSES) - 1)]):
                    return False
                attempts += 1
                try:
                    begin()
                except ConnectorError as found:
                    if not is_away(found):
                        raise
                    error = found
                    self.failures.meet(_JOB, error)
                else:
                    self.failures.forget(_JOB)
                    return True

    def state(self) -> str:
        return "stopping" if self.signals.stop else WAITING

    def check_settings(self) -> None:
        """Raise InvalidSettings where the settings as they are now cannot be used."""
        self._check_settings()

    def progress(self) -> dict[str, object] | None:
        return None

    def _pause(self, server: Server, error: ConnectorError, seconds: float) -> bool:
        """Answer what is asked for so long; return False where the daemon was told to stop or reload."""
        until = time.monotonic() + seconds
        while not (self.signals.stop or self.signals.reload):
            self._check_storage()
            self._notifier.beat()
            for asked in server.waiting():
                self._answer(asked, error)
            left = until - time.monotonic()
            if left <= 0:
                return True
            if not self.signals.reload:
                self.signals.wait(min(left, (self._notifier.watchdog or seconds) / 3))
        return False

    def _answer(self, asked: Asked, error: ConnectorError) -> None:
        if self.signals.stop:
            asked.answer(refusal(stopping()))
        elif asked_for(COMMANDS, asked.request):
            asked.answer(binding.perform(COMMANDS, self, asked.request))
        else:
            asked.answer(refusal(error))
