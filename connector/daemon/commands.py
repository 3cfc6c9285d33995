"""What is asked of the daemon itself; what it does with its databases is in ``operations``.

The functions are bound to requests as those of ``operations`` are, with the service as their subject.
"""

from __future__ import annotations

import os
import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from connector.operations.binding import Answer, by_command
from connector.settings.comparison import by_key
from connector.values import moments

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.daemon.failures import Failures
    from connector.daemon.signals import Signals
    from connector.daemon.timetable import Timetable
    from connector.settings import Settings
    from connector.web.health import Answer as Monitored

STOP_COMMAND = "connector daemon stop"


class Commanded(Protocol):
    """The daemon's service, as far as these commands see it."""

    signals: Signals
    timetable: Timetable
    failures: Failures
    settings: Settings
    paused_since: str | None
    is_at_work: bool
    monitor: Callable[[str], Monitored | None]

    def state(self) -> str: ...

    def check_settings(self) -> None: ...

    def progress(self) -> dict[str, object] | None: ...


def status(service: Commanded) -> Answer:
    """Say what the daemon does now, how far its run is, and when its next cycle starts."""
    seconds = service.timetable.remaining("cycle")
    start = None if seconds is None else datetime.now(UTC) + timedelta(seconds=seconds)
    return {
        "state": service.state(),
        "nextRun": start and moments.to_second(start),
        "pausedSince": service.paused_since,
        "pid": os.getpid(),
        "failing": service.failures.facts(),
        "progress": service.progress() if service.is_at_work else None,
    }


def monitor(service: Commanded, *, path: str) -> Answer:
    """Answer a path of monitoring: ``{status, contentType, body}``, all None for another path."""
    found = service.monitor(path)
    if found is None:
        return {"status": None, "contentType": None, "body": None}
    return {
        "status": found.status,
        "contentType": found.content_type,
        "body": found.body.decode("utf-8", "replace"),
    }


def settings(service: Commanded) -> Answer:
    """Give the settings that the daemon goes by; of a secret only a hash with this salt."""
    salt = secrets.token_hex(16)
    return {"salt": salt, "settings": by_key(service.settings, salt)}


def stop(service: Commanded) -> Answer:
    """End the service as SIGTERM does."""
    service.signals.stop = service.signals.stop or STOP_COMMAND
    service.signals.wake()
    return {"pid": os.getpid()}


def stop_cycle(service: Commanded) -> Answer:
    """End the work at hand as soon as it can be left."""
    service.signals.stop_cycle = stopping = service.is_at_work
    return {"stopping": stopping}


def reload(service: Commanded) -> Answer:
    """Load the settings anew when the work at hand is done.

    Raises InvalidSettings, and changes nothing, when they cannot be used.
    """
    service.check_settings()
    service.signals.reload = True
    return {"reloaded": True}


COMMANDS = by_command(status, monitor, settings, stop, stop_cycle, reload)
AT_ONCE = (status, monitor, settings, stop, stop_cycle)
"""What any thread answers, whatever the main thread does."""
