"""The program on one screen: a run profile is a tuple of steps, a cycle runs them in order.

    directory import      directory  -> connector space    what changed there, confirmed before it counts
    cloud import          tenant     -> connector space    what the tenant has of what it was told
    synchronization       connector space -> rules -> plan what the tenant has yet to be told
    export                plan       -> tenant             the only step that writes there

Each step leaves a StepResult. The first one that cannot be done ends the run: nothing after it would
know what it works on. All of it can be interrupted anywhere and run again.
"""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING, NamedTuple

from connector.errors import (
    DirectoryUnavailable,
    ReadStopped,
    RunStopped,
)
from connector.export.exporter import ERROR_LIMIT, ExportCounts, Exporter
from connector.guarding import guard_deletes
from connector.importing import import_directory
from connector.model import Operation, Run, StepResult
from connector.report.advice import STOPPED_BY_LIMIT, next_steps

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.assembly import Parts
    from connector.rules.ruleset import Rules
    from connector.staging.pending import Synchronization

    Step = Callable[[Parts, Run, StepResult], None]

SUCCESS = "success"
STOPPED_BY_USER = "stopped-user-termination"
_INVALID_CREDENTIALS = 49
_COUNTERS = {Operation.ADD: "adds", Operation.UPDATE: "updates", Operation.DELETE: "deletes"}


class RunProfile(NamedTuple):
    """A named sequence of steps; the names are those of the JSON interface."""

    policy: str
    steps: tuple[tuple[str, Step], ...]


def delta_import(parts: Parts, run: Run, step: StepResult) -> None:
    """Read what changed in the directory since the last import."""
    _import(parts, run, step, full=False)


def full_import(parts: Parts, run: Run, step: StepResult) -> None:
    """Read everything; what the directory no longer has is removed."""
    _import(parts, run, step, full=True)


def cloud_import(parts: Parts, run: Run, step: StepResult) -> None:
    """Read back what the tenant has: this confirms the exports of the run before."""
    counts = parts.space.read_back(parts.tenant, full=run.policy == INITIAL.policy)
    _copy(counts, step)
    if counts.updates:
        step.result = "completed-warnings"
        parts.log.warning(
            "import.finished", step=step.name, exported_change_not_reimported=counts.updates
        )


def delta_synchronization(parts: Parts, _: Run, step: StepResult) -> None:
    """Apply the rules to what changed, and plan the exports."""
    _synchronize(parts, step, everything=False)


def full_synchronization(parts: Parts, _: Run, step: StepResult) -> None:
    """Apply the rules to every object."""
    _synchronize(parts, step, everything=True)


def _synchronize(parts: Parts, step: StepResult, *, everything: bool) -> None:
    """Synchronize what is on the list; all of it when the rules are others than before."""
    rules = parts.read_rules()
    decided_by = parts.space.state.get("rules-version")
    # What no rule ever decided on has been on the list since it was imported.
    if decided_by is not None and (everything or decided_by != rules.version):
        parts.space.worklist.add_everything()
    if not parts.space.worklist.is_empty():
        with parts.space.synchronizing(parts.now()) as synchronization:
            parts.progress.begin("synchronization", synchronization.count())
            _decide(parts, rules, synchronization, step)
            parts.progress.end()
            parts.space.state.set("rules-version", rules.version)
    elif decided_by != rules.version:
        parts.space.note("rules-version", rules.version)
    if step.errors:
        step.result = "completed-sync-errors"
    parts.log.info("synchronization.finished", **_counters(step))


def export(parts: Parts, run: Run, step: StepResult) -> None:
    """Tell the tenant what is pending, unless too much of it is deletes."""
    if parts.settings.schedule.staging_mode:
        return
    guard_deletes(parts)
    waiting = parts.space.queue.count()
    if waiting or parts.space.queue.session() is not None:
        parts.progress.begin("export", waiting)
        _send(parts, run, step)
    parts.log.info("export.finished", **_counters(step))


def _send(parts: Parts, run: Run, step: StepResult) -> None:
    exporter = _exporter(parts)
    counts = exporter.export(run.number)
    parts.progress.end()
    _copy(counts, step)
    run.errors += exporter.reported
    if counts.too_many_errors:
        step.result = STOPPED_BY_LIMIT
        reason = f"{counts.errors} objects failed, more than {ERROR_LIMIT}"
        parts.log.error(
            "guard.stopped",
            step=step.name,
            result=step.result,
            reason=reason,
            next="connector errors --kind export",
        )
    elif counts.stopped:
        step.result = STOPPED_BY_USER
    elif counts.errors or counts.quarantined:
        step.result = "completed-export-errors"


def _import(parts: Parts, run: Run, step: StepResult, *, full: bool) -> None:
    parts.progress.begin("directory-import", None)
    _copy(import_directory(parts, run, full=full), step)
    parts.log.info("import.finished", **_counters(step))


