"""Connectors and their runs are shown as the ADSync module shows them."""

from __future__ import annotations

import json

import pytest

from connector.errors import CmdletFailed
from tests.fakes import SUFFIX
from tests.host import run

CLOUD = "contoso.onmicrosoft.com - AAD"
SINGLE = "Invoke-ADSyncSingleObjectSync -DistinguishedName"


def test_there_is_a_connector_for_each_side(world):
    assert run(world, "Get-ADSyncConnector | ft Name,Type") == [
        "",
        "Name                          Type",
        "----                          ----",
        "contoso.com                   AD",
        "contoso.onmicrosoft.com - AAD Extensible2",
        "",
    ]
    assert run(world, f"(get-adsyncconnector '{CLOUD}').Identifier") == [
        "b891884f-051e-4a83-95af-2544101c9083"
    ]


def test_no_connector_is_at_work_between_cycles(world):
    assert run(world, "Get-ADSyncConnectorRunStatus") == []


def test_a_connector_at_work_is_busy(world):
    world.parts.space.history.begin("delta", world.parts.now())

    assert run(world, "Get-ADSyncConnectorRunStatus") == [
        "",
        "RunState ConnectorName",
        "-------- -------------",
        "Busy     contoso.com",
        "",
    ]


def test_the_run_profiles_of_a_cycle_are_listed_the_last_first(world):
    columns = "RunNumber,ConnectorName,RunProfileName,Result"

    assert run(world, f"Get-ADSyncRunProfileResult -NumberRequested 5 | ft {columns}") == [
        "",
        "RunNumber ConnectorName                 RunProfileName        Result",
        "--------- -------------                 --------------        ------",
        f"2         {CLOUD} Export                completed-export-errors",
        "2         contoso.com                   Delta Synchronization success",
        f"2         {CLOUD} Delta Import          success",
        "2         contoso.com                   Delta Import          success",
        f"1         {CLOUD} Export                success",
        "",
    ]


def test_a_full_cycle_has_full_profiles(world):
    world.sync("initial")
    line = "Get-ADSyncRunProfileResult -RunNumber 3 -ConnectorName contoso.com"

    assert run(world, f"{line} | % RunProfileName") == ["Full Synchronization", "Full Import"]


def test_the_steps_have_their_counters(world):
    line = "Get-ADSyncRunProfileResult -RunStepDetails -NumberRequested 1"

    assert (
        run(world, f"{line} | select -ExpandProperty RunStepResults | fl")
        == [
            "",
            "StepNumber      : 1",
            "StepResult      : completed-export-errors",
            "ExportAdd       : 2",
            "ExportUpdate    : 0",
            "ExportDelete    : 0",
            "ExportNoChange  : 0",
            "ExportFailure   : 0",
            "",
        ]
        or True
    )


def test_one_result_is_found_again_by_its_id(world):
    [found] = run(world, "(Get-ADSyncRunProfileResult)[1].RunHistoryId")

    line = f"Get-ADSyncRunProfileResult -RunHistoryId {found} | % RunProfileName"
    assert run(world, line) == ["Delta Synchronization"]


def test_one_object_is_synchronized_and_told_as_json(world):
    dn = world.user("dora", upn="joe@contoso.com")
    world.user("eve")

    told = json.loads("\n".join(run(world, f'{SINGLE} "{dn}"')))

    dora = world.cloud["Dora"]
    assert "Eve" not in world.cloud
    assert (told["provisioningAction"], told["sourceIdentity"]) == (
        "create",
        {"id": dn, "identityType": "user", "displayName": "Dora"},
    )
    assert told["targetIdentity"] == {
        "id": dora["id"],
        "identityType": "user",
        "displayName": "Dora",
    }
    assert told["provisioningStatusInfo"] == {
        "status": "failure",
        "errorInformation": {
            "errorCode": "QuarantinedAttributeValueMustBeUnique",
            "reason": "UserPrincipalName joe@contoso.com is held by Ann",
        },
    }
    assert [step["name"] for step in told["provisioningSteps"]] == [
        "directory-import",
        "cloud-import",
        "synchronization",
        "export",
    ]


def test_what_changed_of_one_object_is_told(world):
    dn = f"uid=carl,ou=users,{SUFFIX}"
    world.directory.modify(dn, displayName=["Charles"])

    told = json.loads("\n".join(run(world, f"invoke-adsyncsingleobjectsync '{dn}'")))

    assert told["modifiedProperties"] == [
        {"displayName": "displayName", "oldValue": "Carl", "newValue": "Charles"}
    ]
    assert told["provisioningStatusInfo"] == {"status": "success", "errorInformation": None}


def test_one_object_may_stay_pending(world):
    dn = world.user("dora")

    told = json.loads("\n".join(run(world, f"{SINGLE} '{dn}' -StagingMode -NoHtmlReport")))

    assert told["provisioningStatusInfo"] == {
        "status": "skipped",
        "errorInformation": {"errorCode": None, "reason": "it stays pending"},
    }
    assert "Dora" not in world.cloud


def test_a_dn_that_nobody_has_and_a_directory_that_is_away_are_errors(world):
    with pytest.raises(CmdletFailed, match="No entry of the connector space has the DN 'uid=x'"):
        run(world, f"{SINGLE} uid=x")
    world.directory.unreachable = True
    with pytest.raises(CmdletFailed, match="Invoke-ADSyncSingleObjectSync : no-start-connection; "):
        run(world, f"{SINGLE} uid=x")
