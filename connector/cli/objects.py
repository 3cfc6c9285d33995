"""``connector objects`` and ``connector show``: what the tenant has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from connector.cli import opening, output, tables_csv
from connector.cli.output import Json
from connector.cli.tables_csv import Csv

if TYPE_CHECKING:
    from collections.abc import Mapping

_COLUMNS = ("Type", "Name", "Sign-in name or address", "Errors", "Id")


Type = Literal["user", "group", "contact"]
TypeOption = Annotated[
    Type | None, typer.Option("--type", help="Only objects of this type.", case_sensitive=False)
]


def objects(
    context: typer.Context,
    type_: TypeOption = None,
    deleted: Annotated[bool, typer.Option("--deleted", help="List soft-deleted users.")] = False,
    excluded: Annotated[
        bool, typer.Option("--excluded", help="List the entries that are not synced, and why.")
    ] = False,
    json: Json = False,
    csv: Csv = False,
) -> None:
    """List the objects of the tenant, or the entries of the directory that are not synced.

    One line an object: its type, names and cloud id, and how many of its values are quarantined. The JSON
    has the shape of Microsoft Graph.

    Examples:
      $ connector objects
      $ connector objects --type group
      $ connector objects --deleted           users that can still be restored
      $ connector objects --excluded          entries that are left out, each with the reason
      $ connector objects --json | jq -r '.[].userPrincipalName'
      $ connector objects --csv > objects.csv
    """
    tables_csv.refuse_two_forms(json=json, csv=csv)
    if excluded:
        _list_excluded(context, type_, json=json, csv=csv)
        return
    with opening.readers(context) as readers:
        found = readers.tenant.objects(type_, deleted=deleted)
        if json:
            output.as_json_list(found, whole=True)
        elif csv:
            tables_csv.show(tables_csv.OBJECTS, found)
        else:
            output.table(_COLUMNS, map(_row, found))


def _list_excluded(context: typer.Context, type_: Type | None, *, json: bool, csv: bool) -> None:
    from connector.report.left_out import entry_row

    with opening.readers(context) as readers:
        rows = map(entry_row, readers.space.excluded.entries())
        found = (row for row in rows if type_ is None or row["objectType"] == type_)
        if json:
            output.as_json_list(found)
        elif csv:
            tables_csv.show(tables_csv.EXCLUDED, found)
        else:
            output.table(
                ("Reason", "Entry", "Why"),
                ([r["reason"], r["distinguishedName"], r["message"]] for r in found),
            )


def show(
    context: typer.Context,
    identity: Annotated[
        str,
        typer.Argument(
            metavar="IDENTITY",
            help="A DN, a UPN, an address, a source anchor, a cloud id, a uid or another name.",
        ),
    ],
    json: Json = False,
) -> None:
    """Show one object with everything the tenant knows of it.

    Its members, addresses and provisioning errors included. For what the directory says of it, and why it
    is as it is, see connector explain.

    Examples:
      $ connector show user.a@contoso.com
      $ connector show 'User A'                                by its display name, uid or cn
      $ connector show 'cn=All Contoso,ou=groups,dc=contoso,dc=com' --json
    """
    from connector.report.identity import cloud_identity

    with opening.readers(context) as readers:
        found = readers.tenant.show(cloud_identity(readers.space, readers.tenant, identity))
        item = readers.tenant.by_id([found["id"]])[found["id"]]
    if json:
        output.as_json(found, whole=True)
    else:
        facts = {name: _shown(value) for name, value in found.items() if value not in (None, [])}
        if item.admin_role:
            # Not a property of Graph, which keeps the members of roles elsewhere: not in the JSON.
            facts["administratorRole"] = True
        output.facts(facts)


def _row(item: Mapping[str, Any]) -> list[object]:
    return [
        item["objectType"],
        item["displayName"],
        item.get("userPrincipalName") or item.get("mail"),
        len(item["onPremisesProvisioningErrors"]) or "",
        item["id"],
    ]


def _shown(value: object) -> object:
    """Say nested values in one line each."""
    if isinstance(value, list):
        return [_shown(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "objectType" in value:
        return f"{value['displayName']} ({value['objectType']} {value['id']})"
    return ", ".join(f"{name} {part}" for name, part in value.items() if part is not None)
