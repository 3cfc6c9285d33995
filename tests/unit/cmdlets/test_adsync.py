"""The cmdlets of the scheduler disregard case and take positions."""

from __future__ import annotations

import json

import pytest

from connector.cmdlets import adsync, adsync_rules, adsync_runs
from connector.errors import CmdletFailed
from tests.host import run


def row(world, line):
    return json.loads("\n".join(run(world, f"{line} | convertto-json")))


@pytest.mark.parametrize(
    ("line", "policy"),
    [
        ("Start-ADSyncSyncCycle delta", "Delta"),
        ("start-adsyncsynccycle INITIAL", "Initial"),
        ("START-ADSYNCSYNCCYCLE -policytype initial", "Initial"),
        ("Start-ADSyncSyncCycle -Pol Delta", "Delta"),
    ],
)
def test_a_cycle_is_started_in_any_case_and_by_position(world, line, policy):
    assert run(world, line) == [
        "",
        "Result  RunNumber PolicyType RunResult",
        "------  --------- ---------- ---------",
        f"Success 3         {policy.ljust(10)} success",
        "",
    ]


def test_a_policy_that_there_is_not_is_refused(world):
    with pytest.raises(CmdletFailed, match='"full" does not belong to the set "Delta,Initial"'):
        run(world, "Start-ADSyncSyncCycle full")


def test_the_scheduler_takes_positions(world):
    run(world, "set-adsyncscheduler 0.03:00:00 $false initial")

    shown = row(world, "get-adsyncscheduler")
    assert [
        shown[name]
        for name in ("CustomizedSyncCycleInterval", "SyncCycleEnabled", "NextSyncCyclePolicyType")
    ] == ["03:00:00", False, "Initial"]


def test_the_threshold_takes_a_position_and_credentials(world):
    assert run(world, "enable-adsyncexportdeletionthreshold 7 $credential") == [
        "",
        "DeletionPrevention ThresholdCount ThresholdPercentage",
        "------------------ -------------- -------------------",
        "EnabledForCount    7              0",
        "",
    ]


def test_no_cmdlet_of_the_module_minds_the_case():
    cmdlets = (*adsync.CMDLETS, *adsync_rules.CMDLETS, *adsync_runs.CMDLETS)

    assert [each.name for each in cmdlets if not each.signature.ignores_case] == []
