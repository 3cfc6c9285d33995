"""``connector backup``: a copy of both databases that belong together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli import opening, output
from connector.cli.output import Json

if TYPE_CHECKING:
    from connector.operations.binding import Answer, Request
    from connector.settings import Settings


def backup(
    context: typer.Context,
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="DIR", help="A folder that is not there yet, or is empty."),
    ] = None,
    list_: Annotated[
        bool,
        typer.Option("--list", help="List the backups below DIR; without one, those made here."),
    ] = False,
    json: Json = False,
) -> None:
    """Copy both databases into a new folder, whole and checked, while the daemon goes on.

    Rules of your own go along as rules.toml, so that they can be put back into the folder rules beside the
    settings file; the settings file itself, which may hold passwords, does not.

    A daemon makes the copy between two cycles, so its user must be allowed to make the folder. To put it
    back: connector restore.

    Examples:
      $ connector backup /var/backups/connector/monday
      $ connector backup "backup-$(date +%F)"
      $ connector backup --list

    Exit codes:
      0  the folder is there, whole
      2  it cannot be made, or holds something: there is no backup
    """
    from connector.operations import requests
    from connector.operations.binding import request_for

    settings = opening.settings(context)
    if list_:
        _list(settings, folder, json=json)
        return
    if folder is None:
        raise typer.BadParameter("name a folder, or --list", param_hint="DIR")
    request = request_for(requests.backup, path=str(folder.absolute()))
    answer = opening.carry_out(settings, request, here=_back_up)
    if json:
        output.as_json(answer)
    else:
        output.line(f"Backed up to {answer['folder']}.")


def _list(settings: Settings, folder: Path | None, *, json: bool) -> None:
    from connector.storage.backup import listed
    from connector.values import moments

    found = [
        {"path": str(one.path), "createdDateTime": moments.to_second(one.made)}
        for one in listed(settings.storage.path, folder)
    ]
    if json:
        output.as_json(found)
    elif found:
        output.table(("Made", "Folder"), ((b["createdDateTime"], b["path"]) for b in found))
    else:
        output.line("No backups there. To make one: connector backup DIR")


def _back_up(settings: Settings, request: Request) -> Answer:
    """Make the copy here, without opening the databases, which could change them, or the directory."""
    from connector.operations.elsewhere import refuse_on_a_server
    from connector.rules.written import all_as_toml
    from connector.storage.backup import back_up, note, refuse_missing
    from connector.storage.instance import lock_storage

    refuse_on_a_server(settings, "A backup")
    storage, tenant = settings.storage.path, settings.tenant_file
    refuse_missing(storage, tenant)
    with lock_storage(storage):
        rules = all_as_toml(one.rule() for one in settings.rules)
        folder = back_up(storage, Path(request["path"]), tenant=tenant, rules=rules)
        note(storage, folder)
    return {"folder": str(folder)}
