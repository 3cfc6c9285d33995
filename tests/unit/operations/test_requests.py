"""Requests are carried out on parts that only record their calls."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest

from connector.errors import UnknownObject
from connector.model import ObjectType
from connector.operations.requests import LAST_FULL, perform
from connector.staging.space import PAUSED
from connector.tenant.sweep import Released
from tests.world import World


class Events(list):
    """A log that keeps its events."""

    def info(self, event: str, **fields: object) -> None:
        self.append((event, fields))

    warning = info


@pytest.fixture
def world(tmp_path):
    with World(tmp_path) as opened:
        yield opened


@pytest.fixture
def parts():
    released = Released("aGk=", ObjectType.USER, "Bob", "UserPrincipalName", "joe@contoso.com")

    def approve(plan_hash: str) -> SimpleNamespace:
        if plan_hash != "abc":
            raise UnknownObject("No deletions wait for approval.")
        return SimpleNamespace(hash="abc", objects=["a", "b"])

    return SimpleNamespace(
        tenant=SimpleNamespace(sweep=lambda: SimpleNamespace(released=(released,), waiting=3)),
        space=SimpleNamespace(deletions=SimpleNamespace(approve=approve)),
        log=Events(),
    )


def test_a_sweep_is_logged_value_by_value(parts):
    fields = {
        "anchor": "aGk=",
        "type": "user",
        "name": "Bob",
        "attribute": "UserPrincipalName",
        "value": "joe@contoso.com",
    }

    answer = perform(parts, {"command": "sweep"})

    assert answer == {"released": [fields], "waiting": 3}
    assert parts.log == [
        ("sweep.released", fields),
        ("sweep.finished", {"released": 1, "waiting": 3}),
    ]


def test_an_approval_says_how_many_deletions_it_lets_through(parts):
    assert perform(parts, {"command": "approve", "hash": "abc"}) == {"hash": "abc", "count": 2}


def test_an_expected_error_is_an_answer(parts):
    assert perform(parts, {"command": "approve", "hash": "x"}) == {
        "error": "No deletions wait for approval.",
        "exit_code": 2,
    }


@pytest.mark.parametrize("request_", [{}, {"command": "format-disk"}])
def test_an_unknown_command_is_refused(parts, request_):
    answer = perform(parts, request_)

    assert answer == {"error": f"unknown command {request_.get('command')!r}", "exit_code": 2}


def test_a_pause_is_stored_once_and_logged_once(world):
    first = perform(world.parts, {"command": "pause"})
    world.time += timedelta(hours=1)
    second = perform(world.parts, {"command": "pause"})

    assert first == second == {"pausedSince": world.parts.space.state.get(PAUSED)}
    assert [event for event, _ in world.log.events] == ["daemon.paused"]


def test_a_resume_ends_the_pause_and_is_nothing_without_one(world):
    perform(world.parts, {"command": "pause"})

    answers = [perform(world.parts, {"command": "resume"}) for _ in range(2)]

    assert answers == [{"pausedSince": None}] * 2
    assert world.parts.space.paused_since() is None
    assert [event for event, _ in world.log.events] == ["daemon.paused", "daemon.resumed"]


def test_a_paused_connector_syncs_when_it_is_asked_to(world):
    world.user("ann")
    perform(world.parts, {"command": "pause"})

    assert perform(world.parts, {"command": "sync"})["result"] == "success"
    assert set(world.cloud) == {"Ann"}


def test_a_full_cycle_is_remembered_whoever_asked_for_it(world):
    world.user("ann")
    perform(world.parts, {"command": "sync", "policy": "delta"})
    before = world.parts.space.state.get(LAST_FULL)

    run = perform(world.parts, {"command": "sync", "policy": "initial"})

    assert (before, world.parts.space.state.get(LAST_FULL)) == (None, run["started"])


def test_a_full_cycle_that_could_not_read_the_directory_is_not_remembered(world):
    world.directory.fail_at(0)

    run = perform(world.parts, {"command": "sync", "policy": "initial"})

    assert run["result"] == "no-start-connection"
    assert world.parts.space.state.get(LAST_FULL) is None


def test_a_backup_says_where_it_is(world, tmp_path):
    answer = perform(world.parts, {"command": "backup", "path": str(tmp_path / "copy")})

    assert answer == {"folder": str(tmp_path / "copy")}
    assert world.log.events == [("backup.finished", answer)]
