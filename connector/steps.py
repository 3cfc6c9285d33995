"""The steps of a cycle: import, import from the cloud, synchronization, export.

``guards`` judges what an import or an export would remove, before any of it is.
"""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING

from connector.errors import (
    CookieRefused,
    DirectoryUnavailable,
    ReadStopped,
    ResyncRequired,
    RunStopped,
    WorkStopped,
)
from connector.export.exporter import ERROR_LIMIT, Exporter
from connector.guards import ImportGuard, guard_deletes
from connector.model import Operation
from connector.reader import Reader, reading
from connector.run import RunResult, StepResult
from connector.tenant.process import TenantAtWork
from connector.unmatched import unmatched
from connector.upn_suffixes import UpnSuffixes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from connector.assembly import Parts
    from connector.ports import Tenant
    from connector.rules.ruleset import Rules
    from connector.run import Counts, Run
    from connector.staging.pending import Synchronization
    from connector.staging.reconciliation import Reconciled

    Step = Callable[[Parts, Run, StepResult], None]

_INVALID_CREDENTIALS = 49
_REFUSALS_BEFORE_FULL = 3
_OF_THESE_CHANGE = 10
_AFTER_A_PLAN = "make the plan anew: connector sync --plan FILE"


def take(parts: Parts, run: Run, name: str, do: Step) -> RunResult:
    """Do one step of a run; what stops it becomes its result, logged here and nowhere else."""
    step = StepResult(name)
    run.steps.append(step)
    began = time.monotonic()
    try:
        do(parts, run, step)
    except (ReadStopped, WorkStopped):
        step.result = RunResult.STOPPED_USER_TERMINATION
    except RunStopped as stop:
        step.result = stop.result
        run.fail("RunStopped", str(stop))
        parts.log.error(
            "guard.stopped",
            step=name,
            result=step.result,
            reason=str(stop),
            next=_AFTER_A_PLAN
            if stop.result is RunResult.STOPPED_PLAN_DIFFERS
            else "look at the plan with `connector deletions`, then approve or discard it",
        )
    except DirectoryUnavailable as error:
        refused = error.result_code == _INVALID_CREDENTIALS
        step.result = RunResult.NO_START_CREDENTIALS if refused else RunResult.NO_START_CONNECTION
        run.fail(type(error).__name__, str(error))
        parts.log.error(
            "directory.unavailable", step=name, message=str(error), next="connector check"
        )
    finally:
        parts.progress.end()
        step.seconds = round(time.monotonic() - began, 6)
    return step.result


def _counters(step: StepResult) -> dict[str, object]:
    return {"result": step.result, **asdict(step.counts)}


# --- directory import -----------------------------------------------------------------------------


def delta_import(parts: Parts, run: Run, step: StepResult) -> None:
    """Read what changed in the directory since the last import."""
    _import(parts, run, step, full=False)


def reconciling_import(parts: Parts, run: Run, step: StepResult) -> None:
    """Read what changed, and compare the identities of all entries with what is staged."""
    _import(parts, run, step, full=False, reconcile=True)


def full_import(parts: Parts, run: Run, step: StepResult) -> None:
    """Read everything; what the directory no longer has is removed."""
    _import(parts, run, step, full=True)


def _import(
    parts: Parts, run: Run, step: StepResult, *, full: bool, reconcile: bool = False
) -> None:
    """Stage what changed, or everything; a cookie that the directory refuses leads to a full import.

    Raises DirectoryUnavailable, or RunStopped where a guard said no: nothing was staged then, and the
    next import compares all identities.
    """
    parts.progress.begin("directory-import", None)
    try:
        _import_as_far_as_told(parts, run, step, full=full, reconcile=reconcile)
    except (DirectoryUnavailable, RunStopped):
        parts.space.reconciliations.make_due()
        raise
    parts.space.watermark.note_refusals(0)
    parts.log.info("import.finished", **_counters(step))
    for found in unmatched(parts):
        parts.log.warning("scope.unmatched", **found._asdict(), next="connector check")


