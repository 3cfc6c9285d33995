"""``connector sync``: run one cycle, or show what it would do."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from connector.cli import opening, output
from connector.cli.output import Json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from connector.settings import Settings

EXPORT_ERRORS = 1
STOPPED_BY_GUARD = 3
UNAVAILABLE = 4
INTERRUPTED = 130


Policy = Literal["delta", "initial"]


def sync(
    context: typer.Context,
    policy: Annotated[
        Policy, typer.Option("--policy", help="initial reads and decides everything anew.")
    ] = "delta",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show every change; make none.")
    ] = False,
    json: Json = False,
) -> None:
    """Run one cycle: import, synchronize, export. A running daemon does it when there is one."""
    settings = opening.settings(context)
    if dry_run:
        raise typer.Exit(_rehearse(settings, policy, json=json))
    if sys.stderr.isatty() and not json:
        _say_who_works(settings)
    run = opening.perform(settings, {"command": "sync", "policy": policy})
    if json:
        output.as_json(run)
    else:
        _print_run(run)
    raise typer.Exit(exit_code(run["result"]))


def exit_code(result: str) -> int:
    """Return the exit code that a run's result means."""
    match result:
        case "success":
            return 0
        case "stopped-user-termination":
            return INTERRUPTED
        case "stopped-connectivity":
            return UNAVAILABLE
    if result.startswith("stopped-"):
        return STOPPED_BY_GUARD
    return UNAVAILABLE if result.startswith("no-start-") else EXPORT_ERRORS


def _say_who_works(settings: Settings) -> None:
    from connector.control import ask

    state = ask(settings.storage.path, {"command": "status"})
    if state is not None:
        busy = ", which is at work" if state["state"] == "running" else ""
        output.note(f"Asked the daemon (process {state['pid']}){busy}; waiting for its run to end.")


def _print_run(run: Mapping[str, Any]) -> None:
    output.line(f"Run {run['run']} ({run['policy']}): {run['result']} in {run['seconds']:.2f} s")
    output.steps(run["steps"])
    for error in run["errors"]:
        output.line(_error_line(error))
    for step in next_steps(run):
        output.line(f"Next: {step}")


def _error_line(error: Mapping[str, Any]) -> str:
    """Say one error of the run in one line."""
    if error.get("kind") == "run":
        return f"Error: {error.get('message')}"
    who = error.get("name") or error.get("dn") or error.get("anchor")
    what = f"{error.get('attribute')} {error.get('value')}"
    if error.get("kind") == "quarantine":
        return f"Quarantined: {what} of {who}, held by {error.get('held_by')}"
    return f"Failed: {who}: {error.get('error')} ({what})"


def next_steps(run: Mapping[str, Any]) -> list[str]:
    """Return what the operator should do now."""
    result = run["result"]
    steps = []
    quarantined = sum(step["quarantined"] for step in run["steps"])
    failed = sum(step["errors"] for step in run["steps"])
    if quarantined:
        steps.append(f"{_count(quarantined, 'value')} quarantined: connector errors")
    if failed:
        steps.append(
            f"{_count(failed, 'object')} failed, and will be tried again: connector errors"
        )
    if exit_code(result) == STOPPED_BY_GUARD:
        steps.append("nothing was deleted; see what waits for approval: connector deletions")
    if exit_code(result) == UNAVAILABLE:
        steps.append("nothing was changed; see what is wrong with the directory: connector check")
    return steps


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _rehearse(settings: Settings, policy: Policy, *, json: bool) -> int:
    """Show what a run would do; return the exit code."""
    from connector.cli.progress import progress
    from connector.rehearsal import rehearse
    from connector.report.runs import run_report

    with progress() as bars:
        rehearsal = rehearse(settings, policy, progress=bars)
    run, changes = run_report(rehearsal.run), rehearsal.changes
    if json:
        output.as_json({**run, "changes": list(changes)})
    elif run["result"] == "success" and not changes:
        output.line("Nothing to do.")
    else:
        _print_changes(changes)
        for error in run["errors"]:
            output.line(_error_line(error))
    code = exit_code(run["result"])
    return code if code > EXPORT_ERRORS else int(bool(changes) or code)


def _print_changes(changes: Iterable[Mapping[str, Any]]) -> None:
    for change in changes:
        output.line(f"{change['operation']} {change['type']} {change['name']} ({change['dn']})")
        for name, (old, new) in change["attributes"].items():
            output.line(f"  {name}: {_shown(old)} -> {_shown(new)}")
        members = change.get("members") or {}
        if any(members.values()):
            output.line(f"  members: {members['add']} to add, {members['remove']} to remove")


def _shown(value: object) -> str:
    if value is None:
        return "(none)"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
