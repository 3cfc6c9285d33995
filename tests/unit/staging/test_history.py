"""The runs of the connector."""

from __future__ import annotations

import pytest

from connector.run import Counts, Run, RunResult, StepResult

LONG_AGO = "2020-01-01T00:00:00Z"


def finish(space, started, result=RunResult.SUCCESS, *, keep_since=LONG_AGO):
    run = space.history.begin("delta", started)
    run.result, run.seconds = result, 1.5
    run.steps.append(StepResult("export", counts=Counts(adds=3)))
    space.history.end(run, keep_since=keep_since)
    return run


def test_a_finished_run_is_kept_with_its_steps(stage):
    run = finish(stage.space, "2026-11-23T08:00:00Z")

    steps = [StepResult("export", counts=Counts(adds=3))]
    assert stage.space.history.run(run.number) == Run(
        run.number, "delta", "2026-11-23T08:00:00Z", RunResult.SUCCESS, 1.5, steps
    )


def test_a_run_that_a_crash_left_open_is_aborted_when_the_next_begins(stage):
    crashed = stage.space.history.begin("delta", "2026-11-23T08:00:00Z")

    stage.space.history.begin("delta", "2026-11-23T08:30:00Z")

    assert [run.result for run in stage.space.history.runs()] == ["in-progress", "aborted"]
    assert stage.space.history.run(crashed.number).result == "aborted"


def test_runs_are_listed_newest_first(stage):
    numbers = [finish(stage.space, f"2026-11-23T0{hour}:00:00Z").number for hour in (1, 2, 3)]

    assert [run.number for run in stage.space.history.runs(limit=2)] == numbers[:0:-1]


def test_runs_before_the_retention_are_forgotten_with_their_steps(stage):
    finish(stage.space, "2026-11-15T08:00:00Z")

    finish(stage.space, "2026-11-23T08:00:00Z", keep_since="2026-11-16T08:00:00Z")

    assert [run.started for run in stage.space.history.runs()] == ["2026-11-23T08:00:00Z"]
    assert stage.rows("SELECT count(*) FROM run_step") == [1]


def test_the_last_run_is_kept_however_old_it_is(stage):
    finish(stage.space, "2026-11-15T08:00:00Z", keep_since="2026-11-16T08:00:00Z")

    assert len(list(stage.space.history.runs())) == 1


def test_a_run_number_that_was_never_given_has_no_run(stage):
    assert stage.space.history.run(1) is None


def test_the_last_success_is_the_last_run_that_came_to_its_end(stage):
    finish(stage.space, "2026-11-23T08:00:00Z", RunResult.COMPLETED_EXPORT_ERRORS)
    finish(stage.space, "2026-11-23T08:30:00Z", RunResult.NO_START_CONNECTION)

    assert stage.space.history.last_success() == "2026-11-23T08:00:00Z"


def test_without_a_run_there_was_no_success(stage):
    assert stage.space.history.last_success() is None


def test_the_last_success_is_remembered_longer_than_its_run(stage):
    finish(stage.space, "2026-11-15T08:00:00Z")
    finish(
        stage.space,
        "2026-11-23T08:00:00Z",
        RunResult.NO_START_CONNECTION,
        keep_since="2026-11-16T08:00:00Z",
    )

    assert len(list(stage.space.history.runs())) == 1
    assert stage.space.history.last_success() == "2026-11-15T08:00:00Z"


@pytest.mark.parametrize(
    ("result", "known"),
    [
        (RunResult.SUCCESS, "2026-11-23T08:00:00Z"),
        (RunResult.COMPLETED_WARNINGS, "2026-11-23T08:00:00Z"),
        (RunResult.NO_START_CONNECTION, None),
        (RunResult.STOPPED_IMPORT_SHRUNK, None),
    ],
)
def test_the_last_import_is_that_of_the_step_whatever_became_of_the_run(stage, result, known):
    run = stage.space.history.begin("delta", "2026-11-23T08:00:00Z")
    run.steps.append(StepResult("directory-import", result))
    run.result = RunResult.STOPPED_DELETION_THRESHOLD_EXCEEDED
    stage.space.history.end(run, keep_since=LONG_AGO)

    assert stage.space.history.last_import() == known
