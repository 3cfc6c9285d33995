"""The metrics for Prometheus: counters of the runs, and gauges of the databases as they are now."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import generate_latest

from connector import __version__
from connector.settings.overrides import schedule_in_force
from connector.values import moments

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from connector.assembly import Readers
    from connector.settings import Settings
    from connector.tenant.ports import ObjectCounts

_SECONDS = (0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800)
_OPERATIONS = ("adds", "updates", "deletes")


class Metrics:
    """The counters of this process; they start at zero with it."""

    def __init__(self) -> None:
        self._started = time.time()
        self._registry = CollectorRegistry()
        self._runs = Counter(
            "connector_runs",
            "Runs by policy and result.",
            ("policy", "result"),
            registry=self._registry,
        )
        self._steps = Histogram(
            "connector_step_duration_seconds",
            "How long the steps of runs took.",
            ("step",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._changes = Counter(
            "connector_exported_changes",
            "Objects that the tenant added, updated and deleted.",
            ("operation",),
            registry=self._registry,
        )

        self._failures = Counter(
            "connector_job_failures",
            "Jobs of the daemon that came to no result, by job and reason.",
            ("job", "reason"),
            registry=self._registry,
        )

    def count_failure(self, job: str, reason: str) -> None:
        """Count a job that came to no result."""
        self._failures.labels(job, reason).inc()

    def observe(self, run: Mapping[str, Any]) -> None:
        """Count a run; ``run`` is its report (``report.runs``)."""
        self._runs.labels(run["policy"], run["result"]).inc()
        for step in run.get("steps", ()):
            self._steps.labels(step["name"]).observe(step["seconds"])
            if step["name"] == "export":
                for operation in _OPERATIONS:
                    self._changes.labels(operation).inc(step[operation])

    def counters(self) -> bytes:
        """Write what this process counted; that needs no database."""
        return generate_latest(self._registry)

    def exposition(self, readers: Readers, state: Mapping[str, Any], settings: Settings) -> bytes:
        """Write all metrics in Prometheus' text format; ``state`` is the daemon's own state."""
        registry = CollectorRegistry()
        registry.register(
            _Collected(
                [
                    *self._registry.collect(),
                    *_of_the_databases(readers),
                    *_of_the_disk(settings),
                    *self._of_the_daemon(readers, state, settings),
                ]
            )
        )
        return generate_latest(registry)

    def _of_the_daemon(
        self, readers: Readers, state: Mapping[str, Any], settings: Settings
    ) -> Iterator[Any]:
        yield _gauge("started_timestamp_seconds", "When the daemon started.", self._started)
        schedule = schedule_in_force(settings.schedule, readers.space.state)
        interval = schedule.delta.total_seconds() if schedule.enabled else 0.0
        text = "Time from one cycle to the next; 0 where none is scheduled."
        yield _gauge("schedule_interval_seconds", text, interval)
        failing = {(job["job"], job["reason"]): 1 for job in state.get("failing", ())}
        yield _gauges_by("failing_jobs", "1 for each job that fails.", ("job", "reason"), failing)
        is_paused = state.get("pausedSince") is not None
        yield _gauge("paused", "1 while the schedule is paused.", is_paused)
        yield _gauge("running", "1 while a run or command is at work.", state["state"] == "running")
        yield _gauge("staging_mode", "1 while nothing is exported.", schedule.staging_mode)
        yield _gauges_by("info", "The version.", ("version",), {(__version__,): 1})


class _Collected:
    """Metrics that were collected already."""

    def __init__(self, metrics: Iterable[Any]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Any]:
        return self._metrics

    def describe(self) -> Iterable[Any]:
        return ()


def _of_the_databases(readers: Readers) -> Iterator[Any]:
    space = readers.space
    last = space.history.last_success()
    if last is not None:
        moment = moments.read(last).timestamp()
        yield _gauge(
            "last_success_timestamp_seconds", "When the last successful run started.", moment
        )
        age = max(0.0, time.time() - moment)
        yield _gauge("last_success_age_seconds", "How long ago that was.", age)
    if not readers.tenant.is_elsewhere:
        yield from _of_the_tenant(readers.tenant.counts())
    yield _gauge("pending_exports", "Objects with a change to export.", space.queue.count())
    deletes = len(space.queue.deletes())
    yield _gauge("pending_deletes", "Objects about to be deleted.", deletes)
    failed = space.failures.count_by_error()
    yield _gauges_by("failed_objects", "Objects that failed last.", ("stage", "error"), failed)
    held = len(space.deletions.plan().objects)
    yield _gauge("held_deletions", "Deletions that wait for approval.", held)


def _of_the_tenant(counts: ObjectCounts) -> Iterator[Any]:
    objects = {"user": counts.user, "group": counts.group, "contact": counts.contact}
    yield _gauges_by("objects", "Live objects of the tenant.", ("type",), _keyed(objects))
    yield _gauge("quarantined_values", "Values set aside in the tenant.", counts.quarantined)


def _of_the_disk(settings: Settings) -> Iterator[Any]:
    """Measure the databases with what was written to them but not yet moved into their files."""
    sizes = {
        (name,): sum(_size(file.with_name(f"{file.name}{part}")) for part in ("", "-wal"))
        for name, file in settings.databases.items()
    }
    yield _gauges_by("database_bytes", "Size of the databases on disk.", ("database",), sizes)
    disk = os.statvfs(settings.storage.path)
    text = "Room on the disk of the databases."
    yield _gauge("storage_free_bytes", text, disk.f_bavail * disk.f_frsize)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


def _keyed(counts: Mapping[str, int]) -> dict[tuple[str, ...], int]:
    return {(name,): count for name, count in counts.items()}


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"connector_{name}", text, float(value))


def _gauges_by(
    name: str, text: str, labels: tuple[str, ...], values: Mapping[Any, float]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"connector_{name}", text, labels=labels)
    for key, value in values.items():
        family.add_metric(key, float(value))
    return family
