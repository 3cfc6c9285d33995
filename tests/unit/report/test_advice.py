"""What to do next follows from how a run ended."""

from __future__ import annotations

import pytest

from connector.report.advice import next_steps


@pytest.mark.parametrize(
    ("result", "counts", "steps"),
    [
        ("success", {}, []),
        (
            "success",
            {"waiting": 1},
            ["staging mode: 1 pending export kept back: connector sync --dry-run"],
        ),
        (
            "stopped-error-limit",
            {"failed": 6000},
            [
                "6000 objects failed, and will be tried again: connector errors",
                "too many objects failed, the rest waits: connector errors --kind export",
            ],
        ),
        (
            "stopped-import-shrunk",
            {},
            ["nothing was deleted; see what waits for approval: connector deletions"],
        ),
        (
            "no-start-credentials",
            {},
            ["nothing was changed; see what is wrong with the directory: connector check"],
        ),
        ("stopped-user-termination", {}, []),
    ],
)
def test_the_steps_follow_from_the_result(result, counts, steps):
    assert next_steps(result, **counts) == steps
