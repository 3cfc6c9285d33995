"""A what-if beside the truth: the same file given to ldapmodify, and a dry run after it."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from tests.fakes import SUFFIX
from tests.system.laboratory import REFUSED, Laboratory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.system.slapd_world import SlapdWorld

USERS, GROUPS = f"ou=users,{SUFFIX}", f"ou=groups,{SUFFIX}"
ROUNDS = 40


@pytest.fixture
def laboratory(tmp_path: Path) -> Iterator[Laboratory]:
    made = Laboratory(tmp_path)
    yield made
    made.world.close()


def furnish(world: SlapdWorld) -> None:
    """Add people with and without names of their own, groups, and a unit with somebody in it."""
    for name in ("ann", "bob", "cid"):
        world.user(name)
    world.apply(
        f"dn: cn=Amy W+sn=K,{USERS}\nobjectClass: inetOrgPerson\ncn: Amy W\nsn: K\nuid: amy\n"
        "mail: amy@contoso.com\ntitle: Boss\ntelephoneNumber: +49 1\n\n"
        f"dn: ou=sub,{USERS}\nobjectClass: organizationalUnit\nou: sub\n\n"
        f"dn: uid=deep,ou=sub,{USERS}\nobjectClass: inetOrgPerson\ncn: Deep\nsn: D\nuid: deep\n\n"
        f"dn: uid=pia,{USERS}\nobjectClass: account\nobjectClass: posixAccount\ncn: Pia\nuid: pia\n"
        "uidNumber: 1\ngidNumber: 1\nhomeDirectory: /\n\n"
        f"dn: cn=devs,{GROUPS}\nobjectClass: posixGroup\ncn: devs\ngidNumber: 1\nmemberUid: pia\n"
        "memberUid: zoe\n\n"
    )
    world.group("staff", [f"uid=ann,{USERS}", f"uid=bob,{USERS}", f"cn=Amy W+sn=K,{USERS}"])


def modify(dn: str, *parts: str) -> str:
    return f"dn: {dn}\nchangetype: modify\n" + "".join(f"{part}\n-\n" for part in parts) + "\n"


def rename(dn: str, rdn: str, old: int, above: str | None = None) -> str:
    superior = f"newsuperior: {above}\n" if above else ""
    return f"dn: {dn}\nchangetype: modrdn\nnewrdn: {rdn}\ndeleteoldrdn: {old}\n{superior}\n"


ANN, AMY, STAFF = f"uid=ann,{USERS}", f"cn=Amy W+sn=K,{USERS}", f"cn=staff,{GROUPS}"
FILES = {
    "a language": modify(ANN, "replace: displayName;lang-de\ndisplayName;lang-de: Anna"),
    "another name": modify(ANN, "replace: surname\nsurname: New", "replace: 2.5.4.12\n2.5.4.12: X"),
    "a part of a name": rename(AMY, "cn=Amy Wong+sn=K", 1),
    "a part of a name that stays": rename(AMY, "cn=Amy Wong+sn=K", 0),
    "the other order": rename(AMY, "sn=K+cn=Amy W", 1),
    "a name by another name": rename(AMY, "commonName=Amy X+surname=L", 1),
    "another naming attribute": rename(AMY, "uid=amy", 1),
    "another spelling": rename(ANN, "uid=ANN", 1),
    "a move": rename(ANN, "uid=ann", 0, f"ou=sub,{USERS}"),
    "a unit": rename(f"ou=sub,{USERS}", "ou=deep+l=Bonn", 1),
    "a unit that moves": rename(f"ou=sub,{USERS}", "ou=sub", 1, GROUPS),
    "a unit into itself": rename(f"ou=sub,{USERS}", "ou=sub", 1, f"ou=sub,{USERS}"),
    "a name that is taken": rename(ANN, "uid=bob", 1),
    "a place that is not there": rename(ANN, "uid=ann", 1, f"ou=no,{SUFFIX}"),
    "a member by another spelling": modify(STAFF, f"delete: member\nmember: UID=Bob,  {USERS}"),
    "a member who is in": modify(STAFF, f"add: member\nmember: UID=Bob, {USERS}"),
    "a member by uid": modify(f"cn=devs,{GROUPS}", "add: memberUid\nmemberUid: ann"),
    "a member by uid who leaves": modify(f"cn=devs,{GROUPS}", "delete: memberUid\nmemberUid: pia"),
    "somebody who was awaited": f"dn: uid=zoe,{USERS}\nchangetype: add\nobjectClass: inetOrgPerson\n"
    "cn: Zoe\nsn: Z\nuid: zoe\n",
    "the same uid twice": f"dn: uid=pia,ou=sub,{USERS}\nchangetype: add\nobjectClass: inetOrgPerson\n"
    "cn: Pia 2\nsn: P\nuid: pia\n",
    "an entry without its name": f"dn: uid=zed,{USERS}\nchangetype: add\n"
    "objectClass: inetOrgPerson\ncn: Zed\nsn: Z\n",
    "below what is not there": f"dn: uid=z,ou=no,{USERS}\nchangetype: add\n"
    "objectClass: inetOrgPerson\ncn: Z\nsn: Z\n",
    "what nobody reads": modify(ANN, "replace: roomNumber\nroomNumber: 7", "delete: roomNumber"),
    "a value that is there": modify(AMY, "add: title\ntitle: BOSS"),
    "a value that is not there": modify(AMY, "delete: title\ntitle: clerk"),
    "a value by another spelling": modify(AMY, "delete: title\ntitle:  boss "),
    "a number by another spelling": modify(AMY, "delete: telephoneNumber\ntelephoneNumber: +4-91"),
    "an attribute that is not there": modify(ANN, "delete: title"),
    "an empty value": modify(ANN, "replace: title\ntitle:"),
    "a second value of one": modify(ANN, "add: displayName\ndisplayName: Two"),
    "the value in the name": modify(ANN, "replace: uid\nuid: other"),
    "a value that is not compared": modify(
        ANN,
        "replace: proxyAddresses\nproxyAddresses: smtp:a@contoso.com",
        "add: proxyAddresses\nproxyAddresses: smtp:b@contoso.com",
    ),
    "what its class must have": modify(ANN, "delete: cn"),
    "what its class cannot have": modify(f"uid=pia,{USERS}", "add: displayName\ndisplayName: Pia"),
    "an entry that lacks what it must have": f"dn: cn=x,{USERS}\nchangetype: add\n"
    "objectClass: inetOrgPerson\ncn: x\n",
    "a class that nobody knows": modify(ANN, "add: objectClass\nobjectClass: acmeUnknown"),
    "an attribute that nobody knows": modify(ANN, "delete: dispalyName"),
    "a class for anything": modify(
        ANN, "add: objectClass\nobjectClass: extensibleObject", "add: memberUid\nmemberUid: x"
    ),
    "nothing": modify(ANN, "add: title", "replace: l") + f"dn: {ANN}\nchangetype: modify\n",
    "without changetype": f"dn: {ANN}\nreplace: title\ntitle: X\n",
    "without the last dash": f"dn: {ANN}\nchangetype: modify\nreplace: title\ntitle: X",
    "without a dash between": f"dn: {ANN}\nchangetype: modify\nreplace: title\ntitle: X\n"
    "replace: l\nl: Y\n",
    "without deleteoldrdn": f"dn: {ANN}\nchangetype: modrdn\nnewrdn: uid=x\n",
    "a delete": f"dn: {ANN}\nchangetype: delete\n",
    "a delete with more": f"dn: {ANN}\nchangetype: delete\ntitle: x\n",
    "a unit with somebody": f"dn: ou=sub,{USERS}\nchangetype: delete\n",
    "a delete and an add": f"dn: {ANN}\nchangetype: delete\n\ndn: {ANN}\nchangetype: add\n"
    "objectClass: inetOrgPerson\ncn: Ann\nsn: A\nuid: ann\n",
    "folded, commented, coded": f"version: 1\n\n# a\n  b\ndn:: {'dWlkPWFubixvdT11c2VycyxkYz1jb250b3NvLGRjPWNvbQ=='}\r\n"
    "control: 2.16.840.1.113730.3.4.2 false\r\nChangeType: Modify\r\nReplace: title\r\n# c\r\n"
    "TITLE: one\r\n  two\r\n-\r\n\r\n\r\n",
    "a class that makes a user": f"dn: cn=nobody,{USERS}\nchangetype: add\nobjectClass: person\n"
    f"cn: nobody\nsn: n\n\n{modify(f'cn=nobody,{USERS}', 'add: objectClass', 'add: objectClass' + chr(10) + 'objectClass: uidObject', 'add: uid' + chr(10) + 'uid: nobody')}",
}


@pytest.mark.parametrize("ldif", FILES.values(), ids=FILES)
def test_a_file_has_the_effect_that_was_foreseen(laboratory, ldif):
    furnish(laboratory.world)
    laboratory.sync()

    foreseen = laboratory.foreseen(ldif)

    assert foreseen == laboratory.true(ldif)


def test_files_made_by_chance_have_the_effect_that_was_foreseen(laboratory):
    furnish(laboratory.world)
    chance = random.Random(28)
    seen = []
    for _ in range(ROUNDS):
        laboratory.sync()
        there = [entry.dn for entry in laboratory.directory.read_below(SUFFIX)]
        ldif = "".join(_record(chance, there) for _ in range(chance.choice([1, 1, 2])))
        foreseen = laboratory.foreseen(ldif)
        seen.append((ldif, foreseen, laboratory.true(ldif)))

    assert [each for each in seen if each[1] != each[2]] == []
    assert len([each for each in seen if each[1] != REFUSED]) > ROUNDS / 8


def _record(chance: random.Random, there: list[str]) -> str:
    names = [f"uid={name}" for name in ("ann", "bob", "cid", "deep", "pia", "new")]
    dn = chance.choice([*there, *there, f"{chance.choice(names)},{USERS}"])
    value = chance.choice(["One", "one", "Two  x", "two X"])
    name = chance.choice(["title", "sn", "surname", "cn", "2.5.4.3", "l", "title;lang-de", "uid"])
    match chance.randint(0, 9):
        case 0:
            return f"dn: {dn}\nchangetype: delete\n\n"
        case 1 | 2:
            rdn = chance.choice([*names, "cn=One", "cn=two x+sn=One", "surname=K+cn=Amy W", "ou=x"])
            above = chance.choice([None, None, f"ou=sub,{USERS}", USERS, GROUPS])
            return rename(dn, rdn, chance.randint(0, 1), above)
        case 3:
            return (
                f"dn: {chance.choice(names)},{chance.choice([USERS, GROUPS])}\nchangetype: add\n"
                f"objectClass: inetOrgPerson\ncn: {value}\nsn: {value}\n\n"
            )
        case 4:
            member = chance.choice(there).upper().replace(",", ", ")
            verb = chance.choice(["add", "delete"])
            return modify(STAFF, f"{verb}: member\nmember: {member}")
        case 5:
            verb = chance.choice(["add", "delete"])
            uid = chance.choice(["ann", "pia", "new"])
            return modify(f"cn=devs,{GROUPS}", f"{verb}: memberUid\nmemberUid: {uid}")
        case _:
            # What an attribute holds that is not read, nobody knows.
            verb = chance.choice(["add", "delete", "replace"] if ";" not in name else ["replace"])
            return modify(dn, f"{verb}: {name}\n{name}: {value}")


def test_what_comes_anyway_is_not_shown(laboratory):
    furnish(laboratory.world)
    laboratory.sync()
    laboratory.world.modify(f"uid=bob,{USERS}", title="Waits")
    laboratory.world.user("new")

    assert (
        laboratory.foreseen(modify(f"uid=cid,{USERS}", "replace: roomNumber\nroomNumber: 1")) == []
    )


def test_a_change_of_what_waits_is_shown_from_there(laboratory):
    furnish(laboratory.world)
    laboratory.sync()
    laboratory.world.modify(ANN, title="Waits")

    [(operation, _, attributes, _)] = laboratory.foreseen(modify(ANN, "replace: title\ntitle: X"))

    assert (operation, attributes) == ("update", [("jobTitle", "'Waits'", "'X'")])
