"""``connector web app``: register the applications that may use the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from connector.cli import opening, output
from connector.cli.output import Json
from connector.cli.pages import Commands

if TYPE_CHECKING:
    from connector.settings import Settings
    from connector.web.signin.apps import Apps

app = Commands(name="app", no_args_is_help=True)


@app.callback()
def app_registrations() -> None:
    """Register the applications that get tokens for the API: each has an id and a secret.

    A reader may read, an admin may also change things, as app registrations with Directory.Read.All and
    Directory.ReadWrite.All may. One for synchronization is a connector of another site, and nothing else.

    Examples:
      $ connector web app add backup
      $ connector web app list
    """


@app.command()
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is called.")],
    role: Annotated[
        Literal["reader", "admin", "synchronization"],
        typer.Option("--role", help="What it may do."),
    ] = "reader",
    json: Json = False,
) -> None:
    """Register an application, and show its secret.

    The secret is shown only now: a hash of it is kept. With it the application asks for tokens as an app
    registration of Entra does, at /TENANTID/oauth2/v2.0/token.

    Examples:
      $ connector web app add backup
      $ connector web app add provisioning --role admin --json
      $ connector web app add branch --role synchronization     for [tenant] client_id of another site

    Exit codes:
      0   it is registered
      2   the name is taken, or cannot be one
    """
    settings = opening.settings(context)
    tenant = opening.tenant_id(settings)
    found, secret = _apps(settings).add(name, role)
    facts = {
        "name": found.name,
        "role": found.role,
        "clientId": found.client_id,
        "clientSecret": secret,
        "tenantId": tenant,
    }
    if json:
        output.as_json(facts, whole=True)
        return
    output.facts(
        {
            "Name": found.name,
            "Role": found.role,
            "Client id": found.client_id,
            "Client secret": secret,
            "Tenant id": tenant,
        }
    )
    output.line("Keep the secret: it is shown only now.")


@app.command("list")
def list_(context: typer.Context, json: Json = False) -> None:
    """List the applications with their roles and client ids.

    A secret is not kept, and not shown. The tokens of [web] tokens_file are not listed.

    Examples:
      $ connector web app list --json
    """
    settings = opening.settings(context)
    found = _apps(settings).all()
    if json:
        facts = [{"name": a.name, "role": a.role, "clientId": a.client_id} for a in found]
        output.as_json(facts, whole=True)
    elif found:
        output.table(("Name", "Role", "Client id"), [(a.name, a.role, a.client_id) for a in found])
    else:
        output.line("No application is registered. To register one: connector web app add NAME")


@app.command()
def remove(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME|CLIENTID", help="Its name or client id.")],
) -> None:
    """Remove an application, and with it its tokens.

    They stop working at once. An application that is registered again gets another id and another secret.

    Examples:
      $ connector web app remove backup

    Exit codes:
      0   it is removed
      2   there is none of that name or id
    """
    found = _apps(opening.settings(context)).remove(name)
    output.line(f"Removed {output.text(found.name)} ({found.client_id}): its tokens work no more.")


def _apps(settings: Settings) -> Apps:
    from connector.web.signin.apps import Apps

    return Apps(settings.storage.path)
