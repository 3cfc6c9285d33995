"""Every cmdlet takes the parameters that PowerShell gives all of them."""

from __future__ import annotations

import pytest

from connector.cmdlets.catalog import CMDLETS, PIPES
from connector.cmdlets.common import common_parameters
from connector.cmdlets.session import Session
from connector.errors import CmdletFailed
from tests.host import WorldHost, run

NOBODY = "Get-MsolUser -UserPrincipalName nobody@contoso.com"
THRESHOLD = "Enable-ADSyncExportDeletionThreshold -DeletionThreshold 5"


def session_after(world, line):
    """The session after a line, and the message with which it failed."""
    session = Session(WorldHost(world), connected=True)
    try:
        list(session.run(line))
    except CmdletFailed as error:
        return session, str(error)
    return session, None


@pytest.mark.parametrize("more", ["-Verbose", "-ErrorAction Stop", "-ea silentlycontinue -wa Ignore",
    "-Debug", "-InformationAction Continue", "-OutBuffer 5", "-verbose:$false"])  # fmt: skip
def test_common_parameters_change_nothing_of_the_objects(world, more):
    plain = run(world, "Get-MsolUser")

    assert run(world, f"Get-MsolUser {more}") == plain


def test_an_error_is_hidden_where_that_is_asked_for(world):
    hidden = {
        action: session_after(world, f"{NOBODY} -ErrorAction {action}")[0].hides_errors
        for action in ("SilentlyContinue", "Ignore", "Continue", "Stop")
    }

    assert hidden == {"SilentlyContinue": True, "Ignore": True, "Continue": False, "Stop": False}


def test_an_error_may_end_all_lines(world):
    assert session_after(world, f"{NOBODY} -ErrorAction Stop")[0].stops
    assert not session_after(world, NOBODY)[0].stops


@pytest.mark.parametrize(
    ("number", "hides", "stops"),
    [("0", True, False), ("1", False, True), ("2", False, False), ("4", True, False)],
)
def test_an_action_has_a_number_too(world, number, hides, stops):
    session, _ = session_after(world, f"{NOBODY} -ea {number}")

    assert (session.hides_errors, session.stops) == (hides, stops)


def test_a_mistake_in_the_line_is_never_hidden(world):
    session, message = session_after(world, "Get-MsolUser -ErrorAction SilentlyContinue -Foo")

    assert (session.hides_errors, message) == (
        False,
        (
            "Get-MsolUser : A parameter cannot be found that matches parameter name 'Foo'. "
            "`Get-Help Get-MsolUser` lists those that there are. A script of your own reads the JSON "
            "of the commands, such as `connector errors --json`."
        ),
    )


@pytest.mark.parametrize(
    "parameter",
    ["OutVariable", "ov", "ErrorVariable", "WarningVariable", "InformationVariable", "PipelineVariable"],
)  # fmt: skip
def test_there_are_no_variables(world, parameter):
    _, message = session_after(world, f"Get-MsolUser -{parameter} found")

    assert "There are no variables here" in message
    assert "`connector errors --json`" in message


def test_what_would_be_changed_is_said_and_not_done(world):
    before = run(world, "Get-ADSyncExportDeletionThreshold")

    said = run(world, f"{THRESHOLD} -WhatIf")

    operation = 'Performing the operation "Enable-ADSyncExportDeletionThreshold"'
    assert said == [f'What if: {operation} on target "the deletion threshold".']
    assert run(world, "Get-ADSyncExportDeletionThreshold") == before


def test_a_change_is_told_where_that_is_asked_for(world):
    session, _ = session_after(
        world, "Remove-MsolUser -UserPrincipalName carl@contoso.com -Verbose"
    )

    assert session.verbose == [
        'Performing the operation "Remove-MsolUser" on target "carl@contoso.com".'
    ]
    assert "Carl" not in world.cloud


def test_nobody_can_be_asked_to_confirm(world):
    _, message = session_after(world, f"{THRESHOLD} -Confirm")

    assert message == (
        "Enable-ADSyncExportDeletionThreshold : Nobody can be asked here: leave out -Confirm, or write "
        "-Confirm:$false."
    )
    assert session_after(world, f"{THRESHOLD} -Confirm:$false")[1] is None


def test_only_a_cmdlet_that_has_it_takes_what_if(world):
    _, message = session_after(world, "Start-ADSyncSyncCycle -WhatIf")

    assert message is not None
    assert "matches parameter name 'WhatIf'" in message


def test_no_own_parameter_is_hidden_by_a_common_one():
    common = {name for each in common_parameters(asks=True) for name in (each.name, each.alias)}
    clashes = [
        (known.signature.name, parameter.name)
        for known in (*CMDLETS, *PIPES)
        for parameter in known.signature.parameters
        if parameter.name in common
    ]

    assert clashes == []
