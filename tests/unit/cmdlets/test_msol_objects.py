"""Users, groups and contacts are listed; what is shown is held whole."""

from __future__ import annotations

import pytest

from connector.errors import CmdletFailed
from tests.fakes import SUFFIX
from tests.host import run


@pytest.fixture
def clashing(world):
    """A desk and a contact want the address of Dora."""
    world.user("dora", proxies=["SMTP:info@contoso.com"])
    world.sync()
    world.group("help", proxies=["SMTP:help@contoso.com", "smtp:info@contoso.com"])
    world.contact("carla", "info@contoso.com")
    world.sync()
    return world


def test_groups_with_errors_are_listed(clashing):
    group = clashing.cloud["Help"]["id"]

    assert run(clashing, "Get-MsolGroup -HasErrorsOnly") == [
        "",
        "ObjectId                             DisplayName GroupType           Description",
        "--------                             ----------- ---------           -----------",
        f"{group} Help        MailEnabledSecurity",
        "",
    ]
    assert run(clashing, "Get-MsolGroup | % DisplayName") == ["Desk", "Help"]


def test_contacts_with_errors_are_listed(clashing):
    contact = clashing.cloud["Carla"]["id"]

    assert run(clashing, "Get-MsolContact -HasErrorsOnly") == [
        "",
        "ObjectId                             DisplayName EmailAddress",
        "--------                             ----------- ------------",
        f"{contact} Carla",
        "",
    ]


def test_a_group_tells_of_its_conflict_as_a_user_does(clashing):
    line = "(Get-MsolGroup -HasErrorsOnly).Errors[0].ErrorDetail.ObjectErrors.ErrorRecord.ErrorDescription"

    [message] = run(clashing, line)

    assert message.startswith(
        "We detected a duplicate Proxy address conflict on the value info@contoso.com."
    )


def test_one_object_is_found_by_its_id(clashing):
    group, ann = clashing.cloud["Desk"]["id"], clashing.cloud["Ann"]["id"]

    assert run(clashing, f"Get-MsolGroup -ObjectId {group} | % DisplayName") == ["Desk"]
    with pytest.raises(CmdletFailed, match=rf"Get-MsolGroup : Group Not Found. Group: {ann}\."):
        run(clashing, f"Get-MsolGroup -ObjectId {ann}")


def test_groups_are_listed_by_their_type(clashing):
    assert run(clashing, "Get-MsolGroup -GroupType Security | % DisplayName") == ["Desk"]


def test_the_recycle_bin_is_listed(world):
    world.directory.remove(f"uid=carl,ou=users,{SUFFIX}")
    world.sync()
    line = "Get-MsolUser -ReturnDeletedUsers"

    assert run(world, f"{line} | ft DisplayName,SoftDeletionTimestamp") == [
        "",
        "DisplayName SoftDeletionTimestamp",
        "----------- ---------------------",
        "Carl        11/23/2026 9:30:00 AM",
        "",
    ]
    assert run(world, f"({line} -UserPrincipalName carl@contoso.com).DisplayName") == ["Carl"]
    with pytest.raises(CmdletFailed, match="User Not Found"):
        run(world, "Get-MsolUser -UserPrincipalName carl@contoso.com")


def test_everything_of_a_user_is_shown(world):
    ann = world.cloud["Ann"]

    assert run(world, "Get-MsolUser -UserPrincipalName joe@contoso.com | fl") == [
        "",
        "UserPrincipalName         : joe@contoso.com",
        "DisplayName               : Ann",
        "IsLicensed                : False",
        f"ObjectId                  : {ann['id']}",
        f"ImmutableId               : {ann['onPremisesImmutableId']}",
        "LastDirSyncTime           : 11/23/2026 8:30:00 AM",
        "ProxyAddresses            : {}",
        "DirSyncProvisioningErrors : {}",
        "Errors                    : {}",
        "SoftDeletionTimestamp     : ",
        "",
    ]


def test_users_of_the_directory_and_those_without_a_licence_can_be_listed_alone(world):
    administrator = world.tenant.administrator
    administrator.add("user", {"userPrincipalName": "dora@contoso.com", "displayName": "Dora"})
    administrator.license("dora@contoso.com", assign=True)

    assert run(world, "Get-MsolUser -Synchronized | % DisplayName") == ["Ann", "Bob", "Carl"]
    assert run(world, "Get-MsolUser -UnlicensedUsersOnly | % DisplayName") == ["Ann", "Bob", "Carl"]
    assert run(world, "Get-MsolUser | where IsLicensed | % DisplayName") == ["Dora"]
