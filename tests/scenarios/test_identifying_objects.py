"""The seed's "Identifying Objects with DirSyncProvisioningErrors" and the known issues of the portal.

Each test quotes the sentence that it proves; the lines are those of the seed.
"""

from __future__ import annotations

import json
import re
from datetime import datetime

import pytest

from connector.cmdlets.msol import MORE
from connector.cmdlets.session import Session
from connector.errors import CmdletFailed
from connector.report.messages import portal_errors
from tests.host import WorldHost, run

ALL = "Get-MsolDirSyncProvisioningError -ErrorCategory PropertyConflict"


@pytest.fixture
def conflicts(world):
    """Ann has the values that Bob, a desk and Carla want."""
    world.user("ann", upn="User@domain.com", proxies=["SMTP:info@contoso.com"])
    world.parts.tenant.administrator.set_domain("domain.com", verified=True)
    world.sync()
    world.user("bob", upn="User@domain.com", proxies=["smtp:info@contoso.com"])
    world.group("desk", proxies=["SMTP:desk@contoso.com", "smtp:info@contoso.com"])
    world.contact("carla", "info@contoso.com")
    world.sync()
    return world


def found(world, line):
    """What a line finds: (display name, property, value) for each error of each object."""
    return [
        (row["DisplayName"], error["PropertyName"], error["PropertyValue"])
        for row in objects(world, line)
        for error in row["ProvisioningErrors"]
    ]


def objects(world, line):
    return json.loads("\n".join(run(world, f"{line} | ConvertTo-Json -AsArray")))


BOB_UPN = ("Bob", "UserPrincipalName", "User@domain.com")
BOB_PROXY = ("Bob", "ProxyAddresses", "smtp:info@contoso.com")
DESK = ("Desk", "ProxyAddresses", "smtp:info@contoso.com")
CARLA = ("Carla", "ProxyAddresses", "SMTP:info@contoso.com")


# --- whether resiliency is on -----------------------------------------------------------------


@pytest.mark.parametrize("feature", ["DuplicateUPNResiliency", "DuplicateProxyAddressResiliency"])
def test_the_feature_can_be_checked_with_a_cmdlet(world, feature):
    """To check if the feature is enabled for your tenant, you can do so by downloading the latest
    version of the Azure Active Directory PowerShell module and running: ..."""
    shown = run(world, f"Get-MsolDirSyncFeatures -Feature {feature}")

    assert re.fullmatch(rf"{feature} +True", shown[3])


@pytest.mark.parametrize("feature", ["DuplicateUPNResiliency", "DuplicateProxyAddressResiliency"])
def test_the_feature_cannot_be_disabled_with_a_cmdlet(world, feature):
    """... and it cannot be disabled."""
    with pytest.raises(CmdletFailed, match="cannot be disabled"):
        run(world, f"Set-MsolDirSyncFeature -Feature {feature} -Enable $false")


# --- PowerShell -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        ALL.lower(),
        ALL.replace("Get-Msol", "get-msol"),
        ALL.replace("-ErrorCategory", "-errorcategory"),
        ALL.replace("PropertyConflict", "propertyConflict"),
        f"{ALL} -PropertyName userPrincipalName",
        f"{ALL} -SortField displayname",
    ],
)
def test_the_cmdlets_are_case_sensitive(conflicts, line):
    """All of the following cmdlets are case sensitive."""
    with pytest.raises(CmdletFailed):
        run(conflicts, line)


def test_the_values_looked_for_are_case_sensitive(conflicts):
    """All of the following cmdlets are case sensitive."""
    by_value = f"{ALL} -PropertyName UserPrincipalName -PropertyValue"

    assert found(conflicts, f"{by_value} user@domain.com") == []
    assert found(conflicts, f"{ALL} -SearchString USER") == []


def test_the_error_category_must_always_be_included(conflicts):
    """The -ErrorCategory PropertyConflict must always be included."""
    with pytest.raises(CmdletFailed, match="missing mandatory parameters: ErrorCategory"):
        run(conflicts, "Get-MsolDirSyncProvisioningError")


def test_there_is_no_other_error_category(conflicts):
    """There are currently no other types of ErrorCategory, but this may be extended in the future."""
    with pytest.raises(CmdletFailed, match='does not belong to the set "PropertyConflict"'):
        run(conflicts, "Get-MsolDirSyncProvisioningError -ErrorCategory LargeObject")


def test_connecting_comes_first(conflicts):
    """First, get started by running Connect-MsolService and entering credentials for a tenant
    administrator."""
    assert run(conflicts, "Connect-MsolService") == []


def test_all_errors_are_listed(conflicts):
    """Once connected, to see a general list of attribute provisioning errors in the tenant run: ..."""
    assert sorted(found(conflicts, ALL)) == sorted([BOB_UPN, BOB_PROXY, DESK, CARLA])


