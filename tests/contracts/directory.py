"""The contract of every implementation of the port ``connector.ports.Directory``.

A subclass gives the fixture ``world``: something with the verbs of ``MemoryDirectory`` to change the
directory, and ``open``, which returns the port. Deltas are judged by what they make of a copy that
is kept as staging keeps its own. Names are compared folded: Active Directory writes them its own way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

import pytest

from connector.errors import ResyncRequired
from connector.model import Complete, DirectoryEntry, Gone, Present
from tests import folding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connector.ports import Directory

UNKNOWN = bytes(range(16))


class World(Protocol):
    """A directory that can be changed; see ``tests.fakes.MemoryDirectory`` for the verbs.

    ``suffix`` is the base of the search, which holds ou=users, ou=groups and ou=contacts.
    """

    suffix: str

    def open(self, *, only: str | None = None) -> Directory:
        """Return the port; with ``only`` it sees entries of this employeeType and containers."""

    def user(self, name: str, upn: str | None = None, **attributes: object) -> str: ...
    def group(self, name: str, members: Sequence[str] = ()) -> str: ...
    def contact(self, name: str, address: str) -> str: ...
    def ou(self, name: str, *, below: str = ...) -> str: ...
    def modify(self, dn: str, **attributes: object) -> None: ...
    def rename(self, dn: str, rdn: str) -> str: ...
    def move(self, dn: str, parent: str) -> str: ...
    def remove(self, dn: str) -> None: ...


class Copy:
    """A copy of the directory, kept current by Deltas."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self.entries: dict[bytes, DirectoryEntry] = {}
        self.cookie: bytes | None = None
        self.sent: list[DirectoryEntry] = []
        self.update()

    def doubt(self) -> str:
        """Take a Delta that the directory cannot vouch for; return its reason."""
        with pytest.raises(ResyncRequired) as caught:
            self.update()
        return str(caught.value)

    def update(self) -> None:
        """Take one Delta; an entry that it does not mention goes only if a read does not find it either."""
        self.sent, seen, gone = [], set[bytes](), set[bytes]()
        changes = list(self.directory.changes(self.cookie))
        assert isinstance(changes[-1], Complete)
        for change in changes:
            if isinstance(change, DirectoryEntry):
                self.entries[change.uuid] = change
                self.sent.append(change)
                seen.add(change.uuid)
            elif isinstance(change, Present):
                seen.update(change.uuids)
            elif isinstance(change, Gone):
                gone.update(change.uuids)
            elif change.unmentioned_gone:
                missing = self.entries.keys() - seen
                gone |= missing - {entry.uuid for entry in self.directory.read(missing)}
                self.cookie = change.cookie or self.cookie
            else:
                self.cookie = change.cookie or self.cookie
        for uuid in gone:
            self.entries.pop(uuid, None)

    def names(self) -> list[str]:
        """Return the DNs of all objects, without the containers that are always there."""
        return sorted(dn for dn in self.all_names() if not dn.startswith(("dc=", "ou=")))

    def all_names(self) -> set[str]:
        return {folding.dn(entry.dn) for entry in self.entries.values()}

    def entry(self, dn: str) -> DirectoryEntry:
        return next(entry for entry in self.entries.values() if folding.dn(entry.dn) == dn)

    def values(self, dn: str, name: str) -> list[bytes]:
        return sorted(self.entry(dn).attributes.get(name, ()))

    def members(self, dn: str) -> list[str]:
        """Return the folded DNs of the members of a group."""
        return sorted(folding.dn(value.decode()) for value in self.values(dn, "member"))

    def sent_names(self) -> set[str]:
        return {folding.dn(entry.dn) for entry in self.sent}


def marks(copy: Copy) -> dict[str, str]:
    return {folding.dn(each.dn): each.mark for each in copy.directory.identities()}


