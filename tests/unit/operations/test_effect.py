"""What a proposed change alone does: one rehearsal less another."""

from __future__ import annotations

from typing import Any

import pytest

from connector.model import LeftOut
from connector.operations.effect import effect
from connector.operations.rehearsal import Rehearsal
from connector.run import Run, RunResult

NONE = {"add": 0, "remove": 0}


def rehearsal(
    *changes: dict[str, Any],
    result: RunResult = RunResult.SUCCESS,
    errors: tuple[dict[str, Any], ...] = (),
    members: tuple[tuple[str, str, bool], ...] = (),
) -> Rehearsal:
    run = Run(1, "delta", "now", result, errors=list(errors))
    return Rehearsal(run, list(changes), members=frozenset(members))


def change(operation: str, **attributes: list[Any]) -> dict[str, Any]:
    return {
        "operation": operation,
        "type": "user",
        "anchor": "a",
        "name": "Ann",
        "dn": "uid=ann",
        "attributes": attributes,
        "members": NONE,
    }


def quarantine(value: str, held_by: str = "Bob") -> dict[str, Any]:
    return {"kind": "quarantine", "anchor": "a", "value": value, "held_by": held_by}


@pytest.mark.parametrize(
    ("anyway", "proposed", "expected"),
    [
        ([change("update", title=["A", "B"])], [change("update", title=["A", "B"])], []),
        (
            [change("update", title=["A", "B"])],
            [change("update", title=["A", "C"])],
            [("update", {"title": ["B", "C"]})],
        ),
        ([change("update", title=["A", "B"])], [], [("update", {"title": ["B", "A"]})]),
        (
            [change("add", title=[None, "B"], mail=[None, "m"])],
            [change("add", title=[None, "B"])],
            [("update", {"mail": ["m", None]})],
        ),
        ([change("add", title=[None, "B"])], [], [("delete", {"title": ["B", None]})]),
        ([], [change("add", title=[None, "B"])], [("add", {"title": [None, "B"]})]),
        ([], [change("delete", title=["A", None])], [("delete", {"title": ["A", None]})]),
        (
            [change("update", title=["A", "B"])],
            [change("delete", title=["A", None])],
            [("delete", {"title": ["B", None]})],
        ),
        ([change("delete", title=["A", None])], [], [("add", {"title": [None, "A"]})]),
        ([change("delete", title=["A", None])], [change("delete", title=["A", None])], []),
    ],
)
def test_a_change_goes_from_what_comes_anyway_to_what_comes_with_the_proposal(
    anyway, proposed, expected
):
    found = effect(rehearsal(*anyway), rehearsal(*proposed))

    assert [(each["operation"], each["attributes"]) for each in found.changes] == expected


def test_members_are_counted_from_what_comes_anyway():
    anyway = rehearsal(change("update"), members=(("a", "m", True), ("a", "n", False)))
    proposed = rehearsal(change("update"), members=(("a", "o", True), ("a", "p", False)))

    [found] = effect(anyway, proposed).changes

    assert found["members"] == {"add": 2, "remove": 2}


def test_an_error_that_comes_anyway_is_left_out_and_one_that_no_longer_comes_is_told():
    anyway = rehearsal(errors=(quarantine("x"), quarantine("y")))
    proposed = rehearsal(errors=(quarantine("x", "Cid"), quarantine("z")))

    found = effect(anyway, proposed)

    assert (found.errors, found.averted) == ([quarantine("z")], [quarantine("y")])


@pytest.mark.parametrize(
    ("anyway", "proposed", "expected"),
    [
        (RunResult.COMPLETED_EXPORT_ERRORS, RunResult.COMPLETED_EXPORT_ERRORS, RunResult.SUCCESS),
        (RunResult.COMPLETED_SYNC_ERRORS, RunResult.SUCCESS, RunResult.SUCCESS),
        (
            RunResult.SUCCESS,
            RunResult.STOPPED_DELETION_THRESHOLD_EXCEEDED,
            RunResult.STOPPED_DELETION_THRESHOLD_EXCEEDED,
        ),
        (
            RunResult.STOPPED_DELETION_THRESHOLD_EXCEEDED,
            RunResult.STOPPED_DELETION_THRESHOLD_EXCEEDED,
            RunResult.SUCCESS,
        ),
        (
            RunResult.SUCCESS,
            RunResult.STOPPED_IMPORT_SHRUNK,
            RunResult.STOPPED_IMPORT_SHRUNK,
        ),
        (
            RunResult.NO_START_CONNECTION,
            RunResult.NO_START_CONNECTION,
            RunResult.NO_START_CONNECTION,
        ),
    ],
)
def test_a_result_counts_that_the_run_without_the_proposal_does_not_have(
    anyway, proposed, expected
):
    assert effect(rehearsal(result=anyway), rehearsal(result=proposed)).result is expected


def test_what_is_left_out_with_the_proposal_alone_is_counted_by_its_reason():
    without, proposed = rehearsal(), rehearsal()
    without.run.excluded = [LeftOut("A", "user", 2), LeftOut("B", "user", 1)]
    proposed.run.excluded = [LeftOut("A", "user", 5), LeftOut("A", "group", 1)]

    assert effect(without, proposed).left_out == [
        LeftOut("A", "user", 3),
        LeftOut("A", "group", 1),
    ]
