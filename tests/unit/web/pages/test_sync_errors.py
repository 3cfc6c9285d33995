"""The report of every error: categories, filters, both objects side by side, and the export."""

from __future__ import annotations

import csv
import io

import pytest

from connector.web.pages.sync_errors import COLUMNS

FORMULA = '=HYPERLINK("http://evil.example")'
PATH = "/health/sync-errors"


@pytest.fixture
def errors(visitor):
    world = visitor.world
    world.user("a", upn="User@contoso.com", displayName="User A")
    world.user("ann", proxies=["SMTP:ann@contoso.com", "smtp:shared@contoso.com"])
    world.group("sales", ["uid=ann,ou=users,dc=contoso,dc=com"], ["SMTP:sales@contoso.com"])
    world.sync()
    world.user("b", upn="User@contoso.com", displayName="User B")
    world.user(
        "bob", proxies=["SMTP:b@contoso.com", "smtp:shared@contoso.com"], displayName=FORMULA
    )
    world.contact("rival", "ann@contoso.com")
    world.user("head", "sales@contoso.com", ["smtp:sales@contoso.com"], displayName="Sales Head")
    world.user("bad", "two@@contoso.com", displayName="Bad")
    world.sync()
    return visitor


def names(visitor, query=""):
    return {row[0] for row in visitor.page(PATH + query).rows("Sync errors")}


def test_every_error_of_every_type_is_there(errors):
    assert names(errors) == {"User B", FORMULA, "Rival", "Sales Head", "Bad"}


def test_each_category_is_a_link_with_its_count(errors):
    links = errors.page(PATH).links

    assert [
        name for name in links if links[name].startswith(f"{PATH}?category=") or name == "All 5"
    ] == [
        "All 5",
        "Duplicate Attribute 4",
        "Data Mismatch 0",
        "Data Validation Failure 1",
        "Federated Domain Change 0",
        "Large Attribute 0",
        "Existing Admin Role Conflict 0",
        "Other 0",
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?category=Data+Validation+Failure", {"Bad"}),
        ("?category=Duplicate+Attribute&type=contact", {"Rival"}),
        ("?category=Data+Mismatch", set()),
        ("?category=%3Cimg+src%3Dx%3E", set()),
        ("?search=SHARED", {FORMULA}),
        ("?type=nonsense", {"User B", FORMULA, "Rival", "Sales Head", "Bad"}),
    ],
)
def test_filters_choose_errors(errors, query, found):
    assert names(errors, query) == found


def test_both_objects_stand_side_by_side_and_the_value_stands_out(errors):
    link = errors.page(PATH).links["User B"]

    page = errors.page(link.partition("#")[0])
    rows = {row[0]: row[1:] for row in page.rows("Comparison")}

    assert rows["Display name"] == ["User B", "User A"]
    assert rows["User principal name"][0].startswith("User@contoso.com asked for")
    assert rows["User principal name"][1] == "User@contoso.com"
    assert page.text.count("<mark>User@contoso.com</mark>") == 2
    assert "How to fix" in page.headings
    assert page.links["User A"].startswith("/objects/")


def test_an_object_that_the_cloud_does_not_have_is_compared_by_what_it_asks_for(errors):
    link = errors.page(PATH).links["Sales Head"]

    rows = {row[0]: row[1:] for row in errors.page(link.partition("#")[0]).rows("Comparison")}

    assert rows["Proxy addresses"] == ["smtp:sales@contoso.com", "SMTP:sales@contoso.com"]
    assert rows["Type"] == ["user", "group"]


def test_the_export_has_the_same_rows_and_no_formula(errors):
    reply = errors.ask(f"{PATH}.csv")

    rows = list(csv.DictReader(io.StringIO(reply.body.decode())))
    assert reply.headers["Content-Disposition"] == 'attachment; filename="sync-errors.csv"'
    assert tuple(rows[0]) == COLUMNS
    assert {row["Name"] for row in rows} == {"User B", f"'{FORMULA}", "Rival", "Sales Head", "Bad"}
    assert {row["Category"] for row in rows} == {"Duplicate Attribute", "Data Validation Failure"}
    assert next(row for row in rows if row["Name"] == "Rival")["Held by"] == "Ann"


def test_the_export_goes_by_the_filters(errors):
    text = errors.ask(f"{PATH}.csv?search=rival").body.decode()

    assert [row["Name"] for row in csv.DictReader(io.StringIO(text))] == ["Rival"]


def test_a_hundred_rows_are_a_page(visitor):
    world = visitor.world
    world.user("ann", proxies=["SMTP:ann@contoso.com", "smtp:shared@contoso.com"])
    world.sync()
    for number in range(101):
        world.user(f"u{number}", proxies=[f"SMTP:u{number}@contoso.com", "smtp:shared@contoso.com"])
    world.sync()

    first = visitor.page(PATH)
    second = visitor.page(first.links["Next page"])

    assert [len(page.rows("Sync errors")) for page in (first, second)] == [100, 1]
    assert second.links["Previous page"] == f"{PATH}?page=1"


def test_characters_that_hide_something_are_shown(visitor):
    world = visitor.world
    world.user("ann", proxies=["SMTP:ann@contoso.com"])
    world.sync()
    world.contact("rival", "ann@contoso.com", displayName="Rival \u202egnp.exe\x07")
    world.sync()

    assert names(visitor) == {"Rival \\u202egnp.exe\\u0007"}


def test_without_errors_the_page_says_so(visitor):
    assert "No object has an error." in visitor.page(PATH).text
