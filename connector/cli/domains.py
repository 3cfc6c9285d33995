"""``connector tenant domains``: the domains that the tenant has verified."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli import opening, output
from connector.cli.output import Json
from connector.cli.pages import Commands

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

app = Commands(name="domains")
Domain = Annotated[str, typer.Argument(metavar="DOMAIN", help="A domain such as contoso.com.")]


@app.callback(invoke_without_command=True)
def domains(context: typer.Context, json: Json = False) -> None:
    """Show the verified domains of the tenant; add one or remove one.

    Adding or removing one computes every UPN and address anew. Those of tenant.verified_domains are there
    from the start.

    Examples:
      $ connector tenant domains
      $ connector tenant domains add fabrikam.com
      $ connector tenant domains remove fabrikam.com
    """
    if context.invoked_subcommand:
        return
    from connector.operations import cloud

    with opening.readers(context) as readers:
        _show(cloud.domains(readers.tenant), json=json)


@app.command()
def add(
    context: typer.Context,
    domain: Domain,
    federated: Annotated[
        bool, typer.Option("--federated", help="Its users sign in at an identity provider.")
    ] = False,
    json: Json = False,
) -> None:
    """Verify a domain: users whose UPN waited for it get it now.

    Their UPNs were moved to the initial domain before. A value that another object took in the
    meantime is quarantined.

    Examples:
      $ connector tenant domains add fabrikam.com
      $ connector tenant domains add fabrikam.com --federated
    """
    from connector.operations import cloud

    answer = opening.perform(
        opening.settings(context), cloud.domain, name=domain, verified=True, federated=federated
    )
    _show(answer["domains"], json=json)


@app.command()
def remove(
    context: typer.Context,
    domain: Domain,
    force: Annotated[
        bool, typer.Option("--force", help="Remove it although users or groups have values in it.")
    ] = False,
    json: Json = False,
) -> None:
    """Remove a domain that no UPN, and no address of a user or group, is in.

    With --force its users fall to the initial domain. The directory still wants the UPNs of those that
    are synced: they come back when the domain does. Cloud-only users keep the new ones.

    Examples:
      $ connector tenant domains remove fabrikam.com
      $ connector tenant domains remove fabrikam.com --force
    """
    from connector.operations import cloud

    answer = opening.perform(
        opening.settings(context), cloud.domain, name=domain, verified=False, force=force
    )
    _show(answer["domains"], json=json)


def _show(found: Iterable[Mapping[str, Any]], *, json: bool) -> None:
    if json:
        output.as_json(found)
    else:
        rows = ((d["id"], d["isInitial"], d["authenticationType"]) for d in found)
        output.table(("Domain", "Initial", "Sign-in"), rows)
