"""Classes and attributes of the standards, as definitions of RFC 4512 4.1, for files without a server.

From RFC 4519, 4524, 2798, 2307 and its successor, and from Active Directory; only what this program
reads, and of a definition only what it asks for.
"""

from __future__ import annotations

OBJECT_CLASSES = (
    "( 2.5.6.6 NAME 'person' SUP top )",
    "( 2.5.6.7 NAME 'organizationalPerson' SUP person )",
    "( 2.5.6.10 NAME 'residentialPerson' SUP person )",
    "( 2.16.840.1.113730.3.2.2 NAME 'inetOrgPerson' SUP organizationalPerson )",
    "( 0.9.2342.19200300.100.4.4 NAME ( 'pilotPerson' 'newPilotPerson' ) SUP person )",
    "( 0.9.2342.19200300.100.4.5 NAME 'account' SUP top )",
    "( 1.3.6.1.1.1.2.0 NAME 'posixAccount' SUP top )",
    "( 1.3.6.1.1.1.2.2 NAME 'posixGroup' SUP top )",
    "( 2.5.6.9 NAME 'groupOfNames' SUP top )",
    "( 2.5.6.17 NAME 'groupOfUniqueNames' SUP top )",
    "( 1.3.6.1.4.1.4203.666.11.2 NAME 'OpenLDAPperson' SUP ( pilotPerson $ inetOrgPerson ) )",
    "( 1.2.840.113556.1.5.9 NAME 'user' SUP organizationalPerson )",
    "( 1.2.840.113556.1.5.15 NAME 'contact' SUP organizationalPerson )",
    "( 1.2.840.113556.1.3.30 NAME 'computer' SUP user )",
    "( 1.2.840.113556.1.5.264 NAME 'msDS-ManagedServiceAccount' SUP computer )",
    "( 1.2.840.113556.1.5.282 NAME 'msDS-GroupManagedServiceAccount' SUP computer )",
    "( 1.2.840.113556.1.5.8 NAME 'group' SUP top )",
)

ATTRIBUTE_TYPES = (
    "( 2.5.4.0 NAME 'objectClass' EQUALITY objectIdentifierMatch )",
    "( 2.5.4.41 NAME 'name' EQUALITY caseIgnoreMatch )",
    "( 2.5.4.3 NAME ( 'cn' 'commonName' ) SUP name )",
    "( 2.5.4.4 NAME ( 'sn' 'surname' ) SUP name )",
    "( 2.5.4.6 NAME ( 'c' 'countryName' ) SUP name SINGLE-VALUE )",
    "( 2.5.4.7 NAME ( 'l' 'localityName' ) SUP name )",
    "( 2.5.4.8 NAME ( 'st' 'stateOrProvinceName' ) SUP name )",
    "( 2.5.4.9 NAME ( 'street' 'streetAddress' ) EQUALITY caseIgnoreMatch )",
    "( 2.5.4.10 NAME ( 'o' 'organizationName' ) SUP name )",
    "( 2.5.4.11 NAME ( 'ou' 'organizationalUnitName' ) SUP name )",
    "( 2.5.4.12 NAME 'title' SUP name )",
    "( 2.5.4.13 NAME 'description' EQUALITY caseIgnoreMatch )",
    "( 2.5.4.17 NAME 'postalCode' EQUALITY caseIgnoreMatch )",
    "( 2.5.4.19 NAME 'physicalDeliveryOfficeName' EQUALITY caseIgnoreMatch )",
    "( 2.5.4.20 NAME 'telephoneNumber' EQUALITY telephoneNumberMatch )",
    "( 2.5.4.23 NAME ( 'facsimileTelephoneNumber' 'fax' ) )",
    "( 2.5.4.31 NAME 'member' EQUALITY distinguishedNameMatch )",
    "( 2.5.4.42 NAME ( 'givenName' 'gn' ) SUP name )",
    "( 2.5.4.50 NAME 'uniqueMember' EQUALITY uniqueMemberMatch )",
    "( 0.9.2342.19200300.100.1.1 NAME ( 'uid' 'userid' ) EQUALITY caseIgnoreMatch )",
    "( 0.9.2342.19200300.100.1.3 NAME ( 'mail' 'rfc822Mailbox' ) EQUALITY caseIgnoreIA5Match )",
    "( 0.9.2342.19200300.100.1.25 NAME ( 'dc' 'domainComponent' ) EQUALITY caseIgnoreIA5Match )",
    (
        "( 0.9.2342.19200300.100.1.41 NAME ( 'mobile' 'mobileTelephoneNumber' )"
        " EQUALITY telephoneNumberMatch )"
    ),
    "( 0.9.2342.19200300.100.1.43 NAME ( 'co' 'friendlyCountryName' ) EQUALITY caseIgnoreMatch )",
    "( 2.16.840.1.113730.3.1.39 NAME 'preferredLanguage' EQUALITY caseIgnoreMatch SINGLE-VALUE )",
    "( 2.16.840.1.113730.3.1.241 NAME 'displayName' EQUALITY caseIgnoreMatch SINGLE-VALUE )",
    "( 1.3.6.1.1.1.1.12 NAME 'memberUid' EQUALITY caseExactIA5Match )",
    "( 1.2.840.113556.1.4.221 NAME 'sAMAccountName' EQUALITY caseIgnoreMatch SINGLE-VALUE )",
    "( 1.2.840.113556.1.4.656 NAME 'userPrincipalName' EQUALITY caseIgnoreMatch SINGLE-VALUE )",
    "( 1.2.840.113556.1.2.210 NAME 'proxyAddresses' EQUALITY caseIgnoreMatch )",
)