def test_each_object_is_shown_once_as_a_list(conflicts):
    """This produces a result like the following: ..."""
    bob = conflicts.cloud["Bob"]

    assert run(conflicts, f"{ALL} -SearchString Bob") == [
        "",
        "DisplayName        : Bob",
        f"ImmutableId        : {bob['onPremisesImmutableId']}",
        "LastDirSyncTime    : 11/23/2026 9:00:00 AM",
        f"ObjectId           : {bob['id']}",
        "ObjectType         : User",
        "ProvisioningErrors : {ProxyAddresses, UserPrincipalName}",
        "ProxyAddresses     : {}",
        f"UserPrincipalName  : {bob['userPrincipalName']}",
        "",
    ]


def test_an_object_carries_its_conflicts(conflicts):
    [desk] = objects(conflicts, f"{ALL} -SearchString Desk")

    there = conflicts.cloud["Desk"]
    assert desk == {
        "DisplayName": "Desk",
        "ImmutableId": there["onPremisesImmutableId"],
        "LastDirSyncTime": "2026-11-23T09:00:00Z",
        "ObjectId": there["id"],
        "ObjectType": "Group",
        "ProvisioningErrors": [
            {
                "ErrorCategory": "PropertyConflict",
                "PropertyName": "ProxyAddresses",
                "PropertyValue": "smtp:info@contoso.com",
                "WhenStarted": "2026-11-23T09:00:00Z",
            }
        ],
        "ProxyAddresses": ["SMTP:desk@contoso.com"],
        "UserPrincipalName": None,
    }


@pytest.mark.parametrize(
    ("name", "expected"),
    [("UserPrincipalName", [BOB_UPN]), ("ProxyAddresses", [BOB_PROXY, CARLA, DESK])],
)
def test_errors_are_listed_by_property_type(conflicts, name, expected):
    """To see errors by property type, add the -PropertyName flag with the UserPrincipalName or
    ProxyAddresses argument: ..."""
    assert sorted(found(conflicts, f"{ALL} -PropertyName {name}")) == expected


def test_errors_are_listed_by_conflicting_value(conflicts):
    """To see errors relating to a specific property add the -PropertyValue flag ..."""
    line = f"{ALL} -PropertyValue User@domain.com -PropertyName UserPrincipalName"

    assert found(conflicts, line) == [BOB_UPN]


def test_a_value_needs_its_property_name(conflicts):
    """(-PropertyName must be used as well when adding this flag)"""
    with pytest.raises(CmdletFailed, match="missing mandatory parameters: PropertyName"):
        run(conflicts, f"{ALL} -PropertyValue User@domain.com")


def test_errors_are_found_by_a_string(conflicts):
    """To do a broad string search use the -SearchString flag."""
    assert sorted(found(conflicts, f"{ALL} -SearchString User")) == sorted([BOB_UPN, BOB_PROXY])
    assert found(conflicts, f"{ALL} -SearchString Carl") == [CARLA]


def test_a_string_search_stands_alone_or_with_the_other_flags(conflicts):
    """This can be used independently from all of the above flags, with the exception of
    -ErrorCategory PropertyConflict, which is always required."""
    both = f"{ALL} -SearchString User -PropertyName ProxyAddresses"

    assert found(conflicts, both) == [BOB_PROXY]
    with pytest.raises(CmdletFailed, match="ErrorCategory"):
        run(conflicts, "Get-MsolDirSyncProvisioningError -SearchString User")


def test_errors_are_sorted(conflicts):
    """5. Sorted"""
    line = f"{ALL} -PropertyName ProxyAddresses -SortField DisplayName -SortDirection"

    assert found(conflicts, f"{line} Ascending") == [BOB_PROXY, CARLA, DESK]
    assert found(conflicts, f"{line} Descending") == [DESK, CARLA, BOB_PROXY]


def test_the_sort_field_is_spelled_as_the_service_spells_it(conflicts):
    """The cmdlet's own reference names the field UserPrincipleName."""
    line = f"{ALL} -PropertyName UserPrincipalName -SortField"

    assert found(conflicts, f"{line} UserPrincipleName") == [BOB_UPN]
    assert found(conflicts, f"{line} UserPrincipalName") == [BOB_UPN]


def test_a_query_is_limited(conflicts):
    """MaxResults <Int> can be used to limit the query to a specific number of values."""
    limited = [len(objects(conflicts, f"{ALL} -MaxResults {limit}")) for limit in (1, 2, 5)]

    assert limited == [1, 2, 3]


