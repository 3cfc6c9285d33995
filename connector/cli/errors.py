"""``connector errors``: which values are quarantined, which objects fail, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from connector.cli import opening, output
from connector.cli.objects import TypeOption
from connector.cli.output import Json

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    json: Json = False,
) -> None:
    """List the values that are quarantined and the objects whose export fails."""
    from connector.report.errors import error_rows

    with opening.readers(context) as readers:
        rows = error_rows(
            readers.space,
            readers.tenant,
            property=property_,
            value=value,
            search=search,
            type=type_,
            kind=kind,
            sort=sort,
            max=max_,
        )
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
