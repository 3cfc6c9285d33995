from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from connector.lab import generator
from connector.lab.slapd import PrivateSlapd

LAB = Path(__file__).parents[3] / "compose" / "lab"


def count(server: PrivateSlapd, filter_: str) -> int:
    return server.search(filter_, "1.1").count("dn:")


@pytest.fixture
def contoso(tmp_path):
    with PrivateSlapd(tmp_path / "slapd") as server:
        server.load(LAB / "base.ldif")
        server.load(LAB / "contoso.ldif")
        yield server.start()


def test_contoso_has_the_people_groups_and_contacts_it_promises(contoso):
    found = contoso.search("(objectClass=onPremRecipient)", "objectClass", "isCriticalSystemObject")
    entries = [entry for entry in found.split("\n\n") if "isCriticalSystemObject" not in entry]

    classes = Counter(re.findall(r"objectClass: (?!onPrem)(\w+)", "\n".join(entries)))
    assert classes == {
        "inetOrgPerson": 224,
        "groupOfNames": 42,
        "groupOfUniqueNames": 1,
        "groupOfMembers": 1,
        "contact": 33,
    }


def test_some_accounts_are_disabled(contoso):
    people = contoso.search("(employeeID=*)", "userAccountControl")

    assert people.count("userAccountControl: 514\n") == 10


def test_groups_stand_in_groups_and_one_ring_of_them_closes(contoso):
    ring = ["On-Call Day", "On-Call Night", "On-Call Weekend"]
    base = f"ou=groups,{contoso.suffix}"

    members = {
        name: [
            other
            for other in ring
            if f"member: cn={other},{base}" in contoso.search(f"(cn={name})", "member", base=base)
        ]
        for name in ring
    }

    assert members == {
        "On-Call Day": ["On-Call Weekend"],
        "On-Call Night": ["On-Call Day"],
        "On-Call Weekend": ["On-Call Night"],
    }


def test_conflicts_and_their_resolution_apply_to_contoso(contoso):
    contoso.load(LAB / "conflicts.ldif")
    contoso.apply((LAB / "resolve.ldif").read_text(encoding="utf-8"))

    found = contoso.search("(uid=user.*)", "uid", "userPrincipalName")
    assert found == (
        "dn: uid=user.a,ou=users,dc=contoso,dc=com\n"
        "uid: user.a\n"
        "userPrincipalName: user.a@contoso.com\n"
        "\n"
        "dn: uid=user.b,ou=users,dc=contoso,dc=com\n"
        "uid: user.b\n"
        "userPrincipalName: User@contoso.com\n"
        "\n"
    )


def test_slapd_accepts_the_bad_objects(contoso):
    contoso.load(LAB / "bad.ldif")

    assert count(contoso, "(|(uid=bad*)(cn=Bad *))") == 34


def test_a_generated_directory_loads_whole(tmp_path):
    with PrivateSlapd(tmp_path / "slapd", suffix="dc=example,dc=org") as server:
        server.load(generator.entries(500, suffix="dc=example,dc=org"))
        server.start()

        found = count(server, "(objectClass=onPremRecipient)")

    assert found == 500
