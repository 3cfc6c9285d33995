"""The page of an object has a region for each step of its way."""

from __future__ import annotations

import pytest

from connector.web.pages.objects import Fact, explained
from tests.fakes import SUFFIX

REGIONS = ["Directory", "Scope", "Attribute flow", "Matching", "Export", "Cloud", "Conflicts"]


@pytest.fixture
def pair(visitor):
    visitor.world.user("a", upn="User@contoso.com", displayName="User A")
    visitor.world.sync()
    visitor.world.user("b", upn="User@contoso.com", displayName="User B")
    visitor.world.sync()
    return visitor


def of(visitor, name):
    return next(one for one in visitor.world.tenant.objects() if one["displayName"] == name)


def test_an_object_is_explained_region_by_region(pair):
    page = pair.page(f"/objects/{of(pair, 'User B')['id']}")

    assert page.headings[0] == "User B"
    assert {*page.headings} >= {*REGIONS}
    assert f"uid=b,ou=users,{SUFFIX}" in page.text
    assert page.links["User A"].startswith("/objects/")


@pytest.mark.parametrize(
    ("created", "value"),
    [
        ("20261126234717Z", "2026-11-26T23:47:17Z"),
        ("20261126234717.0Z", "2026-11-26T23:47:17Z"),
        ("yesterday", "yesterday"),
    ],
)
def test_the_moment_at_which_the_directory_made_an_entry_is_shown_as_others_are(created, value):
    shown = explained({"directory": {"created": created}})

    assert shown.directory == [Fact("Created", [value], is_moment=True)]


def test_an_object_is_found_by_its_source_anchor_too(pair):
    anchor = of(pair, "User B")["onPremisesImmutableId"]

    assert pair.page(f"/objects/{anchor}").headings[0] == "User B"


def test_what_became_of_it_is_listed(pair):
    rows = pair.page(f"/objects/{of(pair, 'User B')['id']}").rows("Changes")

    assert [row[0] + " " + row[2] for row in rows] == ["2 quarantined", "2 added"]


def test_an_object_of_the_cloud_alone_says_that_the_directory_lacks_it(pair):
    added = pair.world.tenant.administrator.add(
        "user", {"displayName": "Cloud", "userPrincipalName": "c@contoso.com"}
    )

    page = pair.page(f"/objects/{added['id']}")

    assert page.headings[0] == "Cloud"
    assert {*page.headings} >= {*REGIONS}
    assert "The directory does not have it." in page.text


def test_a_name_that_several_have_lists_what_tells_them_apart(visitor):
    visitor.world.user("one", displayName="Same")
    visitor.world.user("two", displayName="Same")
    visitor.world.sync()

    reply = visitor.ask("/objects/Same")

    assert reply.status == 409
    assert f"uid=one,ou=users,{SUFFIX}".encode() in reply.body


def test_a_search_leads_to_the_page_of_the_object(visitor):
    reply = visitor.ask("/objects?name=a/b+c")

    assert (reply.status, reply.headers["Location"]) == (303, "/objects/a%2Fb%20c")
