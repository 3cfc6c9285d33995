"""An export with too many errors ends early, and the next one goes on where it ended."""

from __future__ import annotations

import pytest

from connector.export import exporter
from tests.world import World

STOPPED = "stopped-error-limit"


@pytest.fixture
def world(tmp_path, monkeypatch):
    """A tenant with four users that refuses four others with their UPNs; three errors are too many."""
    monkeypatch.setattr(exporter, "ERROR_LIMIT", 2)
    monkeypatch.setattr("connector.steps.ERROR_LIMIT", 2)
    monkeypatch.setattr(exporter, "BATCH", 1)
    with World(tmp_path, tenant={"resiliency": False}) as opened:
        for number in range(4):
            opened.user(f"user{number}")
        opened.sync()
        for number in range(4):
            opened.user(f"twin{number}", upn=f"user{number}@contoso.com")
        yield opened


def failed(world):
    return [event["name"] for event in world.logged("export.failed")]


def test_it_stops_after_the_limit_and_says_so(world):
    run = world.sync()

    assert (run.result, run.steps[-1].counts.errors) == (STOPPED, 3)
    assert failed(world) == ["Twin0", "Twin1", "Twin2"]
    assert [event["reason"] for event in world.logged("guard.stopped")] == [
        "3 objects failed, more than 2"
    ]


def test_the_next_export_tries_what_was_left_before_it_tries_anything_again(world):
    world.sync()

    run = world.sync()

    assert (run.result, failed(world)[3:]) == ("completed-export-errors", ["Twin3"])


def test_the_log_says_what_to_do(world):
    world.sync()

    assert world.logged("cycle.finished")[-1]["next"] == (
        "3 objects failed, and will be tried again: connector errors; "
        "too many objects failed, the rest waits: connector errors --kind export"
    )
