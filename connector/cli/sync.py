"""``connector sync``: run one cycle, or show what it would do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from connector.cli import cycle_request, opening, output, plan_view
from connector.cli.changes import error_line, rehearsed_exit_code
from connector.cli.output import Json
from connector.cli.verbosity import Verbosity, chosen
from connector.run import RunResult
from connector.values.counting import counted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.operations.rehearsal import Rehearsal
    from connector.settings import Settings


# A summary names so many errors and counts the others.
_LISTED = 10

Policy = Literal["delta", "initial", "reconcile"]


def sync(
    context: typer.Context,
    policy: Annotated[
        Policy | None,
        typer.Option(
            "--policy",
            help="By default delta; initial reads and decides everything anew, reconcile compares "
            "all identities.",
            case_sensitive=False,
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what a sync would do; change nothing.")
    ] = False,
    full: Annotated[
        bool, typer.Option("--full", help="Show every change, not the first of each kind.")
    ] = False,
    plan: Annotated[
        Path | None,
        typer.Option("--plan", help="A dry run whose changes are kept here.", metavar="FILE"),
    ] = None,
    apply: Annotated[
        Path | None,
        typer.Option("--apply", help="Do exactly what a plan shows, or nothing.", metavar="FILE"),
    ] = None,
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
    itself. A dry run is the real run on copies of both databases, in staging mode too: it also shows what
    would be quarantined, what would fail, and where a guard would stop. A plan is a dry run in a file; it
    is applied as long as a sync would do that and nothing else.

    On a terminal it prints a summary, and what went wrong that the summary does not say; every event is in
    log.file or, without one, in storage.path/connector.log: connector log.

    Examples:
      $ connector sync                       what changed since the last cycle
      $ connector sync --policy initial      read and decide everything anew
      $ connector sync --policy reconcile    find what the directory changed and never told
      $ connector sync --dry-run             what a sync would do; nothing is written
      $ connector sync --dry-run --full      every change, attribute by attribute
      $ connector sync --plan monday.json    the same, kept in a file
      $ connector sync --apply monday.json   do exactly that, what a guard holds included
      $ connector sync -v                    with an event a line, as it goes
      $ connector sync --json | jq .steps    for programs

    Exit codes:
      0    done; of a dry run: there is nothing to do
      1    a value was quarantined or an object failed; of a dry run: there is something to do
      2    the settings, the databases or the plan cannot be used
      3    a guard stopped it, nothing was deleted: connector deletions; of a dry run: a guard would;
           of --apply: a sync would do something else than the plan, nothing was done
      4    the directory is unavailable: nothing was changed
      75   another command is at work
      130  interrupted: the next cycle goes on with it
    """
    from connector.operations import requests
    from connector.operations.binding import request_for

    if verbose and quiet:
        raise typer.BadParameter("choose one of them", param_hint="-v, -q")
    _refuse_contradictions(policy, dry_run=dry_run, full=full, plan=plan, apply=apply)
    chosen.set(_verbosity(verbose=verbose, quiet=quiet))
    settings = opening.settings(context)
    if dry_run or plan:
        code = _rehearse(settings, policy or "delta", plan, full=full, json=json, quiet=quiet)
        raise typer.Exit(code)
    if apply:
        from connector.cli import sync_plan

        run = sync_plan.apply(settings, apply, json=json, quiet=quiet)
    else:
        request = request_for(requests.sync, policy=policy or "delta")
        run = cycle_request.carry_out(settings, request, quiet=json or quiet)
    if json:
        output.as_json(run)
    elif not quiet:
        _print_run(run)
    raise typer.Exit(RunResult(run["result"]).exit_code)


def _refuse_contradictions(
    policy: str | None, *, dry_run: bool, full: bool, plan: Path | None, apply: Path | None
) -> None:
    if apply and (policy or dry_run or plan):
        raise typer.BadParameter(
            "a plan has its policy, and --apply carries it out: leave out --policy, --dry-run and --plan",
            param_hint="--apply",
        )
    if full and not (dry_run or plan):
        raise typer.BadParameter("it belongs to --dry-run and --plan", param_hint="--full")


def _verbosity(*, verbose: bool, quiet: bool) -> Verbosity:
    if verbose:
        return Verbosity.VERBOSE
    return Verbosity.QUIET if quiet else Verbosity.NORMAL


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


def _rehearse(
    settings: Settings, policy: Policy, plan: Path | None, *, full: bool, json: bool, quiet: bool
) -> int:
    """Show what a run would do, keep it in the file of a plan, and return the exit code."""
    from connector.cli.progress import progress
    from connector.operations.rehearsal import rehearse
    from connector.report.runs import run_report

    if plan:
        from connector.operations import plan_file

        plan_file.refuse_other_file(plan)
    with progress() as bars:
        rehearsal = rehearse(settings, policy, progress=bars, past_guards=True)
    if plan and not rehearsal.run.result.did_not_start:
        plan_file.write(plan, plan_file.made(settings, policy, rehearsal))
    run, counts = run_report(rehearsal.run), plan_view.totals(*_told(rehearsal))
    if json:
        output.as_json(
            {
                **run,
                "changes": rehearsal.changes,
                "failures": list(rehearsal.failed),
                "guards": [stop._asdict() for stop in rehearsal.guards],
                "totals": counts,
            }
        )
    elif not quiet:
        _show(rehearsal, counts, full=full)
        if rehearsal.changes and settings.schedule.staging_mode:
            output.note("Staging mode: these wait; a sync exports nothing.")
        if plan and not rehearsal.run.result.did_not_start:
            output.note(f"The plan is in {plan}: connector sync --apply {plan}")
    return rehearsed_exit_code(run, rehearsal.changes)


def _told(rehearsal: Rehearsal) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    return rehearsal.changes, [*rehearsal.run.errors, *rehearsal.failed]


def _show(rehearsal: Rehearsal, counts: Mapping[str, int], *, full: bool) -> None:
    """Print the changes, what would go wrong, who would stop it, and what it comes to."""
    changes, errors = _told(rehearsal)
    result = rehearsal.run.result
    if result is RunResult.SUCCESS and not changes:
        output.line("Nothing to do.")
        return
    plan_view.show_changes(changes, full=full)
    told = [error for error in errors if error["kind"] != "run" or not rehearsal.guards]
    plan_view.show_errors(told, full=full)
    for note in rehearsal.run.notes:
        output.line(note)
    for stop in rehearsal.guards:
        output.line(f"A guard would stop it ({stop.result}): {stop.reason}")
    if rehearsal.guards:
        output.line(
            "Of all this a sync does nothing before it is approved: connector sync, then "
            "connector deletions"
        )
    if result is RunResult.STOPPED_ERROR_LIMIT:
        output.line(f"The export would stop ({result}): too many objects fail")
    if not result.did_not_start:
        output.line(plan_view.totals_line(counts))
