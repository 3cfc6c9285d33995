"""``connector tenant clock``: let an hour or a week pass in the tenant at once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli import opening, output
from connector.cli.output import Json
from connector.cli.pages import Commands
from connector.values.counting import counted
from connector.values.printable import cut_within

if TYPE_CHECKING:
    from collections.abc import Mapping

app = Commands(name="clock")
_LISTED = 10


@app.callback(invoke_without_command=True)
def clock(context: typer.Context, json: Json = False) -> None:
    """Show the tenant's clock; advance it or reset it.

    The hourly sweep and the Monday report fall due by it, and deleted users are removed after 30 days.
    Cycles keep to the clock of the machine.

    Examples:
      $ connector tenant clock
      $ connector tenant clock advance 1h
      $ connector tenant clock reset
    """
    if context.invoked_subcommand:
        return
    from connector.operations import cloud

    with opening.readers(context) as readers:
        _show(cloud.time_of(readers.tenant), json=json)


@app.command()
def advance(
    context: typer.Context,
    duration: Annotated[str, typer.Argument(metavar="DURATION", help="Such as 30m, 1h or 7d.")],
    json: Json = False,
) -> None:
    """Let time pass in the tenant, and do what comes due by that.

    A DURATION is a whole number and a unit: s, m, h or d. However long it is, the sweep and the weekly
    report come due once.

    Examples:
      $ connector tenant clock advance 1h       the sweep comes due, and is done
      $ connector tenant clock advance 30d      deleted users are removed
    """
    from connector.operations import cloud
    from connector.settings.kinds import parse_duration

    try:
        seconds = parse_duration(duration).total_seconds()
    except ValueError as error:
        raise typer.BadParameter(f"{duration!r} {error}", param_hint="DURATION") from error
    except OverflowError as error:
        raise typer.BadParameter(f"{duration!r} is too long", param_hint="DURATION") from error
    answer = opening.perform(opening.settings(context), cloud.clock, advance=seconds)
    # A daemon that was started before an upgrade does it right after its answer.
    swept, report = answer.get("sweep"), answer.get("report")
    if json:
        output.as_json({**answer["clock"], "sweep": swept, "report": report})
        return
    _show(answer["clock"], json=False)
    if swept is None and report is None:
        output.line("Nothing came due.")
    if swept is not None:
        _tell_sweep(swept)
    if report is not None:
        _tell_report(report)


@app.command()
def reset(context: typer.Context, json: Json = False) -> None:
    """Set the tenant's clock back to that of this machine.

    What happened while it was ahead stays.

    Examples:
      $ connector tenant clock reset
    """
    from connector.operations import cloud

    answer = opening.perform(opening.settings(context), cloud.clock)
    _show(answer["clock"], json=json)


def _tell_sweep(swept: Mapping[str, Any]) -> None:
    released = swept["released"]
    done = [counted(len(released), "value") + " released"]
    done += [f"{counted(swept['waiting'], 'value')} still quarantined"]
    if swept["expired"]:
        done.append(f"{counted(swept['expired'], 'deleted user')} removed for good")
    output.line(f"The sweep came due: {', '.join(done)}.")
    for release in cut_within(released[:_LISTED]):
        output.line(f"Released: {release['attribute']} {release['value']} to {release['name']}")
    if len(released) > _LISTED:
        output.line(f"and {len(released) - _LISTED} more: connector log --event sweep.released")


def _tell_report(report: Mapping[str, Any]) -> None:
    if report["sent"]:
        output.line(f"The weekly report came due: {counted(report['errors'], 'error')}, sent.")
    elif report["errors"]:
        output.note(
            "The weekly report came due and could not be sent: connector log --event report.failed"
        )
    else:
        output.line("The weekly report came due: no errors, so no mail is sent.")


def _show(found: Mapping[str, Any], *, json: bool) -> None:
    if json:
        output.as_json(found)
    elif ahead := found["aheadSeconds"]:
        output.line(f"{found['now']}, {timedelta(seconds=ahead)} ahead of this machine")
    else:
        output.line(f"{found['now']}, as on this machine")
