"""Run lines of cmdlets: find each cmdlet by name, run it, and apply the pipes."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from connector.cmdlets import adsync, formatting, msol
from connector.cmdlets.binding import SWITCH, TEXT, Parameter, Signature, bind, syntax
from connector.cmdlets.cmdlet import Cmdlet
from connector.cmdlets.pipes import PIPES, Choice, Format
from connector.cmdlets.powershell import parse
from connector.errors import CmdletFailed, ConnectorError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from connector.cmdlets.host import Host
    from connector.cmdlets.powershell import Command

CONNECT = "Connect-MsolService"
NOT_CONNECTED = (
    "You must call the Connect-MsolService cmdlet before calling any other cmdlets. "
    "(Said once: this tenant asks nobody who they are.)"
)


def get_command(_: Host, __: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """List the cmdlets."""
    for cmdlet in CMDLETS:
        yield {"Name": cmdlet.name, "Help": cmdlet.help}


def get_help(_: Host, given: Mapping[str, Any]) -> Iterator[str]:
    """Explain a cmdlet and its parameters."""
    found = find(given.get("Name", "Get-Help"))
    yield found.help
    yield f"    {syntax(found.signature)}"
    for parameter in found.signature.parameters:
        values = f" One of {', '.join(parameter.kind.values)}." if parameter.kind.values else ""
        kind = "" if parameter.kind is SWITCH else f" <{parameter.kind.name}>"
        yield f"  -{parameter.name}{kind}  {parameter.help}{values}"


CMDLETS: tuple[Cmdlet, ...] = (
    *msol.CMDLETS,
    *adsync.CMDLETS,
    Cmdlet(Signature("Get-Command"), get_command, ("Name", "Help")),
    Cmdlet(
        Signature("Get-Help", (Parameter("Name", TEXT, "The cmdlet.", position=0),)),
        get_help,
    ),
)


class Session:
    """Runs one line after another; ``connected`` says whether Connect-MsolService was called."""

    def __init__(self, host: Host, *, connected: bool) -> None:
        self._host = host
        self._connected = connected
        self.warnings: list[str] = []

    def run(self, line: str) -> Iterator[str]:
        """Run a line and yield what it prints; raises CmdletFailed.

        ``warnings`` collects further remarks about the line.
        """
        self.warnings = []
        commands = parse(line)
        if not commands:
            return
        cmdlet = find(commands[0].name)
        if not isinstance(cmdlet, Cmdlet):
            raise CmdletFailed(f"{cmdlet.signature.name} : There is no input to show.")
        given = bind(cmdlet.signature, commands[0])
        stages = _stages(commands[1:])
        self._connect(cmdlet)
        try:
            items = list(cmdlet.run(self._host, given))
        except CmdletFailed:
            raise
        except ConnectorError as error:
            failed = CmdletFailed(f"{cmdlet.name} : {error}")
            failed.exit_code = error.exit_code
            raise failed from error
        yield from _shown(items, cmdlet.view, stages)

    def _connect(self, cmdlet: Cmdlet) -> None:
        if cmdlet.needs_connection and not self._connected:
            self.warnings.append(NOT_CONNECTED)
        if cmdlet.needs_connection or cmdlet.name == CONNECT:
            self._connected = True


def find(name: str) -> Cmdlet | Choice | Format:
    """Return the cmdlet of a name; raises CmdletFailed, with the nearest name if any."""
    for known in (*CMDLETS, *PIPES):
        if known.signature.answers_to(name):
            return known
    names = {known.signature.name.lower(): known.signature.name for known in (*CMDLETS, *PIPES)}
    near = get_close_matches(name.lower(), names, n=1)
    hint = f" Did you mean {names[near[0]]}? Case counts." if near else ""
    raise CmdletFailed(
        f"{name} : The term '{name}' is not recognized as the name of a cmdlet, function, script "
        "file, or operable program. Check the spelling of the name, or if a path was included, "
        f"verify that the path is correct and try again.{hint}"
    )


def _stages(commands: Sequence[Command]) -> list[tuple[Choice | Format, dict[str, Any]]]:
    """Bind the commands behind pipes."""
    stages: list[tuple[Choice | Format, dict[str, Any]]] = []
    for command in commands:
        found = find(command.name)
        if isinstance(found, Cmdlet):
            raise CmdletFailed(
                f"{found.name} : The input object cannot be bound to any parameters for the command "
                "either because the command does not take pipeline input or the input and its "
                "properties do not match any of the parameters that take pipeline input."
            )
        if stages and isinstance(stages[-1][0], Format):
            raise CmdletFailed(f"{stages[-1][0].signature.name} : Nothing can follow it in a line.")
        stages.append((found, bind(found.signature, command)))
    return stages


def _shown(
    items: list[Any],
    view: tuple[str, ...],
    stages: Sequence[tuple[Choice | Format, dict[str, Any]]],
) -> Iterator[str]:
    for stage, given in stages:
        if isinstance(stage, Format):
            if stage.signature.name == "Format-Table" and "Property" not in given and view:
                given = {**given, "Property": view}  # noqa: PLW2901 - the view is the default
            return stage.run(items, given)
        items = stage.run(items, given)
        view = view if given.keys() == {"First"} else ()
    return formatting.shown(items, view)
