"""Decide when a run must stop before anything is deleted.

A guard only judges; who stops, and what is kept for a person to approve, is ``cycle.py``'s.
"""

from __future__ import annotations

SMALL = 20
"""Below so many staged objects a share says little, and only an empty directory is refused."""


def refuses_import(*, staged: int, removed: int, left: int, shrink_percent: int) -> str | None:
    """Say why an import must not be committed, None when it may.

    A directory that came back empty, or with much less than before, is far more often a broken one
    (lost rights, a wrong base, a restored backup) than one whose people all left.
    """
    if removed == 0:
        return None
    if left == 0:
        return f"the directory has none of the {staged} staged objects any more"
    if staged >= SMALL and removed * 100 > staged * shrink_percent:
        return (
            f"the directory lacks {removed} of {staged} staged objects, "
            f"more than safety.shrink_percent ({shrink_percent} %)"
        )
    return None


def refuses_export(
    *, deletes: int, exported: int, threshold: int, percent: int | None
) -> str | None:
    """Say why an export must not begin, None when it may.

    Strictly more deletes than the threshold stop it, as in "Prevent accidental deletes" of the real
    product (500 by default), or more than the percentage of the objects that the cloud has.
    """
    if deletes > threshold:
        return f"{deletes} pending deletes, more than safety.delete_threshold ({threshold})"
    if percent is not None and deletes * 100 > exported * percent:
        return f"{deletes} of {exported} objects to delete, more than safety.delete_percent ({percent} %)"
    return None
