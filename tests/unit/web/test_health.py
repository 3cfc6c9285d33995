"""Monitoring gets answers from databases on disk and from a made-up state of the daemon."""

from __future__ import annotations

import json
import time
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from connector.report.runs import run_report
from connector.settings.overrides import Overrides
from connector.web.health import STUCK_AFTER, Health
from connector.web.metrics import Metrics
from tests.fakes import SUFFIX
from tests.world import World


class Asked:
    """A world that answers questions about its health."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.state = {"state": "idle", "pausedSince": None}
        self.silence = 0.0
        self.metrics = Metrics()
        self.health = Health(
            world.settings,
            self.metrics,
            status=lambda: self.state,
            silence=lambda: self.silence,
            clock=lambda: world.time,
        )

    def sync(self):
        run = self.world.sync()
        self.metrics.observe(run_report(run))
        return run

    def ready(self):
        answer = self.health.answer("/readyz")
        assert answer is not None
        return answer.status, json.loads(answer.body)["checks"]

    def samples(self):
        answer = self.health.answer("/metrics")
        assert answer is not None
        text = answer.body.decode()
        return {
            (sample.name, *sorted(sample.labels.values())): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }


@pytest.fixture
def asked_with(tmp_path, request):
    def make(**sections):
        world = World(tmp_path, **sections)
        request.addfinalizer(world.__exit__)
        return Asked(world)

    return make


@pytest.fixture
def asked(asked_with):
    return asked_with()


@pytest.mark.parametrize(("silence", "status"), [(0, 200), (STUCK_AFTER, 200), (301, 503)])
def test_it_is_alive_while_its_main_thread_gives_signs_of_life(asked, silence, status):
    asked.silence = silence

    assert asked.health.answer("/healthz").status == status


def test_it_is_not_ready_before_the_first_import(asked):
    assert asked.ready() == (503, {"databases": "ok", "imported": "never"})


def test_it_is_ready_until_three_intervals_after_the_last_import(asked):
    asked.world.user("ann")
    run = asked.sync()
    asked.world.time += timedelta(minutes=89)
    before = asked.ready()
    asked.world.time += timedelta(minutes=2)

    assert before == (200, {"databases": "ok", "imported": "ok"})
    assert asked.ready() == (503, {"databases": "ok", "imported": f"not since {run.started}"})


def test_an_import_counts_also_when_a_guard_stopped_the_export(asked_with):
    asked = asked_with(safety={"delete_threshold": 0})
    asked.world.user("ann")
    bob = asked.world.user("bob")
    asked.sync()
    asked.world.time += timedelta(hours=2)
    asked.world.directory.remove(bob)

    assert asked.sync().result == "stopped-deletion-threshold-exceeded"
    assert asked.ready()[0] == 200


def test_while_it_is_paused_its_age_does_not_count(asked):
    asked.world.user("ann")
    asked.sync()
    asked.world.parts.space.note("paused", "2026-11-23T08:30:00Z")
    asked.world.time += timedelta(days=1)

    assert asked.ready()[0] == 200


def test_a_database_that_does_not_open_is_named(asked):
    path = asked.world.settings.storage.path / "tenant.db"
    asked.world.__exit__()
    path.write_bytes(b"no database" * 1000)

    status, checks = asked.ready()

    assert status == 503
    assert str(path) in checks["databases"]
    assert asked.health.answer("/metrics").status == 503


def test_a_database_that_is_gone_is_named_and_not_made(asked):
    path = asked.world.settings.storage.path
    asked.world.__exit__()
    (path / "tenant.db").unlink()

    assert asked.ready() == (503, {"databases": f"{path}: no tenant.db"})
    assert not (path / "tenant.db").exists()


def test_what_failed_is_counted_also_where_no_database_can_be_read(asked):
    asked.metrics.count_failure("cycle", "damaged")
    (asked.world.settings.storage.path / "tenant.db").unlink()

    answer = asked.health.answer("/metrics")

    assert answer.status == 503
    assert asked.samples()["connector_job_failures_total", "cycle", "damaged"] == 1


def test_it_is_not_ready_while_a_job_fails(asked):
    asked.world.user("ann")
    asked.sync()
    asked.state["failing"] = [{"job": "cycle", "reason": "locked", "message": "in use"}]

    assert asked.ready() == (
        503,
        {"databases": "ok", "imported": "ok", "jobs": "cycle: locked: in use"},
    )


def test_elsewhere_there_is_nothing(asked):
    assert asked.health.answer("/") is None


def test_the_metrics_are_what_the_databases_and_the_runs_say(asked):
    asked.world.user("ann")
    bob = asked.world.user("bob", upn="ann@contoso.com")
    asked.world.contact("carl", "carl@fabrikam.com")
    asked.sync()
    asked.world.directory.modify(bob, title="Clerk")
    asked.sync()

    samples = asked.samples()

    expected = {
        ("connector_runs_total", "completed-export-errors", "delta"): 1,
        ("connector_runs_total", "delta", "success"): 1,
        ("connector_step_duration_seconds_count", "export"): 2,
        ("connector_exported_changes_total", "adds"): 3,
        ("connector_exported_changes_total", "updates"): 1,
        ("connector_exported_changes_total", "deletes"): 0,
        ("connector_objects", "user"): 2,
        ("connector_objects", "contact"): 1,
        ("connector_pending_exports",): 0,
        ("connector_pending_deletes",): 0,
        ("connector_quarantined_values",): 1,
        ("connector_paused",): 0,
        ("connector_running",): 0,
        ("connector_staging_mode",): 0,
    }
    assert {key: samples[key] for key in expected} == expected


def test_what_waits_and_what_failed_is_counted(asked_with):
    asked = asked_with(tenant={"resiliency": False}, safety={"delete_threshold": 0})
    asked.world.user("ann")
    gone = asked.world.user("gone")
    asked.world.user("bob", upn="ann@contoso.com")
    asked.sync()
    asked.world.directory.remove(gone)
    asked.sync()

    samples = asked.samples()

    failed = {key: value for key, value in samples.items() if key[0] == "connector_failed_objects"}
    assert failed == {("connector_failed_objects", "InvalidSoftMatch", "export"): 1}
    assert samples["connector_pending_exports",] == 2
    assert (samples["connector_pending_deletes",], samples["connector_held_deletions",]) == (1, 1)


def test_the_age_of_the_last_success_is_told(asked):
    assert ("connector_last_success_age_seconds",) not in asked.samples()

    asked.world.directory.ou("more", below=SUFFIX)
    asked.sync()
    asked.health._collected = None

    assert ("connector_last_success_age_seconds",) in asked.samples()


def test_the_interval_in_force_is_told_and_zero_where_nothing_is_scheduled(asked_with):
    asked = asked_with(schedule={"delta": "45m"})
    before = asked.samples()["connector_schedule_interval_seconds",]
    asked.world.parts.space.note("overrides", Overrides(cycle_enabled=False).to_text())
    asked.health._collected = None

    after = asked.samples()["connector_schedule_interval_seconds",]

    assert (before, after) == (2700, 0)


def test_a_job_that_fails_is_told_until_it_succeeds(asked):
    asked.state["failing"] = [{"job": "cycle", "reason": "locked", "message": "in use"}]
    failing = asked.samples()
    asked.state["failing"] = []
    asked.health._collected = None

    key = ("connector_failing_jobs", "cycle", "locked")
    assert failing[key] == 1
    assert key not in asked.samples()


def test_the_size_of_the_databases_and_the_room_beside_them_is_told(asked):
    asked.world.user("ann")
    asked.sync()
    path = asked.world.settings.storage.path

    samples = asked.samples()

    for name in ("connector-space.db", "tenant.db"):
        files = [path / name, path / f"{name}-wal"]
        size = sum(file.stat().st_size for file in files if file.exists())
        assert samples["connector_database_bytes", name] == size > 0
    assert samples["connector_storage_free_bytes",] > 0


def test_the_start_of_the_daemon_is_told(asked):
    started = asked.samples()["connector_started_timestamp_seconds",]

    assert 0 <= time.time() - started < 60
