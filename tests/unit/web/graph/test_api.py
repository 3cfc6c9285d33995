"""Paths, methods, roles and refusals."""

from __future__ import annotations

import json

import pytest

from connector.web.graph.openapi import described_path
from connector.web.graph.routes import TABLE
from tests.unit.tenant.verbs import group, members, user
from tests.unit.web.graph.client import BASE, REQUEST_ID


@pytest.fixture
def sales(world, graph):
    """Return the id of a group that Ann is a member of."""
    world.export(user("ann"), group("sales"))
    world.export(members(group("sales"), add=("ann",)))
    return graph.get("/groups")["value"][0]["id"]


@pytest.mark.parametrize(
    "path",
    [
        "/v1.0//groups/ID/members",
        "/v1.0/groups/ID/Members/",
        "/V1.0/GROUPS/ID/members/",
        "/beta/groups('ID')/members?api-version=1",
        "/v1.0/groups/ID/members/microsoft.graph.user/?%24top=2",
        "/v1.0/groups/ID/members/graph.USER",
    ],
)
def test_a_path_may_be_spelled_as_clients_do(graph, sales, path):
    found = graph.get(BASE + path.replace("ID", sales))["value"]

    assert [item["displayName"] for item in found] == ["Ann"]


@pytest.mark.parametrize(
    ("path", "refusal", "name"),
    [
        ("/nope", (404, "BadRequest"), "nope"),
        ("/users/ann@contoso.com/nope", (404, "BadRequest"), "nope"),
        ("/groups/ID/members/graph.nope", (404, "BadRequest"), "nope"),
        ("/groups/ID/members/nope", (404, "BadRequest"), "nope"),
        ("/users/a/b/c", (404, "BadRequest"), "b"),
        ("/me", (501, "NotImplemented"), "me"),
        ("/me/messages", (501, "NotImplemented"), "me"),
        ("/Devices", (501, "NotImplemented"), "Devices"),
        ("/users/ann@contoso.com/mailFolders/inbox", (501, "NotImplemented"), "mailFolders"),
        ("/users/ann@contoso.com/manager", (404, "Request_ResourceNotFound"), "manager"),
        ("/users/ann@contoso.com/manager/$ref", (501, "NotImplemented"), "$ref"),
        ("/groups/ID/members/$ref", (501, "NotImplemented"), "$ref"),
        ("/groups/ID/members/ID/$ref", (501, "NotImplemented"), "$ref"),
        ("/directory", (501, "NotImplemented"), "directory"),
        ("/users/nobody@contoso.com", (404, "Request_ResourceNotFound"), "nobody@contoso.com"),
    ],
)
def test_a_refused_path_is_named(graph, sales, path, refusal, name):
    found = graph.refused(path.replace("ID", sales))

    assert found[:2] == refusal
    assert f"'{name}'" in found[2]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/organization", "GET, HEAD, OPTIONS"),
        ("POST", "/contacts", "GET, HEAD, OPTIONS"),
        ("GET", "/directoryObjects/getByIds", "OPTIONS, POST"),
    ],
)
def test_another_method_is_refused_with_those_that_there_are(graph, method, path, allowed):
    reply = graph.ask(method, path)

    assert (reply.status, reply.headers["Allow"]) == (405, allowed)
    assert json.loads(reply.body)["error"]["code"] == "Request_BadRequest"
    assert graph.ask("OPTIONS", path).headers["Allow"] == allowed


def test_an_answer_carries_the_ids_of_the_request(graph, sales):
    mine = "11111111-2222-4333-8444-555555555555"
    good = graph.ask("GET", "/users", client_request_id=mine).headers
    refused = graph.ask("GET", "/nope", client_request_id=mine)
    inner = json.loads(refused.body)["error"]["innerError"]

    for headers in (good, refused.headers):
        assert headers["OData-Version"] == "4.0"
        assert headers["request-id"] == REQUEST_ID
        assert headers["client-request-id"] == mine
    assert inner == {
        "date": "2026-11-23T08:02:00",
        "request-id": REQUEST_ID,
        "client-request-id": mine,
    }


@pytest.mark.parametrize(
    "path", ["/users/%00", "/users/%ff%fe", "/users?$filter=displayName eq '%00'"]
)
def test_what_is_not_text_is_refused(graph, path):
    assert graph.ask("GET", path).status == 400


def test_a_path_out_of_the_api_leads_nowhere(graph):
    assert graph.refused("/users/..%2f..%2fetc%2fpasswd")[0] == 404
    assert graph.refused(f"{BASE}/v1.0")[0] == 501


def test_every_route_is_described(graph):
    described = graph.get("/openapi.json")
    routes = {(route.method.lower(), described_path(route, TABLE.routes)) for route in TABLE.routes}

    assert routes == {
        (method, path) for path, methods in described["paths"].items() for method in methods
    }
    assert len(routes) == len({(method, path.replace("{cast}", "{id}")) for method, path in routes})
    assert described["servers"] == [{"url": f"{BASE}/v1.0"}]