@pytest.fixture
def many(world):
    """One object more than a page wants the address of Ann."""
    world.user("ann", proxies=["SMTP:info@contoso.com"])
    world.sync()
    for number in range(501):
        world.contact(f"c{number:03}", "info@contoso.com")
    world.sync()
    return world


def test_all_results_can_be_asked_for(many):
    """All can be used to ensure all results are retrieved in the case that a large number of errors
    exists."""
    counts = [len(objects(many, line)) for line in (ALL, f"{ALL} -All", f"{ALL} -MaxResults 501")]

    assert counts == [500, 501, 501]


@pytest.mark.parametrize(
    ("line", "warnings"),
    [
        (ALL, [MORE]),
        ("Get-MsolContact", [MORE]),
        (f"{ALL} -All", []),
        (f"{ALL} -MaxResults 5", []),
        ("Get-MsolUser", []),
        (f"{ALL} -WarningAction SilentlyContinue", []),
    ],
)
def test_a_warning_says_that_more_results_are_there(many, line, warnings):
    session = Session(WorldHost(many), connected=True)

    list(session.run(line))

    assert session.warnings == warnings


def test_a_limit_and_all_exclude_each_other(conflicts):
    with pytest.raises(CmdletFailed, match="Parameter set cannot be resolved"):
        run(conflicts, f"{ALL} -All -MaxResults 5")


def test_whether_there_are_errors_can_be_asked(conflicts, world_with):
    line = "Get-MsolHasObjectsWithDirSyncProvisioningErrors"

    assert [run(conflicts, line), run(world_with(), line)] == [["True"], ["False"]]


# --- the admin center -------------------------------------------------------------------------


def portal(world):
    """The page's lines: user and message."""
    records = world.tenant.provisioning_errors()
    dated = [(record, datetime.fromisoformat(record.occurred)) for record in records]
    issues = world.settings.tenant.known_issues
    return [(line.display_name, line.message) for line in portal_errors(dated, issues)]


def user_a_then_user_b(world):
    """The seed's example: both want User@contoso.com."""
    world.user("a", upn="User@contoso.com", displayName="User A")
    world.sync()
    world.user("b", upn="User@contoso.com", displayName="User B")
    world.sync()


def holder_named(message):
    [name] = re.findall(r"because an existing user, (.*), was already created", message)
    return name


def test_only_users_are_displayed(conflicts):
    """The report in the Microsoft 365 admin center only displays User objects that have these errors.
    It does not show info about conflicts between Groups and Contacts."""
    assert {name for name, _ in portal(conflicts)} == {"Ann", "Bob"}


def test_only_users_with_errors_are_returned(conflicts):
    """The report in the Microsoft 365 admin center only displays User objects that have these errors."""
    assert run(
        conflicts, "Get-MsolUser -HasErrorsOnly | Select-Object -ExpandProperty DisplayName"
    ) == ["Bob"]


def test_known_issue_both_users_of_a_upn_conflict_have_the_same_message(world):
    """The detailed error message for two objects in a UPN conflict set is the same. This indicates
    that they have both had their UPN changed / quarantined, when in fact only a one of them had any
    data changed."""
    user_a_then_user_b(world)

    (first, message), (second, same) = portal(world)

    assert {first, second} == {"User A", "User B"}
    assert message == same
    assert world.cloud["User A"]["userPrincipalName"] == "User@contoso.com"


def test_known_issue_same_message_switched_off_leaves_the_holder_alone(world_with):
    world = world_with(tenant={"known_issues": ["portal-own-display-name"]})
    user_a_then_user_b(world)

    assert [name for name, _ in portal(world)] == ["User B"]


def test_known_issue_the_message_shows_the_users_own_display_name(world):
    """The error message for User B should indicate that User A already has User@contoso.com as a UPN,
    but it shows User B's own displayName."""
    user_a_then_user_b(world)

    message = dict(portal(world))["User B"]

    assert re.search(
        r"from User@contoso\.com to User\d{4}@contoso\.onmicrosoft\.com because", message
    )
    assert holder_named(message) == "User B"


def test_known_issue_own_display_name_switched_off_names_the_holder(world_with):
    world = world_with(tenant={"known_issues": ["portal-same-message"]})
    user_a_then_user_b(world)

    assert holder_named(dict(portal(world))["User B"]) == "User A"


def test_the_wanted_upn_is_added_to_the_provisioning_errors(world):
    """User B's UPN is changed to User1234@contoso.onmicrosoft.com and User@contoso.com is added to
    DirSyncProvisioningErrors."""
    user_a_then_user_b(world)

    assert re.fullmatch(
        r"User\d{4}@contoso\.onmicrosoft\.com", world.cloud["User B"]["userPrincipalName"]
    )
    assert world.quarantined("User B") == ["User@contoso.com"]
