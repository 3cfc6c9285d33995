"""The cmdlets of the MSOnline module, which read and set the tenant (docs/sources.md 1.8 and 1.9)."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from connector.cmdlets.binding import (
    BOOLEAN,
    COUNT,
    GUID,
    SWITCH,
    TEXT,
    Kind,
    Parameter,
    Signature,
    Unfit,
    one_of,
)
from connector.cmdlets.cmdlet import Cmdlet
from connector.errors import UnknownObject
from connector.operations import cloud
from connector.report.messages import conflict_message
from connector.tenant.provisioning_errors import ErrorQuery
from connector.values import moments
from connector.values.addresses import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from connector.assembly import Readers
    from connector.cmdlets.host import Host
    from connector.tenant.provisioning_errors import ProvisioningErrorRecord, Sort

    Given = Mapping[str, Any]
    Row = dict[str, Any]

# What a cmdlet of this module returns when neither -All nor -MaxResults says how much.
PAGE = 500
FEATURES = (
    "BlockCloudObjectTakeoverThroughHardMatch",
    "BlockSoftMatch",
    "DeviceWriteback",
    "DirectoryExtensions",
    "DuplicateProxyAddressResiliency",
    "DuplicateUPNResiliency",
    "EnableSoftMatchOnUpn",
    "PasswordSync",
    "SynchronizeUpnForManagedUsers",
    "UnifiedGroupWriteback",
    "UserWriteback",
)
_SORTS: dict[str, Sort | None] = {
    "DisplayName": "DisplayName",
    "UserPrincipleName": "UserPrincipalName",  # the service spells it so
    "UserPrincipalName": "UserPrincipalName",
    "None": None,
}


def connect(_: Host, __: Given) -> Iterator[Row]:
    """Connect to the tenant: there is only one, and it does not ask for a password."""
    yield from ()


def provisioning_errors(host: Host, given: Given) -> Iterator[Row]:
    """List values that are quarantined because another object holds them, one object a value."""
    with host.reading() as readers:
        query = ErrorQuery(
            property=given.get("PropertyName"),
            value=given.get("PropertyValue"),
            search=given.get("SearchString"),
            sort=_SORTS[given.get("SortField", "None")],
            descending=given.get("SortDirection") == "Descending",
            limit=_limit(given),
            case_sensitive=True,
        )
        for record in readers.tenant.provisioning_errors(query):
            yield _error_row(record)


def has_errors(host: Host, _: Given) -> Iterator[bool]:
    """Tell whether any object has a provisioning error."""
    with host.reading() as readers:
        yield any(True for _ in readers.tenant.provisioning_errors(ErrorQuery(limit=1)))


def features(host: Host, given: Given) -> Iterator[Row]:
    """List the features of directory synchronization and whether they are on."""
    with host.reading() as readers:
        states = readers.tenant.administrator.features()
    for name, enabled in states.items():
        if given.get("Feature", name) == name:
            yield {"DirSyncFeature": name, "Enabled": enabled}


def set_feature(host: Host, given: Given) -> Iterator[Row]:
    """Switch a feature of directory synchronization."""
    host.perform(cloud.feature, name=given["Feature"], enabled=given["Enable"])
    yield from ()


def users(host: Host, given: Given) -> Iterator[Row]:
    """List users; with -HasErrorsOnly those that have provisioning errors."""
    with host.reading() as readers:
        found = _users(readers, given)
        issues = host.settings.tenant.known_issues
        for user in islice(found, _limit(given)):
            yield _user_row(user, readers, issues)


def _users(readers: Readers, given: Given) -> Iterator[Row]:
    if (identity := given.get("UserPrincipalName") or given.get("ObjectId")) is not None:
        yield _user(readers, identity)
        return
    if given.get("HasErrorsOnly"):
        found = _users_with_errors(readers)
    else:
        found = readers.tenant.objects("user")
    start = fold(given.get("SearchString", ""))
    for user in found:
        texts = (user["displayName"], user["userPrincipalName"], user["mail"])
        if any(fold(text or "").startswith(start) for text in texts):
            yield user


def _users_with_errors(readers: Readers) -> Iterator[Row]:
    """Yield each user once, however many errors it has: a user's errors are adjacent."""
    last = None
    query = ErrorQuery(type="user", sort="DisplayName")
    for record in readers.tenant.provisioning_errors(query):
        if record.object.id != last:
            last = record.object.id
            yield readers.tenant.show(last)


def _user(readers: Readers, identity: str) -> Row:
    try:
        found = readers.tenant.show(identity)
    except UnknownObject:
        found = {}
    if found.get("objectType") != "user" or fold(identity) not in (
        found["id"],
        fold(found["userPrincipalName"]),
    ):
        raise UnknownObject(f"User Not Found. User: {identity}.")
    return found


def _limit(given: Given) -> int | None:
    return None if given.get("All") else given.get("MaxResults", PAGE)


