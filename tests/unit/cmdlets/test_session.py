"""Lines of cmdlets: names are found, pipes follow, and notes are printed."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from connector.cmdlets.catalog import CMDLETS, find
from connector.cmdlets.msol import FEATURES
from connector.cmdlets.session import NOT_CONNECTED, Session
from connector.errors import CmdletFailed
from tests.host import WorldHost, run


def rows(world, line):
    return json.loads("\n".join(run(world, f"{line} | ConvertTo-Json -AsArray")))


def values(world, line, name):
    return [row[name] for row in rows(world, line)]


def test_an_unknown_name_is_told_as_powershell_tells_it_with_the_nearest_one():
    with pytest.raises(CmdletFailed) as failed:
        find("get-msoluser")

    assert str(failed.value) == (
        "get-msoluser : The term 'get-msoluser' is not recognized as the name of a cmdlet, function, "
        "script file, or operable program. Check the spelling of the name, or if a path was included, "
        "verify that the path is correct and try again. Did you mean Get-MsolUser? Case counts."
    )


def test_the_first_msol_cmdlet_of_a_session_warns_unless_it_is_connected(world):
    session = Session(WorldHost(world), connected=False)
    warned = []
    for line in ("Get-ADSyncScheduler", "Get-MsolUser", "Get-MsolUser"):
        list(session.run(line))
        warned.append(session.warnings)

    assert warned == [[], [NOT_CONNECTED], []]


def test_connecting_takes_credentials_and_stops_the_warning(world):
    session = Session(WorldHost(world), connected=False)

    said = list(session.run("Connect-MsolService -Credential (Get-Credential)"))
    list(session.run("Get-MsolUser"))

    assert (said, session.warnings) == ([], [])


def test_objects_go_through_pipes(world):
    line = "Get-MsolUser | Select-Object DisplayName,IsLicensed -First 2"

    assert run(world, line) == [
        "",
        "DisplayName IsLicensed",
        "----------- ----------",
        "Ann         False",
        "Bob         False",
        "",
    ]
    assert run(world, "Get-MsolUser | measure | select Count | fl") == ["", "Count : 3", ""]
    assert run(world, "Get-MsolUser | Select-Object -ExpandProperty DisplayName") == [
        "Ann",
        "Bob",
        "Carl",
    ]
    assert run(world, "Get-MsolUser -MaxResults 1 | ft DisplayName")[3] == "Ann"


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("Get-MsolUser | Get-ADSyncScheduler", "cannot be bound to any parameters"),
        ("Get-MsolUser | Select-String a", "'Select-String' is not recognized"),
        ("Get-MsolUser | Format-List | ConvertTo-Json", "Nothing can follow"),
        ("Format-List", "no input"),
        ("Get-MsolUser | Format-List -Foo", "matches parameter name 'Foo'"),
        ("Get-MsolUser -SearchString (Get-MsolUser -SearchString nobody).DisplayName", "is null"),
        ("Get-MsolUser -SearchString ()", "is null"),
        ("Get-MsolUser | (Get-MsolUser)", "not PowerShell"),
        ("$users = Get-MsolUser", "not PowerShell"),
        ("foreach ($user in Get-MsolUser) { $user }", "not PowerShell"),
        ("if (Get-MsolUser) { 'yes' }", "not PowerShell"),
        ("(Get-MsolUser).ToString()", "not PowerShell"),
        ("(Get-MsolUser", r"Missing closing '\)'"),
        ("Get-MsolUser | where {$_.DisplayName", "Missing closing '}'"),
        ("{ Get-MsolUser }", "not PowerShell"),
    ],
)
def test_a_pipe_that_makes_no_sense_is_refused_before_anything_runs(world, line, complaint):
    with pytest.raises(CmdletFailed, match=complaint):
        run(world, line)


def test_users_are_found_by_name_id_and_search(world):
    ann = world.cloud["Ann"]["id"]

    assert values(world, "Get-MsolUser -UserPrincipalName JOE@contoso.com", "DisplayName") == [
        "Ann"
    ]
    assert values(world, f"Get-MsolUser -ObjectId {ann}", "DisplayName") == ["Ann"]
    assert values(world, "Get-MsolUser -SearchString ca", "DisplayName") == ["Carl"]
    with pytest.raises(CmdletFailed, match="User Not Found"):
        run(world, "Get-MsolUser -UserPrincipalName desk@contoso.com")


def test_users_with_errors_carry_the_message_of_the_admin_center(world):
    [user] = rows(world, "Get-MsolUser -HasErrorsOnly")

    assert user["DisplayName"] == "Bob"
    assert user["DirSyncProvisioningErrors"][0]["PropertyValue"] == "joe@contoso.com"
    [error] = user["Errors"]
    told = error["ErrorDetail"]["ObjectErrors"]["ErrorRecord"]["ErrorDescription"]
    assert "because an existing user, Bob, was already created" in told


def test_every_feature_of_the_tenant_is_known(world):
    assert values(world, "Get-MsolDirSyncFeatures", "DirSyncFeature") == list(FEATURES)
    assert set(FEATURES) == set(world.tenant.administrator.features())


def test_a_feature_is_switched(world):
    assert run(world, "Set-MsolDirSyncFeature -Feature BlockSoftMatch -Enable $true -Force") == []
    assert values(world, "Get-MsolDirSyncFeatures -Feature BlockSoftMatch", "Enabled") == [True]


@pytest.mark.parametrize("feature", ["EnableSoftMatchOnUpn", "SynchronizeUpnForManagedUsers"])
def test_a_permanent_feature_stays(world, feature):
    with pytest.raises(CmdletFailed, match=f"{feature} cannot be switched off"):
        run(world, f"Set-MsolDirSyncFeature -Feature {feature} -Enable $false")


def test_the_scheduler_is_shown_and_set(world):
    before = rows(world, "Get-ADSyncScheduler")[0]
    run(
        world,
        "Set-ADSyncScheduler -CustomizedSyncCycleInterval 1.03:00:00 -PurgeRunHistoryInterval 2.00:00:00 "
        "-SyncCycleEnabled $false -MaintenanceEnabled $true",
    )
    after = rows(world, "Get-ADSyncScheduler")[0]

    assert {
        name: (before[name], after[name]) for name in before if before[name] != after[name]
    } == {
        "CurrentlyEffectiveSyncCycleInterval": ("00:30:00", "1.03:00:00"),
        "CustomizedSyncCycleInterval": (None, "1.03:00:00"),
        "PurgeRunHistoryInterval": ("7.00:00:00", "2.00:00:00"),
        "SyncCycleEnabled": (True, False),
    }
    assert world.parts.read_schedule().history == timedelta(days=2)


def test_setting_nothing_is_a_mistake(world):
    with pytest.raises(CmdletFailed, match="give one of -CustomizedSyncCycleInterval"):
        run(world, "Set-ADSyncScheduler")


def test_the_next_cycle_may_be_an_initial_one_once(world):
    run(world, "Set-ADSyncScheduler -NextSyncCyclePolicyType Initial")

    policies = [rows(world, "Start-ADSyncSyncCycle")[0]["PolicyType"] for _ in range(2)]

    assert policies == ["Initial", "Delta"]


def test_a_cycle_is_started_and_told(world):
    assert rows(world, "Start-ADSyncSyncCycle -PolicyType Initial") == [
        {"Result": "Success", "RunNumber": 3, "PolicyType": "Initial", "RunResult": "success"}
    ]


def test_a_cycle_that_cannot_start_is_an_error_with_its_reason(world):
    world.directory.unreachable = True

    with pytest.raises(CmdletFailed, match="Start-ADSyncSyncCycle : no-start-connection; "):
        run(world, "Start-ADSyncSyncCycle -PolicyType Delta")


def test_without_a_daemon_there_is_no_cycle_to_stop(world):
    with pytest.raises(CmdletFailed, match="No daemon runs"):
        run(world, "Stop-ADSyncSyncCycle")


def test_the_deletion_threshold_is_set_lifted_and_obeyed(world):
    world.user("dora")
    world.sync()
    for name in ("carl", "dora"):
        world.directory.remove(f"uid={name},ou=users,dc=contoso,dc=com")

    set_to = rows(world, "Enable-ADSyncExportDeletionThreshold -DeletionThreshold 1")
    stopped = world.sync().result
    lifted = rows(world, "Disable-ADSyncExportDeletionThreshold")
    done = world.sync().result

    assert set_to == [
        {"DeletionPrevention": "EnabledForCount", "ThresholdCount": 1, "ThresholdPercentage": 0}
    ]
    assert stopped == "stopped-deletion-threshold-exceeded"
    assert lifted[0]["DeletionPrevention"] == "Disabled"
    assert done == "success"
    assert rows(world, "Enable-ADSyncExportDeletionThreshold")[0]["ThresholdCount"] == 500


def test_help_is_there_for_every_cmdlet(world):
    listed = values(world, "Get-Command", "Name")

    assert listed == [cmdlet.name for cmdlet in CMDLETS]
    assert [name for name in listed if not run(world, f"Get-Help {name}")] == []


def test_help_names_parameters_and_their_values(world):
    shown = run(world, "Get-Help Set-MsolDirSyncFeature")

    assert shown[1].endswith("-Enable <Boolean> [-Force] [-TenantId <Guid>] [<CommonParameters>]")
    assert any(line.startswith("  -Feature <String>  The feature. One of Block") for line in shown)


def test_values_of_the_query_are_data_and_never_sql(world):
    line = "Get-MsolDirSyncProvisioningError -ErrorCategory PropertyConflict -SearchString"

    assert rows(world, f'{line} "\' OR 1=1 --"') == []
    assert rows(world, f"{line} '%'") == []


def test_a_question_mark_is_a_call_for_help(world):
    assert run(world, "Get-MsolUser -?") == run(world, "Get-Help Get-MsolUser")


def test_pipelines_of_one_line_run_one_after_another(world):
    assert run(world, "Import-Module ADSync; (Get-MsolUser).Count; (Get-MsolGroup).Count;") == [
        "3",
        "1",
    ]


@pytest.mark.parametrize(
    "line", ["Get-MsolUser -UserPrincipalName $upn", "Get-MsolUser -MaxResults $count"]
)
def test_a_variable_is_refused_where_its_value_counts(world, line):
    with pytest.raises(CmdletFailed, match=r"The variable \$(upn|count) is outside"):
        run(world, line)


def test_a_variable_with_credentials_is_not_looked_at(world):
    assert run(world, "Connect-MsolService -Credential $cred") == []
