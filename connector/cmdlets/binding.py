"""Declare the parameters of cmdlets, and bind typed arguments with PowerShell's own errors."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from connector.cmdlets.expressions import Calculated, calculated, expression
from connector.cmdlets.powershell import Group, Script, Table, Value, Variable
from connector.cmdlets.powershell import Parameter as Named
from connector.cmdlets.tokens import outside
from connector.errors import CmdletFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from connector.cmdlets.powershell import Command, Item

_LARGEST = 2**31 - 1
_GUID = re.compile(r"\{?[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}\}?")
_SPAN = re.compile(r"(?:(\d{1,5})\.)?(\d{1,2}):(\d{2})(?::(\d{2}))?")
_BOOLEANS = {"$true": True, "1": True, "$false": False, "0": False}


class Unfit(ValueError):
    """A value does not fit; ``verb`` is bind (wrong type) or validate (right type, not allowed)."""

    def __init__(self, verb: str, reason: str) -> None:
        super().__init__(reason)
        self.verb = verb


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of values. ``read`` parses one and raises Unfit; ``values`` lists all, where they are few.

    ``read_braces`` parses what stands in braces, where the kind takes that. One ``takes_variables``
    where nothing looks at the value.
    """

    name: str
    read: Callable[[str], Any]
    values: tuple[str, ...] = ()
    is_list: bool = False
    read_braces: Callable[[Script | Table], Any] | None = None
    takes_variables: bool = False

    def read_all(self, items: Sequence[Item]) -> Any:
        """Read the items of one argument: a list where the kind is one."""
        if not items:
            raise Unfit("bind", "The argument is null: the line in parentheses gives nothing.")
        if self.is_list:
            return [self._read(item) for item in items]
        if len(items) > 1:
            raise Unfit("bind", f"Cannot convert a list of values to the type '{self.name}'.")
        return self._read(items[0])

    def _read(self, item: Item) -> Any:
        if isinstance(item, str):
            return self.read(item)
        if isinstance(item, Variable):
            if self.takes_variables:
                return item.text
            raise outside(f"The variable {item.text}")
        if isinstance(item, Group) or self.read_braces is None:
            raise Unfit("bind", f"Cannot convert what stands in braces to the type '{self.name}'.")
        return self.read_braces(item)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter; ``needs`` and ``excludes`` name others, ``position`` counts unnamed values.

    One ``from_pipe`` is the property of that name of each object that comes through a pipe.
    """

    name: str
    kind: Kind
    help: str
    mandatory: bool = False
    position: int | None = None
    needs: str = ""
    excludes: str = ""
    alias: str = ""
    from_pipe: bool = False


@dataclass(frozen=True, slots=True)
class Signature:
    """The name of a cmdlet and the parameters that may follow it.

    Seed: "All of the following cmdlets are case sensitive"; PowerShell's own (``ignores_case``) are
    not.
    """

    name: str
    parameters: tuple[Parameter, ...] = ()
    aliases: tuple[str, ...] = ()
    ignores_case: bool = False
    asks: bool = False
    """Whether the real cmdlet has ``-WhatIf`` and ``-Confirm``."""

    def answers_to(self, name: str) -> bool:
        known = (self.name, *self.aliases)
        if self.ignores_case:
            return name.lower() in [each.lower() for each in known]
        return name in known


def bind(
    signature: Signature, command: Command, others: Sequence[Parameter] = ()
) -> dict[str, Any]:
    """Return the given values by parameter name; raises CmdletFailed for the first mistake.

    ``others`` are parameters that every cmdlet has, in any case; the cmdlet's own come first.
    """
    bound: dict[str, Any] = {}
    unnamed: list[Value] = []
    elements = list(command.elements)
    while elements:
        match elements.pop(0):
            case Value() as value:
                unnamed.append(value)
            case Named(name, colon):
                parameter = _named(signature, name, others)
                if parameter.name in bound:
                    raise _failed(
                        signature,
                        f"Cannot bind parameter because parameter '{parameter.name}' is specified "
                        "more than once.",
                    )
                given = _argument(signature, parameter, elements, colon=colon)
                bound[parameter.name] = _read(signature, parameter, given)
    _bind_unnamed(signature, bound, unnamed)
    _check(signature, bound)
    return bound


def syntax(signature: Signature) -> str:
    """Write the parameters as PowerShell's help does."""
    parts = [signature.name]
    for parameter in signature.parameters:
        flag = f"-{parameter.name}"
        if parameter.kind is not SWITCH:
            flag = f"[{flag}]" if parameter.position is not None else flag
            flag = f"{flag} <{parameter.kind.name}>"
        parts.append(flag if parameter.mandatory else f"[{flag}]")
    return " ".join(parts)


