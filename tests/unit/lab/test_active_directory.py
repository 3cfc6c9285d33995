"""What becomes of the lab's records in a domain of Active Directory."""

from __future__ import annotations

import pytest

from connector.lab import active_directory as ad
from connector.lab import contoso
from connector.lab.records import BUILT_IN, GROUPS, SUFFIX, USERS, contact, group, user, user_dn
from connector.values import dn as dns
from connector.values.ldif import delete, modify, parse, replace


def one(text):
    [record] = parse(text)
    return record


def made(*records, present=(), upns=()):
    return ad.parts(records, {dns.key(dn) for dn in present}, upns)


def test_a_user_is_named_by_cn_and_its_account_needs_no_password():
    [text] = made(user("ann", "Ann Lee", title="Engineer")).entries

    record = one(text)

    assert record.dn == f"CN=ann,{USERS}"
    assert record.attributes == {
        "objectclass": [b"user"],
        "sn": [b"Lee"],
        "displayname": [b"Ann Lee"],
        "samaccountname": [b"ann"],
        "userprincipalname": [b"ann@contoso.com"],
        "useraccountcontrol": [b"544"],
        "title": [b"Engineer"],
    }


def test_groups_and_contacts_have_the_classes_of_a_domain():
    entries = made(group("Sales, West", []), contact("Carla", "c@x.example", "X")).entries

    assert [
        (r.attributes["objectclass"], r.attributes.get("samaccountname")) for r in map(one, entries)
    ] == [([b"group"], [b"Sales West"]), ([b"contact"], None)]


def test_links_come_afterwards_and_lead_to_nobody_who_is_missing():
    members = [user_dn("ann"), user_dn("long.gone"), user_dn("there")]

    links = made(
        group("Staff", members),
        user("ann", "Ann", manager=user_dn("there")),
        present=[user_dn("there")],
    ).links

    assert [
        (r.dn, [(m.attribute, m.values) for m in r.modifications]) for r in map(one, links)
    ] == [
        (
            f"cn=Staff,{GROUPS}",
            [
                ("member", (f"CN=ann,{USERS}".encode(),)),
                ("member", (f"CN=there,{USERS}".encode(),)),
            ],
        ),
        (f"CN=ann,{USERS}", [("manager", (f"CN=there,{USERS}".encode(),))]),
    ]


def test_a_upn_that_somebody_has_is_left_out_as_a_domain_refuses_it():
    records = [user(uid, uid, upn=upn) for uid, upn in (("a", "One@x.com"), ("b", "one@X.com"))]

    entries = made(*records, user("c", "C", upn="held@x.com"), upns={"held@x.com"}).entries

    assert [one(text).attributes.get("userprincipalname") for text in entries] == [
        [b"One@x.com"],
        None,
        None,
    ]


def test_what_a_domain_has_of_its_own_is_not_made_again():
    records = list(contoso.contoso())

    entries = made(*records).entries

    assert len(records) - len(entries) == 4
    assert not [text for text in entries if BUILT_IN in text]


@pytest.mark.parametrize(
    "dn",
    [
        user_dn("ann"),
        f"cn=Staff,{GROUPS}",
        f"uid=krbtgt,{BUILT_IN}",
        f"uid=taro,ou=東京,{USERS}",
        f"cn=Domain Admins,{BUILT_IN}",
    ],
)
def test_names_lead_there_and_back(dn):
    assert dns.key(ad.ours(ad.theirs(dn))) == dns.key(dn)


def test_changes_name_the_entries_of_the_domain():
    texts = [
        replace(user_dn("ann"), {"title": "Engineer", "userAccountControl": "514"}),
        modify(f"cn=Staff,{GROUPS}", [("delete", "member", user_dn("ann"))]),
        delete(user_dn("bob")),
    ]

    records = [one(ad.changes(text)) for text in texts]

    assert [(r.dn, r.kind, [m.values for m in r.modifications]) for r in records] == [
        (f"CN=ann,{USERS}", "modify", [(b"Engineer",), (b"546",)]),
        (f"cn=Staff,{GROUPS}", "modify", [(f"CN=ann,{USERS}".encode(),)]),
        (f"CN=bob,{USERS}", "delete", []),
    ]


def test_a_new_entry_in_a_change_is_linked_at_once():
    added, linked = parse(ad.changes(group("Staff", [user_dn("ann")])))

    assert (added.kind, linked.modifications[0].attribute) == ("add", "member")


def test_found_entries_have_the_names_of_the_lab():
    found = f"dn: CN=ann,OU=users,{SUFFIX}\ntitle: Engineer\n\n# refldap://x\n\ndn: {SUFFIX}\n\n"

    assert list(ad.names(found)) == [
        f"dn: uid=ann,OU=users,{SUFFIX}\ntitle: Engineer\n\n",
        f"dn: {SUFFIX}\n\n",
    ]