def _error_row(record: ProvisioningErrorRecord) -> Row:
    return {
        "DisplayName": record.object.display_name,
        "UserPrincipalName": record.object.upn,
        "ObjectType": record.object.type.value.title(),
        "PropertyName": record.property,
        "PropertyValue": record.value,
        "ErrorCategory": "PropertyConflict",
        "OccurredDateTime": moments.read(record.occurred),
        "ConflictsWith": record.holder and record.holder.display_name,
        "ObjectId": record.object.id,
        "ImmutableId": record.object.anchor,
        "ProvisioningErrors": [
            {
                "category": "PropertyConflict",
                "occurredDateTime": record.occurred,
                "propertyCausingError": record.property,
                "value": record.value,
            }
        ],
    }


def _user_row(user: Row, readers: Readers, issues: tuple[str, ...]) -> Row:
    errors = user["onPremisesProvisioningErrors"]
    last = user["onPremisesLastSyncDateTime"]
    return {
        "UserPrincipalName": user["userPrincipalName"],
        "DisplayName": user["displayName"],
        "IsLicensed": bool(user["assignedPlans"]),
        "ObjectId": user["id"],
        "ImmutableId": user["onPremisesImmutableId"],
        "LastDirSyncTime": last and moments.read(last),
        "ProxyAddresses": user["proxyAddresses"],
        "DirSyncProvisioningErrors": errors,
        "Errors": [_message(user, error, readers, issues) for error in errors],
    }


def _message(user: Row, error: Row, readers: Readers, issues: tuple[str, ...]) -> str:
    attribute, value = error["propertyCausingError"], error["value"]
    holder = readers.tenant.holder_of(attribute, value)
    return conflict_message(
        attribute,
        value,
        claimant=user["displayName"],
        holder=holder and holder.display_name,
        placeholder=user["userPrincipalName"],
        occurred=moments.read(error["occurredDateTime"]),
        known_issues=issues,
    )


# --- declarations -----------------------------------------------------------------------------


def _search_string(text: str) -> str:
    if not text:
        raise Unfit("validate", "The argument is null or empty. Supply an argument that is not.")
    return text


_FILLED = Kind("String", _search_string)
_TENANT = Parameter("TenantId", GUID, "The tenant, for partners; there is one here.")
_FEATURE = one_of(*FEATURES)
_ALL = Parameter("All", SWITCH, "Return all results.", excludes="MaxResults")
_MAX = Parameter("MaxResults", COUNT, f"Return at most this many, {PAGE} unless said.")

CMDLETS = (
    Cmdlet(
        Signature(
            "Connect-MsolService",
            (Parameter("Credential", TEXT, "Accepted and not looked at."),),
        ),
        connect,
    ),
    Cmdlet(
        Signature(
            "Get-MsolDirSyncProvisioningError",
            (
                Parameter(
                    "ErrorCategory",
                    one_of("PropertyConflict"),
                    "The category; there is one.",
                    mandatory=True,
                ),
                Parameter(
                    "PropertyName",
                    one_of("UserPrincipalName", "ProxyAddresses"),
                    "Only conflicts of this property.",
                ),
                Parameter(
                    "PropertyValue", _FILLED, "Only this conflicting value.", needs="PropertyName"
                ),
                Parameter("SearchString", _FILLED, "Only where a name or a value has this."),
                Parameter("SortField", one_of(*_SORTS), "What to sort by."),
                Parameter("SortDirection", one_of("Ascending", "Descending"), "Which way to sort."),
                _MAX,
                _ALL,
                _TENANT,
            ),
        ),
        provisioning_errors,
        ("DisplayName", "UserPrincipalName", "ObjectType", "PropertyName", "PropertyValue"),
        needs_connection=True,
    ),
    Cmdlet(
        Signature("Get-MsolHasObjectsWithDirSyncProvisioningErrors", (_TENANT,)),
        has_errors,
        needs_connection=True,
    ),
    Cmdlet(
        Signature(
            "Get-MsolDirSyncFeatures",
            (Parameter("Feature", _FEATURE, "Only this feature."), _TENANT),
        ),
        features,
        ("DirSyncFeature", "Enabled"),
        needs_connection=True,
    ),
    Cmdlet(
        Signature(
            "Set-MsolDirSyncFeature",
            (
                Parameter("Feature", _FEATURE, "The feature.", mandatory=True),
                Parameter("Enable", BOOLEAN, "On or off.", mandatory=True),
                Parameter("Force", SWITCH, "Do not ask; nothing is asked here."),
                _TENANT,
            ),
        ),
        set_feature,
        needs_connection=True,
    ),
    Cmdlet(
        Signature(
            "Get-MsolUser",
            (
                Parameter(
                    "UserPrincipalName", _FILLED, "The user with this UPN.", excludes="ObjectId"
                ),
                Parameter("ObjectId", GUID, "The user with this id."),
                Parameter("SearchString", _FILLED, "Users whose name or address begins so."),
                Parameter("HasErrorsOnly", SWITCH, "Only users with provisioning errors."),
                _MAX,
                _ALL,
                _TENANT,
            ),
        ),
        users,
        ("UserPrincipalName", "DisplayName", "IsLicensed"),
        needs_connection=True,
    ),
)