def _named(signature: Signature, name: str, others: Sequence[Parameter]) -> Parameter:
    """Find a parameter by its name or an unambiguous beginning of it."""
    own = _matching(signature.parameters, name, ignores_case=signature.ignores_case)
    match own or _matching(others, name, ignores_case=True):
        case [parameter]:
            return parameter
        case []:
            raise _failed(
                signature,
                f"A parameter cannot be found that matches parameter name '{name}'. "
                f"`Get-Help {signature.name}` lists those that there are. A script of your own "
                "reads the JSON of the commands, such as `connector errors --json`.",
            )
        case several:
            possible = " ".join(f"-{each.name}" for each in several)
            raise _failed(
                signature,
                f"Parameter cannot be processed because the parameter name '{name}' is ambiguous. "
                f"Possible matches include: {possible}.",
            )


def _matching(some: Sequence[Parameter], name: str, *, ignores_case: bool) -> list[Parameter]:
    """Return the parameter of a name or alias, or those whose names begin with it."""

    def same(text: str) -> str:
        return text.lower() if ignores_case else text

    exact = [each for each in some if same(name) in (same(each.name), each.alias)]
    return exact or [each for each in some if same(each.name).startswith(same(name))]


def _argument(
    signature: Signature, parameter: Parameter, elements: list[Named | Value], *, colon: bool
) -> Value:
    """Take the value of a named parameter from the elements that follow."""
    if parameter.kind is SWITCH and not colon:
        return Value(("$true",))
    match elements:
        case [Value() as value, *_]:
            del elements[0]
            return value
    raise _failed(
        signature,
        f"Missing an argument for parameter '{parameter.name}'. Specify a parameter of type "
        f"'{parameter.kind.name}' and try again.",
    )


def _read(signature: Signature, parameter: Parameter, value: Value) -> Any:
    try:
        return parameter.kind.read_all(value.items)
    except Unfit as unfit:
        what = "argument on" if unfit.verb == "validate" else ""
        words = " ".join(filter(None, ("Cannot", unfit.verb, what, "parameter")))
        raise _failed(signature, f"{words} '{parameter.name}'. {unfit}") from unfit


def _bind_unnamed(signature: Signature, bound: dict[str, Any], values: Sequence[Value]) -> None:
    places = sorted(
        (parameter.position, parameter)
        for parameter in signature.parameters
        if parameter.position is not None and parameter.name not in bound
    )
    for number, value in enumerate(values):
        if number >= len(places):
            raise _failed(
                signature,
                "A positional parameter cannot be found that accepts argument "
                f"'{','.join(map(_written, value.items))}'.",
            )
        parameter = places[number][1]
        bound[parameter.name] = _read(signature, parameter, value)


def _check(signature: Signature, bound: Mapping[str, Any]) -> None:
    """Refuse missing parameters, and combinations that exclude each other."""
    missing = [p.name for p in signature.parameters if p.mandatory and p.name not in bound]
    if missing:
        raise _failed(signature, _lacks(missing))
    for parameter in signature.parameters:
        if parameter.name not in bound:
            continue
        if parameter.needs and parameter.needs not in bound:
            raise _failed(
                signature,
                f"{_lacks([parameter.needs])} -{parameter.name} is used with -{parameter.needs}.",
            )
        if parameter.excludes in bound:
            raise _failed(
                signature,
                "Parameter set cannot be resolved using the specified named parameters: "
                f"-{parameter.name} and -{parameter.excludes} exclude each other.",
            )


