"""The messages of the service, as its documents quote them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.values.addresses import ProxyAddress

if TYPE_CHECKING:
    from collections.abc import Iterable

NOT_DELETABLE = "This synchronization operation, Delete, is not valid. Contact Technical Support."
NOT_FOUND = "Unable to update this object because the user ID is not found."
HARD_MATCH_BLOCKED = (
    "Another cloud created object with the same source anchor already exists in Azure Active "
    "Directory"
)
HARD_MATCH_ADMIN_ROLE = (
    "Unable to match this object with the cloud user that has the same source anchor, because that "
    "user holds an administrator role. Remove the role from the cloud user, or the source anchor."
)
ADMIN_ROLE = (
    "Unable to match this object with an existing cloud user, because that user holds an "
    "administrator role. Remove the role from the cloud user, or change the user principal name "
    "in your local directory services."
)
# The only property that the texts of the service call otherwise than its Graph does.
_IN_TEXTS = {"OnPremisesSecurityIdentifier": "OnPremiseSecurityIdentifier"}


def duplicates(clashes: Iterable[tuple[str, str]]) -> str:
    """Say that an operation failed on values of others (docs/sources.md 2.2)."""
    return (
        "Unable to update this object because the following attributes associated with this "
        "object have values that may already be associated with another object in your local "
        f"directory services: {_bracket(clashes)}. Correct or remove the duplicate values in your "
        "local directory."
    )


def modified(clashes: Iterable[tuple[str, str]]) -> str:
    """Say that an operation left values out (docs/sources.md 14.2, 1.7)."""
    return (
        "This object has been updated in your Azure Active Directory, but with some modified "
        "properties, because the following attributes are associated with another object "
        f"{_bracket(clashes)}. Please refer to https://aka.ms/duplicateattributeresiliency for "
        "steps on how to resolve this issue."
    )


def _bracket(clashes: Iterable[tuple[str, str]]) -> str:
    """Write ``[ProxyAddresses SMTP:a@x,smtp:b@y,UserPrincipalName a@x;]``."""
    groups: dict[str, list[str]] = {}
    for attribute, value in clashes:
        groups.setdefault(_named(attribute, value), []).append(value)
    return "[" + ",".join(f"{name} {','.join(values)}" for name, values in groups.items()) + ";]"


def _named(attribute: str, value: str) -> str:
    """Name the attribute of a value as the text does (docs/sources.md 13.7 of SIP addresses)."""
    if ProxyAddress.parse(value).namespace == "sip":
        return "SipProxyAddress"
    return _IN_TEXTS.get(attribute, attribute)


def owned_by(client: str) -> str:
    """Describe an object that another client exported."""
    return (
        f"Another sync client of this tenant exported the object with this source anchor: {client}. It is "
        "left as it is. Take it out of the scope of one of the two, or take it over."
    )
