"""``connector whatif``: what a proposed change of the directory would do in the cloud."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from connector.cli import opening, output
from connector.cli.changes import rehearsed_exit_code, show_rehearsal
from connector.cli.output import Json
from connector.values.printable import cut_within


def whatif(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(help="LDIF with change records, as for ldapmodify.", metavar="FILE.ldif"),
    ],
    json: Json = False,
) -> None:
    """Apply LDIF changes to a copy of what is there, and show the effect. Nothing is changed.

    Shows what would be exported besides what waits anyway, who would be quarantined, and which values the
    next sweep would give back.

    Examples:
      $ connector whatif rename.ldif
      $ connector whatif rename.ldif && ldapmodify -f rename.ldif     apply it if it has no effect

    Exit codes:
      0  it would have no effect in the cloud
      1  it would
      4  the directory is unavailable
    """
    from connector.directory import open_directory
    from connector.lint.files import read
    from connector.lint.proposal import ProposedDirectory
    from connector.operations.rehearsal import rehearse
    from connector.report.runs import run_report
    from connector.settings import directory_password

    settings = opening.settings(context)
    records = list(read(file))
    password = directory_password(settings)
    directory = ProposedDirectory(open_directory(settings.directory, password=password), records)
    rehearsal = rehearse(settings, directory=directory, sweep=True)
    report = run_report(rehearsal.run)
    released = [release._asdict() for release in rehearsal.released]
    if json:
        output.as_json({**report, "changes": rehearsal.changes, "released": released})
    elif rehearsal.changes or report["errors"] or released:
        show_rehearsal(report, rehearsal.changes)
        for release in map(cut_within, released):
            output.line(
                f"Released by the next sweep: {release['attribute']} {release['value']} "
                f"to {release['name']}"
            )
    else:
        output.line("No effect.")
    raise typer.Exit(rehearsed_exit_code(report, [*rehearsal.changes, *released]))
