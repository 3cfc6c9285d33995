"""A random walk through the changes of a directory, the base of every state machine."""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_OID, UUID, uuid5

from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    multiple,
    rule,
)

from tests.fakes import SUFFIX, MemoryDirectory
from tests.properties import views

if TYPE_CHECKING:
    from connector.model import DirectoryEntry

# Few values, so that conflicts are common; what differs in case or form only is one value.
UPNS = st.sampled_from(
    [
        "joe@contoso.com",
        "Joe@contoso.com",
        "ann@contoso.com",
        "joe@fabrikam.com",
        "stra\u00dfe@contoso.com",
        "STRASSE@contoso.com",
        "joe@contoso.onmicrosoft.com",
    ]
)
ADDRESSES = [
    "joe@contoso.com",
    "Joe@contoso.com",
    "ann@contoso.com",
    "info@contoso.com",
    "caf\u00e9@contoso.com",
    "CAFE\u0301@contoso.com",
]
MAILS = st.sampled_from(ADDRESSES)
_SMTP = [f"{scheme}:{address}" for scheme in ("SMTP", "smtp", "Smtp") for address in ADDRESSES]
PROXIES = st.lists(
    st.sampled_from(
        [*_SMTP, "sip:joe@contoso.com", "SIP:Joe@contoso.com", "smtp:nonsense", "x500:/o=c"]
    ),
    max_size=3,
)
NOWHERE = f"cn=nobody,ou=users,{SUFFIX}"