def _import_as_far_as_told(
    parts: Parts, run: Run, step: StepResult, *, full: bool, reconcile: bool
) -> None:
    try:
        step.counts = _import_once(parts, run, full=full, reconcile=reconcile)
    except CookieRefused as error:
        step.counts = _count_refusal(parts, run, error)
    except ResyncRequired as error:
        parts.log.warning("resync.required", reason=str(error))
        step.counts = _import_once(parts, run, full=True)


def _import_once(parts: Parts, run: Run, *, full: bool, reconcile: bool = False) -> Counts:
    """Import once, and compare all identities where that is asked for or due."""
    directory, reconciliations = parts.open_directory(), parts.space.reconciliations
    life, every = directory.life(), parts.settings.schedule.reconcile
    reason = "policy" if reconcile else None
    if reason is None and every:
        reason = reconciliations.reason(life, now=parts.clock(), every=every)
    rules = parts.read_rules()
    guard = ImportGuard(parts, rules.reads)

    def tell(found: Reconciled) -> None:
        parts.log.info("import.reconciled", reason=reason, **found._asdict())

    try:
        counts = parts.space.import_from(
            directory,
            full=full,
            run=run.number,
            guard=guard.judge,
            advance=parts.progress.advance,
            reconciled=tell if reason else None,
            reader=Reader(directory, rules.one_pass(reading(directory, rules.reads))),
        )
    except RunStopped as stop:
        guard.hold(stop)
        raise
    guard.note_import()
    reconciliations.note_import(life, compared=run.started if full or reason else None)
    return counts


def _count_refusal(parts: Parts, run: Run, error: CookieRefused) -> Counts:
    """Ask again with the same cookie for some cycles; a provider that is only behind catches up.

    Then read everything, under the guards: the provider was restored from a backup.
    """
    refusals = parts.space.watermark.refusals() + 1
    if refusals < _REFUSALS_BEFORE_FULL:
        parts.space.watermark.note_refusals(refusals)
        raise error
    parts.log.warning("resync.required", reason=str(error), refusals=refusals)
    return _import_once(parts, run, full=True)


# --- cloud import ---------------------------------------------------------------------------------


def cloud_import(parts: Parts, _: Run, step: StepResult) -> None:
    """Read back what changed in the tenant: this confirms the exports of the run before."""
    _read_back(parts, step, full=False)


def full_cloud_import(parts: Parts, _: Run, step: StepResult) -> None:
    """Read back everything that the tenant has."""
    _read_back(parts, step, full=True)


def _read_back(parts: Parts, step: StepResult, *, full: bool) -> None:
    """Read back; everything from a tenant that is not, or not any more, the one that was exported to."""
    if (reason := parts.space.refusal(parts.tenant)) is not None:
        parts.log.warning(
            "tenant.replaced",
            reason=reason,
            next="nothing: it is compared as a whole, and what it lacks is exported again",
        )
    step.counts = parts.space.read_back(parts.tenant, full=full)
    if step.counts.updates:
        step.result = RunResult.COMPLETED_WARNINGS
        parts.log.warning(
            "import.finished",
            step=step.name,
            exported_change_not_reimported=step.counts.updates,
        )


# --- synchronization ------------------------------------------------------------------------------


def delta_synchronization(parts: Parts, run: Run, step: StepResult) -> None:
    """Apply the rules to what changed, and plan the exports."""
    _synchronize(parts, run, step, everything=False)


def full_synchronization(parts: Parts, run: Run, step: StepResult) -> None:
    """Apply the rules to every object."""
    _synchronize(parts, run, step, everything=True)


