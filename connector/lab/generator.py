"""Make a directory of any size for measurements: the same one for the same number and seed.

Each entry is computed from its number, so that entries can be streamed and each can be named without
the others. 85 % are users, 10 % contacts, 5 % groups of 20. 1 % of all objects conflict: half are users
with the UPN of another user, half are objects with the address of an object of another type.
"""

from __future__ import annotations

import base64
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SUFFIX = "dc=contoso,dc=com"
DOMAIN = "contoso.com"
MEMBERS = 20
_GIVEN = (
    "Anna", "Ben", "Clara", "David", "Elif", "Felix", "Grace", "Hugo", "Ines", "Jonas", "Kaja",
    "Liam", "Mara", "Noah", "Olga", "Paul", "Rosa", "Simon", "Tuan", "Uma", "Viktor", "Wanda",
)  # fmt: skip
# (as written, as it appears in an address)
_SURNAMES = (
    ("Schmidt", "schmidt"), ("Nowak", "nowak"), ("Yilmaz", "yilmaz"), ("Nguyen", "nguyen"),
    ("Tanaka", "tanaka"), ("Smith", "smith"), ("Garcia", "garcia"), ("Rossi", "rossi"),
    ("Jensen", "jensen"), ("Dubois", "dubois"), ("Müller", "mueller"), ("Kowalski", "kowalski"),
    ("Novak", "novak"), ("Silva", "silva"), ("Murphy", "murphy"), ("Okafor", "okafor"),
    ("Ivanov", "ivanov"), ("Cohen", "cohen"), ("Khan", "khan"),
)  # fmt: skip
_TITLES = ("Engineer", "Analyst", "Manager", "Consultant", "Designer", "Technician", "Director")
_DEPARTMENTS = ("Sales", "Research", "Finance", "Production", "Marketing", "Support", "Legal", "IT")
_PLACES = (
    ("Berlin", "DE"), ("Warsaw", "PL"), ("Istanbul", "TR"), ("Hanoi", "VN"), ("Tokyo", "JP"),
    ("Seattle", "US"), ("Madrid", "ES"), ("Dublin", "IE"),
)  # fmt: skip
_COMPANIES = ("Contoso", "Fabrikam", "Northwind Traders")
# userAccountControl, and the share of users that are disabled.
_ENABLED, _DISABLED, _DISABLED_SHARE = 512, 514, 0.03
_WITH_THIRD_ADDRESS = 0.5


@dataclass(frozen=True, slots=True)
class Population:
    """The number of objects of each type, and of each kind of conflict, among ``total``."""

    total: int

    @property
    def contacts(self) -> int:
        return self.total // 10

    @property
    def groups(self) -> int:
        return self.total // 20

    @property
    def users(self) -> int:
        return self.total - self.contacts - self.groups

    @property
    def upn_duplicates(self) -> int:
        return self.total // 200

    @property
    def proxy_duplicates(self) -> int:
        return self.total // 200


def entries(n: int, *, seed: int = 1, suffix: str = SUFFIX) -> Iterator[str]:
    """Yield the suffix, its three OUs and ``n`` objects as LDIF records, parents first."""
    population = Population(n)
    chance = random.Random(seed)  # noqa: S311 - a directory to measure with, not a secret
    conflicts = _Conflicts(population)
    yield from base(suffix)
    for number in range(population.users):
        yield _user(number, conflicts, chance, suffix)
    for number in range(population.contacts):
        yield _contact(number, conflicts, suffix)
    for number in range(population.groups):
        yield _group(number, population, conflicts, chance, suffix)


def base(suffix: str = SUFFIX) -> Iterator[str]:
    """Yield the suffix and its three OUs."""
    name = suffix.partition(",")[0].partition("=")[2]
    yield (
        f"dn: {suffix}\nobjectClass: dcObject\nobjectClass: organization\n"
        f"dc: {name}\no: {name.title()}\n\n"
    )
    for ou in ("users", "contacts", "groups"):
        yield f"dn: ou={ou},{suffix}\nobjectClass: organizationalUnit\nou: {ou}\n\n"


def user_dn(number: int, suffix: str = SUFFIX) -> str:
    return f"uid=u{number:07d},ou=users,{suffix}"


def contact_dn(number: int, suffix: str = SUFFIX) -> str:
    return f"cn=c{number:07d},ou=contacts,{suffix}"


def group_dn(number: int, suffix: str = SUFFIX) -> str:
    return f"cn=g{number:07d},ou=groups,{suffix}"


def user(number: int, suffix: str = SUFFIX) -> str:
    """Return the record of a user that has no conflict, for any number."""
    chance = random.Random(number)  # noqa: S311 - as above
    return _user(number, _Conflicts(Population(0)), chance, suffix)


