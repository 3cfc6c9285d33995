"""Two spellings of a name are one to the connector where they are one to the directories."""

from __future__ import annotations

from base64 import b64encode
from itertools import count
from typing import TYPE_CHECKING

import pytest

from connector.errors import LabUnusable
from connector.lab.slapd import PrivateSlapd
from connector.values import dn
from tests.system.commandline import CommandLine
from tests.system.ds389 import SUFFIX
from tests.system.samba import CONTEXT
from tests.system.slapd_world import SlapdWorld

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.system.ds389 import Private389
    from tests.system.samba import PrivateSamba

EVERYWHERE = [
    ("cn=Ann", "CN=ANN", True),
    ("cn=Straße", "cn=STRAßE", True),
    ("cn=Straße", "cn=Strasse", False),
    ("cn=Straße", "cn=STRAẞE", False),
    ("cn=John  Doe", "cn=John Doe", True),
    ("cn=John  Doe", "cn= john    doe ", True),
    ("cn=John Doe", "cn=JohnDoe", False),
    ("cn=Jörg", "cn=JÖRG", True),
    ("cn=Jörg", "cn=Jorg", False),
    ("cn=ΣΑΣ", "cn=σασ", True),
    ("cn=izmir", "cn=IZMIR", True),
    ("cn=izmir", "cn=ızmir", False),
    ("cn=soft", "cn=so\u00adft", False),
    ("cn=soft", "cn=so\u200bft", False),
    ("cn=Ⅳ", "cn=iv", False),
    (r"cn=Doe\, Jane", r"cn=doe\2C jane", True),
    (r"cn=Doe\, Jane", 'cn="Doe, Jane"', True),
    (r"cn=\#1", r"cn=\231", True),
]
SLAPD = [
    (r"cn=John\20\20Doe", "cn=John Doe", True),
    (r"cn=\20John Doe", r"cn=John Doe\20", True),
    ("cn=John\u00a0Doe", "cn=John Doe", True),
    ("cn=John Doe", "cn=John\u3000Doe", True),
    ("cn=ＦＵＬＬ", "cn=full", True),
    ("cn=ﬁle", "cn=file", True),
    ("cn=x²", "cn=x2", True),
    ("cn=Jörg", "cn=Jo\u0308rg", True),
    ("cn=saw", "cn=ſaw", True),
    ("cn=İzmir", "cn=izmir", True),
    ("cn=ǅ", "cn=ǆ", True),
    ("cn=ΣΑΣ", "cn=σας", False),
    ("cn=Ა", "cn=ა", False),
    ("cn=a+sn=b", "sn=b+cn=a", True),
    ("cn=a+sn=b", "surname=B+2.5.4.3=A", True),
    ("cn=a+sn=b", r"cn=a\+sn\=b", False),
    ("commonName=ann", "cn=ann", True),
]
DS389 = [
    ("cn=a+sn=b", "sn=b+cn=a", True),
    ("cn=ΣΑΣ", "cn=σας", False),
    ("cn=J Doe", r"cn=J\09Doe", False),
]


@pytest.mark.parametrize(("one", "other", "same"), [*EVERYWHERE, *SLAPD])
def test_slapd_and_the_connector_agree(one, other, same, slapd):
    unit = slapd.ou(f"names{next(_NUMBERS)}")

    assert compare(slapd.slapd.apply, unit, "person", one, other) is same
    assert is_one(unit, one, other) is same


@pytest.mark.parametrize(("one", "other", "same"), [*EVERYWHERE, *DS389])
def test_389_directory_server_and_the_connector_agree(one, other, same, ds389: Private389):
    unit = f"ou=names{next(_NUMBERS)},{SUFFIX}"
    ds389.apply(f"dn: {unit}\nobjectClass: organizationalUnit\n")

    assert compare(ds389.apply, unit, "person", one, other) is same
    assert is_one(unit, one, other) is same


@pytest.mark.parametrize(("one", "other", "same"), EVERYWHERE)
def test_samba_and_the_connector_agree(one, other, same, samba: PrivateSamba):
    unit = f"OU=names{next(_NUMBERS)},{CONTEXT}"
    samba.apply(f"dn: {unit}\nobjectClass: organizationalUnit\n")

    found = compare(samba.apply, unit, "container", one, other)
    samba.remove_tree(unit)

    assert found is same
    assert is_one(unit, one, other) is same


@pytest.fixture
def world(tmp_path):
    world = SlapdWorld(tmp_path / "slapd")
    yield world
    world.close()


@pytest.fixture
def connector_with(world, tmp_path):
    (tmp_path / "connector").mkdir()

    def make(**directory):
        access = {"url": world.slapd.url, "bind_dn": world.slapd.admin, "password": world.password}
        return CommandLine(tmp_path / "connector", {**access, **directory})

    return make


def person(world: SlapdWorld, name: str, shown: str, unit: str = f"ou=users,{SUFFIX}") -> str:
    plain = shown.lower()
    given = {"cn": "z", "sn": "z", "uid": plain, "displayName": shown}
    return world.add(f"{name},{unit}", ["inetOrgPerson"], given)


