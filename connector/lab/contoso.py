"""Make Contoso on an ordinary day: people, contacts and groups, without a conflict."""

# ruff: noqa: RUF001 - Turkish has a letter that looks like another one

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from connector.lab.people import DEPARTMENTS, OFFICES, Person, employees, partners
from connector.lab.records import (
    BUILT_IN,
    CONTACTS,
    DISABLED,
    ENABLED,
    GROUP_CLASSES,
    GROUPS,
    NO_EXPIRY,
    SECURITY,
    SERVICES,
    SUFFIX,
    UNIVERSAL,
    USER_CLASSES,
    USERS,
    contact,
    contact_dn,
    group,
    group_dn,
    unit,
    user,
    user_dn,
)
from connector.values.dn import rdn
from connector.values.ldif import entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from connector.values.ldif import Value

_FACTORY = "Production"

_PROJECTS = (
    "Apollo", "Borealis", "Çınar", "Drossel", "Élan", "Falke", "Góral", "Hải Âu", "Iris",
    "Jaśmin", "さくら", "Krähe",
)  # fmt: skip


def base() -> Iterator[str]:
    """Yield the suffix and the organizational units."""
    yield entry(
        SUFFIX, {"objectClass": ["dcObject", "organization"], "dc": "contoso", "o": "Contoso"}
    )
    for dn in (USERS, GROUPS, CONTACTS, SERVICES, BUILT_IN):
        yield unit(dn.partition(",")[0].partition("=")[2], SUFFIX)
    for office in OFFICES:
        yield unit(office.town, USERS)


def contoso() -> Iterator[str]:
    """Yield all entries of Contoso except those of ``base``."""
    people = list(employees())
    yield from (_employee(person, people) for person in people)
    yield from _accounts()
    yield from _contacts()
    yield from _groups(people)
    yield from _out_of_scope()


def _person_dn(person: Person) -> str:
    return f"uid={person.uid},{rdn('ou', person.office.town)},{USERS}"


def _employee(person: Person, people: Sequence[Person]) -> str:
    office, number = person.office, person.number
    address = f"{person.uid}@contoso.com"
    head = next(other for other in people if other.office == office)
    # Half of the factory staff have no mailbox, and a few old UPNs are in a domain that the tenant
    # does not know.
    mailbox = person.department != _FACTORY or number % 2 == 0
    upn = f"{person.uid}@contoso.local" if number % 60 == 0 else address
    proxies = [f"SMTP:{address}", f"smtp:{person.initials}@contoso.com"]
    if person.department == "Sales":
        proxies.append(f"smtp:{person.uid}@fabrikam.com")
    attributes: dict[str, Value] = {
        "objectClass": USER_CLASSES,
        "uid": person.uid,
        "cn": person.name,
        "sn": person.surname,
        "givenName": person.given,
        "displayName": person.name,
        "sAMAccountName": person.uid[:20],
        "userPrincipalName": upn,
        "userAccountControl": DISABLED if number % 20 == 0 else ENABLED,
        "title": person.title,
        "department": person.department,
        "company": "Contoso",
        "manager": "" if person is head else _person_dn(head),
        "employeeID": f"{10000 + number}",
        "telephoneNumber": f"{office.phone}{number:03d}",
        "street": office.street,
        "l": office.town,
        "postalCode": office.postal_code,
        "c": office.country,
        "co": office.country_name,
        "usageLocation": office.country,
        "preferredLanguage": office.language,
        "physicalDeliveryOfficeName": f"{office.town} {number % 5 + 1}.{number:03d}",
        "extensionAttribute1": f"CC-{DEPARTMENTS.index(person.department) + 1:02d}",
    }
    if mailbox:
        attributes |= {"mail": address, "mailNickname": person.uid, "proxyAddresses": proxies}
    if number % 40 == 0:
        attributes["mS-DS-ConsistencyGuid"] = hashlib.sha256(person.uid.encode()).digest()[:16]
    return entry(_person_dn(person), attributes)


def _accounts() -> Iterator[str]:
    """Yield holders of values that conflicts.ldif wants, room mailboxes, a service account."""
    yield user("user.a", "User A", upn="User@contoso.com", proxies=["SMTP:user.a@contoso.com"])
    for room in ("Alster", "Isar", "Wisła"):
        uid = f"room.{room.lower().replace('ł', 'l')}"
        address = f"{uid}@contoso.com"
        yield user(
            uid,
            f"Room {room}",
            proxies=[f"SMTP:{address}"],
            mail=address,
            mailNickname=uid,
            userAccountControl=DISABLED,
            msExchRecipientTypeDetails="16",
        )
    yield entry(
        f"uid=svc-backup,{SERVICES}",
        {
            "objectClass": USER_CLASSES,
            "uid": "svc-backup",
            "cn": "Backup Service",
            "sn": "Service",
            "sAMAccountName": "svc-backup",
            "userPrincipalName": "svc-backup@contoso.com",
            "userAccountControl": NO_EXPIRY,
        },
    )


