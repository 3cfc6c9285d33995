from __future__ import annotations

from collections import Counter

import pytest

from connector.lab.generator import Population, contact_dn, entries, group_dn, user, user_dn


def values(records: list[str], attribute: str) -> list[str]:
    prefix = f"{attribute}: "
    return [
        line.removeprefix(prefix).lower()
        for record in records
        for line in record.splitlines()
        if line.startswith(prefix)
    ]


def duplicates(found: list[str]) -> list[str]:
    return [value for value, count in Counter(found).items() if count > 1]


def test_a_thousand_objects_are_users_contacts_and_groups_in_the_promised_shares():
    records = list(entries(1000))

    found = Counter(values(records, "objectClass"))
    assert found == {
        "dcobject": 1,
        "organization": 1,
        "organizationalunit": 3,
        "inetorgperson": 850,
        "contact": 100,
        "groupofnames": 50,
        "onpremrecipient": 1000,
    }


@pytest.mark.parametrize("total", [1, 10, 333, 1000, 20_000])
def test_the_shares_add_up_to_the_number_asked_for(total):
    population = Population(total)

    assert population.users + population.contacts + population.groups == total


def test_one_object_in_a_hundred_conflicts_half_by_upn_half_by_proxy_address():
    records = list(entries(2000))

    upns = values(records, "userPrincipalName")
    proxies = [value.partition(":")[2] for value in values(records, "proxyAddresses")]
    assert (len(duplicates(upns)), len(duplicates(proxies))) == (10, 10)


def test_a_duplicate_proxy_address_is_held_by_an_object_of_another_type():
    records = list(entries(1200))
    kinds: dict[str, set[str]] = {}
    for record in records:
        kind = record.partition("\n")[0].partition(",ou=")[2].partition(",")[0]
        for value in values([record], "proxyAddresses"):
            kinds.setdefault(value.partition(":")[2], set()).add(kind)

    shared = [kind for kind in kinds.values() if len(kind) > 1]

    assert Counter(map(frozenset, shared)) == {
        frozenset({"users", "contacts"}): 2,
        frozenset({"contacts", "groups"}): 2,
        frozenset({"users", "groups"}): 2,
    }


def test_every_group_has_twenty_members_that_exist():
    records = list(entries(1000))
    users = {user_dn(number) for number in range(850)}

    groups = [set(values([record], "member")) for record in records if "groupOfNames" in record]

    assert {len(members) for members in groups} == {20}
    assert set().union(*groups) <= users


def test_the_same_seed_gives_the_same_directory():
    assert list(entries(300, seed=7)) == list(entries(300, seed=7))


def test_another_seed_gives_other_values():
    assert list(entries(300, seed=7)) != list(entries(300, seed=8))


def test_no_object_comes_before_its_parent():
    seen: set[str] = set()
    orphans = []
    for record in entries(100, suffix="dc=example,dc=org"):
        dn = record.partition("\n")[0].removeprefix("dn: ")
        parent = dn.partition(",")[2]
        if seen and parent not in seen:
            orphans.append(dn)
        seen.add(dn)

    assert orphans == []


def test_a_single_user_can_be_made_without_the_directory_around_it():
    record = user(123_456, "dc=example,dc=org")

    assert record.startswith("dn: uid=u0123456,ou=users,dc=example,dc=org\n")
    assert values([record], "userPrincipalName") == ["olga.garcia123456@contoso.com"]


@pytest.mark.parametrize(
    ("dn", "expected"),
    [
        (user_dn(7), "uid=u0000007,ou=users,dc=contoso,dc=com"),
        (contact_dn(7), "cn=c0000007,ou=contacts,dc=contoso,dc=com"),
        (group_dn(7), "cn=g0000007,ou=groups,dc=contoso,dc=com"),
    ],
)
def test_the_entries_can_be_named_by_number(dn, expected):
    assert dn == expected
    assert any(record.startswith(f"dn: {expected}\n") for record in entries(200))
