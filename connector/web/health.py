"""Answer monitoring: whether the daemon is alive and ready, and its metrics.

The answers come from threads and database connections of their own, so that a request never waits for a
run, nor a run for a request.
"""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from connector.assembly import open_readers
from connector.errors import ConnectorError, StorageUnusable
from connector.settings.overrides import schedule_in_force
from connector.values import moments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from connector.assembly import Readers
    from connector.settings import Settings
    from connector.web.metrics import Metrics

STUCK_AFTER = 300.0
"""Seconds without a sign of life from the main thread; one statement on a million rows needs less."""

INTERVALS = 3
SHORTEST_PATIENCE = timedelta(minutes=2)
_FRESH = 1.0
_TEXT = "text/plain; charset=utf-8"
_JSON = "application/json"


class Answer(NamedTuple):
    """What a request for monitoring is answered with."""

    status: int
    content_type: str
    body: bytes
    headers: Mapping[str, str] = MappingProxyType({})


class Health:
    """Answers ``/healthz``, ``/readyz`` and ``/metrics``; any thread may ask.

    ``status`` returns the daemon's own state, ``silence`` the seconds since its last sign of life.
    """

    def __init__(
        self,
        settings: Settings,
        metrics: Metrics,
        *,
        status: Callable[[], Mapping[str, Any]],
        silence: Callable[[], float],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._metrics = metrics
        self._status = status
        self._silence = silence
        self._clock = clock
        self._lock = threading.Lock()
        self._collected: tuple[float, Answer] | None = None

    def answer(self, path: str) -> Answer | None:
        """Answer a request for a path; None for an unknown path."""
        match path:
            case "/healthz":
                return self._alive()
            case "/readyz":
                return self._ready()
            case "/metrics":
                return self._collect()
            case _:
                return None

    def _alive(self) -> Answer:
        silence = self._silence()
        if silence > STUCK_AFTER:
            return _said(503, f"the daemon has shown no sign of life for {silence:.0f} s")
        return _said(200, "alive")

    def _ready(self) -> Answer:
        """Report whether the databases open, their content is recent enough, and no job fails."""
        failing = "; ".join(
            f"{job['job']}: {job['reason']}: {job['message']}"
            for job in self._status().get("failing", ())
        )
        jobs = {"jobs": failing} if failing else {}
        try:
            with self._readers() as readers:
                last = readers.space.history.last_import()
                schedule = schedule_in_force(self._settings.schedule, readers.space.state)
                paused = readers.space.paused_since()
        except ConnectorError as error:
            return _checks(databases=str(error), **jobs)
        moment = moments.read(last) if last else None
        patience = max(schedule.delta * INTERVALS, SHORTEST_PATIENCE)
        if moment is None:
            return _checks(databases="ok", imported="never", **jobs)
        if schedule.enabled and not paused and self._clock() - moment > patience:
            return _checks(databases="ok", imported=f"not since {last}", **jobs)
        return _checks(databases="ok", imported="ok", **jobs)

    @contextmanager
    def _readers(self) -> Iterator[Readers]:
        """Open the databases; what is not there is an error here, because the daemon made it."""
        with open_readers(self._settings) as readers:
            if readers.missing:
                missing = ", ".join(readers.missing)
                raise StorageUnusable(f"{self._settings.storage.path}: no {missing}")
            yield readers

    def _collect(self) -> Answer:
        """Collect the metrics, once for all requests of the same second."""
        with self._lock:
            now = time.monotonic()
            if self._collected is None or now - self._collected[0] > _FRESH:
                self._collected = now, self._numbers()
            return self._collected[1]

    def _numbers(self) -> Answer:
        try:
            with self._readers() as readers:
                body = self._metrics.exposition(readers, self._status(), self._settings)
        except ConnectorError as error:
            # What failed is counted here, and an unreadable database does not hide it.
            reason = f"# {' '.join(str(error).split())}\n".encode()
            return Answer(503, _TEXT, reason + self._metrics.counters())
        return Answer(200, "text/plain; version=0.0.4; charset=utf-8", body)


def _said(status: int, text: str) -> Answer:
    return Answer(status, _TEXT, f"{text}\n".encode())


def _checks(**checks: str) -> Answer:
    ready = set(checks.values()) == {"ok"}
    body = json.dumps({"ready": ready, "checks": checks})
    return Answer(200 if ready else 503, _JSON, f"{body}\n".encode())
