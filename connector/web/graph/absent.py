"""Name what Microsoft Graph has and this server has not: such a path is answered with 501.

The names are those of Graph v1.0 below each resource that this server has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_FUNCTIONS = "getAvailableExtensionProperties validateProperties"
_OBJECT = "checkMemberGroups checkMemberObjects getMemberObjects"

_NAMES = {
    "": """
        $metadata admin agreementAcceptances agreements appCatalogs applicationTemplates applications
        auditLogs authenticationMethodConfigurations authenticationMethodsPolicy
        certificateBasedAuthConfiguration chats communications compliance connections contracts
        dataPolicyOperations deviceAppManagement deviceManagement devices directoryRoles
        directoryRoleTemplates domainDnsRecords drive drives education employeeExperience external
        filterOperators functions groupLifecyclePolicies groupSettings groupSettingTemplates identity
        identityGovernance identityProtection identityProviders informationProtection invitations me
        oauth2PermissionGrants permissionGrants places planner policies print privacy reports
        roleManagement schemaExtensions scopedRoleMemberships search security servicePrincipals shares
        sites solutions storage subscriptions teams teamsTemplates teamwork tenantRelationships
    """,
    "users": _FUNCTIONS,
    "users/{id}": f"""
        {_OBJECT} $ref $value activities adhocCalls agreementAcceptances appRoleAssignments
        authentication calendar calendarGroups calendarView calendars changePassword chats cloudClipboard
        cloudPCs contactFolders contacts createdObjects dataSecurityAndGovernance
        deviceManagementTroubleshootingEvents drive drives employeeExperience events
        exportDeviceAndAppManagementData exportPersonalData extensions findMeetingTimes followedSites
        getMailTips getManagedAppDiagnosticStatuses getManagedAppPolicies
        getManagedDevicesWithAppFailures inferenceClassification insights joinedTeams licenseDetails
        mailFolders mailboxSettings managedAppRegistrations managedDevices messages notes
        oauth2PermissionGrants onPremisesSyncBehavior onenote onlineMeetings outlook ownedDevices
        ownedObjects people permissionGrants photo photos planner presence registeredDevices
        removeAllDevicesFromManagement reprocessLicenseAssignment retryServiceProvisioning
        revokeSignInSessions scopedRoleMemberOf sendMail serviceProvisioningErrors settings solutions
        sponsorOf sponsors teamwork todo translateExchangeIds wipeManagedAppRegistrationsByDeviceTag
    """,
    "users/{id}/manager": "$ref",
    "users/{id}/directReports": "$ref",
    "groups": _FUNCTIONS,
    "groups/{id}": f"""
        {_OBJECT} $ref acceptedSenders addFavorite appRoleAssignments assignLicense calendar calendarView
        checkGrantedPermissionsForApp conversations createdOnBehalfOf drive drives events extensions
        groupLifecyclePolicies membersWithLicenseErrors onPremisesSyncBehavior onenote permissionGrants
        photo photos planner rejectedSenders removeFavorite renew resetUnseenCount
        retryServiceProvisioning serviceProvisioningErrors settings sites subscribeByMail team threads
        unsubscribeByMail validateProperties
    """,
    "groups/{id}/members": "$ref",
    "groups/{id}/members/{id}": "$ref",
    "groups/{id}/owners": "$ref",
    "groups/{id}/owners/{id}": "$ref",
    "contacts": _FUNCTIONS,
    "contacts/{id}": f"""
        {_OBJECT} $ref onPremisesSyncBehavior retryServiceProvisioning
        serviceProvisioningErrors
    """,
    "directory": """
        administrativeUnits attributeSets customSecurityAttributeDefinitions deviceLocalCredentials
        federationConfigurations publicKeyInfrastructure recovery remoteTenantGroups subscriptions
        tenantGovernance
    """,
    "directory/deletedItems": _FUNCTIONS,
    "directory/deletedItems/{id}": f"{_OBJECT} getMemberGroups",
    "directoryObjects": f"{_FUNCTIONS} $count delta",
    "directoryObjects/{id}": f"{_OBJECT} $ref",
    "domains": "$count",
    "domains/{id}": """
        domainNameReferences federationConfiguration forceDelete promote rootDomain
        serviceConfigurationRecords verificationDnsRecords verify
    """,
    "organization": f"{_FUNCTIONS} $count delta getByIds",
    "organization/{id}": f"""
        {_OBJECT} branding certificateBasedAuthConfiguration extensions getMemberGroups
        setMobileDeviceManagementAuthority
    """,
}


def paths() -> Iterator[str]:
    """Yield the paths of all that is absent, as the patterns of routes."""
    for place, names in _NAMES.items():
        for name in names.split():
            yield f"{place}/{name}" if place else name
