"""The messages of the admin center, with their two documented faults on and off.

The example is the seed's: User A has User@contoso.com, User B wanted it too and became
User1234@contoso.onmicrosoft.com.
"""

from __future__ import annotations

from datetime import UTC, datetime

from connector.model import ObjectType
from connector.report.messages import (
    OWN_DISPLAY_NAME,
    SAME_MESSAGE,
    PortalError,
    named_holder,
    portal_errors,
    portal_time,
    same_message,
)
from connector.tenant.provisioning_errors import ProvisioningErrorRecord, Summary

NOON = datetime(2017, 9, 7, 12, 32, tzinfo=UTC)
USER_A = Summary("a", ObjectType.USER, "User A", "User@contoso.com", "AA==", None)
USER_B = Summary("b", ObjectType.USER, "User B", "User1234@contoso.onmicrosoft.com", "BB==", None)
GROUP = Summary("g", ObjectType.GROUP, "Group", None, "GG==", None)
UPN_CONFLICT = ProvisioningErrorRecord(
    USER_B, "UserPrincipalName", "User@contoso.com", NOON.isoformat(), USER_A
)
BOTH = (SAME_MESSAGE, OWN_DISPLAY_NAME)


def text(name):
    return (
        "[DIRSYNC ERROR]: This User has been synced to your Azure Active Directory but we had to "
        "modify the UserPrincipalName property from User@contoso.com to "
        f"User1234@contoso.onmicrosoft.com because an existing user, {name}, was already created "
        "with this value."
    )


def line(user, message):
    conflict = ("UserPrincipalName", "User@contoso.com")
    waits = user is USER_B
    return PortalError(user.id, user.display_name, user.upn, message, NOON, *conflict, waits)


def lines(*records, known_issues):
    return list(portal_errors([(record, NOON) for record in records], known_issues))


def test_both_users_show_the_same_message_with_the_wrong_name():
    assert lines(UPN_CONFLICT, known_issues=BOTH) == [
        line(USER_B, text("User B")),
        line(USER_A, text("User B")),
    ]


def test_without_the_known_issues_one_user_shows_the_right_name():
    assert lines(UPN_CONFLICT, known_issues=()) == [line(USER_B, text("User A"))]


def test_each_known_issue_is_switched_alone():
    assert lines(UPN_CONFLICT, known_issues=(SAME_MESSAGE,)) == [
        line(USER_B, text("User A")),
        line(USER_A, text("User A")),
    ]
    assert lines(UPN_CONFLICT, known_issues=(OWN_DISPLAY_NAME,)) == [line(USER_B, text("User B"))]


def test_only_upn_conflicts_have_the_faults():
    assert [same_message(name, BOTH) for name in ("UserPrincipalName", "ProxyAddresses")] == [
        True,
        False,
    ]
    assert same_message("UserPrincipalName", ()) is False
    assert named_holder("B", "A", BOTH) == "B"
    assert named_holder("B", "A", ()) == "A"


def test_a_conflict_of_addresses_names_the_value_and_the_time():
    record = ProvisioningErrorRecord(
        USER_B, "ProxyAddresses", "smtp:info@contoso.com", NOON.isoformat(), GROUP
    )

    [error] = lines(record, known_issues=BOTH)

    assert error.message == (
        "We detected a duplicate Proxy address conflict on the value info@contoso.com. All attribute "
        "values need to be unique across objects. First decide which object should use the value, "
        "then update or remove it from the others. This error was detected on 9/7/17 12:32 PM."
    )


def test_groups_and_contacts_are_not_shown():
    record = ProvisioningErrorRecord(
        GROUP, "ProxyAddresses", "smtp:info@contoso.com", NOON.isoformat(), USER_A
    )

    assert lines(record, known_issues=BOTH) == []


def test_a_holder_that_is_gone_is_not_named():
    record = UPN_CONFLICT._replace(holder=None)

    [error] = lines(record, known_issues=())

    assert "because another object was already created" in error.message


def test_times_are_written_as_the_page_writes_them():
    assert portal_time(datetime(2026, 1, 2, 0, 5, tzinfo=UTC)) == "1/2/26 12:05 AM"
