"""``connector sync``: run one cycle, or show what it would do."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from connector.cli import opening, output
from connector.cli.changes import error_line, rehearsed_exit_code, show_rehearsal
from connector.cli.output import Json
from connector.cli.verbosity import Verbosity, chosen
from connector.report.advice import counted
from connector.run import RunResult

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.settings import Settings


# A summary names so many errors and counts the others.
_LISTED = 10

Policy = Literal["delta", "initial", "reconcile"]


def sync(
    context: typer.Context,
    policy: Annotated[
        Policy,
        typer.Option(
            "--policy",
            help="initial reads and decides everything anew, reconcile compares all identities.",
            case_sensitive=False,
        ),
    ] = "delta",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show every change; make none.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("-v", "--verbose", help="Show every event on standard error.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("-q", "--quiet", help="Print nothing; the exit code tells.")
    ] = False,
    json: Json = False,
) -> None:
    """Run one cycle: import, synchronize, export.

    A running daemon does it when there is one, and this command waits for it; otherwise it does the work
    itself. A dry run is the real run on copies of both databases: it also shows what would be quarantined.

    On a terminal it prints a summary, and what went wrong that the summary does not say; every event is in
    log.file or, without one, in storage.path/connector.log: connector log.

    Examples:
      $ connector sync                       what changed since the last cycle
      $ connector sync --policy initial      read and decide everything anew
      $ connector sync --policy reconcile    find what the directory changed and never told
      $ connector sync --dry-run             every change, attribute by attribute; nothing is written
      $ connector sync -v                    with an event a line, as it goes
      $ connector sync --json | jq .steps    for programs

    Exit codes:
      0    done; of a dry run: there is nothing to do
      1    a value was quarantined or an object failed; of a dry run: there is something to do
      2    the settings or the databases cannot be used
      3    a guard stopped it, nothing was deleted: connector deletions
      4    the directory is unavailable: nothing was changed
      75   another command is at work
      130  interrupted: the next cycle goes on with it
    """
    from connector.operations import requests
    from connector.operations.binding import request_for

    if verbose and quiet:
        raise typer.BadParameter("choose one of them", param_hint="-v, -q")
    chosen.set(_verbosity(verbose=verbose, quiet=quiet))
    settings = opening.settings(context)
    if dry_run:
        raise typer.Exit(_rehearse(settings, policy, json=json))
    request = request_for(requests.sync, policy=policy)
    if sys.stderr.isatty() and not json and not quiet:
        run = opening.carry_out(settings, request, heard=_say_who_works)
    else:
        run = opening.carry_out(settings, request)
    if json:
        output.as_json(run)
    elif not quiet:
        _print_run(run)
    raise typer.Exit(RunResult(run["result"]).exit_code)


def _verbosity(*, verbose: bool, quiet: bool) -> Verbosity:
    if verbose:
        return Verbosity.VERBOSE
    return Verbosity.QUIET if quiet else Verbosity.NORMAL


def _say_who_works(process: int) -> None:
    output.note(f"Asked the daemon (process {process}); waiting for its run to end.")


def _print_run(run: Mapping[str, Any]) -> None:
    output.line(f"Run {run['run']} ({run['policy']}): {run['result']} in {run['seconds']:.2f} s")
    output.steps(run["steps"])
    for error in run["errors"][:_LISTED]:
        output.line(error_line(error))
    if (more := len(run["errors"]) - _LISTED) > 0:
        output.line(f"and {counted(more, 'more error')}: connector errors")
    # A daemon that was started before an upgrade gives neither notes nor advice.
    for note in run.get("notes", ()):
        output.line(note)
    for step in run.get("next", ()):
        output.line(f"Next: {step}")


def _rehearse(settings: Settings, policy: Policy, *, json: bool) -> int:
    """Show what a run would do; return the exit code."""
    from connector.cli.progress import progress
    from connector.operations.rehearsal import rehearse
    from connector.report.runs import run_report

    with progress() as bars:
        rehearsal = rehearse(settings, policy, progress=bars)
    run, changes = run_report(rehearsal.run), rehearsal.changes
    if json:
        output.as_json({**run, "changes": list(changes)})
    elif run["result"] == RunResult.SUCCESS and not changes:
        output.line("Nothing to do.")
    else:
        show_rehearsal(run, changes)
        if changes and settings.schedule.staging_mode:
            output.note("Staging mode: these wait; a sync exports nothing.")
    return rehearsed_exit_code(run, changes)
