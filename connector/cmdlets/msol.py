"""The cmdlets of the MSOnline module about the tenant: its errors and its features.

docs/sources.md 1.8, 1.9, 13.6 and 13.13. Cmdlets and parameters are case sensitive: the seed says so.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from connector.cmdlets.binding import (
    BOOLEAN,
    COUNT,
    GUID,
    IGNORED,
    SWITCH,
    Kind,
    Parameter,
    Signature,
    Unfit,
    one_of,
)
from connector.cmdlets.cmdlet import Cmdlet, Warn
from connector.cmdlets.texts import Named
from connector.operations import cloud
from connector.tenant.provisioning_errors import ErrorQuery
from connector.values import moments

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from connector.cmdlets.host import Host
    from connector.tenant.provisioning_errors import Sort

    Given = Mapping[str, Any]
    Row = dict[str, Any]

# What a cmdlet of this module returns when neither -All nor -MaxResults says how much.
PAGE = 500
MORE = "More results are available. Please specify one of the All or MaxResults parameters."
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


def provisioning_errors(host: Host, given: Given) -> Iterator[Row | Warn]:
    """List the objects of which values are quarantined because another object holds them."""
    with host.reading() as readers:
        query = ErrorQuery(
            property=given.get("PropertyName"),
            value=given.get("PropertyValue"),
            search=given.get("SearchString"),
            sort=_SORTS[given.get("SortField", "None")],
            descending=given.get("SortDirection") == "Descending",
            limit=None if given.get("All") else given.get("MaxResults", PAGE + 1),
            case_sensitive=True,
        )
        yield from paged(map(_error_row, readers.tenant.with_errors(query)), given)


def has_errors(host: Host, _: Given) -> Iterator[bool]:
    """Tell whether any object has a provisioning error."""
    with host.reading() as readers:
        yield any(True for _ in readers.tenant.with_errors(ErrorQuery(limit=1)))


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


def paged(rows: Iterable[Row], given: Given) -> Iterator[Row | Warn]:
    """Yield as many rows as are asked for; a warning follows where the page is not all of them."""
    if given.get("All"):
        yield from rows
        return
    some = iter(rows)
    yield from islice(some, given.get("MaxResults", PAGE))
    if "MaxResults" not in given and next(some, None) is not None:
        yield Warn(MORE)


def synced_at(item: Row) -> Any:
    """Return when an object was last synchronized, None for one of the cloud."""
    last = item["onPremisesLastSyncDateTime"]
    return last and moments.read(last)


def conflicts(item: Row) -> list[Named]:
    """Return the provisioning errors of an object as the module has them (docs/sources.md 13.6)."""
    return [
        Named(
            error["propertyCausingError"],
            {
                "ErrorCategory": error["category"],
                "PropertyName": error["propertyCausingError"],
                "PropertyValue": error["value"],
                "WhenStarted": moments.read(error["occurredDateTime"]),
            },
        )
        for error in item["onPremisesProvisioningErrors"]
    ]


def _error_row(item: Row) -> Row:
    return {
        "DisplayName": item["displayName"],
        "ImmutableId": item["onPremisesImmutableId"],
        "LastDirSyncTime": synced_at(item),
        "ObjectId": item["id"],
        "ObjectType": item["objectType"].title(),
        "ProvisioningErrors": conflicts(item),
        "ProxyAddresses": item["proxyAddresses"],
        "UserPrincipalName": item.get("userPrincipalName"),
    }


# --- declarations -----------------------------------------------------------------------------


def _filled(text: str) -> str:
    if not text:
        raise Unfit("validate", "The argument is null or empty. Supply an argument that is not.")
    return text


FILLED = Kind("String", _filled)
TENANT = Parameter("TenantId", GUID, "The tenant, for partners; there is one here.")
ALL = Parameter("All", SWITCH, "Return all results.", excludes="MaxResults")
MAX = Parameter("MaxResults", COUNT, f"Return at most this many objects, {PAGE} unless said.")
_FEATURE = one_of(*FEATURES)
_ERRORS = "Get-MsolDirSyncProvisioningError -ErrorCategory PropertyConflict"
_RESILIENCY = "DuplicateUPNResiliency"

CMDLETS = (
    Cmdlet(
        Signature(
            "Connect-MsolService",
            (
                Parameter("Credential", IGNORED, "Accepted and not looked at."),
                Parameter("AzureEnvironment", IGNORED, "Accepted and not looked at."),
                Parameter("AdGraphAccessToken", IGNORED, "Accepted and not looked at."),
                Parameter("MsGraphAccessToken", IGNORED, "Accepted and not looked at."),
            ),
        ),
        connect,
        (("Begin a session.", "Connect-MsolService"),),
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
                    "PropertyValue", FILLED, "Only this conflicting value.", needs="PropertyName"
                ),
                Parameter("SearchString", FILLED, "Only where a name or a value has this."),
                Parameter("SortField", one_of(*_SORTS), "What to sort by."),
                Parameter("SortDirection", one_of("Ascending", "Descending"), "Which way to sort."),
                MAX,
                ALL,
                TENANT,
            ),
        ),
        provisioning_errors,
        (
            ("All objects with conflicts.", _ERRORS),
            ("Those of sign-in names.", f"{_ERRORS} -PropertyName UserPrincipalName"),
            (
                "Who waits for an address.",
                f"{_ERRORS} -PropertyName ProxyAddresses -PropertyValue info@contoso.com",
            ),
            (
                "The values of each object.",
                f"{_ERRORS} -All | select DisplayName -ExpandProperty ProvisioningErrors",
            ),
        ),
        needs_connection=True,
    ),
    Cmdlet(
        Signature("Get-MsolHasObjectsWithDirSyncProvisioningErrors", (TENANT,)),
        has_errors,
        (("Is anything quarantined?", "Get-MsolHasObjectsWithDirSyncProvisioningErrors"),),
        needs_connection=True,
    ),
    Cmdlet(
        Signature(
            "Get-MsolDirSyncFeatures",
            (Parameter("Feature", _FEATURE, "Only this feature."), TENANT),
        ),
        features,
        (("Is resiliency on?", f"Get-MsolDirSyncFeatures -Feature {_RESILIENCY}"),),
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
                TENANT,
            ),
        ),
        set_feature,
        (("No soft match.", "Set-MsolDirSyncFeature -Feature BlockSoftMatch -Enable $true"),),
        needs_connection=True,
        changes="the feature of the tenant",
    ),
)
