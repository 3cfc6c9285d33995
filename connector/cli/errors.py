"""``connector errors``: which values are quarantined, which objects fail, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from connector.cli import opening, output, tables_csv
from connector.cli.objects import TypeOption
from connector.cli.output import Json
from connector.cli.tables_csv import Csv
from connector.cli.words import filled, word
from connector.report.cures import paragraphs
from connector.values.addresses import address_key
from connector.values.counting import counted
from connector.values.printable import cut

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.report.messages import PortalError
    from connector.tenant.provisioning_errors import ErrorQuery

_COLUMNS = ("Kind", "Object", "Property", "Value", "Held by", "Since", "Attempts", "Key")
# On a screen, of the objects that ask for one value.
_LISTED = 10
# What the cmdlets call a field of the JSON.
_OTHER_FIELDS = {
    "ErrorCategory": "category",
    "PropertyName": "propertyCausingError",
    "PropertyValue": "value",
    "UserPrincipleName": "userPrincipalName",
    "WhenStarted": "occurredDateTime",
    "ImmutableId": "sourceAnchor",
}

Kind = Literal["quarantine", "export"]


def errors(
    context: typer.Context,
    property_: Annotated[
        str | None,
        typer.Option(
            "--property", help="UserPrincipalName, ProxyAddresses or another.", metavar="P"
        ),
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
        Kind | None,
        typer.Option("--kind", help="Quarantined values, or failed exports.", case_sensitive=False),
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
    csv: Csv = False,
) -> None:
    """List the values that are quarantined and the objects whose export fails.

    Each line names the value, who wants it and who holds it; below them stands what resolves it. The key is
    the object's source anchor: any IDENTITY takes it. On a terminal ten objects are listed that ask for one
    value, and the others are counted. With --portal it is the list of the admin center, with its known issues.

    Examples:
      $ connector errors
      $ connector errors --kind quarantine --property ProxyAddresses
      $ connector errors --search joe --max 20
      $ connector errors --portal
      $ connector errors --json | jq -r '.[].object.distinguishedName'
      $ connector errors --csv > errors.csv
    """
    from connector.report.error_report import FIELDS, stream_errors
    from connector.tenant.provisioning_errors import ErrorQuery

    tables_csv.refuse_two_forms(json=json, csv=csv)
    value, search = filled(value, "--value"), filled(search, "--search")
    if property_ is not None:
        property_ = _property(property_)
    if sort is not None:
        sort = word(sort, FIELDS, "--sort", others=_OTHER_FIELDS)
    query = ErrorQuery(property=property_, value=value, search=search, type=type_)
    if portal:
        if type_ or kind or sort:
            raise typer.BadParameter(
                "the admin center lists users in its own order: leave out --type, --kind and --sort",
                param_hint="--portal",
            )
        found = _on_the_portal(context, query)[:max_]
        nobody = "No user has an error." if query == ErrorQuery() else "No error of a user fits."
        _show_portal(found, nobody, json=json, csv=csv)
        return
    with opening.readers(context) as readers:
        found_rows = stream_errors(
            readers.space, readers.tenant, query, kind=kind, sort=sort, limit=max_
        )
        if json:
            output.as_json_list(found_rows)
            return
        if csv:
            tables_csv.show(tables_csv.ERRORS, found_rows)
            return
        rows = list(found_rows)
    if rows:
        _print(rows, whole=value is not None or max_ is not None or output.width() is None)
    elif query == ErrorQuery() and kind is None:
        output.line("No errors.")
    else:
        output.line("No error fits. All that there are: connector errors")


def _print(rows: list[dict[str, Any]], *, whole: bool) -> None:
    """Print errors and what resolves them; of those about one value only some, unless ``whole``."""
    import shlex

    of_value: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        of_value.setdefault(row["value"] and address_key(row["value"]), []).append(row)
    left_out = {
        id(row) for key, some in of_value.items() if key and not whole for row in some[_LISTED:]
    }
    shown = [row for row in rows if id(row) not in left_out]
    output.table(_COLUMNS, map(_row, shown), followed=True)
    for some in of_value.values():
        if more := sum(id(row) in left_out for row in some):
            value = cut(some[0]["value"])
            output.line(
                f"and {counted(more, 'more object')} with {value}: "
                f"connector errors --value {shlex.quote(value)}"
            )
    suggestions = dict.fromkeys(row["suggestion"] for row in shown if row["suggestion"])
    for paragraph in dict.fromkeys(one for cure in suggestions for one in paragraphs(cure)):
        for part in paragraph:
            output.line(part)


def _property(text: str) -> str:
    """Return the name of a property that may cause an error, in the spelling of the tenant.

    Graph calls the addresses ProxyAddress where the cmdlets say ProxyAddresses. Raises BadParameter.
    """
    from connector.report.error_report import OTHER_PROPERTIES, UNIQUE_PROPERTIES

    others = {name: name for name in OTHER_PROPERTIES} | {"ProxyAddress": "ProxyAddresses"}
    return word(text, UNIQUE_PROPERTIES, "--property", others=others)


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
        who["sourceAnchor"] or who["id"],
    ]


def _on_the_portal(context: typer.Context, query: ErrorQuery) -> list[PortalError]:
    """Return the lines of the admin center's page; the filters choose conflicts, not lines."""
    from connector.report.messages import portal_report

    settings = opening.settings(context)
    with opening.reading(settings) as readers:
        return list(portal_report(readers.tenant, query, settings.tenant.known_issues))


def _show_portal(found: list[PortalError], nobody: str, *, json: bool, csv: bool) -> None:
    from connector.report.messages import BANNER
    from connector.values import moments

    if json or csv:
        rows = (
            {
                "id": error.id,
                "displayName": error.display_name,
                "userPrincipalName": error.upn,
                "message": error.message,
                "occurredDateTime": moments.timestamp(error.occurred),
            }
            for error in found
        )
        if json:
            output.as_json_list(rows)
        else:
            tables_csv.show(tables_csv.PORTAL, rows)
        return
    output.line(BANNER if found else nobody)
    for error in found:
        output.line()
        output.line(f"{output.text(error.display_name)}  {output.text(error.upn)}")
        output.line(f"  {cut(error.message)}")
