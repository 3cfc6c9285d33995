"""The Connect Health report: every error of every type by category, with both objects side by side."""

from __future__ import annotations

import csv
import hashlib
import io
from typing import TYPE_CHECKING, Any, Literal

from connector.report import cures
from connector.report.categories import CATEGORIES, category_of, counted
from connector.report.comparison import comparison
from connector.report.error_report import QUARANTINED, stream_errors
from connector.tenant.provisioning_errors import ErrorQuery
from connector.values import moments
from connector.values.csv_cells import defused
from connector.values.printable import cut as shortened
from connector.values.printable import printable
from connector.web.exchange import Reply
from connector.web.pages import listing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from connector.assembly import Readers
    from connector.web.pages.visit import Visit

PATH = "/health/sync-errors"
EXPORT = f"{PATH}.csv"
TYPES = ("user", "group", "contact")
COLUMNS = (
    "Name",
    "Type",
    "Error",
    "Attribute",
    "Value",
    "Held by",
    "Since",
    "Attempts",
    "Category",
    "Source anchor",
    "Distinguished name",
    "Message",
)
"""The columns of the export; the first eight are those of the table."""

_DUPLICATE = category_of(QUARANTINED)
_KEY = 16
_SECONDS_FOR_ALL = 120.0
Row = dict[str, Any]


def show(visit: Visit) -> Reply:
    """Show the page "Sync errors", with the details of one error if they are asked for."""
    filters = _filters(visit)
    with visit.context.reading() as readers:
        counts = counted(
            readers.tenant.counts().quarantined, readers.space.failures.count_by_error()
        )
        total = sum(counts.values())
        known = (
            None
            if any(filters[name] for name in ("search", "type"))
            else counts.get(filters["category"], total)
        )
        number = visit.page_number()
        page = listing.cut(_rows(readers, filters, number), number, known)
        chosen = next((row for row in page.rows if key_of(row) == visit.asked("error")), None)
        details = chosen and _details(readers, chosen)
    return visit.show(
        "health_sync_errors.html",
        {
            "categories": [
                ("All", "", total),
                *((name, name, counts[name]) for name in CATEGORIES),
            ],
            "rows": [(key_of(row), row, name_of(row["object"])) for row in page.rows],
            "page": page,
            "path": PATH,
            "export": EXPORT,
            "filters": filters,
            "filtered": any(filters.values()),
            "types": TYPES,
            "opened": visit.asked("error"),
            "details": details,
            "name_of": name_of,
        },
    )


def export(visit: Visit) -> Reply:
    """Return the same rows, all of them, as CSV for a spreadsheet."""
    with visit.context.reading(seconds=_SECONDS_FOR_ALL) as readers:
        body = as_csv(_rows(readers, _filters(visit)))
    headers = {"Content-Disposition": 'attachment; filename="sync-errors.csv"'}
    return Reply(200, body, "text/csv; charset=utf-8", headers)


def as_csv(rows: Iterator[Row]) -> bytes:
    """Write errors as CSV in UTF-8; a cell that a spreadsheet takes for a formula begins with an apostrophe."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([defused(printable(shortened(cell))) for cell in _cells(row)])
    return text.getvalue().encode("utf-8", "replace")


def _cells(row: Mapping[str, Any]) -> Sequence[str]:
    who, holder = row["object"], row["conflictsWith"]
    return [
        name_of(who),
        who["objectType"] or "",
        row["error"],
        row["propertyCausingError"] or "",
        row["value"] or "",
        name_of(holder) if holder else "",
        moments.without_fraction(row["occurredDateTime"]),
        str(row["attempts"]),
        category_of(row["error"]),
        who["sourceAnchor"] or "",
        who["distinguishedName"] or "",
        row["message"] or "",
    ]


def name_of(item: Mapping[str, Any]) -> str:
    """Return what an object of an error is called: its name, else its DN, else its source anchor."""
    return str(
        item["displayName"] or item["distinguishedName"] or item["sourceAnchor"] or item["id"]
    )


def identity_of(item: Mapping[str, Any]) -> str:
    """Return what the page of an object is found by; the cloud does not have every one."""
    return str(item["id"] or item["sourceAnchor"] or "")


def key_of(row: Mapping[str, Any]) -> str:
    """Name an error by its object, property and value, in letters that an address may have."""
    parts = (row["kind"], identity_of(row["object"]), row["propertyCausingError"], row["value"])
    return hashlib.sha256("\0".join(map(str, parts)).encode("utf-8", "replace")).hexdigest()[:_KEY]


def _filters(visit: Visit) -> dict[str, str]:
    """Return the filters of the query; a type that there is not does not count."""
    category, kind = visit.asked("category"), visit.asked("type")
    return {
        "search": visit.asked("search"),
        "category": "" if category == "All" else category,
        "type": kind if kind in TYPES else "",
    }


def _rows(readers: Readers, filters: Mapping[str, str], pages: int | None = None) -> Iterator[Row]:
    """Yield the errors that fit, at most those of so many pages and one more.

    Nobody reads the values in quarantine for another category.
    """
    category = filters["category"]
    kind: Literal["export"] | None = None if category in ("", _DUPLICATE) else "export"
    query = ErrorQuery(search=filters["search"] or None, type=filters["type"] or None)
    limit = None if category or pages is None else pages * listing.ROWS + 1
    for row in stream_errors(readers.space, readers.tenant, query, kind=kind, limit=limit):
        if category in ("", category_of(row["error"])):
            yield row


def _details(readers: Readers, row: Row) -> dict[str, object]:
    other = row["conflictsWith"]
    return {
        "row": row,
        "category": category_of(row["error"]),
        "cure": cures.paragraphs(row["suggestion"] or ""),
        "comparison": comparison(row, readers.space, readers.tenant),
        "objects": [
            (role, name_of(item), identity_of(item))
            for role, item in (
                ("Object with the error", row["object"]),
                ("Conflicting object", other),
            )
            if item and identity_of(item)
        ],
    }
