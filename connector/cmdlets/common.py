"""The parameters that PowerShell gives every cmdlet, as far as they mean something here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from connector.cmdlets.binding import COUNT, SWITCH, Kind, Parameter, Unfit, one_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_SILENT = ("SilentlyContinue", "Ignore")
_ACTIONS = one_of("Continue", "SilentlyContinue", "Stop", "Ignore", ignores_case=True)
_NUMBERS = {"0": "SilentlyContinue", "1": "Stop", "2": "Continue", "4": "Ignore"}


def _action(text: str) -> str:
    """Read an action by its name, or by the number that it has in .NET."""
    return str(_ACTIONS.read(_NUMBERS.get(text, text)))


_ACTION = Kind("ActionPreference", _action, _ACTIONS.values)


def _no_variable(_: str) -> str:
    raise Unfit(
        "bind",
        "There are no variables here to keep anything in. For a script there is the JSON of the "
        "commands, such as `connector errors --json`, or a line that ends in `| ConvertTo-Json`.",
    )


_VARIABLE = Kind("String", _no_variable)
_EVERYWHERE = (
    Parameter("Verbose", SWITCH, "Say what is done.", alias="vb"),
    Parameter("Debug", SWITCH, "Accepted; there is nothing more to say.", alias="db"),
    Parameter("ErrorAction", _ACTION, "Whether an error is shown, or ends all lines.", alias="ea"),
    Parameter("WarningAction", _ACTION, "Whether warnings are shown.", alias="wa"),
    Parameter("InformationAction", _ACTION, "Accepted.", alias="infa"),
    Parameter("ErrorVariable", _VARIABLE, "Refused: no variables.", alias="ev"),
    Parameter("WarningVariable", _VARIABLE, "Refused: no variables.", alias="wv"),
    Parameter("InformationVariable", _VARIABLE, "Refused: no variables.", alias="iv"),
    Parameter("OutVariable", _VARIABLE, "Refused: no variables.", alias="ov"),
    Parameter("PipelineVariable", _VARIABLE, "Refused: no variables.", alias="pv"),
    Parameter("OutBuffer", COUNT, "Accepted.", alias="ob"),
)
_ASKING = (
    Parameter("WhatIf", SWITCH, "Say what would be done, and do nothing.", alias="wi"),
    Parameter("Confirm", SWITCH, "Only -Confirm:$false: nobody is asked here.", alias="cf"),
)


class Common(NamedTuple):
    """What the common parameters of one cmdlet say."""

    is_verbose: bool
    hides_errors: bool
    stops: bool
    hides_warnings: bool
    only_tells: bool
    confirms: bool


def common_parameters(*, asks: bool) -> tuple[Parameter, ...]:
    """Return the common parameters of a cmdlet; one that ``asks`` has those of a change too."""
    return (*_EVERYWHERE, *_ASKING) if asks else _EVERYWHERE


def read_common(given: Mapping[str, Any]) -> Common:
    """Return what the common parameters among bound ones say."""
    error = given.get("ErrorAction", "")
    return Common(
        is_verbose=given.get("Verbose", False),
        hides_errors=error in _SILENT,
        stops=error == "Stop",
        hides_warnings=given.get("WarningAction", "") in _SILENT,
        only_tells=given.get("WhatIf", False),
        confirms=given.get("Confirm", False),
    )
