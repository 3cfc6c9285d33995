"""An entry of the directory becomes a staged entry."""

from __future__ import annotations

import json
from base64 import b64encode
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.model import DirectoryEntry, ObjectType
from connector.values import dn
from connector.values.entries import (
    KEPT,
    READ,
    choose_by_name,
    keep_choices,
    load,
    octets,
    source_anchor,
    stage,
    staged_hash,
)
from connector.values.readable import OCTETS

GUID = UUID("6701fa1a-fb0f-45a8-9356-d302b2affbb1")
OTHER = UUID("30475e40-e7ae-4af3-af75-8b143c81daf5")
DN = "uid=ann,ou=users,dc=contoso,dc=com"


def entry(name=DN, uuid=GUID.bytes, **attributes):
    """Make an entry; keywords are attribute names with ``_`` for ``-``, values bytes or lists."""
    return DirectoryEntry(
        uuid,
        name,
        {
            key.replace("_", "-"): [value] if isinstance(value, bytes) else value
            for key, value in attributes.items()
        },
    )


def user(**attributes):
    return entry(objectclass=[b"top", b"inetOrgPerson"], **attributes)


def group(*members, **attributes):
    return entry("cn=staff,dc=x", objectclass=b"groupOfNames", member=[*members], **attributes)


# --- source anchor ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("guid", "immutable_id"),
    [
        # "Troubleshooting errors during synchronization"
        ("897485c7-81a7-42eb-97c6-37ed73077b1f", "x4V0iaeB60KXxjftcwd7Hw=="),
        # "Reference for ADSyncTools"
        ("30475e40-e7ae-4af3-af75-8b143c81daf5", "QF5HMK7n80qvdYsUPIHa9Q=="),
        # Guid.ToByteArray; the bytes in network order would give ZwH6...
        ("6701fa1a-fb0f-45a8-9356-d302b2affbb1", "GvoBZw/7qEWTVtMCsq/7sQ=="),
    ],
)
def test_the_source_anchor_is_the_immutable_id_of_the_entry_uuid(guid, immutable_id):
    assert source_anchor(entry(uuid=UUID(guid).bytes)) == immutable_id


def test_object_guid_is_taken_as_it_is_stored_in_active_directory():
    found = entry(uuid=OTHER.bytes, objectguid=GUID.bytes_le)

    assert source_anchor(found) == "GvoBZw/7qEWTVtMCsq/7sQ=="


def test_consistency_guid_comes_before_object_guid():
    found = entry(ms_ds_consistencyguid=GUID.bytes_le, objectguid=OTHER.bytes_le)

    assert source_anchor(found) == "GvoBZw/7qEWTVtMCsq/7sQ=="


@pytest.mark.parametrize("value", [b"", b"short", b"seventeen bytes.."])
def test_a_consistency_guid_of_another_size_does_not_count(value):
    found = entry(ms_ds_consistencyguid=value, objectguid=GUID.bytes_le)

    assert source_anchor(found) == "GvoBZw/7qEWTVtMCsq/7sQ=="


def test_of_several_guids_the_order_of_the_answer_does_not_choose():
    one, other = sorted([GUID.bytes_le, OTHER.bytes_le])

    assert source_anchor(entry(objectguid=[other, one])) == b64encode(one).decode()


def test_the_ns_unique_id_gives_the_same_anchor_whether_or_not_an_answer_shows_entry_uuid():
    shown = {"nsuniqueid": b"6701fa1a-fb0f45a8-9356d302-b2affbb1", "entryuuid": str(OTHER).encode()}

    assert source_anchor(entry(uuid=GUID.bytes, **shown)) == "GvoBZw/7qEWTVtMCsq/7sQ=="
    assert source_anchor(entry(uuid=GUID.bytes)) == "GvoBZw/7qEWTVtMCsq/7sQ=="


# --- type ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        ("top person organizationalPerson inetOrgPerson onPremRecipient", ObjectType.USER),
        ("TOP PERSON ORGANIZATIONALPERSON USER", ObjectType.USER),
        ("top person organizationalPerson user inetOrgPerson", ObjectType.USER),
        ("groupOfNames onPremRecipient", ObjectType.GROUP),
        ("groupOfUniqueNames", ObjectType.GROUP),
        ("groupOfMembers", ObjectType.GROUP),
        ("top group", ObjectType.GROUP),
        ("top person organizationalPerson contact", ObjectType.CONTACT),
        ("contact inetOrgPerson", ObjectType.CONTACT),
        ("top person organizationalPerson user computer", None),
        ("top person organizationalPerson user computer msDS-GroupManagedServiceAccount", None),
        ("top person organizationalPerson", None),
        ("account posixAccount", None),
        ("msExchDynamicDistributionList", None),
        ("organizationalUnit", None),
        ("", None),
    ],
)
def test_the_object_classes_tell_the_type(classes, expected):
    found = entry(objectclass=[name.encode() for name in classes.split()])

    assert stage(found).type is expected


