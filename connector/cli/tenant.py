"""``connector tenant``: what an administrator does on the cloud side."""

from __future__ import annotations

from typing import Annotated

import typer

from connector.cli import opening, output
from connector.cli.output import Json
from connector.cli.report import report

app = typer.Typer(
    help="Act in the tenant, as an administrator of the cloud would.", no_args_is_help=True
)


@app.callback()
def tenant() -> None:
    """Act in the tenant, as an administrator of the cloud would."""


app.command()(report)


@app.command()
def sweep(context: typer.Context, json: Json = False) -> None:
    """Give quarantined values back whose conflict is gone, without waiting for the hourly sweep."""
    answer = opening.perform(opening.settings(context), {"command": "sweep"})
    released = answer["released"]
    if json:
        output.as_json(released)
    elif released:
        columns = ("Object", "Property", "Value")
        output.table(columns, ((r["name"], r["attribute"], r["value"]) for r in released))
    else:
        output.line("Nothing to release: every quarantined value is still held by another object.")


@app.command()
def restore(
    context: typer.Context,
    identity: Annotated[
        str, typer.Argument(help="The deleted user: cloud id, UPN or source anchor.")
    ],
    new_upn: Annotated[
        str | None, typer.Option("--new-upn", help="Take this UPN instead.", metavar="UPN")
    ] = None,
    reconcile_proxies: Annotated[
        bool,
        typer.Option("--reconcile-proxies", help="Leave out addresses that another object has."),
    ] = False,
    json: Json = False,
) -> None:
    """Bring a soft-deleted user back."""
    request = {
        "command": "restore",
        "identity": identity,
        "new_upn": new_upn,
        "reconcile_proxies": reconcile_proxies,
    }
    restored = opening.perform(opening.settings(context), request)["object"]
    if json:
        output.as_json(restored)
    else:
        output.line(f"Restored {restored['displayName']} as {restored['userPrincipalName']}.")