def _decide(parts: Parts, rules: Rules, synchronization: Synchronization, step: StepResult) -> None:
    """Let the rules decide on every object in question, and keep what they decide."""
    for work in synchronization.work(parts.progress.advance):
        decision = rules.decide(work)
        for warning in decision.warnings:
            parts.log.warning("synchronization.value_dropped", anchor=work.anchor, message=warning)
        if decision.failure is not None:
            synchronization.fail(decision.failure)
            step.errors += 1
            parts.log.error("synchronization.failed", **asdict(decision.failure))
        elif decision.export is None:
            synchronization.drop(work.anchor)
            step.unchanged += 1
        else:
            synchronization.put(decision.export)
    for operation, counter in _COUNTERS.items():
        setattr(step, counter, synchronization.planned[operation])


def _recover(parts: Parts, run: Run) -> ExportCounts:
    """Finish what a crash interrupted, before anything changes under it."""
    exporter = _exporter(parts)
    counts = exporter.recover()
    run.errors += exporter.reported
    return counts


def _exporter(parts: Parts) -> Exporter:
    return Exporter(
        parts.space.queue,
        parts.tenant,
        parts.log,
        now=parts.now,
        stop=parts.stop,
        advance=parts.progress.advance,
    )


# --- runs ----------------------------------------------------------------------------------------


DELTA = RunProfile(
    "delta",
    (
        ("directory-import", delta_import),
        ("cloud-import", cloud_import),
        ("synchronization", delta_synchronization),
        ("export", export),
    ),
)
INITIAL = RunProfile(
    "initial",
    (
        ("directory-import", full_import),
        ("cloud-import", cloud_import),
        ("synchronization", full_synchronization),
        ("export", export),
    ),
)
PROFILES = {profile.policy: profile for profile in (DELTA, INITIAL)}


def run_cycle(parts: Parts, policy: str = DELTA.policy) -> Run:
    """Run one cycle, ``delta`` or ``initial``."""
    return run_profile(parts, PROFILES[policy])


def run_profile(parts: Parts, profile: RunProfile) -> Run:
    """Run the steps of a profile and record them. What they may meet is in the result, not raised."""
    run = parts.space.history.begin(profile.policy, parts.now())
    parts = parts.bound(run=run.number)
    began = time.monotonic()
    parts.log.info("cycle.started", policy=profile.policy)
    recovered = _recover(parts, run)
    for name, do in profile.steps:
        step = StepResult(name)
        run.steps.append(step)
        _run_step(parts, run, step, do)
        if step.result.startswith(("stopped", "no-start")):
            break
    ends = [step.result for step in run.steps if step.result != SUCCESS]
    run.result = ends[0] if ends else SUCCESS
    run.seconds = round(time.monotonic() - began, 6)
    parts.space.history.end(run, keep_since=parts.history_since())
    parts.log.info("cycle.finished", **_summary(parts, run, recovered))
    parts.log.flush()
    return run


def _run_step(parts: Parts, run: Run, step: StepResult, do: Step) -> None:
    """Do one step; what stops it becomes its result, logged here and nowhere else."""
    began = time.monotonic()
    try:
        do(parts, run, step)
    except ReadStopped:
        step.result = STOPPED_BY_USER
    except RunStopped as stop:
        step.result = stop.result
        run.fail("RunStopped", str(stop))
        parts.log.error(
            "guard.stopped",
            step=step.name,
            result=step.result,
            reason=str(stop),
            next="look at the plan with `connector deletions`, then approve or discard it",
        )
    except DirectoryUnavailable as error:
        refused = error.result_code == _INVALID_CREDENTIALS
        step.result = "no-start-credentials" if refused else "no-start-connection"
        run.fail(type(error).__name__, str(error))
        parts.log.error(
            "directory.unavailable", step=step.name, message=str(error), next="connector check"
        )
    finally:
        parts.progress.end()
        step.seconds = round(time.monotonic() - began, 6)


# --- counters ------------------------------------------------------------------------------------


def _summary(parts: Parts, run: Run, recovered: ExportCounts) -> dict[str, object]:
    """Say in one event what the run did in the tenant, that of a crashed run which it finished included.

    The numbers are those of the ``object.*`` and ``export.*`` events with the number of the run.
    """
    exported = [recovered, *(step for step in run.steps if step.name == "export")]
    names = ("adds", "updates", "deletes", "errors", "quarantined")
    totals = {name: sum(getattr(counts, name) for counts in exported) for name in names}
    failed = sum(step.errors for step in run.steps) + recovered.errors
    steps = next_steps(
        run.result,
        quarantined=totals["quarantined"],
        failed=failed,
        waiting=parts.space.queue.count() if parts.settings.schedule.staging_mode else 0,
    )
    said = {"policy": run.policy, "result": run.result, "seconds": run.seconds, **totals}
    return said | ({"next": "; ".join(steps)} if steps else {})


def _copy(counts: object, step: StepResult) -> None:
    for name in ("adds", "updates", "deletes", "unchanged", "errors", "quarantined"):
        setattr(step, name, getattr(counts, name, 0))


def _counters(step: StepResult) -> dict[str, object]:
    return {name: value for name, value in asdict(step).items() if name not in {"name", "seconds"}}
