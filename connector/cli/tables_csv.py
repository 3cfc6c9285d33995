"""Print lists as CSV for spreadsheets: a heading, then a row an item as it is read."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.values.csv_cells import defused
from connector.values.printable import cut, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Csv = Annotated[
    bool,
    typer.Option("--csv", help="Print CSV; what a spreadsheet takes for a formula is defused."),
]
_BETWEEN = ";"

OBJECTS = (
    "objectType",
    "displayName",
    "userPrincipalName",
    "mail",
    "mailNickname",
    "proxyAddresses",
    "accountEnabled",
    "givenName",
    "surname",
    "jobTitle",
    "department",
    "companyName",
    "description",
    "onPremisesDistinguishedName",
    "onPremisesImmutableId",
    "onPremisesSyncEnabled",
    "onPremisesLastSyncDateTime",
    "onPremisesProvisioningErrors",
    "createdDateTime",
    "deletedDateTime",
    "id",
)
_OF_AN_OBJECT = (
    "objectType",
    "displayName",
    "userPrincipalName",
    "distinguishedName",
    "sourceAnchor",
    "id",
)
ERRORS = (
    "kind",
    "error",
    "category",
    "propertyCausingError",
    "value",
    "occurredDateTime",
    "attempts",
    *(f"{of}.{name}" for of in ("object", "conflictsWith") for name in _OF_AN_OBJECT),
    "message",
    "suggestion",
)

EXCLUDED = ("reason", "objectType", "classes", "distinguishedName", "sourceAnchor", "message")
PORTAL = ("displayName", "userPrincipalName", "message", "occurredDateTime", "id")


def refuse_two_forms(*, json: bool, csv: bool) -> None:
    if json and csv:
        raise typer.BadParameter("choose one form: --json or --csv", param_hint="--csv")


def show(columns: Sequence[str], items: Iterable[Mapping[str, Any]]) -> None:
    """Print a heading and a row an item; ``object.id`` is the ``id`` of the item's ``object``."""
    typer.echo(",".join(columns))
    paths = [column.split(".") for column in columns]
    for item in items:
        typer.echo(_row(cell(_at(item, path)) for path in paths))


def cell(value: object) -> str:
    """Write a value as the text of a cell; the errors of an object as its quarantined values."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list():
            return defused(_BETWEEN.join(cell(item) for item in value))
        case dict():
            return printable(cut(str(value.get("value", ""))))
        case _:
            return defused(printable(cut(str(value))))


def _at(item: Any, path: Sequence[str]) -> object:
    for name in path:
        if item is None:
            return None
        item = item.get(name)
    return item


def _row(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(cells)
    return line.getvalue()
