"""The page "Directory sync errors": users only, and both known issues of the portal."""

from __future__ import annotations

import pytest

from connector.report.messages import BANNER

XSS = '<img src=x onerror="document.title=1">'
PATH = "/admin/sync-errors"


def conflicts(visitor):
    world = visitor.world
    world.user("a", upn="User@contoso.com", displayName="User A")
    world.user("ann", proxies=["SMTP:ann@contoso.com", "smtp:shared@contoso.com"])
    world.sync()
    world.user("b", upn="User@contoso.com", displayName="User B")
    world.user("x", proxies=["SMTP:x@contoso.com", "smtp:shared@contoso.com"], displayName=XSS)
    world.contact("rival", "ann@contoso.com")
    world.sync()
    return visitor


def rows(visitor, query=""):
    return visitor.page(PATH + query).rows("Directory sync errors")


def test_both_users_of_a_pair_show_one_message_with_the_wrong_name(visitor):
    shown = {row[0]: row for row in rows(conflicts(visitor))}

    assert set(shown) == {"User A", "User B", XSS}
    assert shown["User A"][2] == shown["User B"][2]
    assert "an existing user, User B, was already created" in shown["User B"][2]


def test_without_the_known_issues_one_user_shows_the_right_name(visitor_of):
    visitor = conflicts(visitor_of(tenant={"known_issues": []}))

    shown = {row[0]: row[2] for row in rows(visitor)}

    assert set(shown) == {"User B", XSS}
    assert "an existing user, User A, was already created" in shown["User B"]


def test_a_placeholder_is_labelled_and_the_user_name_of_the_holder_is_not(visitor):
    shown = {row[0]: row[1] for row in rows(conflicts(visitor))}

    assert shown["User A"] == "User@contoso.com"
    assert shown["User B"].endswith("@contoso.onmicrosoft.com (Modified automatically)")
    assert shown[XSS].endswith("@contoso.com")


def test_a_user_with_a_placeholder_keeps_the_label_on_its_other_errors(visitor):
    world = conflicts(visitor).world
    world.directory.modify(
        "uid=b,ou=users,dc=contoso,dc=com", proxyAddresses=["smtp:shared@contoso.com"]
    )
    world.sync()

    [row] = [row for row in rows(visitor, "?property=ProxyAddresses") if row[0] == "User B"]

    assert row[1].endswith("(Modified automatically)")


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?search=user+b", ["User B"]),
        ("?search=SHARED", [XSS]),
        ("?property=ProxyAddresses", [XSS]),
        ("?property=UserPrincipalName&search=user@contoso.com", ["User B", "User A"]),
        ("?search=nobody", []),
    ],
)
def test_filters_choose_lines(visitor, query, names):
    found = [row[0] for row in rows(conflicts(visitor), query)]

    assert sorted(found) == sorted(names)


def test_the_details_say_what_resolves_the_conflict(visitor):
    link = conflicts(visitor).page(PATH).links["User B"]

    page = visitor.page(link.partition("#")[0])

    assert "How to fix" in page.headings
    assert page.links["Close"].startswith(f"{PATH}#e-")
    assert "Change or remove the value on one of the two objects" in page.text


def test_the_details_of_an_error_that_is_gone_say_so(visitor):
    page = conflicts(visitor).page(PATH + "?error=0123456789abcdef")

    assert "not in the list any more" in page.text


def test_without_errors_there_is_no_banner_and_it_says_where_others_are(visitor):
    page = visitor.page(PATH)

    assert BANNER not in page.text
    assert "No user has an error." in page.text
    assert page.links["the report of all objects"] == "/health/sync-errors"


def test_names_of_the_directory_are_text_everywhere(visitor):
    link = conflicts(visitor).page(PATH).links[XSS]

    for path in (PATH, link.partition("#")[0], f"{PATH}?search={XSS}", f"{PATH}?property={XSS}"):
        assert "<img" not in visitor.ask(path).body.decode()
