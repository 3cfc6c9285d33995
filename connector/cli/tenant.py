"""``connector tenant``: what an administrator does on the cloud side."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from connector.cli import (
    clients,
    clock,
    completion,
    domains,
    move,
    opening,
    output,
    snapshots,
    tenant_export,
    tenant_objects,
)
from connector.cli.output import Json
from connector.cli.pages import Commands
from connector.cli.report import report

app = Commands(name="tenant", no_args_is_help=True)


@app.callback()
def tenant() -> None:
    """Act in the tenant, as an administrator of the cloud would.

    Nothing here touches the directory. A running daemon makes the change, so that it comes between cycles.

    Examples:
      $ connector tenant sweep                    release values that nobody else holds
      $ connector tenant clock advance 1h         let the hourly sweep come due
      $ connector tenant add user userPrincipalName=ann@contoso.com displayName=Ann
      $ connector tenant snapshot before          then: connector tenant rewind before
    """


@app.command()
def sweep(context: typer.Context, json: Json = False) -> None:
    """Release the quarantined values whose conflict is gone, without waiting for the hourly sweep.

    A sweep quarantines nothing and needs no sync.

    Examples:
      $ connector tenant sweep
      $ connector tenant sweep --json
    """
    from connector.operations import cloud

    answer = opening.perform(opening.settings(context), cloud.sweep)
    released = answer["released"]
    if answer.get("stopped"):
        output.note("Stopped in between: the next sweep goes on.")
    if json:
        output.as_json(released)
    elif released or answer.get("stopped"):
        columns = ("Object", "Property", "Value")
        output.table(columns, ((r["name"], r["attribute"], r["value"]) for r in released))
    else:
        output.line(f"Nothing to release{_why_nothing(answer['waiting'], answer.get('kept', 0))}")
    if answer.get("stopped"):
        raise typer.Exit(130)


def _why_nothing(waiting: int, kept: int) -> str:
    """Say why a sweep released nothing; of the values that wait, a known issue keeps ``kept``."""
    from connector.tenant.known_issues import COMPUTED_UPN
    from connector.values.counting import counted

    if not waiting:
        return ": no value is in quarantine."
    if not kept:
        return ": every quarantined value is still held by another object."
    still = [f"{counted(kept, 'computed UPN')} that nobody holds (known issue {COMPUTED_UPN})"]
    if waiting > kept:
        still.insert(0, f"{counted(waiting - kept, 'value')} that another object holds")
    return f". Still in quarantine: {', '.join(still)}. What resolves that: connector errors"


app.command()(report)


@app.command()
def features(
    context: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="FEATURE", help="The feature to switch.", autocompletion=completion.feature
        ),
    ] = None,
    state: Annotated[
        Literal["on", "off"] | None,
        typer.Argument(help="What it is to be.", metavar="on|off", case_sensitive=False),
    ] = None,
    json: Json = False,
) -> None:
    """Show the features of the tenant, or switch one.

    They are named as Get-MsolDirSyncFeatures names them. Some cannot be switched back, or not at all, as in
    the real service.

    Examples:
      $ connector tenant features
      $ connector tenant features BlockSoftMatch on
    """
    if name is None:
        with opening.readers(context) as readers:
            found = readers.tenant.administrator.features()
    elif state is None:
        raise typer.BadParameter("say whether the feature is to be on or off", param_hint="on|off")
    else:
        from connector.operations import cloud

        settings, name = opening.settings(context), _spelled(name)
        answer = opening.perform(settings, cloud.feature, name=name, enabled=state == "on")
        found = answer["features"]
    if json:
        output.as_json(found)
    else:
        output.table(
            ("Feature", "State"), ((name, "on" if on else "off") for name, on in found.items())
        )


def _spelled(feature: str) -> str:
    """Return a feature as the tenant spells it; the tenant refuses what is not one."""
    from connector.tenant.features import RESILIENCY, SETTABLE

    spelled = {name.lower(): name for name in (*RESILIENCY, *SETTABLE)}
    return spelled.get(feature.lower(), feature)


app.add_typer(domains.app)
app.command("license")(tenant_objects.license_)
app.command()(tenant_objects.add)
app.command("set")(tenant_objects.change)
app.command()(tenant_objects.match)
app.command()(tenant_objects.delete)
app.command()(tenant_objects.restore)
app.add_typer(clock.app)
app.command()(snapshots.snapshot)
app.command()(snapshots.rewind)
app.command()(tenant_export.export)
app.command()(move.move)
app.command()(clients.clients)
app.command()(clients.take_over)
