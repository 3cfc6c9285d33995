"""Write the admin center's messages about conflicts (docs/sources.md 1.7), faults included.

The seed's "Office Portal Report" documents two faults. With these switched off, the messages are
correct.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from connector.values import moments
from connector.values.addresses import ProxyAddress

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import datetime

    from connector.tenant.provisioning_errors import ErrorQuery, ProvisioningErrorRecord
    from connector.tenant.service import TenantService

SAME_MESSAGE = "portal-same-message"
OWN_DISPLAY_NAME = "portal-own-display-name"
BANNER = (
    "There is an error on one or more user accounts. To see which users are affected and the "
    'detailed error message, select the "users with errors" view.'
)
MODIFIED_LABEL = "(Modified automatically)"
UPN = "UserPrincipalName"
_RESOLVE = (
    "All attribute values need to be unique across objects. First decide which object should use "
    "the value, then update or remove it from the others."
)


class PortalError(NamedTuple):
    """One line of the page "Directory sync errors": a user, by cloud id, and its message.

    ``attribute`` and ``value`` are those of the conflict; ``waits`` says that the user waits for the value,
    and not that it has it.
    """

    id: str
    display_name: str
    upn: str | None
    message: str
    occurred: datetime
    attribute: str
    value: str
    waits: bool


def portal_errors(
    records: Iterable[tuple[ProvisioningErrorRecord, datetime]], known_issues: Collection[str]
) -> Iterator[PortalError]:
    """Yield the lines of the page for provisioning errors and the times they occurred.

    Seed: "The report in the Microsoft 365 admin center only displays User objects that have these
    errors. It does not show info about conflicts between Groups and Contacts."
    """
    for record, occurred in records:
        claimant, holder = record.object, record.holder
        message = conflict_message(
            record.property,
            record.value,
            claimant=claimant.display_name,
            holder=holder and holder.display_name,
            placeholder=claimant.upn,
            occurred=occurred,
            known_issues=known_issues,
        )
        shown = [claimant]
        if holder is not None and same_message(record.property, known_issues):
            shown.append(holder)
        for user in shown:
            if user.type == "user":
                yield PortalError(
                    user.id,
                    user.display_name,
                    user.upn,
                    message,
                    occurred,
                    record.property,
                    record.value,
                    user is claimant,
                )


def portal_report(
    tenant: TenantService, query: ErrorQuery, known_issues: Collection[str]
) -> Iterator[PortalError]:
    """Yield the lines of the page for the conflicts that a query chooses, oldest first."""
    conflicts = tenant.provisioning_errors(query)
    dated = ((record, moments.read(record.occurred)) for record in conflicts)
    return portal_errors(dated, known_issues)


def same_message(attribute: str, known_issues: Collection[str]) -> bool:
    """Tell whether the holder shows the message of the user that was changed.

    Seed, Office Portal Report 1: "The detailed error message for two objects in a UPN conflict set is
    the same. This indicates that they have both had their UPN changed / quarantined, when in fact
    only a one of them had any data changed."
    """
    return attribute == UPN and SAME_MESSAGE in known_issues


def named_holder(claimant: str, holder: str | None, known_issues: Collection[str]) -> str | None:
    """Return the display name that the message gives for the holder.

    Seed, Office Portal Report 2: "The error message for User B should indicate that User A already has
    User@contoso.com as a UPN, but it shows User B's own displayName."
    """
    return claimant if OWN_DISPLAY_NAME in known_issues else holder


def conflict_message(  # noqa: PLR0913 - the sentence names them all
    attribute: str,
    value: str,
    *,
    claimant: str,
    holder: str | None,
    placeholder: str | None,
    occurred: datetime,
    known_issues: Collection[str],
) -> str:
    """Write the message about a quarantined value.

    ``attribute`` is ``UserPrincipalName`` or ``ProxyAddresses``. ``holder`` is the display name of the
    object that has the value, None if no object has it any more. ``placeholder`` is the current UPN of
    the claimant.
    """
    if attribute == UPN:
        name = named_holder(claimant, holder, known_issues)
        return upn_message(value, placeholder or "", name)
    return proxy_message(value, occurred)


def upn_message(value: str, placeholder: str, holder: str | None) -> str:
    by = f"an existing user, {holder}," if holder else "another object"
    return (
        "[DIRSYNC ERROR]: This User has been synced to your Azure Active Directory but we had to "
        f"modify the UserPrincipalName property from {value} to {placeholder} because {by} was "
        "already created with this value."
    )


def proxy_message(value: str, occurred: datetime) -> str:
    """Write the message about a duplicate address; it does not name the holder."""
    bare = ProxyAddress.parse(value).address
    return (
        f"We detected a duplicate Proxy address conflict on the value {bare}. {_RESOLVE} "
        f"This error was detected on {portal_time(occurred)}."
    )


def portal_time(moment: datetime) -> str:
    """Write a time in the format of the page: ``9/7/17 12:32 PM``."""
    return f"{moment.month}/{moment.day}/{moment:%y} {moment.hour % 12 or 12}:{moment:%M %p}"
