"""Decide when a run must stop before anything is deleted.

A guard only judges. The steps of the cycle stop the run, and keep the plan that a person may approve.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from connector.rules.default_flows import SPELLINGS
from connector.values.counting import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

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
        return (
            f"{counted(deletes, 'pending delete')}, more than safety.delete_threshold ({threshold})"
        )
    if percent is not None and deletes * 100 > exported * percent:
        return f"{deletes} of {exported} objects to delete, more than safety.delete_percent ({percent} %)"
    return None


def refuses_share(*, deletes: int, exported: int, shrink_percent: int) -> str | None:
    """Say why an export must not begin that deletes most of what is there, None when it may.

    Whatever the objects leave by (the directory, the scope, a filter, a rule), so many of them go by
    mistake far more often than on purpose.
    """
    if exported >= SMALL and deletes * 100 > exported * shrink_percent:
        return (
            f"{deletes} of {exported} objects to delete, "
            f"more than safety.shrink_percent ({shrink_percent} %)"
        )
    return None


class Loss(NamedTuple):
    """An attribute that the objects with these ``anchors`` lose, of the ``had`` which had it.

    ``type`` is theirs where it is the share of one type that is too much, else None.
    """

    attribute: str
    type: str | None
    anchors: Sequence[str]
    had: int

    def __str__(self) -> str:
        whose = f"{self.type}s" if self.type else "objects"
        return (
            f"{self.attribute} is gone from {len(self.anchors)} of {self.had} {whose} that had it"
        )


def attribute_losses(
    lost: Mapping[str, Mapping[str, Sequence[str]]],
    had: Callable[[str, str | None, int], int],
    *,
    percent: int,
) -> list[Loss]:
    """Return the attributes that too many objects lose at once, by name.

    ``lost`` has the anchors of the objects that lose an attribute, by its lower-case name and by their
    type. ``had`` counts those (of a type, None for all) that had it, and need not count further than its
    last argument. The percentage counts from ``SMALL`` objects on.
    """
    found = []
    for attribute, by_type in sorted(lost.items()):
        everybody = [anchor for anchors in by_type.values() for anchor in anchors]
        for kind, anchors in ((None, everybody), *sorted(by_type.items())):
            number = len(anchors)
            if number * 100 <= SMALL * percent:
                continue
            there = had(attribute, kind, number * 100 // percent + 1)
            if there >= SMALL and number * 100 > there * percent:
                found.append(Loss(SPELLINGS.get(attribute, attribute), kind, anchors, there))
                break
    return found


def refuses_losses(losses: Sequence[Loss], *, percent: int) -> str | None:
    """Say why an import must not be committed that takes attributes from objects, None when it may.

    Rights that were narrowed look just like that: the entries are there, and lack a value.
    """
    if not losses:
        return None
    return (
        f"{', '.join(map(str, losses))}, more than safety.attribute_loss_percent ({percent} %); "
        "see whether directory.bind_dn may still read it"
    )


def attributes_by_anchor(losses: Sequence[Loss]) -> dict[str, list[str]]:
    """Return the names of the attributes that each object loses."""
    found: dict[str, list[str]] = {}
    for loss in losses:
        for anchor in loss.anchors:
            found.setdefault(anchor, []).append(loss.attribute)
    return found


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
            deleted = counted(number, f"pending delete of a {kind}", f"pending deletes of {kind}s")
            return f"{deleted}, more than {key} ({threshold})"
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
