"""The cmdlets of the MSOnline module that change users: restore, remove, rename, repair a match."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.cmdlets.binding import GUID, SWITCH, TEXT, Parameter, Signature
from connector.cmdlets.cmdlet import Cmdlet
from connector.cmdlets.msol import FILLED, TENANT
from connector.cmdlets.msol_objects import find_user, user_row
from connector.errors import CmdletFailed
from connector.operations import cloud

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from connector.cmdlets.host import Host

    Given = Mapping[str, Any]
    Row = dict[str, Any]

_PROPERTIES = {
    "City": "city",
    "Country": "country",
    "Department": "department",
    "DisplayName": "displayName",
    "FirstName": "givenName",
    "LastName": "surname",
    "MobilePhone": "mobilePhone",
    "Office": "officeLocation",
    "PostalCode": "postalCode",
    "PreferredLanguage": "preferredLanguage",
    "State": "state",
    "StreetAddress": "streetAddress",
    "Title": "jobTitle",
    "UsageLocation": "usageLocation",
}


def restore_user(host: Host, given: Given) -> Iterator[Row]:
    """Bring a user back from the recycle bin."""
    restored = host.perform(
        cloud.restore,
        identity=_id(host, given, "Restore-MsolUser", deleted=True),
        new_upn=given.get("NewUserPrincipalName"),
        reconcile_proxies=given.get("AutoReconcileProxyConflicts", False),
    )
    yield user_row(restored["object"], [])


def remove_user(host: Host, given: Given) -> Iterator[Row]:
    """Move a user to the recycle bin, or remove one from it for good."""
    hard = given.get("RemoveFromRecycleBin", False)
    identity = _id(host, given, "Remove-MsolUser", deleted=hard)
    host.perform(cloud.delete, identity=identity, hard=hard)
    yield from ()


def set_user_principal_name(host: Host, given: Given) -> Iterator[Row]:
    """Give a user another UPN."""
    identity = _id(host, given, "Set-MsolUserPrincipalName")
    host.perform(
        cloud.set_,
        identity=identity,
        properties={"userPrincipalName": given["NewUserPrincipalName"]},
    )
    yield from ()


def set_user(host: Host, given: Given) -> Iterator[Row]:
    """Set properties of a user of the cloud, or move a user to another source anchor."""
    identity = _id(host, given, "Set-MsolUser")
    properties = {_PROPERTIES[name]: value for name, value in given.items() if name in _PROPERTIES}
    if not properties and "ImmutableId" not in given:
        raise CmdletFailed("Set-MsolUser : Give -ImmutableId, or a property such as -DisplayName.")
    if "ImmutableId" in given:
        text = given["ImmutableId"]
        anchor = None if text.lower() in ("", "$null") else text
        host.perform(cloud.match, identity=identity, anchor=anchor)
    if properties:
        host.perform(cloud.set_, identity=identity, properties=properties)
    yield from ()


def _id(host: Host, given: Given, name: str, *, deleted: bool = False) -> str:
    """Return the cloud id of the user that the parameters name."""
    if not (given.keys() & {"ObjectId", "UserPrincipalName"}):
        raise CmdletFailed(
            f"{name} : Cannot process command because of one or more missing mandatory parameters: "
            "ObjectId, or UserPrincipalName."
        )
    with host.reading() as readers:
        return str(find_user(readers, given, deleted=deleted)["id"])


# --- declarations -----------------------------------------------------------------------------

_ANN, _NEW = "-UserPrincipalName ann@contoso.com", "-NewUserPrincipalName ann1@contoso.com"
_WHO = (
    Parameter("UserPrincipalName", FILLED, "The user with this UPN.", excludes="ObjectId"),
    Parameter("ObjectId", GUID, "The user with this id.", from_pipe=True),
)

CMDLETS = (
    Cmdlet(
        Signature(
            "Restore-MsolUser",
            (
                *_WHO,
                Parameter(
                    "AutoReconcileProxyConflicts", SWITCH, "Drop the addresses that others hold."
                ),
                Parameter("NewUserPrincipalName", FILLED, "A UPN in place of the old one."),
                TENANT,
            ),
        ),
        restore_user,
        (
            (
                "Another holds the address and the UPN by now.",
                f"Restore-MsolUser {_ANN} -AutoReconcileProxyConflicts {_NEW}",
            ),
        ),
        ("UserPrincipalName", "DisplayName", "IsLicensed"),
        needs_connection=True,
        changes="the user",
    ),
    Cmdlet(
        Signature(
            "Remove-MsolUser",
            (
                *_WHO,
                Parameter(
                    "RemoveFromRecycleBin", SWITCH, "Remove for good a user that was removed."
                ),
                Parameter("Force", SWITCH, "Do not ask; nothing is asked here."),
                TENANT,
            ),
        ),
        remove_user,
        (
            (
                "Remove a user for good, in two steps.",
                "Remove-MsolUser -UserPrincipalName ann@contoso.com -Force",
            ),
            (
                "Empty the recycle bin.",
                "Get-MsolUser -ReturnDeletedUsers | Remove-MsolUser -RemoveFromRecycleBin -Force",
            ),
        ),
        needs_connection=True,
        changes="the user",
    ),
    Cmdlet(
        Signature(
            "Set-MsolUserPrincipalName",
            (
                *_WHO,
                Parameter("NewUserPrincipalName", FILLED, "The UPN.", mandatory=True),
                TENANT,
            ),
        ),
        set_user_principal_name,
        (("Another sign-in name.", f"Set-MsolUserPrincipalName {_ANN} {_NEW}"),),
        needs_connection=True,
        changes="the user",
    ),
    Cmdlet(
        Signature(
            "Set-MsolUser",
            (
                *_WHO,
                Parameter("ImmutableId", TEXT, "The source anchor; empty or $null takes it away."),
                *(
                    Parameter(name, TEXT, f"The property {graph} of Graph.")
                    for name, graph in _PROPERTIES.items()
                ),
                TENANT,
            ),
        ),
        set_user,
        (
            (
                "Join a user to an entry of the directory.",
                "Set-MsolUser -UserPrincipalName ann@contoso.com -ImmutableId AAECAwQFBgcICQoLDA0ODw==",
            ),
        ),
        needs_connection=True,
        changes="the user",
    ),
)
