"""The arguments of a line are bound to a cmdlet's parameters, or refused in PowerShell's words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connector.cmdlets.binding import (
    BOOLEAN,
    COUNT,
    GUID,
    INTERVAL,
    NAMES,
    SWITCH,
    TEXT,
    Parameter,
    Signature,
    bind,
    one_of,
    syntax,
)
from connector.cmdlets.powershell import Command, parse
from connector.errors import CmdletFailed

GET_IT = Signature(
    "Get-It",
    (
        Parameter("Category", one_of("Conflict"), "", mandatory=True),
        Parameter("PropertyName", one_of("Upn", "Proxy"), ""),
        Parameter("PropertyValue", TEXT, "", needs="PropertyName"),
        Parameter("MaxResults", COUNT, ""),
        Parameter("All", SWITCH, "", excludes="MaxResults"),
        Parameter("Enable", BOOLEAN, ""),
        Parameter("TenantId", GUID, ""),
        Parameter("Every", INTERVAL, ""),
    ),
)
FORMAT = Signature(
    "Format-It",
    (Parameter("Property", NAMES, "", position=0), Parameter("First", COUNT, "", position=1)),
    aliases=("fi",),
    ignores_case=True,
)
ID = "8a7c1a52-6f0c-4f39-93c4-54b0f8b4c1aa"


def bound(line, signature=GET_IT):
    [command] = parse(line)
    assert isinstance(command, Command)
    return bind(signature, command)


def complaint(line, signature=GET_IT):
    with pytest.raises(CmdletFailed) as failed:
        bound(line, signature)
    return str(failed.value)


def test_values_get_the_types_of_their_parameters():
    line = (
        "Get-It -Category Conflict -PropertyName Upn -PropertyValue 5 -MaxResults 5 "
        f"-Enable $False -TenantId {ID} -Every 1.02:03:04"
    )

    assert bound(line) == {
        "Category": "Conflict",
        "PropertyName": "Upn",
        "PropertyValue": "5",
        "MaxResults": 5,
        "Enable": False,
        "TenantId": ID,
        "Every": timedelta(days=1, hours=2, minutes=3, seconds=4),
    }


def test_a_switch_stands_alone_or_is_told_off():
    assert bound("Get-It -Category Conflict -All")["All"] is True
    assert bound("Get-It -Category Conflict -All:$false")["All"] is False


def test_the_beginning_of_a_name_is_enough_where_no_other_begins_so():
    assert bound("Get-It -Cat Conflict -Max 5") == {"Category": "Conflict", "MaxResults": 5}
    assert complaint("Get-It -Category Conflict -Property Upn") == (
        "Get-It : Parameter cannot be processed because the parameter name 'Property' is ambiguous. "
        "Possible matches include: -PropertyName -PropertyValue."
    )


def test_values_without_a_name_go_where_they_stand():
    assert bound("Format-It a,b 5", FORMAT) == {"Property": ["a", "b"], "First": 5}
    assert bound("Format-It -Property a 5", FORMAT) == {"Property": ["a"], "First": 5}


def test_what_ignores_case_ignores_it():
    assert FORMAT.answers_to("FORMAT-IT")
    assert FORMAT.answers_to("FI")
    assert bound("Format-It -property a", FORMAT) == {"Property": ["a"]}


def test_what_regards_case_regards_it():
    assert not GET_IT.answers_to("get-it")
    assert complaint("Get-It -category Conflict") == (
        "Get-It : A parameter cannot be found that matches parameter name 'category'. "
        "`Get-Help Get-It` lists those that there are. A script of your own reads the JSON of the "
        "commands, such as `connector errors --json`."
    )


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (
            "-Foo",
            (
                "A parameter cannot be found that matches parameter name 'Foo'. `Get-Help Get-It` "
                "lists those that there are. A script of your own reads the JSON of the commands, "
                "such as `connector errors --json`."
            ),
        ),
        ("stray", "A positional parameter cannot be found that accepts argument 'stray'."),
        (
            "-PropertyName",
            (
                "Missing an argument for parameter 'PropertyName'. Specify a parameter of type 'String' "
                "and try again."
            ),
        ),
        (
            "-PropertyName -All",
            (
                "Missing an argument for parameter 'PropertyName'. Specify a parameter of type 'String' "
                "and try again."
            ),
        ),
        (
            "-PropertyName upn",
            (
                "Cannot validate argument on parameter 'PropertyName'. The argument \"upn\" does not "
                'belong to the set "Upn,Proxy". Supply an argument that is in the set and then try the '
                "command again."
            ),
        ),
        (
            "-MaxResults many",
            (
                "Cannot bind parameter 'MaxResults'. Cannot convert value \"many\" to type "
                '"System.Int32". Error: "Input string was not in a correct format."'
            ),
        ),
        (
            "-MaxResults 0",
            (
                "Cannot validate argument on parameter 'MaxResults'. The 0 argument is less than the "
                "minimum allowed range of 1. Supply an argument that is greater than or equal to 1 and "
                "then try the command again."
            ),
        ),
        (
            "-MaxResults 5 -MaxResults 6",
            "Cannot bind parameter because parameter 'MaxResults' is specified more than once.",
        ),
        (
            "-MaxResults 5 -All",
            (
                "Parameter set cannot be resolved using the specified named parameters: -All and "
                "-MaxResults exclude each other."
            ),
        ),
        (
            "-PropertyValue a",
            (
                "Cannot process command because of one or more missing mandatory parameters: "
                "PropertyName. -PropertyValue is used with -PropertyName."
            ),
        ),
        (
            "-PropertyName Upn,Proxy",
            (
                "Cannot bind parameter 'PropertyName'. Cannot convert a list of values to the type "
                "'String'."
            ),
        ),
        (
            "-Enable yes",
            (
                "Cannot bind parameter 'Enable'. Cannot convert value \"yes\" to type "
                '"System.Boolean". Boolean parameters accept only Boolean values and numbers, such as '
                "$True, $False, 1 or 0."
            ),
        ),
        (
            "-TenantId contoso",
            (
                "Cannot bind parameter 'TenantId'. Cannot convert value \"contoso\" to type "
                '"System.Guid". Error: "Guid should contain 32 digits with 4 dashes '
                '(xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx)."'
            ),
        ),
        (
            "-Every 30m",
            (
                "Cannot bind parameter 'Every'. Cannot convert value \"30m\" to type "
                '"System.TimeSpan". Error: "String was not recognized as a valid TimeSpan." Write it as '
                "d.HH:mm:ss."
            ),
        ),
        (
            "-Every 00:00:00",
            (
                "Cannot validate argument on parameter 'Every'. The interval must be at least one "
                "second."
            ),
        ),
    ],
)
def test_a_mistake_is_told_in_powershells_words(typed, expected):
    assert complaint(f"Get-It -Category Conflict {typed}") == f"Get-It : {expected}"


@pytest.mark.parametrize("number", ["2147483648", "-2147483649", "1e3", "\u0665", "1.5"])
def test_what_is_no_int32_is_refused(number):
    assert "System.Int32" in complaint(f"Get-It -Category Conflict -MaxResults {number}")


@pytest.mark.parametrize("span", ["24:00:00", "1:60:00", "1:00:60", "-1:00", "1", "x.01:00"])
def test_what_is_no_time_span_is_refused(span):
    assert "System.TimeSpan" in complaint(f"Get-It -Category Conflict -Every {span}")


def test_a_mandatory_parameter_must_be_there():
    assert complaint("Get-It -All") == (
        "Get-It : Cannot process command because of one or more missing mandatory parameters: "
        "Category."
    )


def test_help_writes_what_may_follow():
    assert syntax(FORMAT) == "Format-It [[-Property] <Object[]>] [[-First] <Int32>]"
    assert syntax(GET_IT).startswith("Get-It -Category <String> [-PropertyName <String>]")