class DirectoryWalk(RuleBasedStateMachine):
    """Changes ``directory``; its entries have the same ids in every walk, so that a walk can be repeated.

    The directory rewrites members, as one with the overlay refint does.
    One user, the keeper, is always there, because an empty directory is refused.
    """

    people = Bundle("people")
    users = Bundle("users")
    groups = Bundle("groups")
    units = Bundle("units")
    lost_users = Bundle("lost_users")
    lost_names = Bundle("lost_names")

    def __init__(self) -> None:
        super().__init__()
        self.number = 0
        self.identities = 0
        self.taken_again: set[str] = set()
        self.directory = MemoryDirectory(identity=self._identity, rewrites=True)
        self.directory.user("keeper")

    def _identity(self) -> UUID:
        self.identities += 1
        return uuid5(NAMESPACE_OID, str(self.identities))

    def _name(self, kind: str) -> str:
        self.number += 1
        return f"{kind}{self.number}"

    def _entry(self, identity: bytes) -> DirectoryEntry:
        [entry] = self.directory.read([identity])
        return entry

    def _dn(self, identity: bytes) -> str:
        return self._entry(identity).dn

    def _names(self) -> set[str]:
        return {entry.dn for entry in self.directory.read_below(SUFFIX)}

    def _dns(self, members: list[bytes]) -> list[str]:
        """Return the DNs of the entries that are still there, each once."""
        return list(dict.fromkeys(entry.dn for entry in self.directory.read(members)))

    @initialize(target=units)
    def make_units(self) -> Any:
        names = [self.directory.ou("north", below=f"ou=users,{SUFFIX}"), f"ou=users,{SUFFIX}"]
        return multiple(*map(self.directory.uuid, names))

    @initialize(
        targets=(people, users), wants=st.lists(st.tuples(UPNS, PROXIES), min_size=3, max_size=6)
    )
    def make_users(self, wants: list[tuple[str, list[str]]]) -> Any:
        names = [self.directory.user(self._name("u"), upn, proxies) for upn, proxies in wants]
        return multiple(*map(self.directory.uuid, names))

    @initialize(targets=(people, groups), wants=st.lists(PROXIES, min_size=1, max_size=3))
    def make_groups(self, wants: list[list[str]]) -> Any:
        names = [self.directory.group(self._name("g"), [], proxies) for proxies in wants]
        return multiple(*map(self.directory.uuid, names))

    @rule(targets=(people, users), upn=UPNS, proxies=PROXIES, unit=units)
    def add_user(self, upn: str, proxies: list[str], unit: bytes) -> bytes:
        dn = self.directory.user(self._name("u"), upn, proxies, below=self._dn(unit))
        return self.directory.uuid(dn)

    @rule(target=people, mail=MAILS, proxies=PROXIES, unit=units)
    def add_contact(self, mail: str, proxies: list[str], unit: bytes) -> bytes:
        name = self._name("c")
        dn = self.directory.contact(name, mail, below=self._dn(unit), proxyAddresses=proxies)
        return self.directory.uuid(dn)

    @rule(targets=(people, groups), members=st.lists(people, max_size=4), proxies=PROXIES)
    def add_group(self, members: list[bytes], proxies: list[str]) -> bytes:
        dn = self.directory.group(self._name("g"), self._dns(members), proxies)
        return self.directory.uuid(dn)

    @rule(group=groups, members=st.lists(people, max_size=4), dangling=st.booleans())
    def change_members(self, group: bytes, members: list[bytes], *, dangling: bool) -> None:
        names = self._dns(members) + [NOWHERE] * dangling
        for dn in self._dns([group]):
            self.directory.modify(dn, member=names)

    @rule(group=groups, dn=lost_names)
    def name_a_member_that_is_gone(self, group: bytes, dn: str) -> None:
        for name in self._dns([group]):
            self.directory.modify(name, member=self._unless_given_up(dn))

    @rule(person=people, manager=people)
    def change_manager(self, person: bytes, manager: bytes) -> None:
        self._name_manager(person, self._dns([manager]))

    @rule(person=people)
    def take_the_manager_away(self, person: bytes) -> None:
        self._name_manager(person, [])

    @rule(person=people, dn=lost_names | st.just(NOWHERE))
    def name_a_manager_that_is_gone(self, person: bytes, dn: str) -> None:
        self._name_manager(person, self._unless_given_up(dn))

    def _unless_given_up(self, dn: str) -> list[str]:
        """Leave out a name that an entry may have given up since the last import: it stands for that one still."""
        return [dn] if dn not in self.taken_again or dn in self._names() else []

    def _name_manager(self, identity: bytes, names: list[str]) -> None:
        for entry in self.directory.read([identity]):
            attribute = "managedBy" if "member" in entry.attributes else "manager"
            self.directory.modify(entry.dn, **{attribute: names})

    @rule(user=users, upn=UPNS)
    def change_upn(self, user: bytes, upn: str) -> None:
        for dn in self._dns([user]):
            self.directory.modify(dn, userPrincipalName=upn)

    @rule(person=people, proxies=PROXIES)
    def change_proxies(self, person: bytes, proxies: list[str]) -> None:
        for dn in self._dns([person]):
            self.directory.modify(dn, proxyAddresses=proxies)

    def give_values_up(self, some: list[bytes]) -> None:
        for dn in self._dns(some):
            self.directory.modify(dn, proxyAddresses=[])
            if dn.startswith("uid="):
                self.directory.modify(dn, userPrincipalName=f"{self._name('n')}@contoso.com")

    @rule(person=people, mail=MAILS)
    def change_mail(self, person: bytes, mail: str) -> None:
        for dn in self._dns([person]):
            self.directory.modify(dn, mail=mail)

    @rule(person=people, name=st.sampled_from(["Same Name", "Zo\u00eb", "\u5f35"]))
    def change_display_name(self, person: bytes, name: str) -> None:
        for dn in self._dns([person]):
            self.directory.modify(dn, displayName=name)

    @rule(one=users, other=users)
    def swap_upns(self, one: bytes, other: bytes) -> None:
        self._swap("userPrincipalName", one, other)

    @rule(one=people, other=people)
    def swap_proxies(self, one: bytes, other: bytes) -> None:
        self._swap("proxyAddresses", one, other)

    def _swap(self, attribute: str, *identities: bytes) -> None:
        entries = list(self.directory.read(dict.fromkeys(identities)))
        if len(entries) == 2:
            values = [list(entry.attributes.get(attribute.lower(), ())) for entry in entries]
            for entry, mine in zip(entries, reversed(values), strict=True):
                self.directory.modify(entry.dn, **{attribute: mine})

    @rule(person=people)
    def rename(self, person: bytes) -> None:
        for dn in self._dns([person]):
            attribute = dn.partition("=")[0]
            self.directory.rename(dn, f"{attribute}={self._name('r')}")

    @rule(person=people, unit=units)
    def move(self, person: bytes, unit: bytes) -> None:
        for dn in self._dns([person]):
            parent = self._dn(unit)
            if not dn.endswith(parent) or dn.count(",") != parent.count(",") + 1:
                self.directory.move(dn, parent)

    @rule(unit=units)
    def rename_unit(self, unit: bytes) -> None:
        self.directory.rename(self._dn(unit), f"ou={self._name('ou')}")

    @rule(targets=(lost_users,), person=consumes(users))
    def remove_user(self, person: bytes) -> Any:
        return multiple(*self._remove(person))

    @rule(target=lost_names, person=consumes(people))
    def remove(self, person: bytes) -> Any:
        return multiple(*(entry.dn for entry in self._remove(person)))

    def _remove(self, identity: bytes) -> list[DirectoryEntry]:
        entries = list(self.directory.read([identity]))
        for entry in entries:
            self.directory.remove(entry.dn)
        return entries

    @rule(targets=(people, users), dn=lost_names, upn=UPNS, proxies=PROXIES)
    def add_under_the_same_dn(self, dn: str, upn: str, proxies: list[str]) -> Any:
        rdn, _, parent = dn.partition(",")
        attribute, _, name = rdn.partition("=")
        names = self._names()
        if attribute != "uid" or dn in names or parent not in names:
            return multiple()
        self.taken_again.add(dn)
        return self.directory.uuid(self.directory.user(name, upn, proxies, below=parent))

    @rule(targets=(people, users), lost=consumes(lost_users), upn=UPNS, proxies=PROXIES)
    def come_back(self, lost: DirectoryEntry, upn: str, proxies: list[str]) -> Any:
        """A user returns as another entry with the source anchor that it had."""
        identity = b64decode(views.anchor(lost))
        attributes: dict[str, Any] = {"mS-DS-ConsistencyGuid": identity}
        dn = self.directory.user(self._name("b"), upn, proxies, **attributes)
        return self.directory.uuid(dn)
