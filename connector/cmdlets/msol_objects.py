"""The cmdlets of the MSOnline module that list users, groups and contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from connector.cmdlets.binding import GUID, SWITCH, Parameter, Signature, one_of
from connector.cmdlets.cmdlet import Cmdlet, Warn
from connector.cmdlets.msol import ALL, FILLED, MAX, TENANT, conflicts, paged, synced_at
from connector.cmdlets.texts import Named
from connector.errors import UnknownObject
from connector.report.messages import conflict_message
from connector.tenant.provisioning_errors import ErrorQuery
from connector.values import moments
from connector.values.addresses import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from connector.assembly import Readers
    from connector.cmdlets.host import Host

    Given = Mapping[str, Any]
    Row = dict[str, Any]
    Type = Literal["user", "group", "contact"]


def users(host: Host, given: Given) -> Iterator[Row | Warn]:
    """List users; with -HasErrorsOnly those that have provisioning errors."""
    return _listed(host, given, "user", user_row)


def groups(host: Host, given: Given) -> Iterator[Row | Warn]:
    """List groups; with -HasErrorsOnly those that have provisioning errors."""
    return _listed(host, given, "group", _group_row)


def contacts(host: Host, given: Given) -> Iterator[Row | Warn]:
    """List contacts; with -HasErrorsOnly those that have provisioning errors."""
    return _listed(host, given, "contact", _contact_row)


def find_user(readers: Readers, given: Given, *, deleted: bool = False) -> Row:
    """Return the user with the given UPN or id as Graph JSON; raises UnknownObject."""
    identity = given.get("UserPrincipalName") or given["ObjectId"]
    return _one(readers, "user", identity, deleted=deleted)


def user_row(user: Row, told: list[Named]) -> Row:
    """Write a user as the module does; ``told`` are the messages about its conflicts."""
    deleted = user.get("deletedDateTime")
    return {
        "UserPrincipalName": user["userPrincipalName"],
        "DisplayName": user["displayName"],
        "IsLicensed": bool(user["assignedPlans"]),
        "ObjectId": user["id"],
        "ImmutableId": user["onPremisesImmutableId"],
        "LastDirSyncTime": synced_at(user),
        "ProxyAddresses": user["proxyAddresses"],
        "DirSyncProvisioningErrors": conflicts(user),
        "Errors": told,
        "SoftDeletionTimestamp": deleted and moments.read(deleted),
    }


def _group_row(group: Row, told: list[Named]) -> Row:
    return {
        "ObjectId": group["id"],
        "DisplayName": group["displayName"],
        "GroupType": _group_type(group),
        "Description": group["description"],
        "EmailAddress": group["mail"],
        "ImmutableId": group["onPremisesImmutableId"],
        "LastDirSyncTime": synced_at(group),
        "ProxyAddresses": group["proxyAddresses"],
        "DirSyncProvisioningErrors": conflicts(group),
        "Errors": told,
    }


def _contact_row(contact: Row, told: list[Named]) -> Row:
    return {
        "ObjectId": contact["id"],
        "DisplayName": contact["displayName"],
        "EmailAddress": contact["mail"],
        "FirstName": contact["givenName"],
        "LastName": contact["surname"],
        "ImmutableId": contact["onPremisesImmutableId"],
        "LastDirSyncTime": synced_at(contact),
        "ProxyAddresses": contact["proxyAddresses"],
        "DirSyncProvisioningErrors": conflicts(contact),
        "Errors": told,
    }


def _group_type(group: Row) -> str:
    if not group["securityEnabled"]:
        return "DistributionList"
    return "MailEnabledSecurity" if group["mailEnabled"] else "Security"


def _listed(
    host: Host, given: Given, kind: Type, row: Callable[[Row, list[Named]], Row]
) -> Iterator[Row | Warn]:
    issues = host.settings.tenant.known_issues
    with host.reading() as readers:
        found = _found(readers, kind, given)
        yield from paged((row(item, _messages(item, readers, issues)) for item in found), given)


def _found(readers: Readers, kind: Type, given: Given) -> Iterator[Row]:
    deleted = given.get("ReturnDeletedUsers", False)
    if (identity := given.get("UserPrincipalName") or given.get("ObjectId")) is not None:
        yield _one(readers, kind, identity, deleted=deleted)
        return
    if given.get("HasErrorsOnly"):
        found = readers.tenant.with_errors(ErrorQuery(type=kind, sort="DisplayName"))
    else:
        found = readers.tenant.objects(kind, deleted=deleted)
    start = fold(given.get("SearchString", ""))
    wanted = given.get("GroupType")
    for item in found:
        texts = (item["displayName"], item.get("userPrincipalName"), item["mail"])
        if (
            any(fold(text or "").startswith(start) for text in texts)
            and (wanted is None or _group_type(item) == wanted)
            and (not given.get("Synchronized") or item["onPremisesSyncEnabled"])
            and (not given.get("UnlicensedUsersOnly") or not item["assignedPlans"])
        ):
            yield item


def _one(readers: Readers, kind: Type, identity: str, *, deleted: bool) -> Row:
    try:
        found = readers.tenant.show(identity, deleted=deleted)
    except UnknownObject:
        found = {}
    names = (found.get("id"), fold(found.get("userPrincipalName") or ""))
    if found.get("objectType") != kind or fold(identity) not in names:
        word = kind.title()
        raise UnknownObject(f"{word} Not Found. {word}: {identity}.")
    return found


def _messages(item: Row, readers: Readers, issues: tuple[str, ...]) -> list[Named]:
    """Return the messages of the admin center, where scripts look for them in the errors of an object."""
    return [_error(item, each, readers, issues) for each in item["onPremisesProvisioningErrors"]]


def _error(item: Row, error: Row, readers: Readers, issues: tuple[str, ...]) -> Named:
    attribute, value = error["propertyCausingError"], error["value"]
    holder = readers.tenant.holder_of(attribute, value)
    occurred = moments.read(error["occurredDateTime"])
    message = conflict_message(
        attribute,
        value,
        claimant=item["displayName"],
        holder=holder and holder.display_name,
        placeholder=item.get("userPrincipalName"),
        occurred=occurred,
        known_issues=issues,
    )
    record = {"ErrorRecord": {"ErrorDescription": message}}
    detail = {"ObjectErrors": record}
    return Named(message, {"ErrorDetail": detail, "Resolved": False, "Timestamp": occurred})


# --- declarations -----------------------------------------------------------------------------

_ID = Parameter("ObjectId", GUID, "The one with this id.", from_pipe=True)
_SEARCH = Parameter("SearchString", FILLED, "Those whose name or address begins so.")
_ERRORS = Parameter("HasErrorsOnly", SWITCH, "Only those with provisioning errors.")
_TYPES = one_of("DistributionList", "MailEnabledSecurity", "Security")

CMDLETS = (
    Cmdlet(
        Signature(
            "Get-MsolUser",
            (
                Parameter(
                    "UserPrincipalName", FILLED, "The user with this UPN.", excludes="ObjectId"
                ),
                _ID,
                _SEARCH,
                _ERRORS,
                Parameter("Synchronized", SWITCH, "Only users that come from the directory."),
                Parameter("UnlicensedUsersOnly", SWITCH, "Only users without a licence."),
                Parameter(
                    "ReturnDeletedUsers",
                    SWITCH,
                    "Those in the recycle bin.",
                    excludes="HasErrorsOnly",
                ),
                MAX,
                ALL,
                TENANT,
            ),
        ),
        users,
        (
            ("One user.", "Get-MsolUser -UserPrincipalName ann@contoso.com | fl"),
            ("How many users have errors.", "(Get-MsolUser -HasErrorsOnly).Count"),
            (
                "The recycle bin.",
                "Get-MsolUser -ReturnDeletedUsers | ft DisplayName,ObjectId,SoftDeletionTimestamp",
            ),
        ),
        ("UserPrincipalName", "DisplayName", "IsLicensed"),
        needs_connection=True,
    ),
    Cmdlet(
        Signature(
            "Get-MsolGroup",
            (
                _ID,
                _SEARCH,
                _ERRORS,
                Parameter("GroupType", _TYPES, "Only groups of this type."),
                MAX,
                ALL,
                TENANT,
            ),
        ),
        groups,
        (("Groups with errors.", "Get-MsolGroup -HasErrorsOnly"),),
        ("ObjectId", "DisplayName", "GroupType", "Description"),
        needs_connection=True,
    ),
    Cmdlet(
        Signature("Get-MsolContact", (_ID, _SEARCH, _ERRORS, MAX, ALL, TENANT)),
        contacts,
        (("Contacts with errors.", "Get-MsolContact -HasErrorsOnly"),),
        ("ObjectId", "DisplayName", "EmailAddress"),
        needs_connection=True,
    ),
)
