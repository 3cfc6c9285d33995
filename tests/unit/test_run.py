"""How a run can end, and what it counts."""

from __future__ import annotations

import json
import sqlite3

import pytest

from connector.logs.text import as_text
from connector.run import Counts, RunResult, StepResult
from connector.values.canonical import compact
from connector.values.printable import json_text

# Every result: what it is as text, whether its work is done, whether it ends the run, its exit code.
RESULTS = [
    (RunResult.IN_PROGRESS, "in-progress", False, False, 1),
    (RunResult.SUCCESS, "success", True, False, 0),
    (RunResult.COMPLETED_WARNINGS, "completed-warnings", True, False, 1),
    (RunResult.COMPLETED_SYNC_ERRORS, "completed-sync-errors", True, False, 1),
    (RunResult.COMPLETED_EXPORT_ERRORS, "completed-export-errors", True, False, 1),
    (RunResult.STOPPED_IMPORT_SHRUNK, "stopped-import-shrunk", False, True, 3),
    (RunResult.STOPPED_ATTRIBUTE_LOSS, "stopped-attribute-loss", False, True, 3),
    (
        RunResult.STOPPED_DELETION_THRESHOLD_EXCEEDED,
        "stopped-deletion-threshold-exceeded",
        False,
        True,
        3,
    ),
    (RunResult.STOPPED_PLAN_DIFFERS, "stopped-plan-differs", False, True, 3),
    (RunResult.STOPPED_ERROR_LIMIT, "stopped-error-limit", False, True, 3),
    (RunResult.STOPPED_USER_TERMINATION, "stopped-user-termination", False, True, 130),
    (RunResult.NO_START_CONNECTION, "no-start-connection", False, True, 4),
    (RunResult.NO_START_CREDENTIALS, "no-start-credentials", False, True, 4),
    (RunResult.ABORTED, "aborted", False, True, 1),
]


def test_each_result_says_whether_it_is_done_whether_it_ends_the_run_and_its_exit_code():
    assert [
        (result, result.value, result.counts_as_done, result.ends_the_run, result.exit_code)
        for result in RunResult
    ] == RESULTS


def test_a_run_did_not_start_where_the_directory_could_not_be_read():
    assert [result for result in RunResult if result.did_not_start] == [
        RunResult.NO_START_CONNECTION,
        RunResult.NO_START_CREDENTIALS,
    ]


def test_a_loss_awaits_approval_after_the_guards_that_hold_a_plan():
    assert [result for result in RunResult if result.awaits_approval] == [
        RunResult.STOPPED_IMPORT_SHRUNK,
        RunResult.STOPPED_ATTRIBUTE_LOSS,
        RunResult.STOPPED_DELETION_THRESHOLD_EXCEEDED,
    ]


@pytest.mark.parametrize("result", RunResult)
def test_a_result_is_written_as_its_text_wherever_it_goes(result):
    record = {"timestamp": "t", "level": "info", "event": "cycle.finished", "result": result}
    with sqlite3.connect(":memory:") as connection:
        stored = connection.execute("SELECT ?, typeof(?)", (result, result)).fetchone()
    connection.close()

    assert [json.dumps(result), compact(result), json_text(result)] == [f'"{result.value}"'] * 3
    assert as_text(record) == f"t info    cycle.finished result={result.value}"
    assert stored == (result.value, "text")


@pytest.mark.parametrize("result", RunResult)
def test_the_text_of_a_result_is_read_back_as_the_result(result):
    assert RunResult(json.loads(json.dumps(result))) is result


def test_counts_add_up_counter_by_counter():
    first, second = Counts(1, 2, 3, 4, 5, 6), Counts(10, 20, 30, 40, 50, 60)

    assert first + second == Counts(11, 22, 33, 44, 55, 66)
    assert first == Counts(1, 2, 3, 4, 5, 6)


def test_the_counters_of_a_step_stand_beside_its_name_in_json():
    step = StepResult("export", RunResult.COMPLETED_EXPORT_ERRORS, Counts(1, 2, 3, 4, 5, 6), 0.5)

    assert compact(step.facts()) == (
        '{"name":"export","result":"completed-export-errors","adds":1,"updates":2,"deletes":3,'
        '"unchanged":4,"errors":5,"quarantined":6,"seconds":0.5}'
    )


def test_steps_do_not_share_their_counters():
    first, second = StepResult("cloud-import"), StepResult("export")
    first.counts.adds += 1

    assert second.counts == Counts()
