"""The admin center's report: users with errors, the detailed messages, and both of its known issues."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from connector.report import cures
from connector.report.messages import BANNER, MODIFIED_LABEL, UPN, portal_report
from connector.tenant.provisioning_errors import ErrorQuery
from connector.values import moments
from connector.values.addresses import fold
from connector.web.pages.listing import Listed, cut

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from connector.assembly import Readers
    from connector.report.messages import PortalError
    from connector.tenant.service import TenantService
    from connector.web.exchange import Reply
    from connector.web.pages.visit import Visit

PATH = "/admin/sync-errors"
PROPERTIES = ("UserPrincipalName", "ProxyAddresses")
_KEY = 16


class Line(NamedTuple):
    """A row of the table; ``key`` names it in the address of its details."""

    key: str
    error: PortalError
    occurred: str
    label: str


def show(visit: Visit) -> Reply:
    """Show the page "Directory sync errors", with the details of one line if they are asked for."""
    search, attribute = visit.asked("search"), visit.asked("property")
    chosen = attribute if attribute in PROPERTIES else ""
    with visit.context.reading() as readers:
        known_issues = visit.context.settings.tenant.known_issues
        found = portal_report(readers.tenant, ErrorQuery(property=chosen or None), known_issues)
        page = cut(matching(found, search), visit.page_number())
        lines = [_line(readers.tenant, error) for error in page.rows]
        key = visit.asked("error")
        filters = {"search": search, "property": chosen}
        is_any = bool(lines) or (any(filters.values()) and _has_errors(readers, known_issues))
        details = _details(readers, next((line for line in lines if line.key == key), None))
    return visit.show(
        "admin_sync_errors.html",
        {
            "banner": BANNER if is_any else None,
            "lines": lines,
            "page": Listed(lines, page.number, page.more, page.total),
            "path": PATH,
            "filters": filters,
            "filtered": any(filters.values()),
            "properties": PROPERTIES,
            "opened": key,
            "details": details,
        },
    )


def matching(errors: Iterable[PortalError], search: str) -> Iterator[PortalError]:
    """Yield the lines with this text in the name, the user name or the value, whatever its case."""
    wanted = fold(search)
    for error in errors:
        if any(wanted in fold(text) for text in (error.display_name, error.upn or "", error.value)):
            yield error


def key_of(error: PortalError) -> str:
    """Name a line by the user, the property and the value, in letters that an address may have."""
    parts = (error.id, error.attribute, error.value, str(error.waits))
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:_KEY]


def _has_errors(readers: Readers, known_issues: Collection[str]) -> bool:
    return next(portal_report(readers.tenant, ErrorQuery(), known_issues), None) is not None


def _line(tenant: TenantService, error: PortalError) -> Line:
    label = MODIFIED_LABEL if error.waits and _waits_for_upn(tenant, error) else ""
    return Line(key_of(error), error, moments.timestamp(error.occurred), label)


def _waits_for_upn(tenant: TenantService, error: PortalError) -> bool:
    """Tell whether the UPN of a user is the tenant's own, because it waits for another one."""
    if error.attribute == UPN:
        return True
    waiting = tenant.show(error.id)["onPremisesProvisioningErrors"]
    return any(one["propertyCausingError"] == UPN for one in waiting)


def _details(readers: Readers, line: Line | None) -> dict[str, object] | None:
    """Return what the pane shows of a line: its message, and what resolves it."""
    if line is None:
        return None
    error = line.error
    records = readers.tenant.provisioning_errors(
        ErrorQuery(property=error.attribute, value=error.value, type="user")
    )
    for record in records:
        of_line = record.object if error.waits else record.holder
        if of_line is not None and of_line.id == error.id:
            ids = {one.id for one in (record.object, record.holder) if one}
            known = readers.tenant.by_id(ids)
            waiter = known[record.object.id]
            holder = known[record.holder.id] if record.holder else None
            stays = holder is None and readers.tenant.stays_in_quarantine(record, waiter)
            cure = cures.of_quarantine(error.attribute, error.value, waiter, holder, stays=stays)
            return {"line": line, "cure": cures.paragraphs(cure)}
    return {"line": line, "cure": []}