def _contacts() -> Iterator[str]:
    for partner in partners():
        yield contact(partner.name, partner.address, partner.company)
    yield contact("Info Desk", "info@fabrikam.example", "Fabrikam", ["smtp:info@contoso.com"])
    yield contact("Doe, Jane + Co. #1", "jane.doe@adatum.example", "Adatum")


def _groups(people: Sequence[Person]) -> Iterator[str]:
    staff = [f"Staff {office.town}" for office in OFFICES]
    for office, name in zip(OFFICES, staff, strict=True):
        members = [_person_dn(person) for person in people if person.office == office]
        yield group(name, members, address=f"staff.{office.country.lower()}@contoso.com")
    for department in DEPARTMENTS:
        members = [_person_dn(person) for person in people if person.department == department]
        yield group(f"Dept {department}", members, kind=SECURITY)
    for number, project in enumerate(_PROJECTS):
        members = [_person_dn(person) for person in people[number :: len(_PROJECTS)]]
        yield group(
            f"Project {project}",
            members,
            address=f"project{number + 1:02d}@contoso.com",
            kind=UNIVERSAL,
            description=f"Everybody who works on {project}",
        )
    for office, name in zip(OFFICES, staff, strict=True):
        heads = [_person_dn(p) for p in people if p.office == office and p.title.startswith("Head")]
        members = [*heads, group_dn(name)]
        yield group(f"Building {office.town}", members, kind=SECURITY)
    yield from _nested_groups(staff, people)


def _nested_groups(staff: Sequence[str], people: Sequence[Person]) -> Iterator[str]:
    projects = [group_dn(f"Project {project}") for project in _PROJECTS]
    outside = [contact_dn(partner.name) for partner in partners()]
    yield group("Europe", [group_dn(name) for name in staff[:2]], address="europe@contoso.com")
    elsewhere = [group_dn("Europe"), *(group_dn(name) for name in staff[2:])]
    yield group("All Contoso", elsewhere, address="all@contoso.com")
    yield group("All Projects", projects, address="projects@contoso.com")
    yield group("Partners", outside, address="partners@contoso.com")
    yield group("Vertrieb, Süd + West", [group_dn("Dept Sales")], address="vertrieb@contoso.com")
    # A ring: each is a member of the next.
    ring = ("On-Call Day", "On-Call Night", "On-Call Weekend")
    for number, name in enumerate(ring):
        members = [_person_dn(people[number * 7]), group_dn(ring[number - 1])]
        yield group(name, members, kind=SECURITY)
    yield group("Joe's Coffee Club", [_person_dn(people[0])], address="Joe@contoso.com")
    yield group("Alumni", [user_dn("long.gone"), _person_dn(people[1])], kind=SECURITY)
    yield group("Book Club", [], address="books@contoso.com")
    names = [_person_dn(person) for person in people[:5]]
    yield entry(
        group_dn("Works Council"),
        {
            "objectClass": ["groupOfUniqueNames", "onPremRecipient"],
            "cn": "Works Council",
            "displayName": "Works Council",
            "groupType": SECURITY,
            "uniqueMember": names,
        },
    )


def _out_of_scope() -> Iterator[str]:
    """Yield entries that Azure AD Connect never synchronizes."""
    for name in ("Administrator", "Guest", "krbtgt"):
        yield entry(
            f"uid={name},{BUILT_IN}",
            {
                "objectClass": USER_CLASSES,
                "uid": name,
                "cn": name,
                "sn": name,
                "sAMAccountName": name,
                "userAccountControl": DISABLED,
                "isCriticalSystemObject": "TRUE",
            },
        )
    yield entry(
        f"cn=Domain Admins,{BUILT_IN}",
        {
            "objectClass": GROUP_CLASSES,
            "cn": "Domain Admins",
            "sAMAccountName": "Domain Admins",
            "groupType": SECURITY,
            "isCriticalSystemObject": "TRUE",
            "member": f"uid=Administrator,{BUILT_IN}",
        },
    )
    yield user("MSOL_4f2c19d0a7be", "On-Premises Directory Synchronization Service")
    yield user("AAD_8b41", "Directory Synchronization Service")
    mailbox = "SystemMailbox{1f05a927-9350-4efe-a823-5529c2d64109}"
    yield user("SM_1f05a92793504efea", "Microsoft Exchange", mailNickname=mailbox)
