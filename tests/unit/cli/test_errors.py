"""``connector errors --portal``: what the Microsoft 365 admin center shows of the same conflicts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connector.assembly import TENANT_FILE
from connector.model import ObjectType, SyncObject, SyncOperation
from connector.report.messages import BANNER
from connector.settings import load
from connector.tenant.service import open_tenant

NOON = datetime(2017, 9, 7, 12, 32, tzinfo=UTC)


def synced(kind, name, **properties):
    shown = {"displayName": name, **properties}
    if kind is ObjectType.USER:
        shown = {"accountEnabled": True, "userPrincipalName": f"{name[-1]}@contoso.com", **shown}
    return SyncObject(kind, SyncOperation.SET, f"{name}==", shown)


@pytest.fixture
def conflicts(connector):
    """The seed's example, and a contact that wants an address of User A."""
    text = connector.file.read_text()
    domains = 'verified_domains = ["contoso.com"]\nrandom_seed = 1\n'
    connector.file.write_text(text.replace("[storage]", f"{domains}[storage]"))
    settings = load(connector.file, {}).tenant
    connector("status")
    tenant = open_tenant(connector.storage / TENANT_FILE, settings, clock=lambda: NOON)
    address = {"proxyAddresses": ["SMTP:info@contoso.com"]}
    tenant.export(
        "1", [synced(ObjectType.USER, "User A", userPrincipalName="User@contoso.com", **address)]
    )
    tenant.export("2", [synced(ObjectType.USER, "User B", userPrincipalName="User@contoso.com")])
    tenant.export("3", [synced(ObjectType.CONTACT, "Carla", **address)])
    tenant.close()
    return connector


def set_known_issues(connector, issues):
    text = connector.file.read_text()
    connector.file.write_text(text.replace("random_seed", f"known_issues = {issues}\nrandom_seed"))


def message(upn, name):
    return (
        "[DIRSYNC ERROR]: This User has been synced to your Azure Active Directory but we had to "
        f"modify the UserPrincipalName property from User@contoso.com to {upn} because an existing "
        f"user, {name}, was already created with this value."
    )


def told(connector):
    """The users of the report with their messages."""
    return [
        (line["displayName"], line["message"])
        for line in connector("errors", "--portal", "--json").json
    ]


def upn_of(connector, name):
    return connector("show", f"{name}==", "--json").json["userPrincipalName"]


def test_the_page_shows_users_with_both_documented_faults(conflicts):
    same = message(upn_of(conflicts, "User B"), "User B")

    assert told(conflicts) == [("User B", same), ("User A", same)]


@pytest.mark.parametrize(
    ("issues", "shown"),
    [
        ("false", [("User B", "User A")]),
        ('["portal-same-message"]', [("User B", "User A"), ("User A", "User A")]),
        ('["portal-own-display-name"]', [("User B", "User B")]),
    ],
)
def test_each_fault_of_the_page_has_a_switch(conflicts, issues, shown):
    set_known_issues(conflicts, issues)
    upn = upn_of(conflicts, "User B")

    assert told(conflicts) == [(who, message(upn, named)) for who, named in shown]


def test_the_page_is_printed_with_its_banner_and_a_user_to_a_message(conflicts):
    set_known_issues(conflicts, "false")
    upn = upn_of(conflicts, "User B")

    assert conflicts("errors", "--portal").out.splitlines() == [
        BANNER,
        "",
        f"User B  {upn}",
        f"  {message(upn, 'User A')}",
    ]


def test_a_line_of_the_page_carries_id_sign_in_name_and_time(conflicts):
    [line, _] = conflicts("errors", "--portal", "--json").json

    shown = conflicts("show", "User B==", "--json").json
    assert line == {
        "id": shown["id"],
        "displayName": "User B",
        "userPrincipalName": shown["userPrincipalName"],
        "message": line["message"],
        "occurredDateTime": shown["onPremisesProvisioningErrors"][0]["occurredDateTime"],
    }


def test_an_address_that_a_contact_waits_for_is_not_on_the_page(conflicts):
    listed = conflicts("errors", "--portal", "--property", "ProxyAddresses")

    assert listed.out == "No user has an error.\n"


def test_lines_of_the_page_are_found_by_value_and_limited(conflicts):
    by_value = conflicts(
        "errors", "--portal", "--value", "user@contoso.com", "--max", "1", "--json"
    )
    other = conflicts("errors", "--portal", "--value", "info@contoso.com", "--json")

    assert [line["displayName"] for line in by_value.json] == ["User B"]
    assert other.json == []


@pytest.mark.parametrize(
    "option", [("--type", "user"), ("--kind", "export"), ("--sort", "displayName")]
)
def test_the_page_has_no_other_order_and_no_other_objects(conflicts, option):
    done = conflicts("errors", "--portal", *option)

    assert done.code == 2
    assert "leave out --type, --kind and --sort" in done.err
