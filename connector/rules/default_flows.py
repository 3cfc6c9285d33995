"""The attribute flows of the default rules: a row of a table each, so that a value can be traced to its rule.

The rules, and their names, are those of Azure AD Connect's default configuration (build 1.1.130.0), read for
plain LDAP: ``uid`` stands in for sAMAccountName.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from connector.model import ObjectType
from connector.rules import transforms
from connector.rules.transforms import Source, text

if TYPE_CHECKING:
    from collections.abc import Callable

    Value = str | bool | list[str] | dict[str, str] | dict[str, str | int]

PICTURE = "thumbnailPhoto"


class Flow(NamedTuple):
    """One attribute flow.

    ``property`` is a Graph name. ``sources`` are the attributes that it is made of, the one that counts
    first in front, as the directory spells them; ``names`` are the same in lower case. ``rule`` is the
    name of the synchronization rule. With ``always`` the property has a value without any source.
    """

    property: str
    sources: tuple[str, ...]
    names: tuple[str, ...]
    transform: Callable[[Source, tuple[str, ...]], Value | None]
    rule: str
    always: bool = False


def _flow(
    name: str,
    sources: str,
    rule: str,
    transform: Callable[[Source, tuple[str, ...]], Value | None] = text,
    *,
    always: bool = False,
) -> Flow:
    """Make a row of the table; ``sources`` are separated by spaces, ``rule`` ends the documented name."""
    names = tuple(sources.lower().split())
    documented = f"In from AD - {rule}"
    return Flow(name, tuple(sources.split()), names, transform, documented, always or not names)


_EXTENSIONS = " ".join(f"extensionAttribute{number}" for number in range(1, 16))


def _recipient(common: str, exchange: str) -> tuple[Flow, ...]:
    """Return the rows of users, groups and contacts; the types differ in the row of mailNickname."""
    return (
        _flow("displayName", "displayName cn", common),
        _flow("mail", "mail", common),
        _flow("proxyAddresses", "proxyAddresses", exchange, transforms.proxy_addresses),
        _flow("onPremisesDistinguishedName", "", common, transforms.distinguished_name),
    )


def _person(common: str, exchange: str) -> tuple[Flow, ...]:
    """Return the rows that users and contacts share."""
    return (
        *_recipient(common, exchange),
        _flow("givenName", "givenName", common),
        _flow("surname", "sn", common),
        _flow("jobTitle", "title", common),
        _flow("department", "department", common),
        _flow("companyName", "company", common),
        _flow("officeLocation", "physicalDeliveryOfficeName", common),
        _flow("mobilePhone", "mobile", common),
        _flow("businessPhones", "telephoneNumber", common, transforms.texts),
        _flow("streetAddress", "streetAddress street", common),
        _flow("city", "l", common),
        _flow("state", "st", common),
        _flow("postalCode", "postalCode", common),
        _flow("country", "co c", common),
        _flow(PICTURE, PICTURE, common, transforms.picture),
        _flow("targetAddress", "targetAddress", exchange),
    )


def _account(join: str, common: str) -> tuple[Flow, ...]:
    """Return the rows that users and groups share."""
    return (
        _flow("description", "description", common, transforms.description),
        _flow("onPremisesSamAccountName", "sAMAccountName uid", join, transforms.account_name),
        _flow("onPremisesSecurityIdentifier", "objectSid", join, transforms.security_identifier),
        _flow("onPremisesDomainName", "", join, transforms.domain_name),
    )


MANAGER_RULES = {
    ObjectType.USER: "In from AD - User Common",
    ObjectType.CONTACT: "In from AD - Contact Common",
    ObjectType.GROUP: "In from AD - Group Common",
}
"""The default rule by which the manager of an object flows, as a reference."""

FLOWS: dict[ObjectType, tuple[Flow, ...]] = {
    ObjectType.USER: (
        _flow(
            "userPrincipalName",
            "userPrincipalName sAMAccountName uid mail",
            "User AccountEnabled",
            transforms.user_principal_name,
        ),
        _flow(
            "accountEnabled",
            "userAccountControl",
            "User AccountEnabled",
            transforms.account_enabled,
            always=True,
        ),
        *_person("User Common", "User Common from Exchange"),
        *_account("User Join", "User Common"),
        _flow("mailNickname", "mailNickname", "User Exchange"),
        _flow("faxNumber", "facsimileTelephoneNumber", "User Common"),
        _flow(
            "usageLocation",
            "usageLocation msExchUsageLocation mailNickname",
            "User Common",
            transforms.usage_location,
        ),
        _flow("employeeId", "employeeID", "User Common"),
        _flow("employeeType", "employeeType", "User Common"),
        _flow("preferredLanguage", "preferredLanguage", "User Common"),
        _flow(
            "onPremisesExtensionAttributes",
            _EXTENSIONS,
            "User Exchange",
            transforms.extension_attributes,
        ),
    ),
    ObjectType.GROUP: (
        *_recipient("Group Common", "Group Exchange"),
        *_account("Group Join", "Group Common"),
        _flow("mailNickname", "mailNickname", "Group Exchange"),
        _flow(
            "mailEnabled", "proxyAddresses mail", "Group Join", transforms.mail_enabled, always=True
        ),
        _flow(
            "securityEnabled", "groupType", "Group Join", transforms.security_enabled, always=True
        ),
    ),
    ObjectType.CONTACT: (
        *_person("Contact Common", "Contact Common"),
        _flow("mailNickname", "mailNickname cn", "Contact Common"),
    ),
}
"""The attribute flows by object type."""

DEFAULT_NAMES = tuple(
    dict.fromkeys(
        [row.rule for rows in FLOWS.values() for row in rows] + ["In from AD - Contact Join"]
    )
)
"""The names of the default rules, as the documents have them."""

SPELLINGS = {
    name: source
    for rows in FLOWS.values()
    for row in rows
    for name, source in zip(row.names, row.sources, strict=True)
}
"""The attributes that flow as directories spell them, by their lower-case names."""
