"""Requests are carried out on parts that only record their calls."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from inspect import Parameter, signature
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from connector.errors import UnknownObject
from connector.model import ObjectType
from connector.operations.requests import LAST_FULL, MOVES_TIME, OPERATIONS, SHARED, perform
from connector.settings.overrides import STATE, Overrides, overrides
from connector.staging.space import PAUSED
from connector.tenant.sweep import Released, SweepResult
from tests.world import World

if TYPE_CHECKING:
    from collections.abc import Callable

NOTHING: Any = SimpleNamespace()
"""Parts that fail whoever uses them: what is refused touches none."""


def keywords(*, required: bool) -> list[tuple[str, str]]:
    """Return every command with every argument, or with every one that has no default."""
    return [
        (command, parameter.name)
        for command, operation in OPERATIONS.items()
        for parameter in list(signature(operation).parameters.values())[1:]
        if parameter.default is Parameter.empty or not required
    ]


class Events(list[tuple[str, dict[str, Any]]]):
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

    def sweep(stop: Callable[[], bool], tell: Callable[[object], None]) -> SweepResult:
        tell([released])
        return SweepResult((released,), waiting=3, stopped=stop())

    return SimpleNamespace(
        tenant=SimpleNamespace(sweep=sweep),
        stop=lambda: False,
        space=SimpleNamespace(deletions=SimpleNamespace(approve=approve)),
        log=Events(),
    )


def test_a_sweep_that_was_stopped_says_so(parts):
    parts.stop = lambda: True

    answer = perform(parts, {"command": "sweep"})

    assert answer["stopped"] is True
    assert [event for event, _ in parts.log] == ["sweep.released", "sweep.stopped"]


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
        "kind": "unknown-object",
    }


@pytest.mark.parametrize("request_", [{}, {"command": "format-disk"}])
def test_an_unknown_command_is_refused(request_):
    answer = perform(NOTHING, request_)

    assert answer == {"error": f"unknown command {request_.get('command')!r}", "exit_code": 2}


@pytest.mark.parametrize("command", OPERATIONS)
def test_an_operation_takes_keywords_alone(command):
    _, *others = signature(OPERATIONS[command]).parameters.values()

    assert {each.kind for each in others} <= {Parameter.KEYWORD_ONLY}


@pytest.mark.parametrize("command", sorted({command for command, _ in keywords(required=True)}))
def test_a_missing_argument_is_refused_by_name(command):
    first = next(name for each, name in keywords(required=True) if each == command)

    answer = perform(NOTHING, {"command": command})

    assert answer == {"error": f"{command}: the argument {first} is missing", "exit_code": 2}


@pytest.mark.parametrize("command", OPERATIONS)
def test_a_misspelt_argument_is_refused_by_name(command):
    known = [name for each, name in keywords(required=False) if each == command]

    answer = perform(NOTHING, {"command": command, "policies": "delta"})

    assert answer == {
        "error": f"{command}: unknown argument 'policies'; there are: {', '.join(known) or 'none'}",
        "exit_code": 2,
    }


@pytest.mark.parametrize(("command", "name"), keywords(required=False))
def test_an_argument_of_another_type_is_refused_by_name(command, name):
    answer = perform(NOTHING, {"command": command, name: [None]})

    assert answer["exit_code"] == 2
    assert answer["error"].startswith(f"{command}: the argument {name} must be ")


def test_what_is_shared_or_moves_time_can_be_asked_for():
    assert {*SHARED, *MOVES_TIME} <= {*OPERATIONS.values()}


def test_what_cmdlets_set_replaces_the_settings(world):
    perform(world.parts, {"command": "override", "changes": {"interval": 3600}})

    answer = perform(world.parts, {"command": "override", "changes": {"delete_threshold": 0}})

    assert answer == {}
    assert overrides(world.parts.space.state) == Overrides(interval=3600, delete_threshold=0)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"intervals": 3600},
            f"unknown argument 'intervals'; there are: {', '.join(asdict(Overrides()))}",
        ),
        ({"interval": "3600"}, "the argument interval must be a whole number or null"),
        (
            {"next_policy": "full"},
            "the argument next_policy must be 'delta' or 'initial'",
        ),
        ({"maintenance": None}, "the argument maintenance must be true or false"),
        ({"interval": -1}, "the argument interval must be 0 to 8640000000 seconds"),
        ({"history": 10**30}, "the argument history must be 0 to 8640000000 seconds"),
    ],
)
def test_what_would_spoil_the_settings_is_refused(world, changes, reason):
    """It would be read by every cycle from then on, and by the next start of the daemon."""
    answer = perform(world.parts, {"command": "override", "changes": changes})

    assert answer == {"error": f"override changes: {reason}", "exit_code": 2}
    assert world.parts.space.state.get(STATE) is None


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


def test_a_plan_that_was_not_seen_is_not_discarded(world):
    answer = perform(world.parts, {"command": "discard", "hash": "abc"})

    assert answer["error"] == "No deletions wait for approval."
