"""Say which entries are not synced and why, and which UPNs the tenant does not take as they are."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from connector.model import OBJECT_CLASS
from connector.values.counting import counted
from connector.values.hosts import is_domain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from connector.model import ExcludedEntry, LeftOut

_SHOWN = 6
"""Classes of one line."""

_REASONS = {
    OBJECT_CLASS: "not a user, group or contact",
    "unit-excluded": "below a unit of directory.exclude",
    "unit-not-included": "below no unit of directory.include",
    "pilot-group": "not in the pilot group",
    "scoping-filter": "meeting no filter of directory.scope",
}


def excluded_rows(counts: Iterable[LeftOut]) -> list[dict[str, Any]]:
    """Return the JSON: ``{reason, count, classes, types}`` for each reason.

    ``classes`` counts the entries of the reason object-class by their classes, ``types`` those of
    another reason by the type of the object. ``counts`` are sorted by reason.
    """
    rows = []
    for reason, group in groupby(counts, key=lambda one: one.reason):
        what = {one.what: one.count for one in group}
        classes, types = (what, {}) if reason == OBJECT_CLASS else ({}, what)
        rows.append(
            {"reason": reason, "count": sum(what.values()), "classes": classes, "types": types}
        )
    return rows


def excluded_lines(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return a line for each reason: how many entries, and what they are."""
    return [f"{row['count']} {_reason(row['reason'])} ({_what(row)})" for row in rows]


def entry_row(entry: ExcludedEntry) -> dict[str, Any]:
    """Return the JSON of one entry for ``objects --excluded``."""
    is_other = entry.reason == OBJECT_CLASS
    return {
        "distinguishedName": entry.dn,
        "sourceAnchor": entry.anchor,
        "objectType": None if is_other else entry.what,
        "classes": entry.what.split("+") if is_other else [],
        "reason": entry.reason,
        "message": entry.sentence,
    }


def nothing_synced(counts: Sequence[LeftOut]) -> str:
    """Return the warning that not one entry of the directory is synced."""
    number = counted(sum(one.count for one in counts), "entry", "entries")
    if not counts:
        return "no object is synced: the directory shows containers alone below directory.base_dn"
    return (
        f"no object is synced: {number} of the directory left out; see connector objects --excluded"
    )


def unverified_line(users: Mapping[str, int], initial_domain: str) -> str:
    """Return the warning that UPNs were replaced; ``users`` counts them by unverified domain."""
    total = sum(users.values())
    wanted = ", ".join(f"{domain} ({count})" for domain, count in users.items())
    return (
        f"the UPN of {counted(total, 'user')} is in {initial_domain}, because the tenant has not "
        f"verified the domain that the directory gives: {wanted}"
    )


def verifying(domains: Iterable[str]) -> str:
    """Return how to verify domains: by a command, or in the settings.

    Where the text behind the ``@`` is not the name of a domain, only the directory can be corrected.
    """
    names = list(domains)
    possible = [name for name in names if is_domain(name)]
    if not possible:
        return "correct it in the directory: connector lint"
    listed = ", ".join(f'"{name}"' for name in possible)
    others = "; correct the rest in the directory" if len(possible) < len(names) else ""
    return (
        f"connector tenant domains add {possible[0]}, or verified_domains = [{listed}] in [tenant]"
        f"{others}"
    )


def _reason(name: str) -> str:
    return _REASONS.get(name, f"by the rule {name}")


def _what(row: Mapping[str, Any]) -> str:
    if row["types"]:
        return ", ".join(counted(count, kind) for kind, count in row["types"].items())
    classes = list(row["classes"].items())
    shown = [f"{count} {name}" for name, count in classes[:_SHOWN]]
    if rest := classes[_SHOWN:]:
        number = sum(count for _, count in rest)
        shown.append(f"{number} of other classes")
    return ", ".join(shown)
