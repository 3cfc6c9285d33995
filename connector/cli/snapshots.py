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


def snapshot(
    context: typer.Context,
    name: Name = None,
    list_: Annotated[bool, typer.Option("--list", help="List the snapshots.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Remove this snapshot.")] = False,
    json: Json = False,
) -> None:
    """Keep the state of the connector space and the tenant under a name.

    It is a backup below storage.path/snapshots. Without a name the snapshots are listed.

    Examples:
      $ connector tenant snapshot before-the-merger
      $ connector tenant snapshot --list
      $ connector tenant snapshot before-the-merger --remove
    """
    if list_ and (name or remove):
        raise typer.BadParameter("leave out NAME and --remove", param_hint="--list")
    if name is None:
        if remove:
            raise typer.BadParameter("name the snapshot to remove", param_hint="NAME")
        _list(context, json=json)
        return
    from connector.operations import cloud

    settings = opening.settings(context)
    if remove:
        answer = opening.perform_amid_rewind(settings, cloud.remove_snapshot, name=name)
        told = f"Removed {name}."
    else:
        answer = opening.perform(settings, cloud.snapshot, name=name)
        told = f"Taken. To come back to it: connector tenant rewind {name}"
    if json:
        output.as_json(answer["snapshot"])
    else:
        output.line(told)


Forget = Annotated[
    bool,
    typer.Option(
        "--forget", help="Forget a rewind that was interrupted; go on with what is there."
    ),
]


def rewind(
    context: typer.Context, name: Name = None, forget: Forget = False, json: Json = False
) -> None:
    """Take the connector space and the tenant back to a snapshot; what came after it is forgotten.

    The directory stays as it is: the next cycle brings what changed there since. Without a name the
    snapshots are listed. A rewind that was interrupted is finished by the next command that writes; where
    it cannot be, because the snapshot is gone, go back to another one or forget it.

    Examples:
      $ connector tenant rewind before-the-merger
      $ connector tenant rewind --forget
    """
    if forget:
        _forget(context, name, json=json)
        return
    if name is None:
        _list(context, json=json)
        return
    from connector.operations import cloud

    settings = opening.settings(context)
    found = opening.perform_amid_rewind(settings, cloud.rewind, name=name)["snapshot"]
    if json:
        output.as_json(found)
    else:
        output.line(f"Back at {found['name']} of {found['createdDateTime']}.")


def _forget(context: typer.Context, name: str | None, *, json: bool) -> None:
    if name is not None:
        raise typer.BadParameter("a rewind is forgotten, or done: name no snapshot with --forget")
    from connector.operations import cloud

    answer = opening.perform_amid_rewind(opening.settings(context), cloud.forget_rewind)
    if json:
        output.as_json(answer)
    elif answer["forgotten"]:
        output.line("Forgotten. The databases stay as they are: connector sync compares them.")
    else:
        output.line("No rewind was interrupted.")


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
