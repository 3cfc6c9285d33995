"""What fails in the daemon, and why: told in the log, counted, and shown until it works again.

A job fails when it comes to no result: a database is locked, the disk is full, the log cannot be written, a
password cannot be read. What a run comes to is its result, with one exception: a directory that refuses
the password is a failure too, because each attempt may lock the account.
"""

from __future__ import annotations

import errno
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connector.errors import ConnectorError
from connector.operations.binding import refusal
from connector.storage.database import is_environmental, unusable
from connector.values import moments

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from connector.daemon.systemd import Notifier
    from connector.logs.log import Log
    from connector.operations.binding import Answer

INTERNAL_ERROR = 70
CREDENTIALS, DISK, INTERNAL, REFUSED = "credentials", "disk", "internal", "refused"
# A server of the tenant that is away, which is one fault whatever jobs meet it.
AWAY = "server"
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EIO}


@dataclass(slots=True)
class Failure:
    """A job that failed last time: ``since`` is when it began to, ``times`` how often in a row."""

    job: str
    reason: str
    message: str
    since: str
    times: int = 0

    def facts(self) -> dict[str, Any]:
        """Return ``{job, reason, message, since, times}``."""
        return {
            "job": self.job,
            "reason": self.reason,
            "message": self.message,
            "since": self.since,
            "times": self.times,
        }


class Failures:
    """The jobs that fail now; any thread may look at them.

    ``count`` is told the job and the reason of each failure.
    """

    def __init__(self, log: Log, notifier: Notifier, count: Callable[[str, str], None]) -> None:
        self._log = log
        self._notifier = notifier
        self._count = count
        self._open: dict[str, Failure] = {}

    def note(self, job: str, reason: str, message: str, *, lasting: bool = True) -> None:
        """Tell of a failure; one that is ``lasting`` is shown until the job succeeds.

        A server that is away is told of once, until it answers.
        """
        if reason != AWAY or not self._away():
            self._log.tell("error", "job.failed", job=job, reason=reason, message=message)
        self._note(job, reason, message, lasting=lasting)

    def meet(self, job: str, error: Exception, *, lasting: bool = True) -> Answer:
        """Report an error that a job met; return it as the answer to the request for that job."""
        known = expected(error)
        if known is not None:
            self.note(job, known.reason or REFUSED, str(known), lasting=lasting)
            return refusal(known)
        name = type(error).__name__
        self._log.tell("error", "daemon.failed", work=job, error=name, message=str(error))
        self._note(job, INTERNAL, f"{name}: {error}", lasting=lasting)
        return {"error": f"{name}: {error}", "exit_code": INTERNAL_ERROR}

    def forget(self, job: str) -> None:
        """Note that a job did its work."""
        away = self._away()
        if self._open.pop(job, None) is not None:
            self._tell_of_return(away)
            self._notifier.notify(STATUS=self.line() or "ready")

    def fails(self, job: str) -> bool:
        return job in self._open

    def facts(self) -> list[dict[str, Any]]:
        """List what fails now, longest first."""
        return [failure.facts() for failure in list(self._open.values())]

    def line(self) -> str:
        """Say in one line what fails now; empty when nothing does."""
        return "; ".join(
            f"{found.job} fails ({found.reason}): {' '.join(found.message.split())}"
            for found in list(self._open.values())
        )

    def _tell_of_return(self, away: Sequence[Failure]) -> None:
        """Tell that the server answers again, if it was ``away`` and is not any more."""
        if away and not self._away():
            since = min(found.since for found in away)
            self._log.tell("info", "tenant.available", since=since)

    def _away(self) -> list[Failure]:
        return [found for found in list(self._open.values()) if found.reason == AWAY]

    def _note(self, job: str, reason: str, message: str, *, lasting: bool) -> None:
        self._count(job, reason)
        if lasting:
            now = moments.to_second(datetime.now(UTC))
            known = self._open.get(job)
            away = self._away()
            since, times = (known.since, known.times) if known else (now, 0)
            self._open[job] = Failure(job, reason, message, since, times + 1)
            self._tell_of_return(away)
            self._notifier.notify(STATUS=self.line())


def expected(error: Exception) -> ConnectorError | None:
    """Return a fault of the disk, a file or another process as the error it is; None for a bug."""
    if isinstance(error, ConnectorError):
        return error
    if isinstance(error, sqlite3.DatabaseError) and is_environmental(error):
        return unusable(Path("storage.path"), error)
    if isinstance(error, OSError) and (error.errno in _NO_SPACE or error.filename):
        found = unusable(Path(error.filename or "storage.path"), error)
        if error.errno in _NO_SPACE:
            found.reason = DISK
        return found
    return None