def _written(item: Item) -> str:
    if isinstance(item, str):
        return item
    return item.text if isinstance(item, Variable) else f"{{{item[0]}}}"


def _lacks(names: Sequence[str]) -> str:
    return (
        "Cannot process command because of one or more missing mandatory parameters: "
        f"{' '.join(names)}."
    )


def _failed(signature: Signature, reason: str) -> CmdletFailed:
    return CmdletFailed(f"{signature.name} : {reason}")


# --- kinds ------------------------------------------------------------------------------------


def _boolean(text: str) -> bool:
    try:
        return _BOOLEANS[text.lower()]
    except KeyError:
        raise Unfit(
            "bind",
            f'Cannot convert value "{text}" to type "System.Boolean". Boolean parameters accept '
            "only Boolean values and numbers, such as $True, $False, 1 or 0.",
        ) from None


def _count(text: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,10}", text) or abs(int(text)) > _LARGEST:
        raise Unfit(
            "bind",
            f'Cannot convert value "{text}" to type "System.Int32". Error: "Input string was not '
            'in a correct format."',
        )
    if int(text) < 1:
        raise Unfit(
            "validate",
            f"The {int(text)} argument is less than the minimum allowed range of 1. Supply an "
            "argument that is greater than or equal to 1 and then try the command again.",
        )
    return int(text)


def _guid(text: str) -> str:
    if not _GUID.fullmatch(text):
        raise Unfit(
            "bind",
            f'Cannot convert value "{text}" to type "System.Guid". Error: "Guid should contain 32 '
            'digits with 4 dashes (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx)."',
        )
    return text.strip("{}").lower()


def _interval(text: str) -> timedelta:
    """Read ``d.HH:mm:ss``; raises Unfit for another form or less than a second."""
    match = _SPAN.fullmatch(text)
    days, hours, minutes, seconds = (
        (int(part or 0) for part in match.groups()) if match else [0] * 4
    )
    if match is None or hours > 23 or minutes > 59 or seconds > 59:  # noqa: PLR2004 - of a clock
        raise Unfit(
            "bind",
            f'Cannot convert value "{text}" to type "System.TimeSpan". Error: "String was not '
            'recognized as a valid TimeSpan." Write it as d.HH:mm:ss.',
        )
    span = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if not span:
        raise Unfit("validate", "The interval must be at least one second.")
    return span


def one_of(*values: str, ignores_case: bool = False) -> Kind:
    """Return the kind of the texts in a set; case counts unless it is said not to."""
    known = {value.lower(): value for value in values}

    def read(text: str) -> str:
        if ignores_case and text.lower() in known:
            return known[text.lower()]
        if text not in values:
            raise Unfit(
                "validate",
                f'The argument "{text}" does not belong to the set "{",".join(values)}". Supply an '
                "argument that is in the set and then try the command again.",
            )
        return text

    return Kind("String", read, values)


def _script(braces: Script | Table) -> Any:
    if isinstance(braces, Table):
        raise Unfit("bind", "A hash table is not a script block.")
    return expression(braces.text)


def _calculated(braces: Script | Table) -> Calculated:
    if isinstance(braces, Table):
        return calculated(braces.text)
    return Calculated(braces.text.strip(), expression(braces.text))


TEXT = Kind("String", str)
IGNORED = Kind("Object", str, takes_variables=True)
TEXTS = Kind("Object[]", str, is_list=True)
NAMES = Kind("Object[]", str, is_list=True, read_braces=_calculated)
CONDITION = Kind("ScriptBlock", str, read_braces=_script)
SWITCH = Kind("SwitchParameter", _boolean)
BOOLEAN = Kind("Boolean", _boolean, ("$true", "$false"))
COUNT = Kind("Int32", _count)
GUID = Kind("Guid", _guid)
INTERVAL = Kind("TimeSpan", _interval)
