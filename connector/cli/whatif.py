"""``connector whatif``: what a proposed change of the directory would do in the cloud."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli import opening, output, plan_view
from connector.cli.output import Json
from connector.values.printable import cut

if TYPE_CHECKING:
    from connector.operations.effect import Effect


def whatif(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(help="LDIF with change records, as for ldapmodify.", metavar="FILE.ldif"),
    ],
    full: Annotated[
        bool, typer.Option("--full", help="Show every change, not the first of each kind.")
    ] = False,
    json: Json = False,
) -> None:
    """Apply LDIF changes to a copy of what is there, and show the effect. Nothing is changed.

    Shows what the file alone does, not what waits or fails without it: what would be exported, who would be
    quarantined, and which values the next sweep would give back. A change that the directory would refuse is
    refused here too, with its line. Whether an entry meets directory.filter is for the server to say: where the
    file may decide that, it is named, and counts as an effect.

    Examples:
      $ connector whatif rename.ldif
      $ connector whatif rename.ldif && ldapmodify -f rename.ldif     apply it if it has no effect

    Exit codes:
      0  it would have no effect in the cloud
      1  it would, or may
      3  a guard would stop the run
      4  the directory is unavailable
    """
    from connector.assembly import reads_in_force
    from connector.directory import open_directory
    from connector.lint.files import read
    from connector.lint.proposal import ProposedDirectory
    from connector.operations.effect import effect
    from connector.operations.rehearsal import rehearse
    from connector.operations.undone import Halt
    from connector.report.runs import run_report
    from connector.settings import directory_password

    settings = opening.settings(context)
    records = list(read(file))
    password, reads = directory_password(settings), reads_in_force(settings)
    halt = Halt()
    opened = open_directory(settings.directory, password=password, stop=halt, reads=reads)
    with closing(opened) as real:
        without = rehearse(settings, directory=real, sweep=True, halt=halt)
        chosen = settings.directory
        directory = ProposedDirectory(real, records, chosen.base_dn, chosen.filter, reads)
        proposed = rehearse(settings, directory=directory, sweep=True, halt=halt)
    found = effect(without, proposed)
    overlooked, unjudged = directory.overlooked, directory.unjudged
    if json:
        output.as_json(_as_json(run_report(proposed.run), found, overlooked + unjudged))
    else:
        _print(found, overlooked, unjudged, full=full)
    has_effect = not found.is_none() or bool(unjudged)
    raise typer.Exit(found.result.exit_code or int(has_effect))


def _as_json(report: dict[str, Any], found: Effect, overlooked: list[str]) -> dict[str, Any]:
    return {
        **report,
        "result": found.result,
        "errors": found.errors,
        "averted": found.averted,
        "changes": found.changes,
        "released": [release._asdict() for release in found.released],
        "notLookedAt": overlooked,
    }


def _print(found: Effect, overlooked: list[str], unjudged: list[str], *, full: bool) -> None:
    from connector.report.left_out import excluded_lines, excluded_rows

    for sentence in overlooked + unjudged:
        output.line(f"Not looked at: {cut(sentence)}")
    if found.is_none() and not found.result.exit_code:
        output.line("No other effect." if unjudged else "No effect.")
        return
    plan_view.show_changes(found.changes, full=full)
    for line in excluded_lines(excluded_rows(found.left_out)):
        output.line(f"Left out: {line}")
    plan_view.show_errors(found.errors, full=full)
    plan_view.show_errors(found.averted, full=full, before="No longer: ")
    for release in found.released:
        what = f"{release.attribute} {cut(release.value)} to {cut(release.name)}"
        output.line(f"Released by the next sweep: {what}")
