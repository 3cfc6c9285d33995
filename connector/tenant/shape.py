"""Write an object as Microsoft Graph does (user, group, orgContact).

Every property of the type is there, null if it has no value; collections are never null. Graph
itself has no ``objectType``, and ``onPremisesImmutableId`` only for users.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.values.canonical import decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from connector.tenant.objects import ProvisioningError, TenantObject

EXTENSION = "extension_"
"""How the name of a directory extension begins; an object shows those that it has."""

_EXTENSION_KEY = f'"{EXTENSION}'
_ON_PREMISES = (
    "onPremisesDistinguishedName",
    "onPremisesDomainName",
    "onPremisesSamAccountName",
    "onPremisesSecurityIdentifier",
)
_USER = (
    "accountEnabled",
    "city",
    "companyName",
    "country",
    "department",
    "description",
    "employeeId",
    "employeeType",
    "faxNumber",
    "givenName",
    "jobTitle",
    "mobilePhone",
    "officeLocation",
    "onPremisesExtensionAttributes",
    "postalCode",
    "preferredLanguage",
    "state",
    "streetAddress",
    "surname",
    "targetAddress",
    "thumbnailPhoto",
    "usageLocation",
    *_ON_PREMISES,
)
_GROUP = ("description", "mailEnabled", "securityEnabled", *_ON_PREMISES)
_CONTACT = (
    "companyName",
    "department",
    "givenName",
    "jobTitle",
    "onPremisesDistinguishedName",
    "surname",
    "targetAddress",
    "thumbnailPhoto",
)
_ADDRESS = {
    "city": "city",
    "countryOrRegion": "country",
    "officeLocation": "officeLocation",
    "postalCode": "postalCode",
    "state": "state",
    "street": "streetAddress",
}


def graph_json(item: TenantObject, errors: Iterable[ProvisioningError] = ()) -> dict[str, Any]:
    """Return the object as Graph JSON, with its provisioning errors."""
    shadow = decode(item.shadow)
    found: dict[str, Any] = {
        "id": item.id,
        "objectType": item.type,
        "displayName": item.display_name,
        "mail": item.mail,
        "mailNickname": item.nickname,
        "proxyAddresses": decode(item.proxies),
    }
    match item.type:
        case "user":
            found |= _user(item, shadow)
        case "group":
            found |= {name: shadow.get(name) for name in _GROUP}
            found |= {"groupTypes": [], "visibility": None}
        case _:
            found |= {name: shadow.get(name) for name in _CONTACT} | _contact(shadow)
    if _EXTENSION_KEY in item.shadow:
        found |= {name: shadow[name] for name in shadow if name.startswith(EXTENSION)}
    found |= {
        "onPremisesImmutableId": item.anchor,
        "onPremisesSyncEnabled": None if item.synced is None else item.synced == 1,
        "onPremisesLastSyncDateTime": item.last_sync,
        "onPremisesProvisioningErrors": [error_json(error) for error in errors],
        "createdDateTime": item.created,
    }
    if item.deleted is not None:
        found["deletedDateTime"] = item.deleted
    return found


def error_json(error: ProvisioningError) -> dict[str, str]:
    """Return one of the ``onPremisesProvisioningErrors``."""
    return {
        "category": "PropertyConflict",
        "occurredDateTime": error.occurred,
        "propertyCausingError": error.attribute,
        "value": error.value,
    }


def _user(item: TenantObject, shadow: Mapping[str, Any]) -> dict[str, Any]:
    return {name: shadow.get(name) for name in _USER} | {
        "usageLocation": item.usage_location or shadow.get("usageLocation"),
        "userPrincipalName": item.upn,
        "onPremisesUserPrincipalName": shadow.get("userPrincipalName") if item.anchor else None,
        "userType": shadow.get("userType", "Member"),
        "businessPhones": shadow.get("businessPhones", []),
        "otherMails": shadow.get("otherMails", []),
        "assignedPlans": [_EXCHANGE_PLAN] if item.exchange else [],
    }


_EXCHANGE_PLAN = {"service": "exchange", "capabilityStatus": "Enabled"}


def _contact(shadow: Mapping[str, Any]) -> dict[str, Any]:
    address = {name: shadow.get(source) for name, source in _ADDRESS.items()}
    phones = [{"number": number, "type": "business"} for number in shadow.get("businessPhones", ())]
    for kind, source in (("mobile", "mobilePhone"), ("businessFax", "faxNumber")):
        if source in shadow:
            phones.append({"number": shadow[source], "type": kind})
    return {"addresses": [address] if any(address.values()) else [], "phones": phones}
