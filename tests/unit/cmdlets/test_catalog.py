"""Help says what there is, and its examples are lines that can be typed."""

from __future__ import annotations

import pytest

from connector.cmdlets.binding import bind
from connector.cmdlets.catalog import CMDLETS, PIPES, find
from connector.cmdlets.common import common_parameters
from connector.cmdlets.powershell import Command, Group, Value, parse
from connector.cmdlets.session import Session
from connector.errors import CmdletFailed
from tests.host import WorldHost, run

EVERYTHING = {known.signature.name: known for known in (*CMDLETS, *PIPES)}


def check(line):
    """Bind every command of a line, those in parentheses too."""
    for command in parse(line):
        if isinstance(command, Group):
            check(command.line)
        else:
            assert isinstance(command, Command)
            elements = tuple(map(without_groups, command.elements))
            signature = find(command.name).signature
            others = common_parameters(asks=signature.asks)
            bind(signature, Command(command.name, elements), others)


def without_groups(element):
    if not isinstance(element, Value):
        return element
    for item in element.items:
        if isinstance(item, Group):
            check(item.line)
    return Value(tuple("text" if isinstance(item, Group) else item for item in element.items))


@pytest.mark.parametrize("name", EVERYTHING)
def test_every_example_can_be_typed(name):
    examples = EVERYTHING[name].examples
    names = [each.lower() for each in (name, *EVERYTHING[name].signature.aliases)]

    assert examples
    assert all(any(each in line.lower() for each in names) for _, line in examples)
    for _, line in examples:
        check(line)


def test_examples_are_shown(world):
    assert run(world, "Get-Help Start-ADSyncSyncCycle -Examples") == [
        "Sync what changed.",
        "    Start-ADSyncSyncCycle -PolicyType Delta",
        "",
        "Read everything anew.",
        "    Start-ADSyncSyncCycle Initial",
    ]


@pytest.mark.parametrize("name", ["help", "get-help", "man"])
def test_help_lists_everything_within_80_columns(world, name):
    shown = run(world, name)

    text = "\n".join(shown)
    assert [each for each in EVERYTHING if f"  {each}" not in text] == []
    assert max(map(len, shown)) <= 80
    assert shown[:3] == [
        "Cmdlets:",
        "  Connect-MsolService                    Connect to the tenant: there is only",
        "                                         one, and it does not ask for a",
    ]
    assert shown[-1] == "Get-Help NAME explains one; Get-Help NAME -Examples shows lines to type."


def test_cmdlets_are_found_by_a_part_of_their_names(world):
    assert run(world, "gcm *MsolUser* | % Name") == [
        "Get-MsolUser",
        "Restore-MsolUser",
        "Remove-MsolUser",
        "Set-MsolUserPrincipalName",
        "Set-MsolUser",
    ]


@pytest.mark.parametrize("line", ["clear", "cls", "Clear-Host"])
def test_the_screen_can_be_cleared(world, line):
    session = Session(WorldHost(world), connected=True)

    assert (list(session.run(line)), session.clears) == ([], True)
    assert (list(session.run("Get-MsolUser"))[:1], session.clears) == ([""], False)


@pytest.mark.parametrize("name", ["Select-String", "Invoke-Command", "Get-ADUser", "Write-Host"])
def test_what_is_not_there_is_refused_and_the_json_named(name):
    with pytest.raises(CmdletFailed, match="not PowerShell.*`connector errors --json`"):
        find(name)


@pytest.mark.parametrize(
    "module",
    [
        "ADSync",
        "MSOnline",
        "-Name 'C:\\Program Files\\Microsoft Azure AD Sync\\Bin\\ADSyncDiagnostics\\ADSyncDiagnostics.psm1'",
    ],
)
def test_the_modules_are_there(world, module):
    assert run(world, f"Import-module {module}") == []


def test_another_module_is_not_there(world):
    with pytest.raises(CmdletFailed, match="The specified module 'ActiveDirectory' was not loaded"):
        run(world, "Import-Module ActiveDirectory")