# --- attributes ---------------------------------------------------------------------------------


def test_attributes_are_compact_json_with_sorted_names_and_values():
    found = user(sn=b"Lee", cn=b"Ann Lee", proxyaddresses=[b"smtp:b@x", b"SMTP:a@x"])

    assert stage(found).attributes == (
        '{"cn":["Ann Lee"],"proxyaddresses":["SMTP:a@x","smtp:b@x"],"sn":["Lee"]}'
    )


def test_what_no_rule_reads_is_not_kept():
    found = user(
        cn=b"Ann",
        userpassword=b"secret",
        pwdlastset=b"133",
        entrycsn=b"20230101000000.000000Z#000000#000#000000",
        objectguid=GUID.bytes_le,
        member=b"cn=x",
        mail=[],
    )

    assert load(stage(found).attributes) == {"cn": ["Ann"]}


def test_a_container_is_staged_for_its_name_only():
    unit = entry("OU=Users,DC=x", objectclass=b"organizationalUnit", cn=b"Users", member=b"cn=a")

    staged = stage(unit)

    assert (staged.type, staged.dn_key, staged.attributes, staged.references) == (
        None,
        "ou=users,dc=x",
        "{}",
        (),
    )


def test_an_object_without_attributes_has_none():
    assert stage(user()).attributes == "{}"


def test_a_value_that_is_not_utf_8_survives_in_ascii_json():
    staged = stage(user(cn=b"J\xf6rg", sn="Jörg 🦜".encode()))

    assert staged.attributes == '{"cn":["J\\udcf6rg"],"sn":["J\\u00f6rg \\ud83e\\udd9c"]}'
    assert load(staged.attributes) == {"cn": ["J\udcf6rg"], "sn": ["Jörg 🦜"]}


def test_control_characters_and_quotes_survive():
    staged = stage(user(cn=b'a"\\\n\x00\x1b[31m'))

    assert load(staged.attributes) == {"cn": ['a"\\\n\x00\x1b[31m']}


def test_the_security_identifier_is_base64():
    staged = stage(user(objectsid=b"\x01\x05\x00\xff"))

    assert load(staged.attributes) == {"objectsid": ["AQUA/w=="]}


@pytest.mark.parametrize(
    ("attributes", "created", "csn"),
    [
        (
            {"createtimestamp": b"20230101Z", "entrycsn": b"c#1", "modifytimestamp": b"m"},
            "20230101Z",
            "c#1",
        ),
        ({"whencreated": b"20230101.0Z", "usnchanged": b"12"}, "20230101.0Z", "12"),
        ({"modifytimestamp": b"20230102Z"}, "", "20230102Z"),
        ({"createtimestamp": b"\xff"}, "\\xff", ""),
    ],
)
def test_when_an_entry_was_made_and_changed_is_what_the_directory_says(attributes, created, csn):
    staged = stage(user(**attributes))

    assert (staged.created, staged.csn) == (created, csn)


V1_UUID = UUID("9c4e5fd2-5fa2-11f0-8a5e-0123456789ab")
SECOND = {"createtimestamp": b"20260101000000Z"}


@pytest.mark.parametrize(
    ("uuid", "more", "created"),
    [
        (V1_UUID.bytes, {}, f"20260101000000Z#{V1_UUID.time:015x}"),
        (UUID("9c4e5fd2-5fa2-41f0-8a5e-0123456789ab").bytes, {}, "20260101000000Z"),
        (UUID("9c4e5fd2-5fa2-11f0-0a5e-0123456789ab").bytes, {}, "20260101000000Z"),
        (UUID("9c4e5fd2-5fa2-11f0-ca5e-0123456789ab").bytes, {}, "20260101000000Z"),
        (V1_UUID.bytes, {"objectguid": V1_UUID.bytes}, "20260101000000Z"),
        (b"", {}, "20260101000000Z"),
    ],
)
def test_the_moment_in_a_uuid_of_version_1_stands_behind_the_second(uuid, more, created):
    """docs/sources.md 15.4: a UUID of Active Directory is chance."""
    assert stage(user(**SECOND | more)._replace(uuid=uuid)).created == created


