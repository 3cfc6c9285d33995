"""Decide when a run must stop before anything is deleted.

A guard only judges. The steps of the cycle stop the run, and keep the plan that a person may approve.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

SMALL = 20
"""Among fewer objects a percentage says little: then it refuses nothing."""


def refuses_import(*, staged: int, removed: int, left: int, shrink_percent: int) -> str | None:
    """Say why an import must not be committed, None when it may.

    A directory that comes back empty, or with far fewer objects, is far more often broken (lost
    rights, a wrong base, a restored backup) than left by all its people.
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


def refuses_unfamiliar(*, deletes: int, exported: int, shrink_percent: int) -> str | None:
    """Say why an export must not begin to a tenant that is not the one known before, None when it may.

    A tenant of which the directory has few objects, or none, is far more often the wrong one.
    """
    if deletes and deletes == exported:
        return (
            f"the tenant is another one than before, and the directory has none of its {exported} "
            "objects"
        )
    if exported >= SMALL and deletes * 100 > exported * shrink_percent:
        return (
            f"the tenant is another one than before, and {deletes} of its {exported} objects are "
            f"to be deleted, more than safety.shrink_percent ({shrink_percent} %)"
        )
    return None


def refuses_export(
    *, deletes: int, exported: int, threshold: int, percent: int | None
) -> str | None:
    """Say why an export must not begin, None when it may.

    It must not with more deletes than the threshold, as in "Prevent accidental deletes" of the real
    product (500 by default), nor with more than the percentage of the exported objects.
    """
    if deletes > threshold:
        return f"{deletes} pending deletes, more than safety.delete_threshold ({threshold})"
    if percent is not None and deletes * 100 > exported * percent:
        return f"{deletes} of {exported} objects to delete, more than safety.delete_percent ({percent} %)"
    return None


def refuses_types(
    deletes: Mapping[str, int],
    exported: Mapping[str, int],
    *,
    thresholds: Mapping[str, int | None],
    percent: int | None,
) -> str | None:
    """Say why an export must not begin that deletes too much of one object type, None when it may.

    ``deletes`` and ``exported`` count objects by type. The limits for all objects do not see that all
    groups go where there are far more users. The percentage counts from ``SMALL`` objects of a type on.
    """
    for kind, number in sorted(deletes.items()):
        threshold, there = thresholds.get(kind), exported.get(kind, 0)
        if threshold is not None and number > threshold:
            key = f"safety.delete_threshold_{kind}s"
            return f"{number} pending deletes of {kind}s, more than {key} ({threshold})"
        if percent is not None and there >= SMALL and number * 100 > there * percent:
            key = "safety.delete_percent_per_type"
            return f"{number} of {there} {kind}s to delete, more than {key} ({percent} %)"
    return None


def emptied_groups(losses: Mapping[str, tuple[int, int]], *, percent: int) -> list[str]:
    """Return, sorted, the groups that lose more of their members than a run may remove unasked.

    ``losses`` says how many of how many members each is to lose; the percentage counts from ``SMALL``
    members on.
    """
    return sorted(
        group
        for group, (lost, there) in losses.items()
        if there >= SMALL and lost * 100 > there * percent
    )
