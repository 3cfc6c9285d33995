"""Pages, orders and counts: nothing is seen twice or left out."""

from __future__ import annotations

import pytest

from connector.web.graph import paging
from connector.web.graph.paging import Place
from tests.unit.tenant.verbs import contact, delete, user
from tests.unit.web.graph.client import BASE, EVENTUAL

NAMES = ["Ann", "ann", "Bob", "Özil", "özlem", "Zoe"]


@pytest.fixture
def people(world):
    world.export(
        *(
            user(f"u{number}", displayName=name, department="Sales")
            for number, name in enumerate(NAMES)
        )
    )


@pytest.mark.parametrize(
    "query", ["", "&$filter=department eq 'SALES'", "&$orderby=userPrincipalName desc"]
)
def test_pages_hold_everybody_once(graph, people, query):
    for size in range(1, 8):
        found = graph.names(f"/users?$top={size}{query}")

        assert sorted(found) == sorted(NAMES)


def test_names_are_ordered_without_regard_to_case(graph, people):
    rising = graph.names("/users?$orderby=displayName&$top=2")
    falling = graph.names("/users?$orderby=displayName desc&$top=2")

    assert rising == ["Ann", "ann", "Bob", "Zoe", "Özil", "özlem"]
    assert falling == ["özlem", "Özil", "Zoe", "Bob", "Ann", "ann"]


def test_what_comes_and_goes_moves_nobody_to_another_page(world, graph, people):
    url = "/users?$top=2&$count=true&$filter=department ne 'x'&$orderby=displayName"
    first = graph.get(url, **EVENTUAL)
    world.export(user("a", displayName="Aaron"), user("b", displayName="Boris"))
    world.export(delete(user("u0")), delete(user("u5")))
    rest = graph.every(first["@odata.nextLink"])

    assert first["@odata.count"] == 6
    assert [item["displayName"] for item in first["value"] + rest] == [
        "Ann",
        "ann",
        "Bob",
        "Boris",
        "Özil",
        "özlem",
    ]


def test_a_link_needs_no_header_and_has_no_count(graph, people):
    url = "/users?$top=4&$count=true&$filter=department ne 'x'&$select=displayName"
    second = graph.get(graph.get(url, **EVENTUAL)["@odata.nextLink"])

    assert "@odata.count" not in second
    assert [set(item) for item in second["value"]] == [{"id", "displayName"}] * 2


def test_count_without_the_header_is_ignored(graph, people):
    assert "@odata.count" not in graph.get("/users?$count=true")
    assert graph.refused("/users/$count") == (
        400,
        "Request_BadRequest",
        "$count is not currently supported.",
    )
    assert graph.ask("GET", "/users/$count?$filter=department ne 'x'", **EVENTUAL).body == b"6"


@pytest.mark.parametrize("size", ["0", "1000", "x", "-1", "1.5", ""])
def test_a_page_has_1_to_999_objects(graph, size):
    assert graph.refused(f"/users?$top={size}") == (
        400,
        "Request_BadRequest",
        f"Invalid page size specified: '{size}'. Must be between 1 and 999 inclusive.",
    )


@pytest.mark.parametrize(
    "query",
    [
        "$skip=1",
        "$orderby=nope",
        "$orderby=displayName sideways",
        "$orderby=displayName,displayName",
        "$skiptoken=forged",
        "$count=maybe",
        "$expand=nope",
        "$expand=memberOf($filter=x)",
        "$top=1&$top=2",
        "$apply=x",
    ],
)
def test_what_cannot_be_done_is_refused(graph, people, query):
    assert graph.refused(f"/users?{query}")[0] == 400


def test_a_sorted_filter_is_an_advanced_query(graph, people):
    url = "/users?$filter=department eq 'Sales'&$orderby=displayName&$count=true"

    assert graph.refused(url)[1:] == (
        "Request_UnsupportedQuery",
        "Sorting not supported for current query.",
    )
    assert len(graph.names(url, **EVENTUAL)) == 6


@pytest.mark.parametrize(
    "place",
    [
        Place("groups", {}, eventual=False, after=("Ann", 1)),
        Place("users", {}, eventual=False, after=(1,)),
        Place("users", {}, eventual=False, after=("a", "b", 1)),
        Place("users", {}, eventual=False, after=()),
        Place("users", {}, eventual=False, after=("a", 1 << 64)),
        Place("users", {"$filter": "nope("}, eventual=False, after=("Ann", 1)),
        Place("users", {"$filter": "department ne 'x'"}, eventual=False, after=("Ann", 1)),
        Place("users", {"$top": "5000"}, eventual=False, after=("Ann", 1)),
    ],
)
def test_a_forged_token_gets_no_more_than_a_query(graph, people, place):
    assert graph.refused(f"/users?$skiptoken={paging.token(place)}")[0] == 400


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ('"displayName:ann"', ["Ann", "ann"]),
        ('"displayName:ö"', ["Özil", "özlem"]),
        ('"displayName:bob" OR "userPrincipalName:u5"', ["Bob", "Zoe"]),
        ('"displayName:ann" AND "userPrincipalName:U1@"', ["ann"]),
        ('"displayName:nn"', []),
    ],
)
def test_a_search_finds_the_beginnings_of_words(graph, people, search, expected):
    assert graph.names(f"/users?$search={search}&$top=1", **EVENTUAL) == expected


@pytest.mark.parametrize(
    "search",
    [
        "displayName:ann",
        '"ann"',
        '"nope:ann"',
        '"displayName:"',
        '"displayName:a" "displayName:b"',
        '("displayName:a"',
        "",
    ],
)
def test_a_search_that_cannot_be_read_is_refused(graph, people, search):
    assert graph.refused(f"/users?$search={search}", **EVENTUAL)[0] == 400


def test_a_search_needs_the_header(graph, people):
    assert graph.refused('/users?$search="displayName:ann"')[1] == "Request_UnsupportedQuery"


def test_a_link_keeps_the_version_and_the_host(world, graph):
    world.export(contact("a"), contact("b"))
    link = graph.get(f"{BASE}/beta//Contacts?$top=1")["@odata.nextLink"]

    assert link.startswith(f"{BASE}/beta/Contacts?$skiptoken=")
    assert graph.get(link)["value"][0]["displayName"] == "B"
