"""Carry out a plan: rehearse, compare, and run as long as all is as it was planned.

The person who applies a plan saw what a guard holds in it. So that is approved on the way, and nothing else.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, get_type_hints

from connector import steps
from connector.cycle import PROFILES, RunProfile, run_profile
from connector.errors import InvalidRequest, PlanRefused, RunStopped, WorkStopped
from connector.operations import binding
from connector.operations.plan_file import made, pending_hash
from connector.operations.rehearsal import guard_stop, planned_changes, rehearse
from connector.run import RunResult

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.assembly import Parts
    from connector.operations.plan_file import Plan
    from connector.run import Run, StepResult
    from connector.settings import Settings
    from connector.staging.space import ConnectorSpace

APPLIED = "applied-plan"
"""The fact of the connector space that names the plan which was applied last, by its hash."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What a request says of a plan: its name, what it does, and the hashes that it approves."""

    hash: str
    outcome: str
    approved: list[str]

    @classmethod
    def of(cls, plan: Plan) -> Planned:
        return cls(plan.hash(), plan.outcome(), [stop["hash"] for stop in plan.guards])

    @classmethod
    def read(cls, request: Mapping[str, Any]) -> Planned:
        """Read it from a request; raises InvalidRequest."""
        binding.check("sync plan", request, kinds := get_type_hints(cls))
        if missing := kinds.keys() - request.keys():
            raise InvalidRequest(f"sync plan: the argument {min(missing)} is missing")
        return cls(**request)

    def as_request(self) -> dict[str, object]:
        return asdict(self)


def refuse_in_vain(settings: Settings, space: ConnectorSpace, planned: Planned) -> None:
    """Raise PlanRefused where nothing would come of a plan: in staging mode, and a second time."""
    if settings.schedule.staging_mode:
        raise PlanRefused(
            "Nothing was done: schedule.staging_mode keeps every export back. The plan holds as long as a "
            "sync would do the same: end staging mode, then apply it."
        )
    if space.state.get(APPLIED) == planned.hash:
        raise PlanRefused("Nothing was done: this plan was applied already.")


def run_as_planned(parts: Parts, policy: str, planned: Planned) -> Run:
    """Run a cycle that does exactly what was planned.

    Raises PlanRefused, and begins no run, where a rehearsal does something else. A directory that changes
    in the moment between ends the run before its export.
    """
    refuse_in_vain(parts.settings, parts.space, planned)
    rehearsal = rehearse(
        parts.settings,
        policy,
        directory=parts.open_directory(),
        progress=parts.progress,
        stop=parts.stop,
        past_guards=True,
    )
    if rehearsal.run.result is RunResult.STOPPED_USER_TERMINATION:
        raise WorkStopped("It was stopped while it was rehearsed; nothing was done.")
    if (
        not rehearsal.run.result.did_not_start
        and made(parts.settings, policy, rehearsal).outcome() != planned.outcome
    ):
        raise PlanRefused("Nothing was done: a sync would do something else than the plan shows.")
    profile = _checked(PROFILES[policy], pending_hash(rehearsal.pending, rehearsal.members))
    run = run_profile(parts, profile)
    approved = list(planned.approved)
    while (stop := guard_stop(parts, run)) and stop.hash in approved:
        approved.remove(stop.hash)
        parts.space.deletions.approve(stop.hash)
        run = run_profile(parts, profile)
    if run.result.counts_as_done:
        parts.space.note(APPLIED, planned.hash)
    return run


def _checked(profile: RunProfile, pending: str) -> RunProfile:
    """Return a profile whose export does nothing but what was pending when it was rehearsed."""

    def export(parts: Parts, run: Run, step: StepResult) -> None:
        members = parts.space.queue.member_changes()
        if pending_hash(planned_changes(parts), members) != pending:
            raise RunStopped(
                RunResult.STOPPED_PLAN_DIFFERS,
                "the directory changed since the plan was compared: nothing was exported",
            )
        steps.export(parts, run, step)

    *before, (name, _) = profile.steps
    return RunProfile(profile.policy, (*before, (name, export)))
