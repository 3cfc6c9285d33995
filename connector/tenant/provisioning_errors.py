"""Say which provisioning errors are asked for, and what is told of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from connector.model import ObjectType

Sort = Literal["DisplayName", "UserPrincipalName", "OccurredDateTime"]


class Summary(NamedTuple):
    """The names that readers know an object by."""

    id: str
    type: ObjectType
    display_name: str
    upn: str | None
    anchor: str | None
    dn: str | None


class ProvisioningErrorRecord(NamedTuple):
    """A quarantined value, the object that waits for it, and its holder if any."""

    object: Summary
    property: str
    value: str
    occurred: str
    holder: Summary | None


@dataclass(frozen=True, slots=True)
class ErrorQuery:
    """Which provisioning errors to return, in which order.

    ``value`` is compared as addresses are; ``search`` is looked for in display name, UPN and value,
    in any case. With ``case_sensitive`` both are taken literally, as the cmdlets do (seed: "All of
    the following cmdlets are case sensitive").
    """

    property: str | None = None
    value: str | None = None
    search: str | None = None
    type: str | None = None
    sort: Sort | None = None
    descending: bool = False
    limit: int | None = None
    case_sensitive: bool = False
    anchor: str | None = None


EVERY_ERROR = ErrorQuery()
