"""The guards: when a run must stop before anything is deleted."""

from __future__ import annotations

import pytest

from connector.rules.guard import refuses_export, refuses_import


@pytest.mark.parametrize(
    ("staged", "removed", "left", "refused"),
    [
        (3, 3, 0, True),  # nothing left at all
        (1, 1, 0, True),
        (3, 2, 1, False),  # few objects: a share says little
        (19, 18, 1, False),
        (20, 11, 9, True),
        (20, 10, 10, False),  # exactly the share is not more than it
        (20, 0, 0, False),  # nothing removed, nothing to guard
        (100, 60, 90, True),  # what was added meanwhile does not make up for it
    ],
)
def test_an_import_that_loses_too_much_is_refused(staged, removed, left, refused):
    reason = refuses_import(staged=staged, removed=removed, left=left, shrink_percent=50)

    assert (reason is not None) is refused


@pytest.mark.parametrize(
    ("deletes", "percent", "refused"),
    [(500, None, False), (501, None, True), (10, 10, False), (11, 10, True), (0, 1, False)],
)
def test_an_export_with_more_deletes_than_allowed_is_refused(deletes, percent, refused):
    reason = refuses_export(deletes=deletes, exported=100, threshold=500, percent=percent)

    assert (reason is not None) is refused


def test_a_refusal_names_the_setting_behind_it():
    reason = refuses_export(deletes=3, exported=100, threshold=2, percent=None)

    assert reason == "3 pending deletes, more than safety.delete_threshold (2)"
