"""``connector errors --portal``: what the Microsoft 365 admin center shows of the same conflicts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connector.model import ObjectType, SyncObject, SyncOperation
from connector.report.messages import BANNER
from connector.settings import load
from connector.settings.models import TENANT_FILE
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

    assert listed.out == "No error of a user fits.\n"


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


@pytest.fixture
def rows(conflicts):
    """The display names of the errors that options choose."""

    def listed(*options):
        return [
            (row["object"]["displayName"], row["propertyCausingError"])
            for row in conflicts("errors", "--json", *options).json
        ]

    return listed


CARLA, USER_B = ("Carla", "ProxyAddresses"), ("User B", "UserPrincipalName")


@pytest.mark.parametrize(
    "name", ["ProxyAddresses", "proxyAddresses", "proxyaddress", "PROXYADDRESSES"]
)
def test_a_property_is_asked_for_in_any_spelling(rows, name):
    assert rows("--property", name) == [CARLA]


@pytest.mark.parametrize("name", ["mail", "displayName", "uid", "mS-DS-ConsistencyGuid"])
def test_a_property_that_no_error_names_finds_none(rows, name):
    assert rows("--property", name) == []


@pytest.mark.parametrize(
    ("field", "found"),
    [
        ("displayname", [CARLA, USER_B]),
        ("PropertyName", [CARLA, USER_B]),
        ("UserPrincipleName", [USER_B, CARLA]),
        ("OBJECTTYPE", [CARLA, USER_B]),
    ],
)
def test_a_field_to_sort_by_is_named_in_any_spelling(rows, field, found):
    assert rows("--sort", field) == found


def test_kinds_and_types_are_taken_in_any_case(rows):
    assert rows("--kind", "Quarantine", "--type", "User") == [USER_B]


@pytest.mark.parametrize(
    ("option", "word", "words"),
    [
        ("--property", "nonsense", ["UserPrincipalName", "ProxyAddresses"]),
        ("--sort", "since", ["occurredDateTime", "displayName"]),
        ("--kind", "clash", ["quarantine", "export"]),
        ("--type", "printer", ["user", "group", "contact"]),
    ],
)
@pytest.mark.parametrize("more", [(), ("--json",), ("--max", "1")])
def test_a_word_that_is_not_one_of_them_is_wrong_usage(conflicts, option, word, words, more):
    done = conflicts("errors", option, word, *more)

    assert (done.code, done.out) == (2, "")
    assert all(each in done.err for each in words)


def test_a_property_that_is_nearly_one_is_suggested(conflicts):
    done = conflicts("errors", "--portal", "--property", "ProxyAdress")

    assert (done.code, "Did you mean ProxyAddresses?" in done.err) == (2, True)


@pytest.mark.parametrize(
    "options", [["--value", "x@contoso.com"], ["--search", "x@"], ["--kind", "export"]]
)
def test_a_filter_that_nothing_fits_is_no_all_clear(conflicts, options):
    done = conflicts("errors", *options)

    assert (done.code, done.out) == (0, "No error fits. All that there are: connector errors\n")


@pytest.mark.parametrize("option", ["--value", "--search"])
def test_an_empty_filter_is_wrong_usage(conflicts, option):
    done = conflicts("errors", option, "")

    assert (done.code, done.out) == (2, "")
    assert f"{option}: it is empty: leave it out, or give it a value" in done.err


def test_steps_that_resolve_two_errors_are_told_once(conflicts):
    settings = load(conflicts.file, {}).tenant
    tenant = open_tenant(conflicts.storage / TENANT_FILE, settings, clock=lambda: NOON)
    wanted = {"userPrincipalName": "boss@contoso.com", "proxyAddresses": ["SMTP:boss@contoso.com"]}
    tenant.administrator.add("user", {"displayName": "Boss", **wanted}, admin_role=True)
    tenant.export("4", [synced(ObjectType.USER, "Boss 2", **wanted)])
    tenant.close()

    told = conflicts("errors", "--search", "boss").out

    assert told.count("ExistingAdminRoleConflict:") == 1
    assert told.count("To give ") == 2
