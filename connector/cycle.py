"""The program on one screen: a run profile is a tuple of steps, a cycle runs them in order.

    directory import      directory  -> connector space    what changed there, confirmed before it counts
    cloud import          tenant     -> connector space    what the tenant has of what it was told
    synchronization       connector space -> rules -> plan what the tenant has yet to be told
    export                plan       -> tenant             the only step that writes there

Each step leaves a StepResult; ``steps`` has them. The first one that cannot be done ends the run:
nothing after it would know what it works on. All of it can be interrupted anywhere and run again.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from connector import steps
from connector.errors import ConnectorError
from connector.run import RunResult
from connector.summary import advice, summary, tell_left_out
from connector.tenant.process import TenantAtWork

if TYPE_CHECKING:
    from connector.assembly import Parts
    from connector.run import Counts, Run
    from connector.steps import Step


class RunProfile(NamedTuple):
    """A named sequence of steps; the names are those of the JSON interface."""

    policy: str
    steps: tuple[tuple[str, Step], ...]


DELTA = RunProfile(
    "delta",
    (
        ("directory-import", steps.delta_import),
        ("cloud-import", steps.cloud_import),
        ("synchronization", steps.delta_synchronization),
        ("export", steps.export),
    ),
)
INITIAL = RunProfile(
    "initial",
    (
        ("directory-import", steps.full_import),
        ("cloud-import", steps.full_cloud_import),
        ("synchronization", steps.full_synchronization),
        ("export", steps.export),
    ),
)
RECONCILE = RunProfile(
    "reconcile",
    (
        ("directory-import", steps.reconciling_import),
        ("cloud-import", steps.cloud_import),
        ("synchronization", steps.delta_synchronization),
        ("export", steps.export),
    ),
)
PROFILES = {profile.policy: profile for profile in (DELTA, INITIAL, RECONCILE)}


def run_cycle(parts: Parts, policy: str = DELTA.policy) -> Run:
    """Run one cycle: ``delta``, ``initial`` or ``reconcile``."""
    return run_profile(parts, PROFILES[policy])


def run_profile(parts: Parts, profile: RunProfile) -> Run:
    """Run the steps of a profile and record them. What they may meet is in the result, not raised."""
    run = parts.space.history.begin(profile.policy, parts.now())
    parts = parts.bound(run=run.number)
    began = time.monotonic()
    excluded = parts.space.excluded.counts()
    try:
        recovered = _take_steps(parts, profile, run)
    except BaseException:
        with suppress(ConnectorError):  # else the next run, or who reads, finds it left open
            parts.space.history.abort(run)
        raise
    run.result = _result(run)
    run.seconds = round(time.monotonic() - began, 6)
    tell_left_out(parts, run, before=excluded)
    run.next = advice(parts, run, recovered)
    parts.space.history.end(run, keep_since=parts.history_since())
    parts.log.info("cycle.finished", **summary(run, recovered))
    parts.log.flush()
    return run


def _result(run: Run) -> RunResult:
    """Return the result of the step that ended the run, else of the first that did not end well."""
    faults = [step.result for step in run.steps if step.result is not RunResult.SUCCESS]
    if not faults:
        return RunResult.SUCCESS
    return faults[-1] if faults[-1].ends_the_run else faults[0]


def _take_steps(parts: Parts, profile: RunProfile, run: Run) -> Counts:
    """Take the steps up to the first that ends the run; return what a crashed run had left to do."""
    parts.log.info("cycle.started", policy=profile.policy)
    recovered = steps.recover(parts, run)
    with TenantAtWork(parts.tenant) as at_work:
        parts = replace(parts, at_work=at_work)
        for name, do in profile.steps:
            if steps.take(parts, run, name, do).ends_the_run:
                break
    return recovered
