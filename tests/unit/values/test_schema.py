"""Superior classes, names of attributes and the comparison of values by a schema."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.model import DirectoryEntry, ObjectType
from connector.values.entries import stage
from connector.values.schema import Schema, listed_with_kinds, standard, unusual

CLASSES = [
    "( 1.1 NAME 'acmePerson' DESC 'a (person)' SUP inetOrgPerson STRUCTURAL MUST cn )",
    "( 1.2 NAME ( 'acmeBoss' 'acmeChief' ) SUP ( acmePerson $ acmeThing ) )",
    "( 2.16.840.1.113730.3.2.2 NAME 'inetOrgPerson' SUP organizationalPerson )",
    "( 2.5.6.7 NAME 'organizationalPerson' SUP 2.5.6.6 )",
    "( 2.5.6.6 NAME 'person' SUP top MUST ( sn $ cn ) MAY telephoneNumber )",
    "( 1.3 NAME 'acmeThing' SUP acmeBoss )",
    "( 1.4 NAME 'acmeRouter' SUP device )",
]


@pytest.mark.parametrize(
    ("classes", "kinds"),
    [
        (["acmePerson"], ["inetorgperson", "organizationalperson", "person"]),
        (["ACMECHIEF"], ["inetorgperson", "organizationalperson", "person"]),
        (["1.2"], ["inetorgperson", "organizationalperson", "person"]),
        (["acmePerson", "Person"], ["inetorgperson", "organizationalperson"]),
        (["acmeRouter"], []),
        (["nobodyKnows"], []),
    ],
)
def test_the_kinds_above_a_class_are_added_behind_it(classes, kinds):
    listed = [name.encode() for name in classes]

    found = listed_with_kinds(listed, Schema(CLASSES).kinds_above())

    assert [name.decode() for name in found] == [*classes, *kinds]


def test_only_what_the_standards_do_not_say_is_unusual():
    assert unusual(standard().kinds_above()) == []
    assert unusual(Schema(CLASSES[:1] + CLASSES[2:5]).kinds_above()) == [
        ["1.1", "inetorgperson", "organizationalperson", "person"],
        ["acmeperson", "inetorgperson", "organizationalperson", "person"],
    ]


@pytest.mark.parametrize(
    ("description", "name"),
    [
        ("surname", "sn"),
        ("2.5.4.4", "sn"),
        ("OID.2.5.4.4", "sn"),
        ("rfc822Mailbox", "mail"),
        ("GN", "givenname"),
        ("userid", "uid"),
        ("mail;binary", "mail"),
        ("acmeBadge", "acmebadge"),
        ("displayName;lang-de", None),
        ("displayName;x-phonetic;binary", None),
    ],
)
def test_an_attribute_is_found_by_each_of_its_names(description, name):
    found = standard().attribute(description)

    assert (found and found.name) == name


@pytest.mark.parametrize(
    ("name", "one", "other", "same"),
    [
        ("cn", "Ann  Lee ", "ann lee", True),
        ("telephoneNumber", "+49 1-2", "+4912", True),
        ("member", "UID=Ann, DC=x", "uid=ann,dc=x", True),
        ("memberUid", "Ann", "ann", False),
        ("objectClass", "2.5.6.6", "person", True),
        ("fax", "A", "a", False),
    ],
)
def test_values_are_compared_as_the_directory_compares_them(name, one, other, same):
    attribute = standard().plain(name)
    keys = {standard().value_key(attribute, text.encode()) for text in (one, other)}

    assert (len(keys) == 1) is same


def test_an_attribute_takes_the_rule_of_the_one_above_it():
    schema = Schema([], ["( 1 NAME 'a' EQUALITY caseIgnoreMatch )", "( 2 NAME 'b' SUP a )"])

    assert schema.plain("b").equality == "caseignorematch"


def test_without_rules_the_syntax_says_how_values_are_compared():
    schema = Schema(
        [],
        [
            "( 1 NAME 'title' SYNTAX '1.3.6.1.4.1.1466.115.121.1.15' SINGLE-VALUE )",
            "( 2 NAME 'manager' SYNTAX 1.3.6.1.4.1.1466.115.121.1.12 )",
            "( 3 NAME 'objectGUID' SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 )",
        ],
    )

    assert [(a.equality, a.is_single) for a in map(schema.plain, ("title", "manager", "3"))] == [
        ("caseignorematch", True),
        ("distinguishednamematch", False),
        ("", False),
    ]


def test_a_server_knows_no_attribute_but_those_it_shows_and_a_file_may_have_any():
    server = Schema([], ["( 1 NAME 'title' )"])

    assert [server.knows("TITLE;lang-de"), server.knows("tilte")] == [True, False]
    assert standard().knows("acmeBadge")


@given(st.lists(st.text()))
def test_no_definition_breaks_the_reading_of_the_others(texts):
    schema = Schema([*texts, CLASSES[0], *CLASSES[2:5]], texts)

    assert b"inetorgperson" in schema.kinds_above()[b"acmeperson"]


@given(st.lists(st.sampled_from(["( ", ") ", "1 ", "NAME ", "'a' ", "SUP ", "$ ", "b "])))
def test_definitions_in_any_order_are_read(parts):
    with contextlib.suppress(KeyError):
        assert Schema(["".join(parts)], ["".join(parts)]).kinds_above() == {}


@pytest.mark.parametrize(
    ("classes", "uid", "expected"),
    [
        ("account posixAccount", "pia", ObjectType.USER),
        ("person", "pia", ObjectType.USER),
        ("organizationalPerson person", "pia", ObjectType.USER),
        ("person", None, None),
        ("posixGroup", None, ObjectType.GROUP),
        ("posixGroup groupOfNames", None, ObjectType.GROUP),
        ("inetOrgPerson posixAccount posixGroup", "pia", ObjectType.USER),
        ("contact person", "pia", ObjectType.CONTACT),
        ("computer user person", "pia", None),
        ("device", "pia", None),
    ],
)
def test_accounts_need_a_uid_and_a_posix_group_counts_last(classes, uid, expected):
    attributes = {"objectclass": [name.encode() for name in classes.split()]}
    if uid:
        attributes["uid"] = [uid.encode()]

    assert stage(DirectoryEntry(bytes(16), "cn=x", attributes)).type is expected


def test_members_by_uid_are_references_that_no_name_can_be():
    attributes = {
        "objectclass": [b"posixGroup", b"groupOfNames"],
        "memberuid": [b"Ann", b"ann"],
        "member": [b" uid:bob", b"uid=bob"],
    }

    found = stage(DirectoryEntry(bytes(16), "cn=x", attributes)).references

    assert found == (" uid:ann", "uid:bob", "uid=bob")


def test_only_a_posix_group_has_members_by_uid():
    attributes = {"objectclass": [b"top", b"group"], "memberuid": [b"ann"]}

    assert stage(DirectoryEntry(bytes(16), "cn=x", attributes)).references == ()