def test_entries_of_one_second_sort_by_the_moments_in_their_uuids():
    moments = [0x1F05FA29C4E5FD2, 0x1F05FA29C4E5FD3, 0x1F05FA300000000, 0x1F15FA200000000]
    uuids = [
        UUID(fields=(m & 0xFFFFFFFF, m >> 32 & 0xFFFF, m >> 48 | 0x1000, 0x8A, 9, 1))
        for m in moments
    ]

    created = [stage(user(**SECOND)._replace(uuid=uuid.bytes)).created for uuid in uuids]

    assert created == sorted(created)


# --- references ---------------------------------------------------------------------------------


def test_members_of_both_kinds_are_folded_sorted_and_counted_once():
    found = group(b"UID=Bob, OU=Users,DC=x", b"uid=ann,dc=x", uniquemember=[b"uid=ANN,dc=x"])

    assert stage(found).references == ("uid=ann,dc=x", "uid=bob,ou=users,dc=x")


def test_the_references_of_a_large_group_are_sorted():
    names = [f"uid={number:03},dc=x" for number in range(100)]

    assert stage(group(*(name.encode() for name in reversed(names)))).references == tuple(names)


def test_the_unique_identifier_of_a_unique_member_is_not_part_of_its_name():
    found = entry(
        objectclass=b"groupOfUniqueNames", uniquemember=[b"cn=a,dc=x#'0101'B", b"cn=b#1,dc=x"]
    )

    assert stage(found).references == ("cn=a,dc=x", "cn=b#1,dc=x")


def test_only_groups_have_references():
    assert stage(user(member=b"uid=bob,dc=x")).references == ()


@pytest.mark.parametrize("name", ["cn=\udcff,dc=x", r"cn=\FF,dc=x"])
def test_a_name_that_is_not_utf_8_can_be_stored_and_referred_to(name):
    staged = stage(entry(name, objectclass=b"inetOrgPerson"))
    referring = stage(group(name.encode("utf-8", "surrogateescape")))

    assert staged.dn_key == r"cn=\udcff,dc=x"
    assert referring.references == (staged.dn_key,)
    assert staged.dn.casefold() == r"cn=\ff,dc=x"


# --- hash ---------------------------------------------------------------------------------------


def test_a_resent_unchanged_entry_has_the_same_hash():
    before = user(cn=b"Ann", entrycsn=b"1", modifytimestamp=b"1", pwdlastset=b"1")
    after = user(cn=b"Ann", entrycsn=b"2", modifytimestamp=b"2", pwdlastset=b"2")

    assert stage(before).hash == stage(after).hash


@pytest.mark.parametrize(
    "other",
    [
        entry("uid=Ann,dc=x", objectclass=b"groupOfNames", cn=b"a", member=b"cn=m"),
        entry("uid=ann,dc=x", OTHER.bytes, objectclass=b"groupOfNames", cn=b"a", member=b"cn=m"),
        entry("uid=ann,dc=x", objectclass=b"contact", cn=b"a", member=b"cn=m"),
        entry("uid=ann,dc=x", objectclass=b"groupOfNames", cn=b"b", member=b"cn=m"),
        entry("uid=ann,dc=x", objectclass=b"groupOfNames", cn=b"a", member=b"cn=n"),
        entry("uid=ann,dc=x", objectclass=b"groupOfNames", cn=b"a", member=[b"cn=m", b"cn=n"]),
    ],
    ids=["dn", "anchor", "type", "attribute", "member", "more members"],
)
def test_what_counts_changes_the_hash(other):
    before = entry("uid=ann,dc=x", objectclass=b"groupOfNames", cn=b"a", member=b"cn=m")

    assert stage(before).hash != stage(other).hash


# --- properties ---------------------------------------------------------------------------------

VALUES = st.lists(st.binary(max_size=12), max_size=4, unique=True)
CLASSES = st.sampled_from([b"inetOrgPerson", b"contact", b"groupOfNames", b"organizationalUnit"])
NAMES = st.sampled_from([*READ, "userpassword", "cn;lang-de"])


@st.composite
def entries(draw):
    attributes = draw(st.dictionaries(NAMES, VALUES, max_size=8))
    attributes["objectclass"] = [draw(CLASSES)]
    name = draw(
        st.text(max_size=12)
        | st.binary(max_size=12).map(lambda b: b.decode(errors="surrogateescape"))
    )
    return DirectoryEntry(draw(st.binary(min_size=16, max_size=16)), name, attributes)


