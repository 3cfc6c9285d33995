"""``connector backup``: a copy of both databases that belong together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli import opening, output

if TYPE_CHECKING:
    from connector.operations.binding import Answer, Request
    from connector.settings import Settings


def backup(
    context: typer.Context,
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="A folder that is not there yet, or is empty.")
    ],
) -> None:
    """Copy both databases into a new folder, whole and checked, while the daemon goes on.

    A daemon makes the copy between two cycles, so its user must be allowed to make the folder. To restore
    it: stop the daemon, move everything out of storage.path, copy both files there, start.

    Examples:
      $ connector backup /var/backups/connector/monday
      $ connector backup "backup-$(date +%F)"

    Exit codes:
      0  the folder is there, whole
      2  it cannot be made, or holds something: there is no backup
    """
    from connector.operations import requests
    from connector.operations.binding import request_for

    request = request_for(requests.backup, path=str(folder.absolute()))
    answer = opening.carry_out(opening.settings(context), request, here=_back_up)
    output.line(f"Backed up to {answer['folder']}.")


def _back_up(settings: Settings, request: Request) -> Answer:
    """Make the copy here, without opening the databases, which could change them, or the directory."""
    from connector.storage.backup import back_up, refuse_missing
    from connector.storage.instance import lock_storage

    refuse_missing(settings.storage.path)
    with lock_storage(settings.storage.path):
        return {"folder": str(back_up(settings.storage.path, Path(request["path"])))}
