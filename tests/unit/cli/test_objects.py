"""``connector objects``, ``show``, ``errors``, ``status`` and ``tenant`` on a tenant with a conflict."""

from __future__ import annotations

import pytest

from connector.model import MemberChange, ObjectType, SyncObject, SyncOperation
from connector.settings import load
from connector.settings.models import TENANT_FILE
from connector.tenant.service import open_tenant


def user(name: str, upn: str) -> SyncObject:
    properties = {"displayName": name, "userPrincipalName": upn, "accountEnabled": True}
    return SyncObject(ObjectType.USER, SyncOperation.SET, f"{name}==", properties)


@pytest.fixture
def filled(connector):
    """A command on a tenant where Bob wants the UPN that Ann has."""
    connector.file.write_text(
        connector.file.read_text().replace(
            "[storage]", 'verified_domains = ["contoso.com"]\n[storage]'
        )
    )
    connector("status")
    tenant = open_tenant(connector.storage / TENANT_FILE, load(connector.file, {}).tenant)
    group = SyncObject(ObjectType.GROUP, SyncOperation.SET, "Staff==", {"displayName": "Staff"})
    tenant.export("1", [user("Ann", "joe@contoso.com"), group])
    tenant.export("2", [user("Bob", "Joe@contoso.com")])
    change = SyncObject(
        ObjectType.GROUP, SyncOperation.SET, "Staff==", None, [MemberChange("Ann==", add=True)]
    )
    tenant.export("3", [change])
    tenant.close()
    return connector


def test_objects_are_listed_by_name_with_their_errors(filled):
    rows = [line.split()[:4] for line in filled("objects").out.splitlines()[1:]]

    assert [row[:2] for row in rows] == [["user", "Ann"], ["user", "Bob"], ["group", "Staff"]]
    assert rows[0][2] == "joe@contoso.com"
    assert rows[1][3] == "1"


def test_objects_of_one_type_are_listed(filled):
    listed = filled("objects", "--type", "group", "--json").json

    assert [item["displayName"] for item in listed] == ["Staff"]


def test_show_tells_the_quarantined_value_and_the_members(filled):
    bob, staff = filled("show", "Bob=="), filled("show", "Staff==")

    assert "propertyCausingError UserPrincipalName, value Joe@contoso.com" in bob.out
    assert "Ann (user " in staff.out


def test_show_says_when_nothing_answers_to_an_identity(filled):
    done = filled("show", "nobody@contoso.com")

    assert done.code == 2
    assert "nobody@contoso.com" in done.err


def test_errors_name_object_value_and_holder_and_what_to_do(filled):
    head, row, suggestion = filled("errors").out.splitlines()

    assert head.split() == [
        "Kind",
        "Object",
        "Property",
        "Value",
        "Held",
        "by",
        "Since",
        "Attempts",
        "Key",
    ]
    assert row.split()[:5] == ["quarantine", "Bob", "UserPrincipalName", "Joe@contoso.com", "Ann"]
    assert "connector tenant sweep" in suggestion


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ([], 1),
        (["--property", "ProxyAddresses"], 0),
        (["--value", "JOE@contoso.com"], 1),
        (["--search", "bo"], 1),
        (["--type", "group"], 0),
        (["--kind", "export"], 0),
        (["--sort", "displayName", "--max", "1"], 1),
    ],
)
def test_the_options_pick_errors(filled, options, count):
    assert len(filled("errors", "--json", *options).json) == count


def test_without_errors_it_says_so(connector):
    assert connector("errors").out == "No errors.\n"


def test_status_counts_objects_and_quarantined_values(filled):
    told = filled("status", "--json").json

    assert (told["state"], told["objects"], told["quarantined"]) == (
        "stopped",
        {"user": 2, "group": 1, "contact": 0},
        1,
    )
    assert "Objects          2 users, 1 groups, 0 contacts" in filled("status").out


def test_a_sweep_says_what_it_gave_back(filled):
    held = filled("tenant", "sweep").out
    tenant = open_tenant(filled.storage / TENANT_FILE, load(filled.file, {}).tenant)
    tenant.export("4", [user("Ann", "ann@contoso.com")])
    tenant.close()

    released, nothing = filled("tenant", "sweep"), filled("tenant", "sweep").out

    assert nothing == "Nothing to release: no value is in quarantine.\n"
    assert held == "Nothing to release: every quarantined value is still held by another object.\n"
    assert released.out.splitlines()[1].split() == ["Bob", "UserPrincipalName", "Joe@contoso.com"]
    assert "sweep.released" in filled.log.read_text()


def test_a_sweep_says_what_a_known_issue_keeps_in_quarantine(filled):
    tenant = open_tenant(filled.storage / TENANT_FILE, load(filled.file, {}).tenant)
    eve = user("Eve", "joe@corp.local")
    tenant.export("4", [eve, user("Fay", "joe@corp.local")])
    tenant.export("5", [SyncObject(eve.object_type, SyncOperation.DELETE, eve.source_anchor)])

    both = filled("tenant", "sweep").out
    tenant.export("6", [user("Ann", "ann@contoso.com")])
    tenant.close()
    filled("tenant", "sweep")
    alone = filled("tenant", "sweep").out

    kept = "1 computed UPN that nobody holds (known issue computed-upn-not-released)"
    assert both == (
        "Nothing to release. Still in quarantine: 1 value that another object holds, "
        f"{kept}. What resolves that: connector errors\n"
    )
    assert alone == (
        f"Nothing to release. Still in quarantine: {kept}. What resolves that: connector errors\n"
    )


def test_show_names_an_administrator_in_its_text_alone(filled):
    before = filled("show", "bob").out
    filled("tenant", "set", "bob", "--admin-role")

    text, graph = filled("show", "bob").out, filled("show", "bob", "--json").json

    assert "administratorRole" not in before
    assert "administratorRole" in text
    assert "administratorRole" not in graph
