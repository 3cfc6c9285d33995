"""Collections, single objects and relations, as a client of Graph sees them."""

from __future__ import annotations

import json

import pytest

from connector.web.graph.types import USER
from tests.unit.tenant.verbs import contact, delete, group, led, members, user
from tests.unit.web.graph.client import BASE, EVENTUAL

DEFAULTS = {
    "businessPhones",
    "displayName",
    "givenName",
    "id",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
}


@pytest.fixture
def ids(world, graph):
    """A group within a group, with a member of each type; the ids by display name."""
    world.export(
        user("ann", None, "SMTP:ann@contoso.com", department="Sales", accountEnabled=True),
        user("bob"),
        user("zoe"),
        group("inner", securityEnabled=True),
        group("outer", securityEnabled=False),
        contact("partner", "SMTP:partner@fabrikam.com"),
    )
    world.export(
        members(group("inner"), add=("ann", "partner")),
        members(group("outer"), add=("inner", "bob")),
        led(user("ann"), "partner"),
    )
    return {
        item["displayName"]: item["id"]
        for kind in ("users", "groups", "contacts")
        for item in graph.every(f"/{kind}")
    }


def test_a_user_has_the_default_properties_unless_others_are_chosen(graph, ids):
    [first, *_] = graph.get("/users")["value"]
    chosen = graph.get("/users?$select=DISPLAYNAME,nope,accountEnabled")["value"][0]

    assert set(first) == DEFAULTS
    assert chosen == {"id": ids["Ann"], "displayName": "Ann", "accountEnabled": True}


def test_a_star_chooses_all_properties(graph, ids):
    found = graph.get(f"/users/{ids['Ann']}?$select=*,displayName")
    found.pop("@odata.context")

    assert found.keys() == USER.properties.keys()


def test_the_context_names_the_collection_and_the_chosen_properties(graph, ids):
    contexts = [
        graph.get(url)["@odata.context"]
        for url in (
            "/users?$select=displayName",
            "/users/ann@contoso.com",
            f"/groups/{ids['Inner']}/members",
            f"/groups/{ids['Inner']}/members/graph.user",
        )
    ]

    assert contexts == [
        f"{BASE}/v1.0/$metadata#users(id,displayName)",
        f"{BASE}/v1.0/$metadata#users/$entity",
        f"{BASE}/v1.0/$metadata#directoryObjects",
        f"{BASE}/v1.0/$metadata#users",
    ]


def test_without_metadata_nothing_says_what_it_is(graph, ids):
    accept = "application/json;odata.metadata=none"
    reply = graph.ask("GET", f"/groups/{ids['Inner']}/members?$select=displayName", accept=accept)

    assert json.loads(reply.body) == {
        "value": [
            {"id": ids["Ann"], "displayName": "Ann"},
            {"id": ids["Partner"], "displayName": "Partner"},
        ]
    }
    assert reply.content_type.startswith("application/json;odata.metadata=none;")


@pytest.mark.parametrize("identity", ["ANN@contoso.com", "ID"])
def test_a_user_is_found_by_id_and_by_upn_in_any_case(graph, ids, identity):
    wanted = ids["Ann"].upper() if identity == "ID" else identity

    assert graph.get(f"/users/{wanted}")["displayName"] == "Ann"
    assert graph.get(f"/users('{wanted}')")["displayName"] == "Ann"


def test_an_object_of_another_type_or_a_deleted_one_is_not_found(world, graph, ids):
    world.export(delete(user("zoe")))
    wanted = [f"/users/{ids['Inner']}", f"/users/{ids['Zoe']}", "/users/zoe@contoso.com"]

    assert [graph.refused(url)[:2] for url in wanted] == [(404, "Request_ResourceNotFound")] * 3


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/groups/Inner/members", ["Ann", "Partner"]),
        ("/groups/Outer/members", ["Bob", "Inner"]),
        ("/groups/Outer/transitiveMembers", ["Ann", "Bob", "Inner", "Partner"]),
        ("/groups/Outer/transitiveMembers/graph.user", ["Ann", "Bob"]),
        ("/groups/Outer/transitiveMembers/microsoft.graph.orgContact", ["Partner"]),
        ("/groups/Outer/members/microsoft.graph.device", []),
        ("/groups/Inner/memberOf", ["Outer"]),
        ("/users/Ann/memberOf", ["Inner"]),
        ("/users/Ann/transitiveMemberOf", ["Inner", "Outer"]),
        ("/contacts/Partner/transitiveMemberOf/graph.group", ["Inner", "Outer"]),
        ("/groups/Outer/owners", []),
    ],
)
def test_relations_lead_up_and_down(graph, ids, path, expected):
    _, collection, name, rest = path.split("/", 3)
    url = f"/{collection}/{ids[name]}/{rest}"

    assert sorted(graph.names(f"{url}?$top=1")) == expected
    assert graph.ask("GET", f"{url}/$count", **EVENTUAL).body == str(len(expected)).encode()


