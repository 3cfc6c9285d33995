"""Expressions of a pipe are evaluated as PowerShell does, and nothing beyond them is."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.cmdlets.expressions import calculated, expression
from connector.errors import CmdletFailed

ANN = {
    "DisplayName": "Ann",
    "IsLicensed": False,
    "Age": 7,
    "Manager": None,
    "Since": datetime(2026, 11, 23, 9, 0, tzinfo=UTC),
    "Proxies": ["SMTP:ann@contoso.com", "smtp:a@contoso.com"],
    "Errors": [{"ErrorDetail": {"ObjectErrors": {"ErrorRecord": {"ErrorDescription": "taken"}}}}],
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$_.DisplayName", "Ann"),
        ("$PSItem.displayname", "Ann"),
        ("$_.Nothing", None),
        ("$_.errors[0].ErrorDetail.objecterrors.errorrecord.ErrorDescription", "taken"),
        ("($_.errors[0].ErrorDetail.objecterrors.errorrecord.ErrorDescription)", "taken"),
        ("$_.Errors.ErrorDetail.ObjectErrors.ErrorRecord.ErrorDescription", ["taken"]),
        ("$_.Errors[3].ErrorDetail", None),
        ("$_.Proxies.Count", 2),
        ("$_.Proxies -join ';'", "SMTP:ann@contoso.com;smtp:a@contoso.com"),
        ("$_.DisplayName -join ', '", "Ann"),
        ("$_.DisplayName -in @('bob', 'ann')", True),
        ("$_.Proxies[-1]", "smtp:a@contoso.com"),
        ("$_.DisplayName.Length", 3),
        ("$_.DisplayName[0]", "Ann"),
        ('$_.DisplayName -eq "ANN"', True),
        ('$_.DisplayName -ceq "ANN"', False),
        ("$_.DisplayName -ne 'Ann'", False),
        ('$_.DisplayName -like "a*"', True),
        ('$_.DisplayName -clike "a*"', False),
        ('$_.DisplayName -notlike "b?"', True),
        ('$_.DisplayName -match "^a.n$"', True),
        ('$_.DisplayName -notmatch "^b"', True),
        ("$_.Age -gt 6", True),
        ("$_.Age -le '6'", False),
        ("$_.Age -lt 7.5", True),
        ("$_.IsLicensed -eq $false", True),
        ("$_.Manager -eq $null", True),
        ("$null -ne $_.Manager", False),
        ("$_.Manager -gt 1", False),
        ('$_.Since -gt "11/22/2026"', True),
        ('$_.Since -ge "2026-11-24T00:00:00Z"', False),
        ('$_.Proxies -contains "smtp:A@contoso.com"', True),
        ('$_.Proxies -notcontains "x"', True),
        ('$_.DisplayName -in "bob","ann"', True),
        ('$_.DisplayName -notin "bob","ann"', False),
        ('$_.Proxies -like "smtp:a@*"', ["smtp:a@contoso.com"]),
        ('$_.DisplayName -like "A*" -and $_.Age -eq 7', True),
        ('$_.DisplayName -like "B*" -or $_.Age -eq 7', True),
        ("$true -xor $true", False),
        ("-not $_.IsLicensed", True),
        ("!$_.IsLicensed -and !($_.Age -eq 8)", True),
        ('($_.Age -eq 1 -or $_.Age -eq 7) -and $_.DisplayName -eq "Ann"', True),
    ],
)
def test_an_expression_has_the_value_that_powershell_gives_it(text, value):
    assert expression(text)(ANN) == value


def test_and_and_or_have_one_rank_from_left_to_right():
    assert expression("$true -or $true -and $false")(ANN) is False


@pytest.mark.parametrize(
    "text",
    [
        "$_.DisplayName.ToUpper()",
        "$_.Age * 2",
        "$x.DisplayName",
        '"name: $($_.DisplayName)"',
        "Get-MsolUser",
        "$_.Age = 5",
        "$_.DisplayName -replace 'A','B'",
        "[string]$_.Age",
        "(" * 30 + "1" + ")" * 30,
        "!" * 5000 + "1",
    ],
)
def test_what_is_beyond_these_is_refused_and_the_json_named(text):
    with pytest.raises(CmdletFailed, match="not PowerShell.*`connector errors --json`"):
        expression(text)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "must provide a value expression"),
        ("$_.Age -eq", "must provide a value expression"),
        ("($_.Age", r"Missing closing '\)'"),
        ("'a", "missing the terminator"),
    ],
)
def test_what_is_no_expression_is_refused_with_its_reason(text, complaint):
    with pytest.raises(CmdletFailed, match=complaint):
        expression(text)


def test_a_pattern_that_cannot_be_read_is_told():
    with pytest.raises(CmdletFailed, match=r'parsing "\["'):
        expression('$_.DisplayName -match "["')(ANN)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('Name="Who";Expression={$_.DisplayName}', "Who"),
        ("Label = 'Who' ; Expression = { $_.DisplayName }", "Who"),
        ("n='Who'; e={$_.DisplayName}; Width=20", "Who"),
        ("l=Who;e='DisplayName'", "Who"),
    ],
)
def test_a_property_can_be_calculated(text, name):
    found = calculated(text)

    assert (found.name, found.of(ANN)) == (name, "Ann")


@pytest.mark.parametrize("text", ["Name='Who'", "", "$_.Name"])
def test_a_calculated_property_needs_an_expression(text):
    with pytest.raises(CmdletFailed):
        calculated(text)


@given(st.text(alphabet="$_.ab-()[]{}!,'\" 10=;", max_size=30))
def test_any_text_is_read_or_refused(text):
    for read in (expression, calculated):
        with suppress(CmdletFailed):
            assert read(text) is not None