def _synchronize(parts: Parts, run: Run, step: StepResult, *, everything: bool) -> None:
    """Synchronize what is on the list; all of it when the rules are others than before."""
    rules = parts.read_rules()
    decided_by = parts.space.state.get("rules-version")
    # What no rule ever decided on has been on the list since it was imported.
    if decided_by is not None and (everything or decided_by != rules.version):
        parts.space.worklist.add_everything()
    suffixes = UpnSuffixes()
    if not parts.space.worklist.is_empty():
        with parts.space.synchronizing(parts.now(), rules.flowing()) as synchronization:
            parts.progress.begin("synchronization", expected := synchronization.count())
            whole = everything or decided_by != rules.version
            if parts.at_work is not None and not parts.settings.schedule.staging_mode:
                # Of what is decided on anew most stays as it is.
                is_anew = whole and decided_by is not None
                parts.at_work.start(expected // _OF_THESE_CHANGE if is_anew else expected)
            synchronization.unmanaged = rules.unmanaged
            _decide(parts, rules, synchronization, step.counts, suffixes)
            parts.progress.end()
            _name_unmet(parts, rules.scope.unmet if whole else ())
            parts.space.state.set("rules-version", rules.version)
        for member in synchronization.ambiguous:
            parts.log.warning(
                "synchronization.value_dropped", anchor=member.anchor, message=member.message()
            )
    elif decided_by != rules.version:
        parts.space.note("rules-version", rules.version)
    if step.counts.errors:
        step.result = RunResult.COMPLETED_SYNC_ERRORS
    run.unverified = suffixes.unverified(parts.tenant)
    parts.log.info("synchronization.finished", **_counters(step))


def _name_unmet(parts: Parts, filters: Iterable[str]) -> None:
    for text in filters:
        lacks = "no object in scope meets it"
        parts.log.warning("scope.unmatched", setting="directory.scope", value=text, lacks=lacks)


def _decide(
    parts: Parts,
    rules: Rules,
    synchronization: Synchronization,
    counts: Counts,
    suffixes: UpnSuffixes,
) -> None:
    """Let the rules decide on every object in question, and keep what they decide."""
    for upn_end, users in synchronization.put_new().items():
        suffixes.count(upn_end, users)
    parts.progress.advance(synchronization.planned.total())
    for work in synchronization.work(parts.progress.advance):
        decision = rules.decide(work)
        for warning in decision.warnings:
            parts.log.warning("synchronization.value_dropped", anchor=work.anchor, message=warning)
        if decision.failure is not None:
            synchronization.fail(decision.failure)
            counts.errors += 1
            parts.log.error("synchronization.failed", **asdict(decision.failure))
        elif decision.export is None:
            synchronization.drop(work.anchor)
            counts.unchanged += 1
        else:
            synchronization.put(decision.export)
            suffixes.note(decision.export)
        if decision.excluded:
            synchronization.exclude(decision.excluded)
    counts.adds = synchronization.planned[Operation.ADD]
    counts.updates = synchronization.planned[Operation.UPDATE]
    counts.deletes = synchronization.planned[Operation.DELETE]


# --- export ---------------------------------------------------------------------------------------


def export(parts: Parts, run: Run, step: StepResult) -> None:
    """Tell the tenant what is pending, unless too much of it is deletes."""
    if parts.settings.schedule.staging_mode:
        return
    guard_deletes(parts)
    waiting = parts.space.queue.count()
    if waiting or parts.space.queue.session() is not None:
        parts.progress.begin("export", waiting)
        with (parts.at_work or TenantAtWork(parts.tenant)).taking(waiting) as tenant:
            _send(parts, run, step, tenant)
    parts.log.info("export.finished", **_counters(step))


def recover(parts: Parts, run: Run) -> Counts:
    """Finish what a crash interrupted, before anything changes under it."""
    exporter = _exporter(parts, parts.tenant)
    counts = exporter.recover()
    run.errors += exporter.reported
    return counts


def _send(parts: Parts, run: Run, step: StepResult, tenant: Tenant) -> None:
    exporter = _exporter(parts, tenant)
    try:
        exporter.export(run.number)
    finally:
        step.counts = exporter.counts
        parts.progress.end()
        run.errors += exporter.reported
    if step.counts.errors > ERROR_LIMIT:
        step.result = RunResult.STOPPED_ERROR_LIMIT
        parts.log.error(
            "guard.stopped",
            step=step.name,
            result=step.result,
            reason=f"{step.counts.errors} objects failed, more than {ERROR_LIMIT}",
            next="connector errors --kind export",
        )
    elif exporter.stopped:
        step.result = RunResult.STOPPED_USER_TERMINATION
    elif step.counts.errors or step.counts.quarantined:
        step.result = RunResult.COMPLETED_EXPORT_ERRORS


def _exporter(parts: Parts, tenant: Tenant) -> Exporter:
    return Exporter(
        parts.space.queue,
        tenant,
        parts.log,
        now=parts.now,
        stop=parts.stop,
        advance=parts.progress.advance,
    )
