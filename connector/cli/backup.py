"""``connector backup``: a copy of both databases that belong together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli import opening, output
from connector.errors import InstanceLocked

if TYPE_CHECKING:
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
    made = _back_up(opening.settings(context), folder.absolute())
    output.line(f"Backed up to {made}.")


def _back_up(settings: Settings, folder: Path) -> str:
    """Have the daemon make it, or make it here; neither the directory nor its password is needed."""
    from connector.daemon.control import ask
    from connector.storage.backup import back_up
    from connector.storage.instance import lock_storage

    request = {"command": "backup", "path": str(folder)}
    answer = ask(settings.storage.path, request)
    if answer is None:
        try:
            with lock_storage(settings.storage.path):
                return str(back_up(settings.storage.path, folder))
        except InstanceLocked:
            answer = opening.ask_again(settings.storage.path, request)
            if answer is None:
                raise
    if "error" in answer:
        raise opening.AnswerError(answer)
    return str(answer["folder"])
