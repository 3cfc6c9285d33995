"""A cycle does its steps in order, stops where it must, and reports itself."""

from __future__ import annotations

import gc
import tracemalloc

import pytest

from connector import steps
from connector.cycle import DELTA, INITIAL, RunProfile, run_profile
from connector.errors import DirectoryUnavailable, ReadStopped, RunStopped
from connector.model import LeftOut
from connector.run import Counts, RunResult
from tests.fakes import SUFFIX
from tests.unit.tenant.verbs import sqlite_store
from tests.world import World

OURS = tracemalloc.Filter(inclusive=True, filename_pattern="*/connector/*")


@pytest.fixture
def world(tmp_path):
    with World(tmp_path) as opened:
        yield opened


def ending(*results):
    """A profile whose steps end with these results."""

    def step(result):
        def do(_, __, step):
            step.result = result

        return do

    return RunProfile("delta", tuple((result.value, step(result)) for result in results))


def test_a_cycle_with_nothing_to_send_leaves_the_tenant_alone(tmp_path):
    with World(tmp_path) as world:
        world.user("ann")
        world.sync()
        world.sync()
        tenant = sqlite_store(world.parts.tenant).connection
        before = tenant.total_changes
        run = world.sync()

        assert (run.result, tenant.total_changes) == ("success", before)


def test_an_export_session_left_open_is_closed_though_nothing_is_left_to_send(tmp_path):
    with World(tmp_path) as world:
        world.user("ann")
        world.sync()
        world.parts.space.queue.open_session(1)
        world.sync()

        assert world.parts.space.queue.session() is None


def test_a_first_full_synchronization_decides_on_everything_though_nothing_demands_it(
    tmp_path, monkeypatch
):
    """What no rule ever decided on is on the list since it was imported."""
    with World(tmp_path) as world:
        world.user("ann")
        demanded: list[bool] = []
        monkeypatch.setattr(
            world.parts.space.worklist, "add_everything", lambda: demanded.append(True)
        )
        first = world.sync("initial")
        world.sync("initial")

        assert (first.steps[-1].counts.adds, demanded) == (1, [True])


def test_both_profiles_have_the_same_four_steps():
    assert [[name for name, _ in profile.steps] for profile in (DELTA, INITIAL)] == [
        ["directory-import", "cloud-import", "synchronization", "export"]
    ] * 2


@pytest.mark.parametrize("result", RunResult)
def test_a_run_goes_on_after_a_step_unless_its_result_ends_the_run(world, result):
    run = run_profile(world.parts, ending(result, RunResult.SUCCESS))

    assert len(run.steps) == (1 if result.ends_the_run else 2)


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ([RunResult.SUCCESS, RunResult.SUCCESS], RunResult.SUCCESS),
        (
            [
                RunResult.SUCCESS,
                RunResult.COMPLETED_WARNINGS,
                RunResult.COMPLETED_EXPORT_ERRORS,
                RunResult.SUCCESS,
            ],
            RunResult.COMPLETED_WARNINGS,
        ),
        (
            [RunResult.COMPLETED_WARNINGS, RunResult.STOPPED_DELETION_THRESHOLD_EXCEEDED],
            RunResult.STOPPED_DELETION_THRESHOLD_EXCEEDED,
        ),
        (
            [RunResult.COMPLETED_SYNC_ERRORS, RunResult.STOPPED_USER_TERMINATION],
            RunResult.STOPPED_USER_TERMINATION,
        ),
        ([], RunResult.SUCCESS),
    ],
)
def test_the_result_is_that_of_the_step_that_ended_the_run_else_of_the_first_fault(
    world, results, expected
):
    assert run_profile(world.parts, ending(*results)).result is expected


@pytest.mark.parametrize(
    ("raised", "result"),
    [
        (ReadStopped("told to stop"), RunResult.STOPPED_USER_TERMINATION),
        (
            RunStopped(RunResult.STOPPED_IMPORT_SHRUNK, "all is gone"),
            RunResult.STOPPED_IMPORT_SHRUNK,
        ),
        (DirectoryUnavailable("refused"), RunResult.NO_START_CONNECTION),
    ],
)
def test_what_stops_a_step_is_its_result_and_ends_the_run(world, raised, result):
    def stop(*_):
        raise raised

    run = run_profile(
        world.parts, RunProfile("delta", (("import", stop), ("export", steps.export)))
    )

    assert [(step.name, step.result) for step in run.steps] == [("import", result)]


