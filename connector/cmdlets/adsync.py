"""The cmdlets of the ADSync module, which read and set the scheduler (docs/sources.md 3.1, 3.3, 7.1)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from connector.cmdlets.binding import (
    BOOLEAN,
    COUNT,
    IGNORED,
    INTERVAL,
    Parameter,
    Signature,
    one_of,
)
from connector.cmdlets.cmdlet import Cmdlet
from connector.errors import CmdletFailed
from connector.operations import requests
from connector.run import RunResult
from connector.settings.overrides import (
    UNGUARDED,
    allowed_interval,
    overrides,
    safety_in_force,
    schedule_in_force,
)
from connector.values import moments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from connector.cmdlets.host import Host

    Given = Mapping[str, Any]
    Row = dict[str, Any]

_SET = {
    "CustomizedSyncCycleInterval": "interval",
    "NextSyncCyclePolicyType": "next_policy",
    "PurgeRunHistoryInterval": "history",
    "SyncCycleEnabled": "cycle_enabled",
    "MaintenanceEnabled": "maintenance",
}


def get_scheduler(host: Host, _: Given) -> Iterator[Row]:
    """Show when cycles run, and what was set for them."""
    daemon = host.daemon() or {}
    with host.reading() as readers:
        chosen = overrides(readers.space.state)
        schedule = schedule_in_force(host.settings.schedule, readers.space.state)
    customized, following = chosen.interval, daemon.get("nextRun")
    yield {
        "AllowedSyncCycleInterval": allowed_interval(host.settings.schedule),
        "CurrentlyEffectiveSyncCycleInterval": schedule.delta,
        "CustomizedSyncCycleInterval": customized and timedelta(seconds=customized),
        "NextSyncCyclePolicyType": chosen.next_policy.title(),
        "NextSyncCycleStartTimeInUTC": following and moments.read(following),
        "PurgeRunHistoryInterval": timedelta(seconds=chosen.history)
        if chosen.history
        else host.settings.schedule.history,
        "SyncCycleEnabled": schedule.enabled,
        "MaintenanceEnabled": chosen.maintenance,
        "StagingModeEnabled": schedule.staging_mode,
        "SchedulerSuspended": False,
        "SyncCycleInProgress": daemon.get("state") == "running",
    }


def set_scheduler(host: Host, given: Given) -> Iterator[Row]:
    """Set when cycles run; a running daemon follows at once."""
    changes = {_SET[name]: _plain(value) for name, value in given.items()}
    if not changes:
        raise CmdletFailed(
            "Set-ADSyncScheduler : Parameter set cannot be resolved using the specified named "
            f"parameters: give one of {', '.join(f'-{name}' for name in _SET)}."
        )
    host.perform(requests.override, changes=changes)
    yield from ()


def start_cycle(host: Host, given: Given) -> Iterator[Row]:
    """Run a cycle and wait for its end."""
    policy = given.get("PolicyType")
    run = host.perform(requests.sync, policy=policy and policy.lower())
    if not RunResult(run["result"]).counts_as_done:
        reasons = [error["message"] for error in run["errors"] if error.get("kind") == "run"]
        raise CmdletFailed(f"Start-ADSyncSyncCycle : {'; '.join([run['result'], *reasons])}")
    yield {
        "Result": "Success",
        "RunNumber": run["run"],
        "PolicyType": run["policy"].title(),
        "RunResult": run["result"],
    }


def stop_cycle(host: Host, _: Given) -> Iterator[Row]:
    """End the cycle that the daemon runs now; the next one picks up the rest."""
    if not host.stop_cycle():
        raise CmdletFailed(
            "Stop-ADSyncSyncCycle : No daemon runs. A `connector sync` at work in a terminal is "
            "stopped there, with Ctrl-C."
        )
    yield from ()


def get_threshold(host: Host, _: Given) -> Iterator[Row]:
    """Show how many deletes an export may hold."""
    with host.reading() as readers:
        safety = safety_in_force(host.settings.safety, readers.space.state)
    guarded = safety.delete_threshold != UNGUARDED
    yield {
        "DeletionPrevention": "EnabledForCount" if guarded else "Disabled",
        "ThresholdCount": safety.delete_threshold if guarded else 0,
        "ThresholdPercentage": safety.delete_percent or 0,
    }


def enable_threshold(host: Host, given: Given) -> Iterator[Row]:
    """Stop exports with more deletes than this; without a number the settings file decides."""
    threshold = given.get("DeletionThreshold")
    host.perform(requests.override, changes={"delete_threshold": threshold})
    yield from get_threshold(host, given)


def disable_threshold(host: Host, given: Given) -> Iterator[Row]:
    """Let exports delete without a limit."""
    host.perform(requests.override, changes={"delete_threshold": 0})
    yield from get_threshold(host, given)


def _plain(value: object) -> object:
    """Return a value in the form that a request carries."""
    match value:
        case timedelta():
            return int(value.total_seconds())
        case str():
            return value.lower()
        case _:
            return value


_POLICY = one_of("Delta", "Initial", ignores_case=True)
_ACCOUNT = (
    Parameter("AADUserName", IGNORED, "Accepted and not looked at."),
    Parameter("AADCredential", IGNORED, "Accepted and not looked at.", position=1),
)


def _cmdlet(  # noqa: PLR0913 - as a cmdlet is declared
    name: str,
    run: Callable[[Host, Given], Iterator[Row]],
    examples: tuple[tuple[str, str], ...],
    parameters: tuple[Parameter, ...] = (),
    *,
    asks: bool = False,
    changes: str = "",
) -> Cmdlet:
    """Declare a cmdlet of this module: case does not count in any of them."""
    signature = Signature(name, parameters, ignores_case=True, asks=asks)
    return Cmdlet(signature, run, examples, changes=changes)


CMDLETS = (
    _cmdlet(
        "Get-ADSyncScheduler",
        get_scheduler,
        (("When the next cycle begins.", "(Get-ADSyncScheduler).NextSyncCycleStartTimeInUTC"),),
    ),
    _cmdlet(
        "Set-ADSyncScheduler",
        set_scheduler,
        (
            ("No cycles for now.", "Set-ADSyncScheduler -SyncCycleEnabled $false"),
            ("Every three hours.", "Set-ADSyncScheduler -CustomizedSyncCycleInterval 0.03:00:00"),
        ),
        (
            Parameter(
                "CustomizedSyncCycleInterval",
                INTERVAL,
                "Time between cycles, d.HH:mm:ss.",
                position=0,
            ),
            Parameter("SyncCycleEnabled", BOOLEAN, "Whether cycles run by themselves.", position=1),
            Parameter(
                "NextSyncCyclePolicyType", _POLICY, "What the next cycle will be.", position=2
            ),
            Parameter("PurgeRunHistoryInterval", INTERVAL, "How long runs are kept.", position=3),
            Parameter("MaintenanceEnabled", BOOLEAN, "Whether old runs are removed.", position=4),
        ),
        changes="the schedule",
    ),
    _cmdlet(
        "Start-ADSyncSyncCycle",
        start_cycle,
        (
            ("Sync what changed.", "Start-ADSyncSyncCycle -PolicyType Delta"),
            ("Read everything anew.", "Start-ADSyncSyncCycle Initial"),
        ),
        (Parameter("PolicyType", _POLICY, "Delta, or Initial to read everything.", position=0),),
        changes="a cycle",
    ),
    _cmdlet(
        "Stop-ADSyncSyncCycle",
        stop_cycle,
        (("End the cycle that runs now.", "Stop-ADSyncSyncCycle"),),
        changes="the cycle of the daemon",
    ),
    _cmdlet(
        "Get-ADSyncExportDeletionThreshold",
        get_threshold,
        (("How many deletes an export may hold.", "Get-ADSyncExportDeletionThreshold"),),
        _ACCOUNT,
        asks=True,
    ),
    _cmdlet(
        "Enable-ADSyncExportDeletionThreshold",
        enable_threshold,
        (("At most 50.", "Enable-ADSyncExportDeletionThreshold -DeletionThreshold 50"),),
        (
            Parameter("DeletionThreshold", COUNT, "The most deletes of one export.", position=0),
            *_ACCOUNT,
        ),
        asks=True,
        changes="the deletion threshold",
    ),
    _cmdlet(
        "Disable-ADSyncExportDeletionThreshold",
        disable_threshold,
        (("Let all deletes through.", "Disable-ADSyncExportDeletionThreshold"),),
        _ACCOUNT,
        asks=True,
        changes="the deletion threshold",
    ),
)
