"""Behind a pipe, objects are chosen, filtered, sorted and counted; what is shown is held whole."""

from __future__ import annotations

import pytest

from connector.cmdlets.choices import sort
from connector.cmdlets.expressions import Calculated
from connector.errors import CmdletFailed
from tests.host import run

USERS = "Get-MsolUser"


def names(world, line):
    return run(world, f"{line} | Select-Object -ExpandProperty DisplayName")


@pytest.mark.parametrize(
    ("pipe", "found"),
    [
        ('Where-Object DisplayName -like "A*"', ["Ann"]),
        ('where DisplayName -NotLike "A*"', ["Bob", "Carl"]),
        ("? displayname -eq carl", ["Carl"]),
        ("? DisplayName -in Ann,Carl", ["Ann", "Carl"]),
        ('Where-Object {$_.DisplayName -eq "bob" -or $_.DisplayName -eq "carl"}', ["Bob", "Carl"]),
        ("where -FilterScript { $_.Errors.Count -gt 0 }", ["Bob"]),
        ("where DirSyncProvisioningErrors", ["Bob"]),
        ("where -Not DirSyncProvisioningErrors", ["Ann", "Carl"]),
        ("where IsLicensed -eq $false | where DisplayName -match '^c'", ["Carl"]),
        ("? Nothing -eq $null | ? {$_.ProxyAddresses.Count -gt 5}", []),
        ("Sort-Object DisplayName -Descending", ["Carl", "Bob", "Ann"]),
        ("sort {$_.DisplayName.Length},DisplayName -Descending", ["Carl", "Bob", "Ann"]),
        ("select -First 2", ["Ann", "Bob"]),
        ("select -Last 2", ["Bob", "Carl"]),
        ("select -Skip 1 -First 1", ["Bob"]),
    ],
)
def test_users_are_filtered_sorted_and_cut(world, pipe, found):
    assert names(world, f"{USERS} | {pipe}") == found


def test_what_is_filtered_is_shown_as_it_was(world):
    assert run(world, f'{USERS} | where DisplayName -like "A*" | sort DisplayName') == [
        "",
        "UserPrincipalName DisplayName IsLicensed",
        "----------------- ----------- ----------",
        "joe@contoso.com   Ann         False",
        "",
    ]


def test_each_object_gives_a_member_or_an_expression(world):
    assert run(world, f"{USERS} | % DisplayName") == ["Ann", "Bob", "Carl"]
    assert run(world, f'{USERS} | ForEach-Object {{$_.DisplayName -like "A*"}}') == [
        "True",
        "False",
        "False",
    ]


def test_values_of_one_property_keep_others_beside_them(world):
    errors = "Get-MsolDirSyncProvisioningError -ErrorCategory PropertyConflict"
    line = f"{errors} | select DisplayName -ExpandProperty ProvisioningErrors | fl"

    assert run(world, line) == [
        "",
        "ErrorCategory : PropertyConflict",
        "PropertyName  : UserPrincipalName",
        "PropertyValue : joe@contoso.com",
        "WhenStarted   : 11/23/2026 9:00:00 AM",
        "DisplayName   : Bob",
        "",
    ]


def test_a_calculated_property_stands_beside_the_others(world):
    line = f'{USERS} -SearchString Bob | select DisplayName,@{{n="Errors";e={{$_.Errors.Count}}}}'

    assert run(world, line) == ["", "DisplayName Errors", "----------- ------", "Bob         1", ""]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (f"({USERS}).Count", ["3"]),
        (f"@({USERS} -SearchString nobody).Count", ["0"]),
        (f"({USERS} -HasErrorsOnly).Count", ["1"]),
        (f"({USERS} | where DisplayName -like 'A*').UserPrincipalName", ["joe@contoso.com"]),
        (f"({USERS} | sort DisplayName)[-1].DisplayName", ["Carl"]),
        (f"({USERS} | measure).Count", ["3"]),
        (f"({USERS}).DisplayName | sort -Descending", ["Carl", "Bob", "Ann"]),
        (f"({USERS}) | measure | select -ExpandProperty Count", ["3"]),
        (f"(({USERS})).Count", ["3"]),
        (f"{USERS} -SearchString ({USERS} | select -Last 1).DisplayName | % DisplayName", ["Carl"]),
    ],
)
def test_a_line_in_parentheses_is_counted_and_looked_into(world, line, shown):
    assert run(world, line) == shown


