"""``connector cmdlet``: run lines of PowerShell cmdlets, one or as many as are typed."""

from __future__ import annotations

import shlex
import sys
from contextlib import AbstractContextManager
from functools import partial
from typing import TYPE_CHECKING, Annotated, Concatenate, ParamSpec

import typer

from connector.cli import completion, opening, output
from connector.errors import CmdletFailed
from connector.values.printable import cut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from connector.assembly import Parts, Readers
    from connector.cmdlets.powershell import Pipeline
    from connector.cmdlets.session import Session
    from connector.daemon.service import Service
    from connector.operations.binding import Answer
    from connector.settings import Settings

P = ParamSpec("P")
_PROMPT = "PS connector> "
_HISTORY = "cmdlet-history"
_ENDS = ("exit", "quit")
_NO_PACKAGE = (
    "Completion and a history need the extra prompt, which is not installed: "
    "pip install 'directory-sync-connector[prompt]'"
)


def cmdlet(
    context: typer.Context,
    line: Annotated[
        str | None,
        typer.Argument(
            help="The line; without it, a prompt opens.",
            metavar="LINE",
            autocompletion=completion.cmdlet,
        ),
    ] = None,
) -> None:
    """Run a line of cmdlets such as 'Get-MsolDirSyncFeatures'; without one, open a prompt.

    help lists the cmdlets, Get-Help NAME explains one; case counts in those of MSOnline. Behind a pipe there
    may be Where-Object, Sort-Object, Select-Object, Measure-Object, Format-List, Format-Table, ConvertTo-Json,
    ConvertTo-Csv or Export-Csv. It is not PowerShell: a script reads the JSON of the commands. In a pipe,
    lines are read from standard input.

    Examples:
      $ connector cmdlet 'Get-Command'
      $ connector cmdlet 'Get-MsolDirSyncProvisioningError -ErrorCategory PropertyConflict'
      $ connector cmdlet 'Get-MsolUser -HasErrorsOnly | where DisplayName -like "A*" | sort DisplayName'
      $ connector cmdlet '(Get-MsolUser -HasErrorsOnly).Count'
      $ connector cmdlet 'Start-ADSyncSyncCycle delta'
      $ connector cmdlet                     a prompt, with completion and a history
    """
    from connector.cmdlets.session import Session

    if context.args:
        whole = shlex.quote(" ".join([line or "", *context.args]))
        raise typer.BadParameter(
            f"write the whole line in quotes: connector cmdlet {whole}", param_hint="LINE"
        )
    host = SettingsHost(opening.settings(context))
    width = output.width()
    if line is not None:
        raise typer.Exit(run_line(Session(host, connected=True, width=width), line))
    session = Session(host, connected=False, width=width)
    if sys.stdin.isatty():
        output.note("Get-Command lists the cmdlets; Ctrl-D leaves.")
        run_lines(session, typed(host.settings.storage.path / _HISTORY))
    else:
        raise typer.Exit(run_lines(session, sys.stdin))


class SettingsHost:
    """Lets cmdlets work on the storage of the settings, through the daemon where one runs."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def reading(self) -> AbstractContextManager[Readers]:
        return opening.reading(self.settings)

    def perform(
        self,
        operation: Callable[Concatenate[Parts, P], Answer],
        *args: P.args,
        **arguments: P.kwargs,
    ) -> Answer:
        return opening.perform(self.settings, operation, *args, **arguments)

    def daemon(self) -> Answer | None:
        from connector.daemon import commands

        return self._ask(commands.status)

    def stop_cycle(self) -> bool:
        from connector.daemon import commands

        return self._ask(commands.stop_cycle) is not None

    def _ask(self, command: Callable[[Service], Answer]) -> Answer | None:
        from connector.daemon.control import inquire
        from connector.operations.binding import request_for

        return inquire(self.settings.storage.path, request_for(command))


def run_line(session: Session, line: str) -> int:
    """Run a line and print what it says; return the exit code of its last pipeline that failed, or 0.

    Nothing of it is run where one of its pipelines cannot be read.
    """
    from connector.cmdlets.powershell import parse_all

    try:
        pipelines = parse_all(line)
    except CmdletFailed as error:
        output.note(cut(str(error)))
        return error.exit_code
    code = 0
    for pipeline in pipelines:
        code = _run_pipeline(session, pipeline) or code
        if session.stops:
            break
    return code


def _run_pipeline(session: Session, pipeline: Pipeline) -> int:
    try:
        for text in session.run_pipeline(pipeline):
            for part in text.split("\n"):
                (output.data if session.is_data else output.line)(part)
        if session.clears:
            output.clear()
    except CmdletFailed as error:
        if not session.hides_errors:
            output.note(cut(str(error)))
        return error.exit_code
    finally:
        for message in session.verbose:
            output.note(f"VERBOSE: {message}")
        for warning in session.warnings:
            output.note(f"WARNING: {warning}")
    return 0


def run_lines(session: Session, lines: Iterable[str]) -> int:
    """Run lines until they end or one says so; return the exit code of the last that failed, or 0.

    One that fails with ``-ErrorAction Stop`` is the last one.
    """
    code = 0
    for line in _carried_on(lines):
        if line.strip().lower() in _ENDS:
            break
        code = run_line(session, line) or code
        if session.stops:
            break
    return code


def _carried_on(lines: Iterable[str]) -> Iterator[str]:
    """Join lines that go on: behind a pipe, a comma or a backtick."""
    held = ""
    for line in lines:
        held += line
        if line.rstrip().endswith(("|", ",", "`")):
            held = f"{held.rstrip()}\n"
            continue
        yield held
        held = ""
    if held:
        yield held


def typed(history_file: Path) -> Iterator[str]:
    """Read lines at a prompt; Ctrl-C drops a line, Ctrl-D ends.

    The extra ``prompt`` gives it completion and a history; without it the lines are read plainly.
    """
    ask = _prompt(history_file)
    while True:
        try:
            yield ask()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return


def _prompt(history_file: Path) -> Callable[[], str]:
    """Return what reads one line, the best that is installed."""
    try:
        from prompt_toolkit import PromptSession
    except ModuleNotFoundError:
        output.note(_NO_PACKAGE)
        return partial(input, _PROMPT)

    from connector.cli.completer import CmdletCompleter, history

    session: PromptSession[str] = PromptSession(
        _PROMPT,
        history=history(history_file),
        completer=CmdletCompleter(),
        complete_while_typing=False,
    )
    return session.prompt
