"""``connector errors``: which values are quarantined, which objects fail, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from connector.cli import opening, output, tables_csv
from connector.cli.objects import TypeOption
from connector.cli.output import Json
from connector.cli.tables_csv import Csv
from connector.values.printable import cut

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.report.messages import PortalError
    from connector.tenant.provisioning_errors import ErrorQuery

_COLUMNS = ("Kind", "Object", "Property", "Value", "Held by", "Since", "Attempts")


Kind = Literal["quarantine", "export"]


def errors(
    context: typer.Context,
    property_: Annotated[
        str | None,
        typer.Option("--property", help="UserPrincipalName or ProxyAddresses.", metavar="P"),
    ] = None,
    value: Annotated[
        str | None, typer.Option("--value", help="Only this conflicting value.", metavar="V")
    ] = None,
    search: Annotated[
        str | None,
        typer.Option("--search", help="Only where a name or value has this.", metavar="S"),
    ] = None,
    type_: TypeOption = None,
    kind: Annotated[
        Kind | None, typer.Option("--kind", help="Quarantined values, or failed exports.")
    ] = None,
    sort: Annotated[
        str | None, typer.Option("--sort", help="Sort by this field of the JSON.", metavar="F")
    ] = None,
    max_: Annotated[
        int | None, typer.Option("--max", min=1, help="At most this many.", metavar="N")
    ] = None,
    portal: Annotated[
        bool,
        typer.Option(
            "--portal", help="Show what the Microsoft 365 admin center shows: users only."
        ),
    ] = False,
    json: Json = False,
) -> None:
    """List the values that are quarantined and the objects whose export fails.

    Each line names the value, who wants it and who holds it; below them stands what resolves it. With
    --portal it is the list of the admin center, with its known issues.

    Examples:
      $ connector errors
      $ connector errors --kind quarantine --property ProxyAddresses
      $ connector errors --search joe --max 20
      $ connector errors --portal
      $ connector errors --json | jq -r '.[].object.distinguishedName'
    """
    from connector.tenant.provisioning_errors import ErrorQuery

    query = ErrorQuery(property=property_, value=value, search=search, type=type_)
    if portal:
        if type_ or kind or sort:
            raise typer.BadParameter(
                "the admin center lists users in its own order: leave out --type, --kind and --sort",
                param_hint="--portal",
            )
        found = _on_the_portal(context, query)[:max_]
        _show_portal(found, json=json)
        return
    from connector.report.error_report import error_rows

    with opening.readers(context) as readers:
        rows = error_rows(readers.space, readers.tenant, query, kind=kind, sort=sort, limit=max_)
    if json:
        output.as_json_list(rows)
    elif rows:
        output.table(_COLUMNS, map(_row, rows))
        for suggestion in dict.fromkeys(row["suggestion"] for row in rows if row["suggestion"]):
            output.line(suggestion)
    else:
        output.line("No errors.")


def _row(error: Mapping[str, Any]) -> list[object]:
    who, holder = error["object"], error["conflictsWith"]
    return [
        error["kind"] if error["kind"] == "quarantine" else error["error"],
        who["displayName"] or who["distinguishedName"] or who["sourceAnchor"],
        error["propertyCausingError"],
        error["value"],
        holder and f"{holder['displayName']} ({holder['objectType']})",
        error["occurredDateTime"],
        error["attempts"],
    ]


def _on_the_portal(context: typer.Context, query: ErrorQuery) -> list[PortalError]:
    """Return the lines of the admin center's page; the filters choose conflicts, not lines."""
    from connector.report.messages import portal_errors
    from connector.values import moments

    settings = opening.settings(context)
    with opening.reading(settings) as readers:
        conflicts = readers.tenant.provisioning_errors(query)
        dated = ((record, moments.read(record.occurred)) for record in conflicts)
        return portal_errors(dated, settings.tenant.known_issues)


def _show_portal(found: list[PortalError], *, json: bool) -> None:
    from connector.report.messages import BANNER
    from connector.values import moments

    if json:
        output.as_json_list(
            {
                "id": error.id,
                "displayName": error.display_name,
                "userPrincipalName": error.upn,
                "message": error.message,
                "occurredDateTime": moments.timestamp(error.occurred),
            }
            for error in found
        )
        return
    output.line(BANNER if found else "No user has an error.")
    for error in found:
        output.line()
        output.line(f"{output.text(error.display_name)}  {output.text(error.upn)}")
        output.line(f"  {cut(error.message)}")
