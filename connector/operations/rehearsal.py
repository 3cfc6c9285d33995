"""Rehearse a cycle on both databases, and keep nothing of it: a dry run shows what a real run would do.

The very steps of a real run are taken, the tenant's decisions included, so nothing can differ but what
changes in the meantime. All of it is undone (``undone``); no cookie moves and nothing is written. Staging
mode keeps nothing back here: a rehearsal shows what waits.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from connector.cycle import PROFILES, RunProfile, run_profile
from connector.model import Operation, manager_property
from connector.operations.undone import GivenUp, Undone
from connector.ports import SILENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from connector.assembly import Parts
    from connector.model import PendingExport
    from connector.operations.undone import Halt
    from connector.ports import Directory, Progress
    from connector.run import Run, RunResult, StepResult
    from connector.settings import Settings
    from connector.staging.failures import FailureRecord
    from connector.staging.managers import PendingManager
    from connector.tenant.sweep import Released

Membership = tuple[str, str, bool]
"""A membership change: the anchors of group and member, and whether it is an addition."""


class GuardStop(NamedTuple):
    """A guard that would stop the run; ``hash`` is what an approval of its plan names."""

    step: str
    result: RunResult
    reason: str
    hash: str


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a run would do: its result, and the changes it would make in the order of the export.

    A change is ``{operation, type, anchor, name, dn, attributes: {name: [before, after]},
    members: {add, remove}}``; ``run.errors`` names the values that would be quarantined and the
    objects that would fail, ``released`` those that a sweep after it would give back. ``failures`` are
    the objects that the synchronization cannot compute, as errors of the kind ``synchronization``, and
    ``failed`` those of them that this run meets; ``members`` the membership changes.

    ``guards`` would stop the run. With ``past_guards`` the changes and the errors are those that come
    once what each of them holds is approved; ``run.result`` is that of the run that is stopped.
    ``position`` is the cookie of the tenant before the run, None where there was no tenant. ``pending`` are
    the changes with those, too, that wait for members which fail.
    """

    run: Run
    changes: list[dict[str, Any]]
    released: tuple[Released, ...] = ()
    failures: tuple[dict[str, Any], ...] = ()
    members: frozenset[Membership] = frozenset()
    failed: tuple[dict[str, Any], ...] = ()
    guards: tuple[GuardStop, ...] = ()
    position: str | None = None
    pending: tuple[dict[str, Any], ...] = ()


@dataclass(slots=True)
class _Seen:
    """What a rehearsed run is seen to do: what is pending before its export, and what fails."""

    changes: list[dict[str, Any]] = field(default_factory=list)
    failures: list[dict[str, Any]] = field(default_factory=list)
    failed: list[dict[str, Any]] = field(default_factory=list)
    members: frozenset[Membership] = frozenset()

    def look(self, parts: Parts, run: Run, _: StepResult) -> None:
        """Look at what is pending; a step of the run, before its export."""
        self.changes = list(planned_changes(parts))
        self.members = frozenset(parts.space.queue.member_changes())
        records = [each for each in parts.space.failures.all() if each.stage == _SYNCHRONIZATION]
        self.failures = list(map(_failure, records))
        self.failed = [_failure(each) for each in records if each.last_at >= run.started]

    def leave_out_what_waits(self, parts: Parts) -> None:
        """Leave out what waits still for objects that failed: managers, and groups that wait for all members."""
        waiting = {each.anchor for each in parts.space.queue.manager_changes()}
        left = parts.space.queue.member_totals()
        self.changes = [
            change
            for change in (
                _without_manager(each) if each["anchor"] in waiting else each
                for each in self.changes
            )
            if change["attributes"]
            or change["operation"] != Operation.UPDATE
            or left.get(change["anchor"], _NO_MEMBERS) != change["members"]
        ]


def rehearse(  # noqa: PLR0913 - one keyword a choice
    settings: Settings,
    policy: str = "delta",
    *,
    directory: Directory | None = None,
    progress: Progress = SILENT,
    sweep: bool = False,
    empty: bool = False,
    past_guards: bool = False,
    stop: Callable[[], bool] = lambda: False,
    halt: Halt | None = None,
) -> Rehearsal:
    """Rehearse a cycle (or a first one, ``empty``), with ``sweep`` also a sweep after it.

    With ``past_guards`` it goes on where a guard stops, as if that was approved. ``halt`` is what the caller's
    ``directory`` asks while it waits. Raises only what opening the databases raises.
    """
    undone = Undone(settings, empty=empty, stop=stop)
    if halt is not None:
        halt.asked = undone.must_stop
    while True:  # each time there is a copy more, of two
        with suppress(GivenUp), undone.open(directory, progress) as parts:
            position = parts.tenant.position() if undone.has_tenant() else None
            found = _rehearsed(parts, policy, sweep=sweep, past_guards=past_guards)
            return replace(found, position=position)


