"""``connector tenant move``: take the tenant to another database."""

from __future__ import annotations

from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli import opening, output
from connector.cli.output import Json
from connector.values.counting import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from connector.logs.log import Log
    from connector.operations.binding import Answer
    from connector.settings import Settings


def move(
    context: typer.Context,
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="PLACE",
            help="sqlite, the path of a file, or a URL: postgresql://user@host/database",
        ),
    ] = None,
    password_file: Annotated[
        Path | None,
        typer.Option(
            "--password-file",
            metavar="FILE",
            help="A file with nothing but the password for the server that --to names.",
        ),
    ] = None,
    take_back: Annotated[
        bool,
        typer.Option(
            "--take-back",
            help="Use the tenant of the settings again, though it was moved away; what the other one got "
            "since is not in it.",
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Take the tenant to another database, which has none; no connector may be at work on either.

    All is copied and compared: objects, members, claims, errors, read-back. Cookies and delta tokens stay
    valid. The old tenant is refused from then on. If the move breaks off, the old one stays in use: run it
    again. No setting is changed: the last lines say which one to change.

    --to sqlite is tenant.db in storage.path. The password of a server is never on the command line. It is
    in the file of --password-file; without one in PGPASSWORD, or where psql finds it (PGPASSFILE).

    Examples:
      $ systemctl stop connector
      $ connector tenant move --to postgresql://connector@db.contoso.com/tenant
      $ connector tenant move --to sqlite
      $ connector tenant move --take-back

    Exit codes:
      0   the tenant is there, whole
      2   a tenant is there already, or a database cannot be used: the old one stays in use
      75  a daemon or another connector is at work: nothing was changed
    """
    if (to is None) is not take_back:
        raise typer.BadParameter("say where to, or --take-back", param_hint="--to")
    settings = opening.settings(context)
    if to is None:
        _take_back(settings, json=json)
        return
    from connector.cli.progress import progress
    from connector.operations.moves import move_tenant

    with progress() as bars:
        answer = move_tenant(settings, to, bars, password_file=password_file)
    with _log(settings) as log:
        log.info("tenant.moved", origin=answer["from"], to=answer["to"])
    if json:
        output.as_json(answer)
    else:
        _tell(answer)


def _tell(answer: Answer) -> None:
    if answer["finished"]:
        output.line(f"Finished the move to {answer['to']}, which was interrupted.")
    else:
        columns = ("Table", "Rows", "Digest")
        rows = [*answer["tables"], answer["readBack"]]
        output.table(columns, ((one["name"], str(one["rows"]), one["digest"]) for one in rows))
        total = sum(one["rows"] for one in answer["tables"])
        output.line(f"Moved {counted(total, 'row')} to {answer['to']}: all is there as it was.")
    if answer["setAside"] is not None:
        output.line(f"The file that was there is {answer['setAside']} now; remove it in time.")
    output.line(f"{answer['from']} is refused from now on. {_said(answer['setting'])}")
    output.line("Next: connector sync")


def _said(setting: Mapping[str, str | None]) -> str:
    """Say which settings to change."""
    place, file = setting["tenant.database"], setting["tenant.database_password_file"]
    if place is None:
        return "Take database, and its password file, out of [tenant] in the settings."
    said = f'Let the settings say so: [tenant] database = "{place}"'
    return said if file is None else f'{said}, database_password_file = "{file}"'


def _take_back(settings: Settings, *, json: bool) -> None:
    from connector.operations.moves import take_tenant_back

    answer = take_tenant_back(settings)
    if answer["movedTo"] is not None:
        with _log(settings) as log:
            log.warning("tenant.taken_back", tenant=answer["tenant"], moved_to=answer["movedTo"])
    if json:
        output.as_json(answer)
    elif answer["movedTo"] is None:
        output.line(f"{answer['tenant']} was not moved away.")
    else:
        output.line(
            f"{answer['tenant']} may be used again. The one at {answer['movedTo']} goes its own way from now on: "
            "let no connector use both."
        )


@contextmanager
def _log(settings: Settings) -> Iterator[Log]:
    from connector.cli.verbosity import open_command_log

    with closing(open_command_log(settings, None)) as log:
        yield log
