"""Answer for the tenant as a whole: organization, domains, synchronization and licences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.settings.overrides import UNGUARDED, safety_in_force
from connector.tenant.selection import Column, Equal, Live, Selection
from connector.values.addresses import fold
from connector.web.graph import options
from connector.web.graph.properties import EXCHANGE_PLAN, EXCHANGE_SKU, second
from connector.web.graph.refusals import not_found

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.assembly import Readers
    from connector.tenant.domains import VerifiedDomain
    from connector.web.exchange import Reply
    from connector.web.graph.request import Request

SYNC = "directory/onPremisesSynchronization"
# What is written only where it is chosen: scripts ask for it, and Graph v1.0 does not describe it.
_ON_SELECT = {"organization": {"onPremisesLastPasswordSyncDateTime": None}}
_UNITS = 1_000_000
_SERVICES = ["Email", "OfficeCommunicationsOnline"]
# The feature of the tenant behind each of Graph's; what the tenant does not know is off.
FEATURES = {
    "allowOnPremUpdateOfOnPremisesObjectIdentifierEnabled": "",
    "blockCloudObjectTakeoverThroughHardMatchEnabled": "BlockCloudObjectTakeoverThroughHardMatch",
    "blockSoftMatchEnabled": "BlockSoftMatch",
    "bypassDirSyncOverridesEnabled": "",
    "cloudPasswordPolicyForPasswordSyncedUsersEnabled": "",
    "concurrentCredentialUpdateEnabled": "",
    "concurrentOrgIdProvisioningEnabled": "",
    "deviceWritebackEnabled": "DeviceWriteback",
    "directoryExtensionsEnabled": "DirectoryExtensions",
    "fopeConflictResolutionEnabled": "",
    "groupWriteBackEnabled": "",
    "passwordSyncEnabled": "PasswordSync",
    "passwordWritebackEnabled": "",
    "quarantineUponProxyAddressesConflictEnabled": "DuplicateProxyAddressResiliency",
    "quarantineUponUpnConflictEnabled": "DuplicateUPNResiliency",
    "softMatchOnUpnEnabled": "EnableSoftMatchOnUpn",
    "synchronizeUpnForManagedUsersEnabled": "SynchronizeUpnForManagedUsers",
    "unifiedGroupWritebackEnabled": "UnifiedGroupWriteback",
    "userForcePasswordChangeOnLogonEnabled": "",
    "userWritebackEnabled": "UserWriteback",
}


def organizations(request: Request) -> Reply:
    with request.reading() as readers:
        return _collection(request, [_organization(request, readers)], "organization")


def organization(request: Request) -> Reply:
    with request.reading() as readers:
        _check_own(request, readers)
        return _single(request, _organization(request, readers), "organization")


def domains(request: Request) -> Reply:
    with request.reading() as readers:
        return _collection(request, _domains(request, readers), "domains")


def domain(request: Request) -> Reply:
    with request.reading() as readers:
        for found in _domains(request, readers):
            if found["id"] == fold(request.id):
                return _single(request, found, "domains")
    raise not_found(request.id)


def synchronizations(request: Request) -> Reply:
    with request.reading() as readers:
        return _collection(request, [_synchronization(request, readers)], SYNC)


def synchronization(request: Request) -> Reply:
    with request.reading() as readers:
        _check_own(request, readers)
        return _single(request, _synchronization(request, readers), SYNC)


def skus(request: Request) -> Reply:
    with request.reading() as readers:
        return _collection(request, [_sku(request, readers)], "subscribedSkus")


def sku(request: Request) -> Reply:
    with request.reading() as readers:
        found = _sku(request, readers)
    if request.id.lower() != found["id"]:
        raise not_found(request.id)
    return _single(request, found, "subscribedSkus")


def _check_own(request: Request, readers: Readers) -> None:
    if request.id.lower() != readers.tenant.id():
        raise not_found(request.id)


# --- what is there ----------------------------------------------------------------------------


def _organization(request: Request, readers: Readers) -> dict[str, Any]:
    last = readers.space.history.last_success()
    found = [
        {
            "capabilities": ", ".join(_SERVICES),
            "isDefault": each["isDefault"],
            "isInitial": each["isInitial"],
            "name": each["id"],
            "type": each["authenticationType"],
        }
        for each in _domains(request, readers)
    ]
    return {
        "id": readers.tenant.id(),
        "assignedPlans": [],
        "businessPhones": [],
        "city": None,
        "country": None,
        "countryLetterCode": None,
        "createdDateTime": None,
        "defaultUsageLocation": None,
        "deletedDateTime": None,
        "displayName": _company(found),
        "marketingNotificationEmails": [],
        "onPremisesLastSyncDateTime": second(last),
        "onPremisesSyncEnabled": last is not None or _is_synced(readers) or None,
        "partnerTenantType": None,
        "postalCode": None,
        "preferredLanguage": None,
        "privacyProfile": None,
        "provisionedPlans": [],
        "securityComplianceNotificationMails": [],
        "securityComplianceNotificationPhones": [],
        "state": None,
        "street": None,
        "technicalNotificationMails": [],
        "tenantType": "AAD",
        "verifiedDomains": found,
    }


def _is_synced(readers: Readers) -> bool:
    return readers.tenant.questions.is_synchronized()


def _company(found: list[dict[str, Any]]) -> str:
    """Name the organization after its initial domain."""
    initial = next(each["name"] for each in found if each["isInitial"])
    return str(initial).partition(".")[0].capitalize()


def _domains(request: Request, readers: Readers) -> list[dict[str, Any]]:
    known = readers.tenant.administrator.domains()
    names = {each.name for each in known}
    default = _default(request, known)
    return [
        {
            "id": each.name,
            "authenticationType": "Federated" if each.federated else "Managed",
            "availabilityStatus": None,
            "isAdminManaged": True,
            "isDefault": each.name == default,
            "isInitial": each.initial,
            "isRoot": not any(each.name.endswith(f".{other}") for other in names),
            "isVerified": True,
            "manufacturer": None,
            "model": None,
            "passwordNotificationWindowInDays": None,
            "passwordValidityPeriodInDays": None,
            "state": None,
            "supportedServices": _SERVICES,
        }
        for each in known
    ]


def _default(request: Request, known: list[VerifiedDomain]) -> str:
    """Return the first domain of the settings that is verified, else the initial one."""
    verified = {each.name for each in known}
    wanted = map(fold, request.context.settings.tenant.verified_domains)
    initial = next(each.name for each in known if each.initial)
    return next((name for name in wanted if name in verified), initial)


def _synchronization(request: Request, readers: Readers) -> dict[str, Any]:
    settings = request.context.settings
    states = readers.tenant.administrator.features()
    threshold = safety_in_force(settings.safety, readers.space.state).delete_threshold
    is_guarded = threshold < UNGUARDED
    return {
        "id": readers.tenant.id(),
        "configuration": {
            "accidentalDeletionPrevention": {
                "alertThreshold": threshold if is_guarded else 0,
                "synchronizationPreventionType": "enabledForCount" if is_guarded else "disabled",
            },
        },
        "features": {name: states.get(source, False) for name, source in FEATURES.items()},
    }


def _sku(request: Request, readers: Readers) -> dict[str, Any]:
    tenant = readers.tenant.id()
    used = readers.tenant.selections.count(Selection(Live(), Equal(Column("exchange"), 1)))
    name = _company([{"name": each["id"], **each} for each in _domains(request, readers)])
    return {
        "id": f"{tenant}_{EXCHANGE_SKU}",
        "accountId": tenant,
        "accountName": name,
        "appliesTo": "User",
        "capabilityStatus": "Enabled",
        "consumedUnits": used,
        "prepaidUnits": {"enabled": _UNITS, "lockedOut": 0, "suspended": 0, "warning": 0},
        "servicePlans": [
            {
                "appliesTo": "User",
                "provisioningStatus": "Success",
                "servicePlanId": EXCHANGE_PLAN,
                "servicePlanName": "EXCHANGE_S_STANDARD",
            }
        ],
        "skuId": EXCHANGE_SKU,
        "skuPartNumber": "EXCHANGESTANDARD",
        "subscriptionIds": [],
    }


# --- answers ----------------------------------------------------------------------------------


def _collection(request: Request, found: list[dict[str, Any]], name: str) -> Reply:
    chosen, more = _chosen(request), _ON_SELECT.get(name, {})
    return request.json({"value": [_selected(each, chosen, more) for each in found]}, of=name)


def _single(request: Request, found: Mapping[str, Any], name: str) -> Reply:
    more = _ON_SELECT.get(name, {})
    return request.json(_selected(found, _chosen(request), more), of=f"{name}/$entity")


def _chosen(request: Request) -> set[str] | None:
    text = options.given(request.call.query).get("$select")
    return None if not text else {name.strip().lower() for name in text.split(",")}


def _selected(
    found: Mapping[str, Any], chosen: set[str] | None, more: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the chosen properties, and the id in any case; ``more`` is written if it is chosen."""
    if chosen is None:
        return dict(found)
    wanted = {*chosen, "id"}
    return {name: value for name, value in {**found, **more}.items() if name.lower() in wanted}