def _rehearsed(parts: Parts, policy: str, *, sweep: bool, past_guards: bool) -> Rehearsal:
    seen = _Seen()
    profile = before_export(PROFILES[policy], "plan", seen.look)
    run = last = run_profile(parts, profile)
    guards: list[GuardStop] = []
    while past_guards and (held := guard_stop(parts, last)) and held not in guards:
        guards.append(held)
        parts.space.deletions.approve(held.hash)
        last = run_profile(parts, profile)
    pending = tuple(seen.changes)
    if last.result.counts_as_done:
        seen.leave_out_what_waits(parts)
    released = parts.tenant.sweep().released if sweep else ()
    run.steps = [step for step in run.steps if step.name != "plan"]
    run.next = ()  # what it met is undone: there is nothing to look at
    run.errors += last.errors if last is not run else ()
    return Rehearsal(
        run,
        seen.changes,
        released,
        tuple(seen.failures),
        seen.members,
        tuple(seen.failed),
        tuple(guards),
        pending=pending,
    )


def guard_stop(parts: Parts, run: Run) -> GuardStop | None:
    """Return the guard that stopped a run and holds a plan, None where none did."""
    plan = parts.space.deletions.plan()
    if not run.result.awaits_approval or plan.hash is None:
        return None
    return GuardStop(run.steps[-1].name, run.result, plan.reason or "", plan.hash)


def before_export(
    profile: RunProfile, name: str, do: Callable[[Parts, Run, StepResult], None]
) -> RunProfile:
    """Return a profile with one more step before its export."""
    *before, export = profile.steps
    return RunProfile(profile.policy, (*before, (name, do), export))


def _without_manager(change: dict[str, Any]) -> dict[str, Any]:
    """Return a change without that of the manager; what was pending keeps it."""
    name = manager_property(change["type"])
    left = {key: value for key, value in change["attributes"].items() if key != name}
    return change | {"attributes": left}


def _failure(record: FailureRecord) -> dict[str, Any]:
    return {"kind": record.stage, "dn": record.dn, **asdict(record.failure)}


def planned_changes(parts: Parts) -> Iterator[dict[str, Any]]:
    """Describe every pending export, attribute by attribute, and the membership changes alone."""
    queue = parts.space.queue
    members = queue.member_totals()
    managers = {each.anchor: each for each in queue.manager_changes()}
    for export in queue.in_order(session=-1):
        before = queue.exported_properties(export.anchor)
        change = _describe(export, before) | {"members": members.pop(export.anchor, _NO_MEMBERS)}
        change["attributes"] |= _of_manager(managers.pop(export.anchor, None))
        yield change
    kinds = dict.fromkeys(members, "group") | {a: str(m.type) for a, m in managers.items()}
    for anchor, kind in kinds.items():
        properties = queue.exported_properties(anchor)
        yield {
            "operation": Operation.UPDATE.value,
            "type": kind,
            "anchor": anchor,
            "name": properties.get("displayName", ""),
            "dn": properties.get("onPremisesDistinguishedName", ""),
            "attributes": _of_manager(managers.get(anchor)),
            "members": members.get(anchor, _NO_MEMBERS),
        }


def _of_manager(change: PendingManager | None) -> dict[str, list[Any]]:
    """Return what changes of an object's manager, by DN, as the attribute that it is."""
    return {} if change is None else {manager_property(change.type): [change.before, change.after]}


_NO_MEMBERS = {"add": 0, "remove": 0}
_SYNCHRONIZATION = "synchronization"


def _describe(export: PendingExport, before: Mapping[str, Any]) -> dict[str, Any]:
    after = {} if export.operation is Operation.DELETE else export.properties
    names = export.changed or sorted(before)
    named = {
        **before,
        **export.properties,
    }  # what a rule takes from an object still tells which it is
    return {
        "operation": export.operation.value,
        "type": export.type.value,
        "anchor": export.anchor,
        "name": named.get("displayName", ""),
        "dn": named.get("onPremisesDistinguishedName", ""),
        "attributes": {name: [before.get(name), after.get(name)] for name in names},
    }