def test_refused_credentials_are_told_from_a_directory_that_does_not_answer(world):
    error = DirectoryUnavailable("invalid credentials")
    error.result_code = 49

    def refuse(*_):
        raise error

    run = run_profile(world.parts, RunProfile("delta", (("import", refuse),)))

    assert run.result is RunResult.NO_START_CREDENTIALS


def test_the_steps_count_what_they_did(world):
    world.user("ann")
    world.user("bob", upn="ann@contoso.com")

    run = world.sync()

    assert [step.counts for step in run.steps] == [
        Counts(adds=2),
        Counts(),
        Counts(adds=2),
        Counts(adds=2, quarantined=1),
    ]


def test_a_run_carries_the_advice_that_its_log_gives(world):
    world.user("ann")
    world.user("bob", upn="ann@contoso.com")

    run = world.sync()

    assert run.next == ("1 value quarantined: connector errors",)
    assert world.logged("cycle.finished")[0]["next"] == "; ".join(run.next)


def test_advice_counts_what_a_crashed_run_exported(world, monkeypatch):
    recovered = Counts(adds=1, errors=2, quarantined=3)
    monkeypatch.setattr(steps, "recover", lambda *_: recovered)

    run = run_profile(world.parts, ending(RunResult.SUCCESS))

    assert run.next == (
        "3 values quarantined: connector errors",
        "2 objects failed, and will be tried again: connector errors",
    )


# --- what is left out -----------------------------------------------------------------------------


def events(world, *names):
    return [event for event, _ in world.log.events if event in names]


def test_what_is_left_out_is_told_when_it_is_news(world):
    world.user("ann")
    world.directory.add("cn=p,dc=contoso,dc=com", ["device"])
    first, second = world.sync(), world.sync()
    world.directory.add("cn=q,dc=contoso,dc=com", ["device"])
    third = world.sync()

    assert [first.notes, second.notes, third.notes] == [
        ["Left out: 1 not a user, group or contact (1 device)"],
        [],
        ["Left out: 2 not a user, group or contact (2 device)"],
    ]
    assert [run.excluded for run in (first, second)] == [[LeftOut("object-class", "device", 1)]] * 2
    assert events(world, "scope.left_out") == ["scope.left_out"] * 2


def test_a_run_that_syncs_no_object_of_a_directory_says_so(world):
    world.directory.add("cn=p,dc=contoso,dc=com", ["device"])

    run = world.sync()

    assert run.result is RunResult.SUCCESS
    assert run.notes[1:] == [
        (
            "Warning: no object is synced: 1 entry of the directory left out; "
            "see connector objects --excluded"
        )
    ]
    assert events(world, "scope.empty") == ["scope.empty"]


def test_upns_in_an_unverified_domain_are_told_once_and_when_there_are_more(world):
    world.user("ann", upn="ann@elsewhere.com")
    world.user("bob")
    first, second = world.sync(), world.sync("initial")
    world.user("cid", upn="cid@Elsewhere.com")
    third = world.sync()

    assert [run.unverified for run in (first, second, third)] == [
        {"elsewhere.com": 1},
        {},
        {"elsewhere.com": 1},
    ]
    assert first.notes == [
        (
            "Warning: the UPN of 1 user is in contoso.onmicrosoft.com, because the tenant has not "
            "verified the domain that the directory gives: elsewhere.com (1)"
        ),
        (
            "  connector tenant domains add elsewhere.com, or "
            'verified_domains = ["elsewhere.com"] in [tenant]'
        ),
    ]
    assert events(world, "upn.unverified") == ["upn.unverified"] * 2


def test_cycles_keep_nothing_in_memory(tmp_path):
    """What grows a little are caches with a limit, such as the interpreter's of attribute names."""
    held = []
    with World(tmp_path) as world:
        world.user("ann")
        tracemalloc.start()
        for cycle in range(60):
            world.user(f"new{cycle}", upn="ann@contoso.com" if cycle % 2 else None)
            world.directory.modify(f"uid=ann,ou=users,{SUFFIX}", title=f"Title {cycle}")
            if cycle > 2:
                world.directory.remove(f"uid=new{cycle - 3},ou=users,{SUFFIX}")
            world.sync("reconcile" if cycle % 10 == 9 else "delta")
            world.sweep()
            world.log.events.clear()
            if cycle in {19, 59}:
                gc.collect()
                ours = tracemalloc.take_snapshot().filter_traces([OURS])
                held.append(sum(each.size for each in ours.statistics("filename")))
        tracemalloc.stop()

    assert held[1] - held[0] < 60_000
