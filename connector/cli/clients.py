"""``connector tenant clients`` and ``take-over``: several connectors on one tenant."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli import opening, output
from connector.cli.output import Json
from connector.values.counting import counted

if TYPE_CHECKING:
    from connector.settings import Settings


def clients(
    context: typer.Context,
    moved: Annotated[
        bool,
        typer.Option(
            "--moved", help="The storage was moved here; nothing is at work where it was."
        ),
    ] = False,
    tell_settings: Annotated[
        bool,
        typer.Option(
            "--tell-settings",
            help="Tell the tenant the settings of this file, whatever other connectors say.",
        ),
    ] = False,
    json: Json = False,
) -> None:
    """List the connectors that share the tenant: id, host, last export, and how many objects each owns.

    A connector owns what it exported; others neither change nor delete it. Its id is kept in its storage
    folder: a moved folder is the same connector, a copied one is refused.

    Examples:
      $ connector tenant clients
      $ connector tenant clients --moved             after a move to another machine
      $ connector tenant clients --tell-settings     then let the other files say the same
    """
    from connector.operations.clients import described

    settings = opening.settings(context)
    if moved or tell_settings:
        _say(settings, moved=moved, told=tell_settings)
    with opening.reading(settings) as readers:
        found = described(readers)
    if json:
        output.as_json(found)
    elif not found:
        output.line("No connector has worked on this tenant yet. To begin: connector sync")
    else:
        output.table(("Id", "Host", "Storage", "Last export", "Objects"), map(_row, found))


def _row(client: dict[str, Any]) -> list[str]:
    name = f"{client['id']}{' (this one)' if client['isThis'] else ''}"
    last = client["lastExport"] or "never"
    return [name, client["host"], client["path"], last, str(client["objects"])]


def _say(settings: Settings, *, moved: bool, told: bool) -> None:
    """Open the databases with the word of the operator; a daemon that runs has them."""
    from connector.assembly import open_parts
    from connector.cli.verbosity import open_command_log

    with (
        closing(open_command_log(settings, None)) as log,
        open_parts(settings, log=log, moved=moved, told=told),
    ):
        pass


def take_over(
    context: typer.Context,
    client: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="ID",
            help="Take over all that the connector with this id has, which will not come back.",
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing.")] = False,
    json: Json = False,
) -> None:
    """Take over the objects that this connector would export, and another one has.

    These are what another one took over from it (tenant.take_over of that one), and what the tenant refuses
    to it (AnchorOwnedByAnotherClient). The other connector then leaves them alone.

    With --from ID it is everything that one connector has, also what is not in the scope of this one: for a
    connector that is gone for good. That is forgotten. The next sync deletes what the directory does not have, under
    the guards.

    Examples:
      $ connector tenant take-over
      $ connector tenant take-over --from 0f0a1b2c3d4e5f60718293a4b5c6d7e8
      $ connector tenant take-over --yes --json

    Exit codes:
      0    they are this connector's, or there were none
      2    nothing was taken over: somebody has to say yes
    """
    from connector.operations import clients as operations

    settings = opening.settings(context)
    with opening.reading(settings) as readers:
        waiting = len(readers.space.foreign())
        owned = {one.id: count for one, count in readers.tenant.clients.listed()}
    if client is not None:
        if client in owned and not yes and not _asked(owned[client]):
            raise typer.Exit(2)
        answer = opening.perform(settings, operations.inherit, client=client)
    else:
        if waiting and not yes and not _asked(waiting):
            raise typer.Exit(2)
        answer = opening.perform(settings, operations.take_over) if waiting else {"taken": []}
    taken = answer["taken"]
    if json:
        output.as_json({"count": len(taken), "objects": taken})
    elif taken:
        output.line(f"Taken over: {counted(len(taken), 'object')}. Next: connector sync")
    else:
        output.line("Nothing to take over.")


def _asked(waiting: int) -> bool:
    """Ask whether the objects may be taken over; where nobody can answer, say how."""
    output.note(f"{counted(waiting, 'object')} may be another connector's.")
    if not sys.stdin.isatty():
        output.note("--yes takes them over.")
        return False
    return typer.confirm("Take them over?", err=True)
