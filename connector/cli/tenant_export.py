"""``connector tenant export``: all that the tenant holds, in files for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from connector.cli import opening, output
from connector.cli.output import Json
from connector.values.counting import counted


def export(
    context: typer.Context,
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="A folder that is not there yet, or is empty.")
    ],
    force: Annotated[
        bool, typer.Option("--force", help="Replace the files in a folder that holds something.")
    ] = False,
    json: Json = False,
) -> None:
    """Write all objects, memberships and errors of the tenant into files, one JSON a line.

    objects.jsonl has the objects in the shape of Microsoft Graph, soft-deleted users at the end;
    members.jsonl the cloud ids of group and member; errors.jsonl the rows of connector errors. All is of
    one moment, even while a daemon works. The files are for their user alone, and whole or not there.

    Examples:
      $ connector tenant export contoso
      $ connector tenant export contoso --force      replace the files of last time
      $ jq -r 'select(.objectType=="user").userPrincipalName' contoso/objects.jsonl

    Exit codes:
      0  the files are there, whole
      2  the folder cannot be made, or holds something: nothing was written
    """
    from connector.report.tenant_files import ERRORS, MEMBERS, OBJECTS, export_tenant

    with opening.readers(context) as readers:
        counts = export_tenant(readers.space, readers.tenant, folder.absolute(), replace=force)
    if json:
        output.as_json({"folder": str(folder.absolute()), "lines": counts})
        return
    objects, members = counted(counts[OBJECTS], "object"), counted(counts[MEMBERS], "membership")
    output.line(
        f"Exported {objects}, {members} and {counted(counts[ERRORS], 'error')} to {folder}."
    )
