"""Users are restored, removed, renamed and joined to another source anchor."""

from __future__ import annotations

import pytest

from connector.errors import CmdletFailed
from tests.fakes import SUFFIX
from tests.host import run

CARL = "-UserPrincipalName carl@contoso.com"
ANCHOR = "AAECAwQFBgcICQoLDA0ODw=="


def deleted(world):
    return [user["displayName"] for user in world.tenant.objects(deleted=True)]


def test_a_user_is_removed_and_restored(world):
    removed = run(world, f"Remove-MsolUser {CARL} -Force")
    binned = deleted(world)

    restored = run(world, f"Restore-MsolUser {CARL}")

    assert (removed, binned) == ([], ["Carl"])
    assert restored == [
        "",
        "UserPrincipalName DisplayName IsLicensed",
        "----------------- ----------- ----------",
        "carl@contoso.com  Carl        False",
        "",
    ]


def test_a_user_is_restored_without_what_others_hold_by_now(world):
    world.user("dora", proxies=["SMTP:dora@contoso.com", "smtp:info@contoso.com"])
    world.sync()
    world.directory.modify(f"uid=dora,ou=users,{SUFFIX}", adminDescription=["User_out"])
    world.sync()
    world.user("eve", upn="dora@contoso.com", proxies=["SMTP:info@contoso.com"])
    world.sync()

    run(
        world,
        "Restore-MsolUser -UserPrincipalName dora@contoso.com -AutoReconcileProxyConflicts "
        "-NewUserPrincipalName dora1@contoso.com",
    )

    dora = world.cloud["Dora"]
    assert dora["userPrincipalName"] == "dora1@contoso.com"
    assert "smtp:info@contoso.com" not in dora["proxyAddresses"]


def test_the_recycle_bin_is_emptied_through_a_pipe(world):
    run(world, "Get-MsolUser | where DisplayName -in Ann,Carl | Remove-MsolUser -Force")
    binned = deleted(world)

    run(world, "Get-MsolUser -ReturnDeletedUsers | Remove-MsolUser -RemoveFromRecycleBin -Force")

    assert (binned, deleted(world)) == (["Ann", "Carl"], [])


def test_only_a_removed_user_is_removed_from_the_recycle_bin(world):
    with pytest.raises(CmdletFailed, match="Remove-MsolUser : User Not Found"):
        run(world, f"Remove-MsolUser {CARL} -RemoveFromRecycleBin -Force")

    assert "Carl" in world.cloud


def test_a_cloud_user_gets_another_upn_and_other_properties(world):
    world.tenant.administrator.add(
        "user", {"userPrincipalName": "dora@contoso.com", "displayName": "Dora"}
    )

    run(
        world,
        "Set-MsolUserPrincipalName -UserPrincipalName dora@contoso.com -NewUserPrincipalName d@contoso.com",
    )
    run(world, 'Set-MsolUser -UserPrincipalName d@contoso.com -Title "Head of it" -City Bonn')

    dora = world.cloud["Dora"]
    assert (dora["userPrincipalName"], dora["jobTitle"], dora["city"]) == (
        "d@contoso.com",
        "Head of it",
        "Bonn",
    )


def test_what_the_directory_decides_is_refused_with_the_reason_of_the_tenant(world):
    with pytest.raises(CmdletFailed, match=r"^Set-MsolUser : "):
        run(world, f"Set-MsolUser {CARL} -DisplayName Charles")


def test_a_user_is_joined_to_another_source_anchor(world):
    run(world, f"Set-MsolUser {CARL} -ImmutableId {ANCHOR}")

    assert world.cloud["Carl"]["onPremisesImmutableId"] == ANCHOR


def test_a_cloud_user_loses_its_source_anchor(world):
    world.tenant.administrator.add(
        "user",
        {
            "userPrincipalName": "dora@contoso.com",
            "displayName": "Dora",
            "onPremisesImmutableId": ANCHOR,
        },
    )

    run(world, "Set-MsolUser -UserPrincipalName dora@contoso.com -ImmutableId $null")

    assert world.cloud["Dora"]["onPremisesImmutableId"] is None


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("Restore-MsolUser", "missing mandatory parameters: ObjectId, or UserPrincipalName"),
        ("Remove-MsolUser -Force", "missing mandatory parameters: ObjectId, or UserPrincipalName"),
        (f"Set-MsolUser {CARL}", "Give -ImmutableId, or a property"),
        (f"Set-MsolUserPrincipalName {CARL}", "mandatory parameters: NewUserPrincipalName"),
        (f"Restore-MsolUser {CARL}", "Restore-MsolUser : User Not Found. User: carl@contoso.com."),
        ("restore-msoluser", "Case counts"),
        ("Get-ADSyncScheduler | Remove-MsolUser", "cannot be bound to any parameters"),
        (
            f"Get-MsolUser | Remove-MsolUser -ObjectId {ANCHOR}",
            "cannot be bound|Cannot bind parameter",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(world, line, complaint):
    with pytest.raises(CmdletFailed, match=complaint):
        run(world, line)
