"""All cmdlets and pipes by their names, and the cmdlets that tell of them."""

from __future__ import annotations

from difflib import get_close_matches
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from connector.cmdlets import adsync, adsync_rules, adsync_runs, msol, msol_changes, msol_objects
from connector.cmdlets.binding import IGNORED, SWITCH, TEXT, Parameter, Signature, syntax
from connector.cmdlets.choices import CHOICES, Choice
from connector.cmdlets.cmdlet import Cmdlet
from connector.cmdlets.formats import FORMATS, SINKS, Format, Sink
from connector.errors import CmdletFailed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from connector.cmdlets.host import Host

Known = Cmdlet | Choice | Format | Sink
PIPES: tuple[Choice | Format | Sink, ...] = (*CHOICES, *FORMATS, *SINKS)
CLEAR = "Clear-Host"
_MODULES = ("adsync", "msonline")
_WIDTH = 80
_NAMES = 39
"""Columns for a name in an overview; a longer name has a line of its own."""
_NOT_POWERSHELL = (
    "`help` lists what there is. It is not PowerShell: a script of your own reads the JSON of the "
    "commands, such as `connector errors --json`."
)


def get_command(_: Host, given: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """List the cmdlets."""
    wanted = given.get("Name", "").strip("*").lower()
    for cmdlet in CMDLETS:
        if wanted in cmdlet.name.lower():
            yield {"Name": cmdlet.name, "Help": cmdlet.help}


def get_help(_: Host, given: Mapping[str, Any]) -> Iterator[str]:
    """Explain a cmdlet and its parameters; without a name, list what there is."""
    if "Name" not in given:
        yield from _overview()
        return
    found = find(given["Name"])
    if given.get("Examples"):
        yield from _examples(found)
        return
    yield found.help
    asking = " [-WhatIf] [-Confirm]" if found.signature.asks else ""
    yield f"    {syntax(found.signature)}{asking} [<CommonParameters>]"
    for parameter in found.signature.parameters:
        values = f" One of {', '.join(parameter.kind.values)}." if parameter.kind.values else ""
        kind = "" if parameter.kind is SWITCH else f" <{parameter.kind.name}>"
        yield f"  -{parameter.name}{kind}  {parameter.help}{values}"
    if found.examples:
        yield f"    Get-Help {found.signature.name} -Examples"


def import_module(_: Host, given: Mapping[str, Any]) -> Iterator[str]:
    """Import a module: both are there already."""
    name = given["Name"]
    if not any(module in name.lower() for module in _MODULES):
        raise CmdletFailed(
            f"Import-Module : The specified module '{name}' was not loaded because no valid module "
            f"file was found in any module directory. {_NOT_POWERSHELL}"
        )
    yield from ()


def get_credential(_: Host, __: Mapping[str, Any]) -> Iterator[str]:
    """Ask for no password: no cmdlet here looks at one."""
    yield "credential"


def clear(_: Host, __: Mapping[str, Any]) -> Iterator[str]:
    """Clear the screen."""
    yield from ()


def find(name: str) -> Known:
    """Return the cmdlet of a name; raises CmdletFailed, with the nearest name if any."""
    everything = (*CMDLETS, *PIPES)
    for known in everything:
        if known.signature.answers_to(name):
            return known
    names = {known.signature.name.lower(): known for known in everything}
    near = get_close_matches(name.lower(), names, n=1)
    hints = []
    if near:
        meant = names[near[0]].signature
        hints.append(
            f"Did you mean {meant.name}?" + ("" if meant.ignores_case else " Case counts.")
        )
    if near != [name.lower()]:
        hints.append(_NOT_POWERSHELL)
    hint = "".join(f" {each}" for each in hints)
    raise CmdletFailed(
        f"{name} : The term '{name}' is not recognized as the name of a cmdlet, function, script "
        "file, or operable program. Check the spelling of the name, or if a path was included, "
        f"verify that the path is correct and try again.{hint}"
    )


def _overview() -> Iterator[str]:
    for heading, some in (("Cmdlets:", CMDLETS), ("Behind a pipe:", PIPES)):
        yield heading
        for known in some:
            yield from _listed(known.signature.name, known.help)
    yield "Get-Help NAME explains one; Get-Help NAME -Examples shows lines to type."


def _listed(name: str, meaning: str) -> Iterator[str]:
    """Write a name and what it means, beside each other where there is room."""
    lines = wrap(meaning, _WIDTH - _NAMES - 2)
    if len(name) > _NAMES - 2:
        yield f"  {name}"
        name = ""
    for line in lines:
        yield f"  {name.ljust(_NAMES)}{line}"
        name = ""


def _examples(known: Known) -> Iterator[str]:
    for number, (meaning, line) in enumerate(known.examples):
        if number:
            yield ""
        yield meaning
        yield f"    {line}"


CMDLETS: tuple[Cmdlet, ...] = (
    *msol.CMDLETS,
    *msol_objects.CMDLETS,
    *msol_changes.CMDLETS,
    *adsync.CMDLETS,
    *adsync_runs.CMDLETS,
    *adsync_rules.CMDLETS,
    Cmdlet(
        Signature(
            "Get-Command",
            (Parameter("Name", TEXT, "A part of the name.", position=0),),
            aliases=("gcm",),
            ignores_case=True,
        ),
        get_command,
        (("What there is about users.", "Get-Command *User*"),),
        ("Name", "Help"),
    ),
    Cmdlet(
        Signature(
            "Get-Help",
            (
                Parameter("Name", TEXT, "The cmdlet.", position=0),
                Parameter("Examples", SWITCH, "Only lines to type."),
                Parameter("Full", SWITCH, "Accepted; all is shown."),
                Parameter("Detailed", SWITCH, "Accepted; all is shown."),
            ),
            aliases=("help", "man"),
            ignores_case=True,
        ),
        get_help,
        (("Lines to type.", "Get-Help Get-MsolUser -Examples"),),
    ),
    Cmdlet(
        Signature(
            "Import-Module",
            (
                Parameter("Name", TEXT, "ADSync or MSOnline.", mandatory=True, position=0),
                Parameter("Force", SWITCH, "Accepted."),
            ),
            aliases=("ipmo",),
            ignores_case=True,
        ),
        import_module,
        (("As in any other session.", "Import-Module ADSync"),),
    ),
    Cmdlet(
        Signature(
            "Get-Credential",
            (Parameter("Credential", IGNORED, "Accepted and not looked at.", position=0),),
            ignores_case=True,
        ),
        get_credential,
        (("As in the documents.", "Connect-MsolService -Credential (Get-Credential)"),),
    ),
    Cmdlet(
        Signature(CLEAR, aliases=("clear", "cls"), ignores_case=True),
        clear,
        (("An empty screen.", "clear"),),
    ),
)