class DirectoryContract:
    """The sentences. ``whole`` is True for an implementation that always sends everything.

    ``tells_changes`` and ``knows_parents`` say whether a list of identities shows the mark of the last
    change, and whether the directory can tell what has others below it.

    ``rdn`` is what users are named by, ``operational`` the directory's own attributes of an entry: its
    identity, the number of its last change and when it was made.
    """

    whole = False
    tells_changes = True
    knows_parents = True
    rdn = "uid"
    operational: tuple[str, ...] = ("entryuuid", "entrycsn", "createtimestamp")

    @staticmethod
    def uuid(shown: bytes) -> bytes:
        """Read the identity as the directory shows it."""
        return UUID(shown.decode()).bytes

    @pytest.fixture
    def copy(self, world: World) -> Copy:
        return Copy(world.open())

    def test_first_read_gives_containers_too(self, world: World) -> None:
        assert {world.suffix, f"ou=users,{world.suffix}"} <= Copy(world.open()).all_names()

    def test_entry_carries_raw_values_under_lower_case_names(self, world: World) -> None:
        dn = world.user("ann", proxyAddresses=["SMTP:ann@contoso.com", "smtp:a@contoso.com"])

        copy = Copy(world.open())

        assert copy.values(dn, "proxyaddresses") == [b"SMTP:ann@contoso.com", b"smtp:a@contoso.com"]
        assert copy.values(dn, "userprincipalname") == [b"ann@contoso.com"]
        assert copy.values(dn, "objectclass")
        assert all(copy.values(dn, name) for name in self.operational)

    def test_uuid_is_the_identity_that_the_entry_shows(self, world: World) -> None:
        dn = world.user("ann")

        copy = Copy(world.open())

        assert copy.entry(dn).uuid == self.uuid(copy.values(dn, self.operational[0])[0])

    def test_bytes_that_are_no_utf_8_arrive_as_they_are(self, world: World) -> None:
        attributes: dict[str, Any] = {"mS-DS-ConsistencyGuid": b"\x00\xff\xfe\x80" * 4}
        dn = world.user("ann", **attributes)

        copy = Copy(world.open())

        assert copy.values(dn, "ms-ds-consistencyguid") == [b"\x00\xff\xfe\x80" * 4]

    def test_members_arrive_as_distinguished_names(self, world: World) -> None:
        ann, bob = world.user("ann"), world.user("bob")
        group = world.group("staff", [ann, bob])

        copy = Copy(world.open())

        assert copy.members(group) == [ann, bob]

    def test_without_a_cookie_what_is_not_mentioned_may_be_gone(self, world: World) -> None:
        *_, complete = world.open().changes(None)

        assert isinstance(complete, Complete)
        assert complete.unmentioned_gone

    def test_no_change_changes_nothing(self, world: World, copy: Copy) -> None:
        dn = world.user("ann")
        copy.update()

        copy.update()

        assert copy.names() == [dn]
        assert self.whole or not copy.sent

    def test_added_entry_arrives(self, world: World, copy: Copy) -> None:
        dn = world.user("ann")

        copy.update()

        assert copy.names() == [dn]

    def test_delta_holds_only_what_changed(self, world: World) -> None:
        world.user("ann")
        copy = Copy(world.open())
        bob = world.user("bob")

        copy.update()

        assert self.whole or copy.sent_names() == {bob}

    def test_modified_entry_arrives_whole(self, world: World) -> None:
        dn = world.user("ann", title="Clerk")
        copy = Copy(world.open())
        world.modify(dn, title=[], displayName="Ann Smith")

        copy.update()

        assert copy.values(dn, "displayname") == [b"Ann Smith"]
        assert copy.values(dn, "title") == []
        assert copy.values(dn, "userprincipalname") == [b"ann@contoso.com"]

    def test_renamed_entry_keeps_its_uuid(self, world: World) -> None:
        dn = world.user("ann")
        copy = Copy(world.open())
        before = copy.entry(dn).uuid
        renamed = world.rename(dn, f"{self.rdn}=anna")

        copy.update()

        assert copy.names() == [renamed]
        assert copy.entry(renamed).uuid == before

    def test_moved_entry_keeps_its_uuid(self, world: World) -> None:
        dn, guests = world.user("ann"), world.ou("guests")
        copy = Copy(world.open())
        before = copy.entry(dn).uuid
        moved = world.move(dn, guests)

        copy.update()

        assert copy.names() == [moved]
        assert copy.entry(moved).uuid == before

    def test_deleted_entry_is_gone(self, world: World) -> None:
        ann, bob = world.user("ann"), world.user("bob")
        copy = Copy(world.open())
        world.remove(ann)

        copy.update()

        assert copy.names() == [bob]

    def test_entry_added_and_deleted_between_two_reads_leaves_no_trace(
        self, world: World, copy: Copy
    ) -> None:
        world.remove(world.user("ann"))

        copy.update()

        assert copy.names() == []

    def test_entry_recreated_under_its_name_is_another_one(self, world: World) -> None:
        dn = world.user("ann")
        copy = Copy(world.open())
        before = copy.entry(dn).uuid
        world.remove(dn)
        world.user("ann", upn="other@contoso.com")

        copy.update()

        assert copy.names() == [dn]
        assert copy.entry(dn).uuid != before
        assert copy.values(dn, "userprincipalname") == [b"other@contoso.com"]

    def test_two_users_swap_their_names_in_one_delta(self, world: World) -> None:
        ann, bob = world.user("ann", upn="a@contoso.com"), world.user("bob", upn="b@contoso.com")
        copy = Copy(world.open())
        # Samba lets no two users have one name, not even for a moment.
        world.modify(ann, userPrincipalName="c@contoso.com")
        world.modify(bob, userPrincipalName="a@contoso.com")
        world.modify(ann, userPrincipalName="b@contoso.com")

        copy.update()

        assert copy.values(ann, "userprincipalname") == [b"b@contoso.com"]
        assert copy.values(bob, "userprincipalname") == [b"a@contoso.com"]

    def test_entry_that_leaves_the_filter_is_gone(self, world: World) -> None:
        ann, bob = (world.user(name, employeeType="staff") for name in ("ann", "bob"))
        copy = Copy(world.open(only="staff"))
        world.modify(ann, employeeType="guest")

        copy.update()

        assert copy.names() == [bob]

    def test_entry_that_enters_the_filter_arrives(self, world: World) -> None:
        ann = world.user("ann", employeeType="guest")
        copy = Copy(world.open(only="staff"))
        world.modify(ann, employeeType="staff")

        copy.update()

        assert copy.names() == [ann]

    def test_containers_are_seen_through_a_filter(self, world: World) -> None:
        copy = Copy(world.open(only="staff"))

        assert f"ou=users,{world.suffix}" in copy.all_names()

    def test_renamed_container_arrives_and_what_is_below_can_be_read(self, world: World) -> None:
        world.user("ann")
        copy = Copy(world.open())
        people = world.rename(f"ou=users,{world.suffix}", "ou=people")

        copy.update()

        assert people in copy.sent_names()
        below = {folding.dn(entry.dn) for entry in copy.directory.read_below(people)}
        assert below == {people, f"{self.rdn}=ann,{people}"}

    def test_foreign_cookie_is_no_cookie(self, world: World) -> None:
        dn = world.user("ann")

        *entries, complete = world.open().changes(b"garbage")

        assert dn in {
            folding.dn(entry.dn) for entry in entries if isinstance(entry, DirectoryEntry)
        }
        assert isinstance(complete, Complete)
        assert complete.unmentioned_gone

    def test_read_finds_entries_by_their_uuid(self, world: World) -> None:
        ann, bob = world.user("ann"), world.user("bob")
        world.user("cid")
        copy = Copy(world.open())
        wanted = [copy.entry(ann).uuid, copy.entry(bob).uuid]

        found = sorted(copy.directory.read(wanted), key=lambda entry: entry.dn)

        assert [(entry.uuid, folding.dn(entry.dn)) for entry in found] == [
            *zip(wanted, [ann, bob], strict=True)
        ]
        assert (
            found[0].attributes["userprincipalname"]
            == copy.entry(ann).attributes["userprincipalname"]
        )

    def test_read_leaves_out_what_is_unknown_or_deleted(self, world: World) -> None:
        dn = world.user("ann")
        copy = Copy(world.open())
        gone = copy.entry(dn).uuid
        world.remove(dn)

        assert list(copy.directory.read([gone, UNKNOWN])) == []

    def test_read_leaves_out_what_left_the_filter(self, world: World) -> None:
        dn = world.user("ann", employeeType="staff")
        copy = Copy(world.open(only="staff"))
        left = copy.entry(dn).uuid
        world.modify(dn, employeeType="guest")

        assert list(copy.directory.read([left])) == []

    def test_read_of_nothing_is_nothing(self, world: World) -> None:
        assert list(world.open().read([])) == []

    def test_read_takes_more_uuids_than_one_request_holds(self, world: World) -> None:
        dn = world.user("ann")
        copy = Copy(world.open())
        many = [number.to_bytes(16, "big") for number in range(450)]

        found = list(copy.directory.read([*many, copy.entry(dn).uuid]))

        assert [folding.dn(entry.dn) for entry in found] == [dn]

    def test_read_below_a_name_that_is_not_there_is_nothing(self, world: World) -> None:
        assert list(world.open().read_below(f"ou=nowhere,{world.suffix}")) == []

    def test_read_below_a_name_outside_the_search_is_nothing(self, world: World) -> None:
        assert list(world.open().read_below("dc=fabrikam,dc=com")) == []

    def test_everything_can_be_read_whatever_was_told(self, world: World) -> None:
        ann = world.user("ann", title="Clerk")
        copy = Copy(world.open())

        found = {entry.uuid: entry for entry in copy.directory.read_all()}

        assert found.keys() == copy.entries.keys()
        entry = next(each for each in found.values() if folding.dn(each.dn) == ann)
        assert entry.attributes["title"] == copy.entry(ann).attributes["title"]

    def test_identities_are_those_of_the_entries(self, world: World) -> None:
        world.group("staff", [world.user("ann")])
        copy = Copy(world.open())

        listed = {each.uuid: folding.dn(each.dn) for each in copy.directory.identities()}

        assert listed == {entry.uuid: folding.dn(entry.dn) for entry in copy.entries.values()}

    def test_identity_tells_a_change_of_its_entry_and_of_no_other(self, world: World) -> None:
        ann, bob = world.user("ann"), world.user("bob")
        copy = Copy(world.open())
        before = marks(copy)
        world.modify(ann, title="Boss")

        after = marks(copy)

        assert before[bob] == after[bob]
        assert self.tells_changes is (before[ann] != after[ann])

    def test_identities_are_of_the_search_alone(self, world: World) -> None:
        ann = world.user("ann", employeeType="staff")
        bob = world.user("bob", employeeType="guest")
        directory = world.open(only="staff")

        names = {folding.dn(each.dn) for each in directory.identities()}

        assert (ann in names, bob in names) == (True, False)

    def test_parents_are_those_of_the_entries_that_have_others_below(self, world: World) -> None:
        below = f"ou=users,{world.suffix}"
        world.user("ann")
        copy = Copy(world.open())
        asked = [
            entry.uuid for entry in copy.entries.values() if folding.dn(entry.dn) != world.suffix
        ]

        found = copy.directory.parents([*asked, UNKNOWN])

        assert found == ({copy.entry(below).uuid} if self.knows_parents else set())

    def test_life_is_the_same_while_nothing_happens(self, world: World) -> None:
        directory = world.open()
        before = directory.life()
        list(directory.changes(None))

        assert directory.life() == before == world.open().life()

    def test_fingerprint_is_the_same_for_the_same_search(self, world: World) -> None:
        assert world.open().fingerprint() == world.open().fingerprint()