class _Conflicts:
    """The objects that claim a value of another object; no holder meets two claimants."""

    def __init__(self, population: Population) -> None:
        self._upns = population.upn_duplicates
        self._stride = population.users // self._upns if self._upns else 0
        self._proxies = population.proxy_duplicates

    def upn_holder(self, number: int) -> int:
        """Return the number of the user whose UPN this user has: usually its own."""
        if self._stride and number % self._stride == 1 and number // self._stride < self._upns:
            return number - 1
        return number

    def proxy(self, kind: str, number: int) -> str:
        """Return an LDIF line with another object's address; empty for most objects.

        In the first third of the pairs contacts claim addresses of users, in the second groups those
        of contacts, in the third users those of groups.
        """
        claimant, holder = _PAIRS[kind]
        share = self._proxies // 3 + (claimant < self._proxies % 3)
        if number >= share:
            return ""
        return f"proxyAddresses: smtp:{_alias(holder, number + _HOLDERS_FROM)}\n"


_PAIRS = {"c": (0, "u"), "g": (1, "c"), "u": (2, "g")}
# Holders and claimants differ, so that each object has one conflict.
_HOLDERS_FROM = 2


def _alias(kind: str, number: int) -> str:
    return f"{kind}{number:07d}@{DOMAIN}"


def _user(number: int, conflicts: _Conflicts, chance: random.Random, suffix: str) -> str:
    given, surname, address = _name(number)
    holder = conflicts.upn_holder(number)
    upn = address if holder == number else _name(holder)[2]
    pick = chance.random()
    town, country = _PLACES[int(pick * len(_PLACES))]
    sn, cn = _text("sn", surname), _text("cn", f"{given} {surname}")
    display_name = _text("displayName", f"{given} {surname} ({number})")
    third = (
        f"proxyAddresses: smtp:{given.lower()}{number}@fabrikam.com\n"
        if pick < _WITH_THIRD_ADDRESS
        else ""
    )
    return (
        f"dn: uid=u{number:07d},ou=users,{suffix}\n"
        "objectClass: inetOrgPerson\nobjectClass: onPremRecipient\n"
        f"uid: u{number:07d}\n{cn}{sn}givenName: {given}\n{display_name}"
        f"sAMAccountName: u{number:07d}\nuserPrincipalName: {upn}\n"
        f"userAccountControl: {_DISABLED if pick < _DISABLED_SHARE else _ENABLED}\n"
        f"mail: {address}\nmailNickname: u{number:07d}\n"
        f"proxyAddresses: SMTP:{address}\nproxyAddresses: smtp:{_alias('u', number)}\n{third}"
        f"{conflicts.proxy('u', number)}"
        f"title: {_TITLES[number % len(_TITLES)]}\n"
        f"department: {_DEPARTMENTS[number % len(_DEPARTMENTS)]}\n"
        f"company: {_COMPANIES[number % len(_COMPANIES)]}\n"
        f"telephoneNumber: +49 30 {number:08d}\nl: {town}\nc: {country}\nemployeeID: {number}\n\n"
    )


def _contact(number: int, conflicts: _Conflicts, suffix: str) -> str:
    given, surname, _ = _name(number)
    address = f"{given.lower()}.{number}@partner.example"
    cn = f"c{number:07d}"
    return (
        f"dn: cn={cn},ou=contacts,{suffix}\nobjectClass: contact\nobjectClass: onPremRecipient\n"
        f"cn: {cn}\n{_text('sn', surname)}givenName: {given}\n"
        f"{_text('displayName', f'{given} {surname} (partner {number})')}"
        f"mail: {address}\nmailNickname: {cn}\ntargetAddress: SMTP:{address}\n"
        f"proxyAddresses: SMTP:{address}\nproxyAddresses: smtp:{_alias('c', number)}\n"
        f"{conflicts.proxy('c', number)}"
        f"company: {_COMPANIES[number % len(_COMPANIES)]}\ntelephoneNumber: +1 206 {number:07d}\n\n"
    )


def _group(
    number: int,
    population: Population,
    conflicts: _Conflicts,
    chance: random.Random,
    suffix: str,
) -> str:
    cn = f"g{number:07d}"
    department = _DEPARTMENTS[number % len(_DEPARTMENTS)]
    chosen = chance.sample(range(population.users), min(MEMBERS, population.users))
    members = "".join(f"member: {user_dn(member, suffix)}\n" for member in chosen)
    address = f"{department.lower()}.{number}@{DOMAIN}"
    return (
        f"dn: cn={cn},ou=groups,{suffix}\nobjectClass: groupOfNames\nobjectClass: onPremRecipient\n"
        f"cn: {cn}\ndisplayName: {department} team {number}\n"
        f"description: Everybody in team {number} of {department}\n"
        f"sAMAccountName: {cn}\nmail: {address}\nmailNickname: {cn}\n"
        f"proxyAddresses: SMTP:{address}\nproxyAddresses: smtp:{_alias('g', number)}\n"
        f"{conflicts.proxy('g', number)}{members}\n"
    )


def _name(number: int) -> tuple[str, str, str]:
    """Return a user's given name, surname and main address."""
    given = _GIVEN[number % len(_GIVEN)]
    surname, plain = _SURNAMES[number // len(_GIVEN) % len(_SURNAMES)]
    return given, surname, f"{given.lower()}.{plain}{number}@{DOMAIN}"


def _text(name: str, value: str) -> str:
    if value.isascii():
        return f"{name}: {value}\n"
    return f"{name}:: {base64.b64encode(value.encode()).decode()}\n"