@pytest.mark.parametrize(
    ("pipe", "complaint"),
    [
        ("where", "Give a property"),
        ("where DisplayName -like", "one comparison and one value"),
        ("where DisplayName -like -eq b", "one comparison and one value"),
        ("where {$_.DisplayName.ToUpper()}", "not PowerShell"),
        ("% {Remove-Item x}", "not PowerShell"),
        ("where @{a=1}", "A hash table is not a script block"),
        ("select -ExpandProperty Nothing", 'Property "Nothing" cannot be found'),
        ("select -First {1}", "braces to the type 'Int32'"),
    ],
)
def test_what_makes_no_sense_is_refused(world, pipe, complaint):
    with pytest.raises(CmdletFailed, match=complaint):
        run(world, f"{USERS} | {pipe}")


@pytest.mark.parametrize(
    ("pipe", "names"),
    [
        ('sort @{Expression="DisplayName";Descending=$true}', ["Carl", "Bob", "Ann"]),
        ("sort @{e={$_.DisplayName};Ascending=$false}", ["Carl", "Bob", "Ann"]),
        ("sort -Descending @{e={$_.DisplayName};Ascending=$true}", ["Ann", "Bob", "Carl"]),
        ("sort IsLicensed,@{e='DisplayName';Descending=$true}", ["Carl", "Bob", "Ann"]),
        ("sort IsLicensed,DisplayName", ["Ann", "Bob", "Carl"]),
        ("where{$_.DisplayName -in @('ann','bob')}", ["Ann", "Bob"]),
    ],
)
def test_a_hash_table_says_which_way_to_sort(world, pipe, names):
    assert run(world, f"{USERS}|{pipe}|%{{$_.DisplayName}}") == names


def test_groups_may_be_without_their_objects(world):
    assert run(world, f"{USERS} | group IsLicensed -NoElement") == [
        "",
        "Count Name",
        "----- ----",
        "3     False",
        "",
    ]


def test_a_calculated_property_without_a_name_is_named_by_its_expression(world):
    assert run(world, f"{USERS} -SearchString Bob | select @{{e={{$_.DisplayName}}}}") == [
        "",
        "$_.DisplayName",
        "--------------",
        "Bob",
        "",
    ]


def test_values_of_any_kind_are_sorted():
    values = [None, "b", 2, True, "A", 1.5]

    assert sort(values, {}) == [None, True, 1.5, 2, "A", "b"]
    assert sort([{"a": 2}, {"a": 1}], {"Property": [Calculated("x", lambda i: i["a"])]}) == [
        {"a": 1},
        {"a": 2},
    ]


def test_of_equal_objects_the_first_stays():
    assert sort(["b", "a", "b"], {"Unique": True}) == ["a", "b"]
    assert sort([{"a": 1, "b": 2}, {"a": 1, "b": 3}], {"Property": ["a"], "Unique": True}) == [
        {"a": 1, "b": 2}
    ]


def test_objects_are_counted_by_a_property(world):
    errors = "Get-MsolDirSyncProvisioningError -ErrorCategory PropertyConflict"

    assert run(world, f"{errors} | group ObjectType | select Count,Name") == [
        "",
        "Count Name",
        "----- ----",
        "1     User",
        "",
    ]
    assert run(world, f"({USERS} | Group-Object IsLicensed).Group.DisplayName") == [
        "Ann",
        "Bob",
        "Carl",
    ]
