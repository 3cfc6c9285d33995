"""Name what a client may write to a user or a group, after their resource pages.

A property is one of four: written here, known to Graph and not kept here, read-only, or unknown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


PASSWORD = "passwordProfile"  # noqa: S105 - the name of a property
EXTENSIONS = "onPremisesExtensionAttributes"
EXTENSION_NAMES = frozenset(f"extensionAttribute{number}" for number in range(1, 16))
PASSWORD_FLAGS = frozenset(
    {"forceChangePasswordNextSignIn", "forceChangePasswordNextSignInWithMfa"}
)


@dataclass(frozen=True, slots=True)
class Field:
    """A property that a client may set.

    ``longest`` counts characters, of each item where it is a list; ``most`` counts items. ``required``
    is what a new object needs, and what a change cannot clear.
    """

    kind: Literal["text", "flag", "texts", "extensions", "password"] = "text"
    longest: int = 256
    most: int = 250
    pattern: re.Pattern[str] = re.compile(r"(?s).*")
    required: bool = False


_UPN = re.compile(r"[A-Za-z0-9'.\-_!#^~$]{1,64}@[A-Za-z0-9.\-]{1,255}")
_NICKNAME = re.compile(r"""[!#-'*+\-./0-9=?A-Z^-~]+""")
_PRINTABLE = re.compile(r"[!-?A-~]+")
_MAIL = re.compile(r"[^\s@]+@[^\s@]+")
_COUNTRY = re.compile(r"[A-Za-z]{2}")
_KIND_OF_USER = re.compile(r"Member|Guest")
_POLICIES = re.compile(
    r"(None|DisablePasswordExpiration|DisableStrongPassword)"
    r"(, ?(DisablePasswordExpiration|DisableStrongPassword))?"
)

WRITABLE: Mapping[str, Mapping[str, Field]] = {
    "user": {
        "accountEnabled": Field("flag", required=True),
        "displayName": Field(required=True),
        "mailNickname": Field(longest=64, pattern=_PRINTABLE, required=True),
        "userPrincipalName": Field(longest=113, pattern=_UPN, required=True),
        PASSWORD: Field("password"),
        "businessPhones": Field("texts", longest=64, most=1),
        "city": Field(longest=128),
        "companyName": Field(longest=64),
        "country": Field(longest=128),
        "department": Field(longest=64),
        "employeeId": Field(longest=16),
        "faxNumber": Field(longest=64),
        "givenName": Field(longest=64),
        "jobTitle": Field(longest=128),
        "mail": Field(pattern=_MAIL),
        "mobilePhone": Field(longest=64),
        "officeLocation": Field(longest=128),
        EXTENSIONS: Field("extensions", longest=1024),
        "onPremisesImmutableId": Field(),
        "otherMails": Field("texts", longest=250, pattern=_MAIL),
        "passwordPolicies": Field(pattern=_POLICIES),
        "postalCode": Field(longest=40),
        "preferredLanguage": Field(longest=64),
        "state": Field(longest=128),
        "streetAddress": Field(longest=1024),
        "surname": Field(longest=64),
        "usageLocation": Field(longest=2, pattern=_COUNTRY),
        "userType": Field(pattern=_KIND_OF_USER),
    },
    "group": {
        "displayName": Field(required=True),
        "mailEnabled": Field("flag", required=True),
        "mailNickname": Field(longest=64, pattern=_NICKNAME, required=True),
        "securityEnabled": Field("flag", required=True),
        "description": Field(longest=1024),
    },
}

# It is checked, and goes no further: this tenant signs nobody in.
DROPPED = frozenset({PASSWORD, "passwordPolicies"})

# What Graph keeps and this server does not. An empty value asks for nothing, and is accepted.
NOT_KEPT: Mapping[str, frozenset[str]] = {
    "user": _names("""
        aboutMe ageGroup birthday consentProvidedForMinor customSecurityAttributes employeeHireDate
        employeeLeaveDateTime employeeOrgData employeeType hireDate identities interests
        isResourceAccount manager mySite onPremisesSyncBehavior pastProjects preferredDataLocation
        preferredName responsibilities schools showInAddressList skills
        """),
    "group": _names("""
        accessType allowExternalSenders assignedLabels autoSubscribeNewMembers classification
        groupTypes hideFromAddressLists hideFromOutlookClients isAssignableToRole isSubscribedByMail
        members membershipRule membershipRuleProcessingState onPremisesSyncBehavior owners
        preferredDataLocation preferredLanguage resourceBehaviorOptions resourceProvisioningOptions
        theme uniqueName visibility writebackConfiguration
        """),
}
# What CLI for Microsoft 365 writes for each new group, and asks for nothing either.
TAKEN_FOR_GRANTED: Mapping[str, str] = {"visibility": "Public"}
_READ_ONLY = _names("""
    assignedLicenses assignedPlans createdDateTime creationOptions deletedDateTime id
    isManagementRestricted onPremisesDistinguishedName onPremisesDomainName onPremisesLastSyncDateTime
    onPremisesNetBiosName onPremisesProvisioningErrors onPremisesSamAccountName
    onPremisesSecurityIdentifier onPremisesSyncEnabled provisionedPlans proxyAddresses
    securityIdentifier serviceProvisioningErrors
    """)
READ_ONLY: Mapping[str, frozenset[str]] = {
    "user": _READ_ONLY
    | _names("""
        authorizationInfo creationType deviceEnrollmentLimit externalUserState
        externalUserStateChangeDateTime imAddresses lastPasswordChangeDateTime
        legalAgeGroupClassification licenseAssignmentStates mailboxSettings
        onPremisesUserPrincipalName print refreshTokensValidFromDateTime signInActivity
        signInSessionsValidFromDateTime
        """),
    "group": _READ_ONLY
    | _names("""
        expirationDateTime hasMembersWithLicenseErrors infoCatalogs isArchived licenseProcessingState
        mail membershipRuleProcessingStatus organizationId renewedDateTime unseenCount
        """),
}
