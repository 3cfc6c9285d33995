"""The properties of Graph's types: how each is read from a row of the tenant, and found by a filter.

What Graph's types do not have is not here, so it is never written. A property that the tenant never has
is null or empty, as in a tenant of the service that does not use it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from connector.tenant.selection import (
    NOTHING,
    Anchored,
    Column,
    Constant,
    Element,
    First,
    Shadow,
    Texts,
)
from connector.tenant.shape import EXTENSION
from connector.values.canonical import decode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from connector.tenant.objects import ProvisioningError, TenantObject
    from connector.tenant.selection import Elements, Value

EXCHANGE_SKU = "4b9405b0-7788-4568-add1-99614e613b69"
EXCHANGE_PLAN = "9aaf7827-d63c-4b61-89c3-182f06f82e5c"

Kind = Literal["text", "flag", "moment", "complex", "texts", "complexes"]
EXTENSIONS = tuple(f"extensionAttribute{number}" for number in range(1, 16))
_EXTENSION = re.compile(r"extension_(?:[0-9a-fA-F]{32}_)?([A-Za-z][A-Za-z0-9_]*)", re.ASCII)
_TO_SECOND = len("2017-09-07T12:32:00")


class Row(NamedTuple):
    """An object of the tenant with what belongs to it."""

    item: TenantObject
    shadow: Mapping[str, Any]
    errors: Iterable[ProvisioningError]


@dataclass(frozen=True, slots=True)
class Property:
    """A property of a type.

    ``value`` is what the tenant finds it by: a flag as 0 or 1, a moment to the second. ``elements``
    are those of a collection, where it can be asked for them. ``fields`` are the properties of an
    element, or of a complex value.
    """

    name: str
    kind: Kind
    read: Callable[[Row], Any]
    value: Value = NOTHING
    elements: Elements | None = None
    fields: Mapping[str, Field] = field(default_factory=dict)

    @property
    def is_collection(self) -> bool:
        return self.kind in {"texts", "complexes"}


class Field(NamedTuple):
    """A property of an element or of a complex value; the nameless one is the element itself."""

    kind: Kind
    value: Value


def second(moment: str | None) -> str | None:
    """Write a stored moment as Graph does, to the second."""
    return None if moment is None else f"{moment[:_TO_SECOND]}Z"


def is_extension(name: str) -> bool:
    """Tell whether a name is that of a directory extension, which no type lists."""
    return _EXTENSION.fullmatch(name) is not None


def extension(row: Row, name: str) -> Any:
    """Return the value of a directory extension, None where the object has none.

    Graph puts the id of an application behind ``extension_``; the tenant has no applications that own
    extensions, so any id will do, and none.
    """
    found = _EXTENSION.fullmatch(name)
    return row.shadow.get(f"{EXTENSION}{found[1]}") if found else None


def _shadow(*names: str) -> list[Property]:
    return [Property(name, "text", _from_shadow(name), Shadow((name,))) for name in names]


def _from_shadow(name: str) -> Callable[[Row], Any]:
    return lambda row: row.shadow.get(name)


def _flag(name: str) -> Property:
    return Property(name, "flag", _from_shadow(name), Shadow((name,)))


def _column(name: str, column: str) -> Property:
    return Property(name, "text", lambda row: getattr(row.item, column), Column(column))


def _moment(name: str, column: str) -> Property:
    return Property(
        name,
        "moment",
        lambda row: second(getattr(row.item, column)),
        Column(column, second=True),
    )


def _nothing(kind: Kind, *names: str) -> list[Property]:
    if kind in {"texts", "complexes"}:
        fields = {"": Field("text", Element())}
        return [
            Property(name, kind, lambda _: [], elements="none", fields=fields) for name in names
        ]
    return [Property(name, kind, lambda _: None) for name in names]


# --- what several types have ------------------------------------------------------------------

_ID = _column("id", "id")
_DISPLAY_NAME = _column("displayName", "display_name")
_MAIL = _column("mail", "mail")
_NICKNAME = _column("mailNickname", "nickname")
_CREATED = _moment("createdDateTime", "created")
_DELETED = _moment("deletedDateTime", "deleted")
_LAST_SYNC = _moment("onPremisesLastSyncDateTime", "last_sync")
_SYNCED = Property(
    "onPremisesSyncEnabled",
    "flag",
    lambda row: None if row.item.synced is None else row.item.synced == 1,
    Column("synced"),
)
_PROXIES = Property(
    "proxyAddresses",
    "texts",
    lambda row: decode(row.item.proxies),
    elements=Texts("proxies"),
    fields={"": Field("text", Element())},
)
_ERRORS = Property(
    "onPremisesProvisioningErrors",
    "complexes",
    lambda row: [error_json(error) for error in row.errors],
    elements="errors",
    fields={
        "category": Field("text", Constant("PropertyConflict")),
        "occurredDateTime": Field("moment", Element("occurred", second=True)),
        "propertyCausingError": Field("text", Element("property")),
        "value": Field("text", Element("value")),
    },
)
_PHONES = Property(
    "businessPhones",
    "texts",
    lambda row: row.shadow.get("businessPhones", []),
    elements=Texts("businessPhones"),
    fields={"": Field("text", Element())},
)
_ON_PREMISES = _shadow(
    "onPremisesDomainName", "onPremisesSamAccountName", "onPremisesSecurityIdentifier"
)
_EVERY = (_ID, _DISPLAY_NAME, _MAIL, _NICKNAME, _DELETED, _LAST_SYNC, _SYNCED, _PROXIES, _ERRORS)


def error_json(error: ProvisioningError) -> dict[str, Any]:
    """Return one of the ``onPremisesProvisioningErrors``."""
    return {
        "category": "PropertyConflict",
        "occurredDateTime": second(error.occurred),
        "propertyCausingError": error.attribute,
        "value": error.value,
    }


# --- users ------------------------------------------------------------------------------------


def _extensions(row: Row) -> dict[str, Any]:
    given = row.shadow.get("onPremisesExtensionAttributes") or {}
    return {name: given.get(name) for name in EXTENSIONS}


def _licences(row: Row) -> list[dict[str, Any]]:
    return [{"disabledPlans": [], "skuId": EXCHANGE_SKU}] if row.item.exchange else []


def _plans(row: Row) -> list[dict[str, Any]]:
    enabled = {"capabilityStatus": "Enabled", "service": "exchange", "servicePlanId": EXCHANGE_PLAN}
    return [enabled] if row.item.exchange else []


def _on_premises_upn(row: Row) -> Any:
    return row.shadow.get("userPrincipalName") if row.item.anchor is not None else None


_USAGE_LOCATION = Property(
    "usageLocation",
    "text",
    lambda row: row.item.usage_location or row.shadow.get("usageLocation"),
    First((Column("usage_location"), Shadow(("usageLocation",)))),
)
_USER_TYPE = Property(
    "userType",
    "text",
    lambda row: row.shadow.get("userType", "Member"),
    First((Shadow(("userType",)), Constant("Member"))),
)
_OTHER_MAILS = Property(
    "otherMails",
    "texts",
    lambda row: row.shadow.get("otherMails", []),
    elements=Texts("otherMails"),
    fields={"": Field("text", Element())},
)
USER = (
    *_EVERY,
    *_shadow("givenName", "jobTitle", "mobilePhone", "officeLocation", "preferredLanguage"),
    *_shadow(
        "surname",
        "city",
        "companyName",
        "country",
        "department",
        "employeeId",
        "faxNumber",
        "employeeType",
    ),
    *_shadow("postalCode", "state", "streetAddress", "onPremisesDistinguishedName"),
    *_ON_PREMISES,
    _flag("accountEnabled"),
    _PHONES,
    _CREATED,
    _column("userPrincipalName", "upn"),
    _column("onPremisesImmutableId", "anchor"),
    Property(
        "onPremisesUserPrincipalName",
        "text",
        _on_premises_upn,
        Anchored(Shadow(("userPrincipalName",))),
    ),
    Property(
        "onPremisesExtensionAttributes",
        "complex",
        _extensions,
        fields={
            name: Field("text", Shadow(("onPremisesExtensionAttributes", name)))
            for name in EXTENSIONS
        },
    ),
    _USAGE_LOCATION,
    _USER_TYPE,
    _OTHER_MAILS,
    Property(
        "assignedLicenses",
        "complexes",
        _licences,
        elements="licence",
        fields={"skuId": Field("text", Constant(EXCHANGE_SKU))},
    ),
    Property(
        "assignedPlans",
        "complexes",
        _plans,
        elements="licence",
        fields={
            "capabilityStatus": Field("text", Constant("Enabled")),
            "service": Field("text", Constant("exchange")),
            "servicePlanId": Field("text", Constant(EXCHANGE_PLAN)),
        },
    ),
    *_nothing("texts", "imAddresses"),
    *_nothing("complexes", "identities", "provisionedPlans", "serviceProvisioningErrors"),
    *_nothing("text", "ageGroup", "consentProvidedForMinor", "creationType"),
    *_nothing("text", "externalUserState", "legalAgeGroupClassification", "passwordPolicies"),
    *_nothing("text", "preferredDataLocation", "securityIdentifier"),
    *_nothing("moment", "employeeHireDate", "lastPasswordChangeDateTime"),
    *_nothing("moment", "signInSessionsValidFromDateTime"),
    *_nothing("flag", "isResourceAccount", "showInAddressList"),
)
USER_DEFAULTS = (
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
    "id",
)

# --- groups -----------------------------------------------------------------------------------

GROUP = (
    *_EVERY,
    *_shadow("description"),
    *_ON_PREMISES,
    _flag("mailEnabled"),
    _flag("securityEnabled"),
    _CREATED,
    *_nothing("texts", "groupTypes"),
    *_nothing("texts", "resourceBehaviorOptions", "resourceProvisioningOptions"),
    *_nothing("complexes", "assignedLicenses", "serviceProvisioningErrors"),
    *_nothing("text", "classification", "membershipRule", "membershipRuleProcessingState"),
    *_nothing("text", "onPremisesNetBiosName", "preferredDataLocation", "preferredLanguage"),
    *_nothing("text", "securityIdentifier", "theme", "uniqueName", "visibility"),
    *_nothing("moment", "expirationDateTime", "renewedDateTime"),
    *_nothing("flag", "isAssignableToRole"),
)
_GROUP_ON_SELECT = frozenset({"assignedLicenses"})
GROUP_DEFAULTS = [each.name for each in GROUP if each.name not in _GROUP_ON_SELECT]

# --- contacts ---------------------------------------------------------------------------------

_ADDRESS = {
    "city": "city",
    "countryOrRegion": "country",
    "officeLocation": "officeLocation",
    "postalCode": "postalCode",
    "state": "state",
    "street": "streetAddress",
}
_NUMBERS = (("mobile", "mobilePhone"), ("businessFax", "faxNumber"))


def _addresses(row: Row) -> list[dict[str, Any]]:
    address = {name: row.shadow.get(source) for name, source in _ADDRESS.items()}
    return [address] if any(address.values()) else []


def _phones(row: Row) -> list[dict[str, Any]]:
    business = row.shadow.get("businessPhones", ())
    found = [{"number": number, "type": "business"} for number in business]
    return found + [
        {"number": row.shadow[source], "type": kind}
        for kind, source in _NUMBERS
        if source in row.shadow
    ]


CONTACT = (
    *_EVERY,
    *_shadow("companyName", "department", "givenName", "jobTitle", "surname"),
    Property("addresses", "complexes", _addresses),
    Property("phones", "complexes", _phones),
    *_nothing("complexes", "serviceProvisioningErrors"),
)
CONTACT_DEFAULTS = [each.name for each in CONTACT]

# --- any of them ------------------------------------------------------------------------------

# What a collection of several types is filtered by; each object is written as its own type is.
ANY = (
    *_EVERY,
    _column("userPrincipalName", "upn"),
    _flag("accountEnabled"),
    _flag("mailEnabled"),
    _flag("securityEnabled"),
    *_nothing("texts", "groupTypes"),
)
