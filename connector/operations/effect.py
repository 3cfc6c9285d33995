"""Tell what a proposed change alone does: two rehearsals, without it and with it, subtracted.

What others changed, what waits and what fails anyway is in both. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from connector.model import Operation
from connector.run import RunResult

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from connector.model import LeftOut
    from connector.operations.rehearsal import Rehearsal
    from connector.tenant.sweep import Released

    Change = Mapping[str, Any]

_ADD, _DELETE, _UPDATE = Operation.ADD.value, Operation.DELETE.value, Operation.UPDATE.value
_NO_MEMBERS = {"add": 0, "remove": 0}
# A guard stopped the export; what would be exported is known all the same.
_PLANNED = frozenset({RunResult.STOPPED_DELETION_THRESHOLD_EXCEEDED})
_SAME_ERROR = ("kind", "anchor", "error", "attribute", "value")


@dataclass(frozen=True, slots=True)
class Effect:
    """What a proposed change does to the cloud, in the terms of ``Rehearsal``.

    A change goes from the object that the next run makes anyway to the one that it makes with the
    proposal. ``averted`` are the errors that no longer come, ``left_out`` counts what the rules leave out
    with the proposal alone. ``result`` is that of the run with the proposal where the run without it ends
    otherwise, else success.
    """

    result: RunResult
    changes: list[dict[str, Any]] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)
    averted: list[dict[str, Any]] = field(default_factory=list)
    released: list[Released] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)

    def is_none(self) -> bool:
        return not (self.changes or self.errors or self.averted or self.released)


def effect(without: Rehearsal, proposed: Rehearsal) -> Effect:
    """Subtract the run that comes anyway from the one with the proposal."""
    before, after = without.run.result, proposed.run.result
    if not _is_known(after) or not _is_known(before):
        worse = after if not _is_known(after) else before
        return Effect(worse, errors=list((proposed if worse is after else without).run.errors))
    comes_anyway = after.counts_as_done or after is before
    errors = [*proposed.run.errors, *proposed.failures]
    expected = [*without.run.errors, *without.failures]
    return Effect(
        RunResult.SUCCESS if comes_anyway else after,
        list(_changes(without, proposed)),
        _beyond(errors, expected),
        _beyond([error for error in expected if error["kind"] != "run"], errors),
        [each for each in proposed.released if each not in without.released],
        list(_left_out(without.run.excluded, proposed.run.excluded)),
    )


def _left_out(before: Iterable[LeftOut], after: Iterable[LeftOut]) -> Iterator[LeftOut]:
    """Yield by how many entries more each reason leaves out."""
    known = {(each.reason, each.what): each.count for each in before}
    for each in after:
        if (more := each.count - known.get((each.reason, each.what), 0)) > 0:
            yield replace(each, count=more)


def _is_known(result: RunResult) -> bool:
    return result.counts_as_done or result in _PLANNED


def _beyond(
    errors: Iterable[dict[str, Any]], others: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return the errors that are not among the others."""
    known = {_error_key(error) for error in others}
    return [error for error in errors if _error_key(error) not in known]


def _error_key(error: Mapping[str, Any]) -> tuple[Any, ...]:
    if error["kind"] == "run":
        return ("run", error["error"])
    return tuple(error.get(name) for name in _SAME_ERROR)


def _changes(without: Rehearsal, proposed: Rehearsal) -> Iterable[dict[str, Any]]:
    """Yield the changes from the one end state to the other, in the order of the export."""
    anyway = {change["anchor"]: change for change in without.changes}
    planned = {change["anchor"]: change for change in proposed.changes}
    members = _member_changes(without, proposed)
    for anchor in (*planned, *(anchor for anchor in anyway if anchor not in planned)):
        before, after = anyway.get(anchor), planned.get(anchor)
        change = {**(after or before or {})}
        change["operation"] = _operation(before, after)
        change["attributes"] = _attributes(before, after)
        counts = members.get(anchor, _NO_MEMBERS)
        change["members"] = counts if change["operation"] != _DELETE else _NO_MEMBERS
        is_update = change["operation"] == _UPDATE
        if change["operation"] and (
            not is_update or change["attributes"] or any(change["members"].values())
        ):
            yield change


def _operation(before: Change | None, after: Change | None) -> str:
    """Return what leads from the one end state to the other, empty where neither has the object."""
    was, will = _is_there(before, after), _is_there(after, before)
    if was and will:
        return _UPDATE
    return _ADD if will else _DELETE if was else ""


def _is_there(change: Change | None, other: Change | None) -> bool:
    """Tell whether there is an object after this change, or without one before the other."""
    if change is not None:
        return bool(change["operation"] != _DELETE)
    return other is not None and other["operation"] != _ADD


def _attributes(before: Change | None, after: Change | None) -> dict[str, list[Any]]:
    """Return the attributes that end otherwise, each with both values."""
    old: Mapping[str, Any] = before["attributes"] if before else {}
    new: Mapping[str, Any] = after["attributes"] if after else {}
    found = {}
    for name in sorted(old.keys() | new.keys()):
        was = old[name][1] if name in old else new[name][0]
        will = new[name][1] if name in new else old[name][0]
        if was != will:
            found[name] = [was, will]
    return found


def _member_changes(without: Rehearsal, proposed: Rehearsal) -> dict[str, dict[str, int]]:
    """Count by group the members that are there in one end state alone."""
    totals: dict[str, dict[str, int]] = defaultdict(lambda: dict(_NO_MEMBERS))
    for group, _, adds in proposed.members - without.members:
        totals[group]["add" if adds else "remove"] += 1
    for group, _, adds in without.members - proposed.members:
        totals[group]["remove" if adds else "add"] += 1
    return dict(totals)