@given(entries(), st.randoms(use_true_random=False))
def test_the_order_of_an_answer_never_counts(found, random):
    shuffled = {
        name: random.sample(values, len(values))
        for name, values in random.sample([*found.attributes.items()], len(found.attributes))
    }

    once, again = stage(found), stage(found._replace(attributes=shuffled))

    assert again.hash == once.hash
    assert again.references == once.references
    assert keep_choices(again, once.attributes).attributes == once.attributes


@given(entries())
def test_staged_attributes_read_back_as_the_sorted_values(found):
    staged = stage(found)

    read = {
        name: sorted(values, key=lambda value: value.encode(errors="surrogateescape"))
        for name, values in load(staged.attributes).items()
    }
    expected = {
        name: [
            octets(name, value) if name in OCTETS else value.decode(errors="surrogateescape")
            for value in values
        ]
        for name, values in found.attributes.items()
        if name in KEPT and values
    }
    assert read == (
        {
            name: sorted(values, key=lambda value: value.encode(errors="surrogateescape"))
            for name, values in expected.items()
        }
        if staged.type
        else {}
    )


@given(entries())
def test_everything_staged_can_be_stored_as_utf_8(found):
    staged = stage(found)

    assert "".join(map(str, staged[1:-1])).encode()
    assert "".join(staged.references).encode() is not None
    assert staged.attributes.isascii()
    assert staged.attributes == json.dumps(
        load(staged.attributes), sort_keys=True, separators=(",", ":")
    )


@given(st.text(max_size=20))
def test_a_reference_and_the_name_it_means_are_folded_alike(name):
    assert stage(group(name.encode())).references == (dn.key(name),)


# --- one value of many ---------------------------------------------------------------------------


def chosen(staged, name="uid"):
    return load(staged.attributes)[name]


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("uid=carl,dc=x", [b"anton", b"carl"], ["carl", "anton"]),
        ("uid=CARL,dc=x", [b"anton", b"Carl"], ["Carl", "anton"]),
        ("userid=carl,dc=x", [b"anton", b"carl"], ["carl", "anton"]),
        ("cn=Carl+uid=carl,dc=x", [b"anton", b"carl"], ["carl", "anton"]),
        ("cn=Carl,dc=x", [b"carl", b"anton", b"berta"], ["carl", "anton", "berta"]),
        ("cn=Carl,dc=x", [b" ", b"carl", b"anton"], ["carl", " ", "anton"]),
        ("uid=gone,dc=x", [b"carl", b"anton"], ["carl", "anton"]),
    ],
)
def test_the_value_of_the_name_comes_first_else_the_first_of_the_answer(name, values, expected):
    assert chosen(stage(entry(name, objectclass=b"inetOrgPerson", uid=values))) == expected


def test_a_list_of_addresses_has_no_chosen_one():
    staged = stage(user(proxyaddresses=[b"smtp:b@x", b"SMTP:a@x"]))

    assert staged.choices == ()
    assert chosen(staged, "proxyaddresses") == ["SMTP:a@x", "smtp:b@x"]


@pytest.mark.parametrize(
    ("name", "before", "now", "expected"),
    [
        ("cn=Carl,dc=x", [b"carl"], [b"anton", b"carl"], "carl"),
        ("cn=Carl,dc=x", [b"carl", b"berta"], [b"anton", b"carl"], "carl"),
        ("cn=Carl,dc=x", [b"carl"], [b"anton", b"CARL"], "CARL"),
        ("cn=Carl,dc=x", [b"carl"], [b"berta", b"anton"], "berta"),
        ("uid=anton,dc=x", [b"carl"], [b"carl", b"anton"], "anton"),
    ],
)
def test_a_chosen_value_stays_as_long_as_it_is_there(name, before, now, expected):
    first = stage(entry(name, objectclass=b"inetOrgPerson", uid=before))
    then = stage(entry(name, objectclass=b"inetOrgPerson", uid=now))

    assert chosen(keep_choices(then, first.attributes))[0] == expected


@given(entries())
def test_a_hash_says_nothing_of_what_was_chosen(found):
    staged = stage(found)

    again = staged_hash(staged.anchor, staged.type, staged.attributes, staged.dn, staged.references)

    assert again == staged.hash


def test_attributes_that_were_staged_in_order_are_chosen_by_name_later():
    attributes = '{"cn":["A","B"],"uid":["anton","carl"]}'

    assert choose_by_name(attributes, "uid=carl,dc=x") == '{"cn":["A","B"],"uid":["carl","anton"]}'
