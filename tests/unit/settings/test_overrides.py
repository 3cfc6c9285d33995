"""Changes by cmdlets override the settings file."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from connector.settings import SafetySettings, ScheduleSettings
from connector.settings.overrides import (
    STATE,
    UNGUARDED,
    Overrides,
    overrides,
    safety_in_force,
    schedule_in_force,
)

HOUR = timedelta(hours=1)
FILE = ScheduleSettings(delta=timedelta(minutes=45))


def state(**changes):
    return {STATE: Overrides().changed(changes).to_text()}


def test_without_overrides_the_file_decides():
    assert overrides({}) == Overrides()
    assert schedule_in_force(FILE, {}) is FILE
    assert safety_in_force(SafetySettings(), {}) == SafetySettings()


def test_what_was_set_comes_back():
    changes: dict[str, Any] = {
        "interval": 3600,
        "next_policy": "initial",
        "maintenance": False,
    }

    assert overrides(state(**changes)) == Overrides(**changes)


def test_a_longer_interval_is_in_force():
    assert schedule_in_force(FILE, state(interval=3600)).delta == HOUR


def test_an_interval_below_the_allowed_one_counts_as_the_allowed_one():
    assert schedule_in_force(FILE, state(interval=60)).delta == timedelta(minutes=30)


def test_a_file_with_a_shorter_interval_allows_it():
    lab = ScheduleSettings(delta=timedelta(minutes=1))

    assert schedule_in_force(lab, state(interval=1)).delta == timedelta(minutes=1)
    assert schedule_in_force(lab, state(interval=120)).delta == timedelta(minutes=2)


def test_cycles_and_history_follow():
    schedule = schedule_in_force(FILE, state(cycle_enabled=False, history=3600))

    assert (schedule.enabled, schedule.history) == (False, HOUR)


def test_without_maintenance_the_history_is_kept():
    history = schedule_in_force(FILE, state(maintenance=False, history=60)).history

    assert history > timedelta(days=36500)


def test_the_threshold_is_replaced_or_lifted():
    file = SafetySettings(delete_threshold=500, delete_percent=10)

    assert safety_in_force(file, state(delete_threshold=7)).delete_threshold == 7
    lifted = safety_in_force(file, state(delete_threshold=0))
    assert (lifted.delete_threshold, lifted.delete_percent) == (UNGUARDED, None)
