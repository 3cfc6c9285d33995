"""The cmdlets of the ADSync module, which read and set the scheduler (docs/sources.md 3.1, 3.3, 7.1)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from connector.cmdlets.binding import BOOLEAN, COUNT, INTERVAL, TEXT, Parameter, Signature, one_of
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
    from collections.abc import Iterator, Mapping

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


_POLICY = one_of("Delta", "Initial")
_ACCOUNT = Parameter("AADUserName", TEXT, "Accepted and not looked at.")

CMDLETS = (
    Cmdlet(Signature("Get-ADSyncScheduler"), get_scheduler),
    Cmdlet(
        Signature(
            "Set-ADSyncScheduler",
            (
                Parameter(
                    "CustomizedSyncCycleInterval", INTERVAL, "Time between cycles, d.HH:mm:ss."
                ),
                Parameter("NextSyncCyclePolicyType", _POLICY, "What the next cycle will be."),
                Parameter("PurgeRunHistoryInterval", INTERVAL, "How long runs are kept."),
                Parameter("SyncCycleEnabled", BOOLEAN, "Whether cycles run by themselves."),
                Parameter("MaintenanceEnabled", BOOLEAN, "Whether old runs are removed."),
            ),
        ),
        set_scheduler,
    ),
    Cmdlet(
        Signature(
            "Start-ADSyncSyncCycle",
            (Parameter("PolicyType", _POLICY, "Delta, or Initial to read everything."),),
        ),
        start_cycle,
    ),
    Cmdlet(Signature("Stop-ADSyncSyncCycle"), stop_cycle),
    Cmdlet(Signature("Get-ADSyncExportDeletionThreshold", (_ACCOUNT,)), get_threshold),
    Cmdlet(
        Signature(
            "Enable-ADSyncExportDeletionThreshold",
            (Parameter("DeletionThreshold", COUNT, "The most deletes of one export."), _ACCOUNT),
        ),
        enable_threshold,
    ),
    Cmdlet(Signature("Disable-ADSyncExportDeletionThreshold", (_ACCOUNT,)), disable_threshold),
)