def test_members_name_their_types(graph, ids):
    found = graph.get(f"/groups/{ids['Outer']}/transitiveMembers?$select=displayName")["value"]

    assert {item["displayName"]: item["@odata.type"] for item in found} == {
        "Ann": "#microsoft.graph.user",
        "Bob": "#microsoft.graph.user",
        "Inner": "#microsoft.graph.group",
        "Partner": "#microsoft.graph.orgContact",
    }


def test_groups_in_a_circle_are_walked_once(world, graph, ids):
    world.export(members(group("inner"), add=("outer",)))
    found = graph.names(f"/groups/{ids['Outer']}/transitiveMembers")

    assert sorted(found) == ["Ann", "Bob", "Inner", "Partner"]


def test_a_manager_is_read_and_has_reports_without_the_groups_that_he_manages(world, graph, ids):
    world.export(*(led(each, "ann") for each in (user("bob"), contact("partner"), group("outer"))))
    url = f"/users/{ids['Bob']}"

    manager = graph.get(f"{url}/manager?$select=displayName")
    assert (manager["@odata.type"], manager["displayName"]) == ("#microsoft.graph.user", "Ann")
    assert graph.get(f"{url}?$expand=manager")["manager"]["displayName"] == "Ann"
    assert sorted(graph.names(f"/users/{ids['Ann']}/directReports")) == ["Bob", "Partner"]
    world.export(led(user("bob"), ""))
    assert graph.refused(f"{url}/manager")[:2] == (404, "Request_ResourceNotFound")


def test_relations_are_expanded_with_chosen_properties(graph, ids):
    url = "/groups?$filter=displayName eq 'Inner'&$select=displayName"
    [found] = graph.get(f"{url}&$expand=members($select=displayName),owners")["value"]
    one = graph.get(
        "/users/ann@contoso.com?$select=id&$expand=manager($select=id),memberOf($select=id)"
    )

    assert [item["displayName"] for item in found["members"]] == ["Ann", "Partner"]
    assert found["owners"] == []
    assert one["manager"] == {"@odata.type": "#microsoft.graph.orgContact", "id": ids["Partner"]}
    assert one["memberOf"] == [{"@odata.type": "#microsoft.graph.group", "id": ids["Inner"]}]


def test_ids_are_looked_up_in_their_order(graph, ids):
    wanted = [ids["Outer"], ids["Ann"].upper(), ids["Partner"], "none"]
    every = graph.post("/directoryObjects/getByIds", {"ids": wanted})["value"]
    some = graph.post("/users/getByIds", {"ids": wanted, "types": ["user", "contact"]})["value"]

    assert [item["displayName"] for item in every] == ["Outer", "Ann", "Partner"]
    assert [item["displayName"] for item in some] == ["Ann", "Partner"]


def test_member_groups_are_those_that_give_rights_where_only_these_are_wanted(graph, ids):
    url = f"/users/{ids['Ann']}/getMemberGroups"
    both = graph.post(url, {"securityEnabledOnly": False})["value"]
    rights = graph.post(url, {"securityEnabledOnly": True})["value"]

    assert sorted(both) == sorted([ids["Inner"], ids["Outer"]])
    assert rights == [ids["Inner"]]


@pytest.mark.parametrize("body", [{}, {"securityEnabledOnly": "yes"}, []])
def test_a_body_that_lacks_what_is_needed_is_refused(graph, ids, body):
    assert graph.ask("POST", f"/users/{ids['Ann']}/getMemberGroups", body).status == 400
    assert graph.ask("POST", "/directoryObjects/getByIds", body).status == 400


def test_deleted_users_are_in_the_recycle_bin(world, graph, ids):
    world.export(delete(user("zoe")))
    [found] = graph.get("/directory/deletedItems/microsoft.graph.user")["value"]
    one = graph.get(f"/directory/deletedItems/{ids['Zoe']}?$select=deletedDateTime")

    assert found["displayName"] == "Zoe"
    assert one["@odata.type"] == "#microsoft.graph.user"
    assert one["deletedDateTime"] == "2026-11-23T08:03:00Z"
    assert graph.names("/directory/deletedItems/graph.group") == []
    assert graph.names("/users") == ["Ann", "Bob"]


def test_any_object_is_found_by_its_id_alone(graph, ids):
    found = [graph.get(f"/directoryObjects/{ids[name]}")["@odata.type"] for name in ids]

    assert found == [f"#microsoft.graph.{kind}" for kind in ["user"] * 3 + ["group"] * 2] + [
        "#microsoft.graph.orgContact"
    ]
