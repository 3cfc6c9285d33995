"""``connector deletions``: the deletions that a guard stopped, to approve or to discard."""

from __future__ import annotations

from typing import Annotated

import typer

from connector.cli import opening, output
from connector.cli.output import Json
from connector.cli.pages import Commands
from connector.report.planned_deletions import going
from connector.values.counting import counted

app = Commands(name="deletions")


@app.callback(invoke_without_command=True)
def deletions(context: typer.Context, json: Json = False) -> None:
    """Show the deletions that a guard stopped; approve or discard them.

    Approving their hash lets exactly them through at the next run; one object more or less is another hash
    and stops again. Discarding forgets the plan until the guard stops again. The guards are the limits of
    [safety].

    Examples:
      $ connector deletions
      $ connector deletions approve 4f1c09b27a55
      $ connector deletions discard
    """
    if context.invoked_subcommand:
        return
    with opening.readers(context) as readers:
        plan = readers.space.deletions.plan()
    if json:
        output.as_json(
            {
                "hash": plan.hash,
                "count": len(plan.objects),
                "reason": plan.reason,
                "approved": plan.approved,
                "objects": [planned._asdict() for planned in plan.objects],
            }
        )
    elif plan.hash is None:
        output.line("No deletions wait for approval.")
    else:
        output.table(
            ("What goes", "Type", "Name", "DN", "Source anchor"),
            ((going(o), o.type, o.name, o.dn, o.anchor) for o in plan.objects),
        )
        output.line(f"Stopped: {plan.reason}")
        if plan.approved:
            output.line("Approved: the next run lets exactly this through. connector sync")
        else:
            output.line(f"To let exactly these through: connector deletions approve {plan.hash}")


@app.command()
def approve(
    context: typer.Context,
    plan_hash: Annotated[str, typer.Argument(metavar="HASH", help="The hash of the plan.")],
) -> None:
    """Let exactly the deletions of this plan through at the next run.

    Nothing is deleted before that run, and nothing else by it.

    Examples:
      $ connector deletions approve 4f1c09b27a55 && connector sync
    """
    from connector.operations import requests

    answer = opening.perform(opening.settings(context), requests.approve, hash=plan_hash)
    count = answer["count"]
    them = "it" if count == 1 else "them"
    output.line(f"Approved {counted(count, 'deletion')}: the next run makes {them}. connector sync")


@app.command()
def discard(context: typer.Context) -> None:
    """Forget the plan; the guard stops again when the same deletions come up.

    Nothing is deleted.

    Examples:
      $ connector deletions discard
    """
    from connector.operations import requests

    answer = opening.perform(opening.settings(context), requests.discard)
    output.line(
        "Discarded. Nothing was deleted."
        if answer.get("discarded", True)
        else "No deletions wait for approval: there is nothing to discard."
    )
