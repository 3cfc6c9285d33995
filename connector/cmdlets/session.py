"""Run lines of cmdlets: find each cmdlet by name, run it, and apply the pipes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from connector.cmdlets import formatting, operators, texts
from connector.cmdlets.binding import bind
from connector.cmdlets.catalog import CLEAR, Known, find
from connector.cmdlets.choices import Choice
from connector.cmdlets.cmdlet import Cmdlet, Warn
from connector.cmdlets.common import Common, common_parameters, read_common
from connector.cmdlets.formats import Format, Sink
from connector.cmdlets.powershell import (
    Command,
    Group,
    Item,
    Pipeline,
    Value,
    parse,
    parse_all,
)
from connector.cmdlets.powershell import Parameter as Named
from connector.errors import CmdletFailed, ConnectorError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from connector.cmdlets.binding import Parameter
    from connector.cmdlets.host import Host

CONNECT = "Connect-MsolService"
NOT_CONNECTED = (
    "You must call the Connect-MsolService cmdlet before calling any other cmdlets. "
    "(Said once: this tenant asks nobody who they are.)"
)
_MEMBER = re.compile(r"\.(\w+)|\[(-?\d+)\]")


class Step(NamedTuple):
    """A command of a line with its bound parameters."""

    known: Known
    given: dict[str, Any]
    common: Common


@dataclass(frozen=True, slots=True)
class Found:
    """What a line gives: objects and how they are shown, or finished lines."""

    items: list[Any]
    view: tuple[str, ...] = ()
    are_lines: bool = False
    is_json: bool = False
    is_data: bool = False

    def lines(self, width: int | None = None) -> Iterator[str]:
        """Return the lines to show in a terminal of this width, or to keep in a file."""
        if self.are_lines:
            return iter(self.items)
        if self.is_json:
            return formatting.as_json(self.items, compress=False, as_array=False)
        return formatting.shown(self.items, self.view, width=width)


class Session:
    """Runs one pipeline after another; ``connected`` says whether Connect-MsolService was called.

    Tables and lists keep to ``width`` columns where there is a terminal.
    What the last pipeline had to say besides its objects: ``warnings``, ``verbose`` messages, whether its
    error is to be hidden, whether no line may follow its error, whether it clears the screen, and
    whether its lines are data, of which none may be broken.
    """

    def __init__(self, host: Host, *, connected: bool, width: int | None = None) -> None:
        self._host = host
        self._width = width
        self._connected = connected
        self._begin()

    def _begin(self) -> None:
        self.warnings: list[str] = []
        self.verbose: list[str] = []
        self.hides_errors = False
        self.stops = False
        self.clears = False
        self.is_data = False

    def run(self, line: str) -> Iterator[str]:
        """Run a line and yield what it prints; raises CmdletFailed."""
        for commands in parse_all(line):
            yield from self.run_pipeline(commands)

    def run_pipeline(self, commands: Pipeline) -> Iterator[str]:
        """Run one pipeline of a line and yield what it prints; raises CmdletFailed."""
        self._begin()
        found = self._found(_asked_for_help(commands))
        self.is_data = found.is_json or found.is_data
        yield from found.lines(self._width)

    def _found(self, commands: Sequence[Command | Group]) -> Found:
        """Bind everything, then run it."""
        first, *rest = commands
        if isinstance(first, Group):
            steps = self._steps([each for each in rest if isinstance(each, Command)])
            found = self._grouped(first)
        else:
            begin, *steps = self._steps([each for each in commands if isinstance(each, Command)])
            found = self._called(begin, [begin.given])
        kept = any(isinstance(step.known, Sink) for step in steps)
        for step in steps:
            found = self._piped(step, found, None if kept else self._width)
        return found

    def _grouped(self, group: Group) -> Found:
        """Run a line in parentheses, and look members of its objects up."""
        inner = parse(group.line)
        found = self._found(inner) if inner else Found([])
        if not group.members:
            return found
        value: Any = found.items[0] if len(found.items) == 1 else found.items
        for name, index in _MEMBER.findall(group.members):
            value = operators.member(value, name) if name else operators.item(value, int(index))
        values = value if isinstance(value, list) else [value]
        return Found([each for each in values if each is not None])

    def _steps(self, commands: Sequence[Command]) -> list[Step]:
        steps = [self._bound(command) for command in commands]
        for number, step in enumerate(steps):
            before = steps[number - 1].known if number else None
            name = step.known.signature.name
            if isinstance(before, Sink) or (
                isinstance(before, Format) and not isinstance(step.known, Sink)
            ):
                raise CmdletFailed(f"{before.signature.name} : Nothing can follow it in a line.")
            if before is not None and isinstance(step.known, Cmdlet) and _from_pipe(step) is None:
                raise _unbindable(name)
        return steps

    def _bound(self, command: Command) -> Step:
        known = find(command.name)
        signature = known.signature
        elements = tuple(
            Value(tuple(item for each in element.items for item in self._plain(each)))
            if isinstance(element, Value)
            else element
            for element in command.elements
        )
        bound = bind(
            signature, Command(command.name, elements), common_parameters(asks=signature.asks)
        )
        own = {parameter.name for parameter in signature.parameters}
        common = read_common(bound)
        if common.confirms:
            raise CmdletFailed(
                f"{signature.name} : Nobody can be asked here: leave out -Confirm, or write "
                "-Confirm:$false."
            )
        return Step(known, {name: bound[name] for name in bound if name in own}, common)

    def _plain(self, item: Item) -> list[Item]:
        """Return an argument as it is, or what a line in parentheses gives in its place."""
        if not isinstance(item, Group):
            return [item]
        return [texts.whole(each) for each in self._grouped(item).items]

    def _piped(self, step: Step, found: Found, width: int | None) -> Found:
        match step.known:
            case Choice() as choice:
                view = found.view if choice.keeps_view(step.given) else ()
                return Found(choice.run(found.items, step.given), view)
            case Format() as form:
                given = step.given
                if form.signature.name == "Format-Table" and "Property" not in given and found.view:
                    given = {**given, "Property": found.view}
                return Found(
                    list(form.run(found.items, given, width)), are_lines=True, is_data=form.is_data
                )
            case Sink() as sink:
                sink.run(found.lines(), step.given)
                return Found([])
            case Cmdlet():
                return self._called(step, self._each_given(step, found.items))

    def _each_given(self, step: Step, items: Sequence[Any]) -> list[dict[str, Any]]:
        """Return the parameters of a cmdlet for each object that comes through the pipe."""
        parameter = _from_pipe(step)
        if parameter is None:
            raise _unbindable(step.known.signature.name)
        values = [operators.member(item, parameter.name) for item in items]
        if not all(isinstance(value, str) for value in values):
            raise _unbindable(step.known.signature.name)
        return [{**step.given, parameter.name: value} for value in values]

    def _called(self, step: Step, each_given: Sequence[dict[str, Any]]) -> Found:
        """Run a cmdlet, once for each set of parameters."""
        cmdlet, common = step.known, step.common
        if not isinstance(cmdlet, Cmdlet):
            raise CmdletFailed(f"{cmdlet.signature.name} : There is no input to show.")
        self._connect(cmdlet)
        operations = [_operation(cmdlet, given) for given in each_given if cmdlet.changes]
        if common.only_tells and cmdlet.changes:
            return Found([f"What if: {operation}" for operation in operations])
        if common.is_verbose:
            self.verbose += operations
        self.hides_errors, self.stops = common.hides_errors, common.stops
        self.clears = cmdlet.name == CLEAR
        found = [item for given in each_given for item in self._run(cmdlet, given)]
        self.hides_errors = self.stops = False
        if not common.hides_warnings:
            self.warnings += [item.text for item in found if isinstance(item, Warn)]
        items = [item for item in found if not isinstance(item, Warn)]
        return Found(items, cmdlet.view, is_json=cmdlet.shows_json)

    def _run(self, cmdlet: Cmdlet, given: dict[str, Any]) -> list[Any]:
        try:
            return list(cmdlet.run(self._host, given))
        except CmdletFailed:
            raise
        except ConnectorError as error:
            failed = CmdletFailed(f"{cmdlet.name} : {error}")
            failed.exit_code = error.exit_code
            raise failed from error

    def _connect(self, cmdlet: Cmdlet) -> None:
        if cmdlet.needs_connection and not self._connected:
            self.warnings.append(NOT_CONNECTED)
        if cmdlet.needs_connection or cmdlet.name == CONNECT:
            self._connected = True


def _asked_for_help(commands: Pipeline) -> Pipeline:
    """Return Get-Help in the place of a command with ``-?``."""
    for command in commands:
        if isinstance(command, Command) and Named("?", colon=False) in command.elements:
            return [Command("Get-Help", (Value((command.name,)),))]
    return commands


def _operation(cmdlet: Cmdlet, given: Mapping[str, Any]) -> str:
    target = given.get("UserPrincipalName") or given.get("ObjectId") or cmdlet.changes
    return f'Performing the operation "{cmdlet.name}" on target "{target}".'


def _from_pipe(step: Step) -> Parameter | None:
    """Return the parameter that the objects of a pipe give, None where there is none left."""
    some = (each for each in step.known.signature.parameters if each.from_pipe)
    return next((each for each in some if each.name not in step.given), None)


def _unbindable(name: str) -> CmdletFailed:
    return CmdletFailed(
        f"{name} : The input object cannot be bound to any parameters for the command either "
        "because the command does not take pipeline input or the input and its properties do not "
        "match any of the parameters that take pipeline input."
    )