def members(connector: CommandLine, group: str) -> list[str]:
    shown = connector.json("show", group)
    return sorted(member["displayName"] for member in shown["members"])


def test_a_member_is_who_the_directory_means(world, connector_with):
    person(world, "cn=Straße", "First")
    person(world, "cn=Strasse", "Second")
    person(world, "cn=John  Doe", "John")
    person(world, r"cn=Doe\, Jane", "Jane")
    person(world, "cn=Jörg", "Jörg")
    person(world, "cn=a+sn=b", "Both")
    names = ["STRAßE", "John Doe", r"doe\2c jane", "Jo\u0308rg"]
    world.group("street", [f"cn={name},ou=users,{SUFFIX}" for name in names])
    world.group("both", [f"surname=B + cn=A,ou=users,{SUFFIX}"])
    connector = connector_with()

    connector.json("sync")

    group = f"cn=street,ou=groups,{SUFFIX}"
    assert members(connector, group) == ["First", "Jane", "John", "Jörg"]
    assert members(connector, f"CN=both, OU=groups, {SUFFIX}") == ["Both"]


def test_a_unit_is_excluded_by_any_spelling_and_takes_no_other_along(world, connector_with):
    for name in ("Straße", "Strasse", "two  words"):
        unit = world.ou(name)
        person(world, "uid=x", name.title(), unit)
    person(world, r"cn=Kit\,ou\=Strasse\,dc\=contoso\,dc\=com", "Kit")
    excluded = [f"organizationalUnitName=STRASSE, {SUFFIX}", f"ou=Two Words,{SUFFIX}"]
    connector = connector_with(exclude=excluded)

    connector.json("sync")

    assert {each["displayName"] for each in connector.json("objects")} == {"Straße", "Kit"}


def test_a_pilot_group_is_found_by_any_spelling(world, connector_with):
    ann = world.user("ann")
    world.user("bob")
    world.group("all  pilots", [ann.upper()])
    connector = connector_with(pilot_group=f"CN=All Pilots, ou=groups, {SUFFIX}")

    connector.json("sync")

    assert {each["displayName"] for each in connector.json("objects")} == {"Ann"}


def test_a_person_is_found_by_any_spelling_of_the_name(world, connector_with):
    person(world, "cn=Straße", "First")
    person(world, "cn=Strasse", "Second")
    connector = connector_with()
    connector.json("sync")
    asked = f"commonName = STRAßE, ou=users, {SUFFIX}"

    shown = connector.json("show", asked)["displayName"]
    explained = [
        page["directory"]["distinguishedName"] for page in connector.json("explain", asked)
    ]
    logged = connector.json("log", "--object", asked)

    assert shown == "First"
    assert explained == [f"cn=Straße,ou=users,{SUFFIX}"]
    assert "Second" not in str(logged)


def test_a_base_without_a_domain_gives_every_user_a_name_to_sign_in_with(tmp_path):
    (tmp_path / "connector").mkdir()
    with PrivateSlapd(tmp_path / "slapd", suffix="o=Contoso").start() as slapd:
        people = (
            f"dn: uid=u{n},o=Contoso\nobjectClass: inetOrgPerson\ncn: U{n}\nsn: U\nuid: u{n}\n"
            for n in range(30)
        )
        records = ["dn: o=Contoso\nobjectClass: organization\no: Contoso\n", *people]
        slapd.apply("\n".join(records))
        slapd.apply("dn: uid=u0,o=Contoso\nchangetype: modify\nadd: mail\nmail: zoe@fabrikam.com\n")
        directory = {
            "url": slapd.url,
            "base_dn": "o=Contoso",
            "bind_dn": slapd.admin,
            "password": slapd.password_file.read_text(),
        }
        connector = CommandLine(tmp_path / "connector", directory)

        run = connector.json("sync")

        upns = {
            each["displayName"]: each["userPrincipalName"] for each in connector.json("objects")
        }
        expected = {f"U{n}": f"u{n}@contoso.com" for n in range(30)}
        assert run["result"] == "success"
        assert upns == {**expected, "U0": "zoe@fabrikam.com"}


_NUMBERS = count()


@pytest.fixture(scope="module")
def slapd(tmp_path_factory):
    world = SlapdWorld(tmp_path_factory.mktemp("names") / "slapd")
    yield world
    world.close()


def is_one(unit: str, one: str, other: str) -> bool:
    return dn.key(f"{one},{unit}") == dn.key(f"{other},{unit}")


def compare(apply: Callable[[str], object], unit: str, kind: str, one: str, other: str) -> bool:
    """Add both names to a server; tell whether it takes the second for the first."""
    apply(_record(one, unit, kind))
    try:
        apply(_record(other, unit, kind))
    except (RuntimeError, LabUnusable) as error:
        if "Already exists" not in str(error):
            raise
        return True
    return False


def _record(name: str, unit: str, kind: str) -> str:
    encoded = b64encode(f"{name},{unit}".encode()).decode()
    lines = [f"dn:: {encoded}", f"objectClass: {kind}"]
    if kind == "person":
        lines += ["cn: z", "sn: z"]
    return "\n".join(lines) + "\n"
