"""``connector tenant snapshot`` and ``rewind``: name a state of both databases, and go back to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli import completion, opening, output
from connector.cli.output import Json

if TYPE_CHECKING:
    from collections.abc import Sequence

Name = Annotated[
    str | None,
    typer.Argument(
        metavar="NAME",
        help="Letters, digits, dots, dashes; without one, all are listed.",
        autocompletion=completion.snapshot,
    ),
]


def snapshot(context: typer.Context, name: Name = None, json: Json = False) -> None:
    """Keep the state of the connector space and the tenant under a name.

    It is a backup below storage.path/snapshots. Without a name the snapshots are listed.

    Examples:
      $ connector tenant snapshot before-the-merger
      $ connector tenant snapshot
    """
    if name is None:
        _list(context, json=json)
        return
    from connector.operations import cloud

    settings = opening.settings(context)
    taken = opening.perform(settings, cloud.snapshot, name=name)["snapshot"]
    if json:
        output.as_json(taken)
    else:
        output.line(f"Taken. To come back to it: connector tenant rewind {taken['name']}")


def rewind(context: typer.Context, name: Name = None, json: Json = False) -> None:
    """Take the connector space and the tenant back to a snapshot; what came after it is forgotten.

    The directory stays as it is: the next cycle brings what changed there since. Without a name the
    snapshots are listed.

    Examples:
      $ connector tenant rewind before-the-merger
    """
    if name is None:
        _list(context, json=json)
        return
    from connector.operations import cloud

    settings = opening.settings(context)
    found = opening.perform(settings, cloud.rewind, name=name)["snapshot"]
    if json:
        output.as_json(found)
    else:
        output.line(f"Back at {found['name']} of {found['createdDateTime']}.")


def _list(context: typer.Context, *, json: bool) -> None:
    from connector.operations.cloud import described
    from connector.storage import snapshots

    found = [described(one) for one in snapshots.listed(opening.settings(context).storage.path)]
    if json:
        output.as_json(found)
    else:
        _table(found)


def _table(found: Sequence[dict[str, Any]]) -> None:
    if found:
        columns = ("Name", "Taken", "Folder")
        output.table(columns, ((s["name"], s["createdDateTime"], s["path"]) for s in found))
    else:
        output.line("No snapshots yet. To take one: connector tenant snapshot NAME")
