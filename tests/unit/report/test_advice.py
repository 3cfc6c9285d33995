"""The advice follows from the result of a run."""

from __future__ import annotations

import pytest

from connector.report.advice import next_steps
from connector.run import RunResult

DELETIONS = "nothing was deleted; see what waits for approval: connector deletions"
UNREAD = "nothing was changed; see what is wrong with the directory: connector check"


@pytest.mark.parametrize(
    ("result", "counts", "steps"),
    [
        (RunResult.SUCCESS, {}, ()),
        (
            RunResult.SUCCESS,
            {"waiting": 1},
            ("staging mode: 1 pending export kept back: connector sync --dry-run",),
        ),
        (
            RunResult.COMPLETED_EXPORT_ERRORS,
            {"quarantined": 2},
            ("2 values quarantined: connector errors",),
        ),
        (
            RunResult.COMPLETED_EXPORT_ERRORS,
            {"failed": 1},
            ("1 object failed, and will be tried again: connector errors",),
        ),
        (
            RunResult.STOPPED_ERROR_LIMIT,
            {"failed": 6000},
            (
                "6000 objects failed, and will be tried again: connector errors",
                "too many objects failed, the rest waits: connector errors --kind export",
            ),
        ),
        (RunResult.STOPPED_IMPORT_SHRUNK, {}, (DELETIONS,)),
        (RunResult.STOPPED_DELETION_THRESHOLD_EXCEEDED, {}, (DELETIONS,)),
        (RunResult.NO_START_CONNECTION, {}, (UNREAD,)),
        (RunResult.NO_START_CREDENTIALS, {}, (UNREAD,)),
        (RunResult.STOPPED_USER_TERMINATION, {}, ()),
    ],
)
def test_the_steps_follow_from_the_result(result, counts, steps):
    assert next_steps(result, **counts) == steps
