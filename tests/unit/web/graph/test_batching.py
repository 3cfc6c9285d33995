"""Many requests in one: their order, what they depend on, and how their URLs are spelled."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from connector.web.exchange import Call, Reply
from connector.web.graph.batching import answered
from connector.web.graph.refusals import Refusal

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
BASE = "https://localhost:8443"


class Service:
    """Answers every call, keeps them, and fails those for a path that says so."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def answer(self, call: Call) -> Reply:
        self.calls.append(call)
        if call.path.endswith("$count"):
            return Reply(200, b"7", "text/plain")
        status = 404 if call.path.endswith("nobody") else 200
        return Reply(status, json.dumps({"path": call.path}).encode(), "application/json")


@pytest.fixture
def service() -> Service:
    return Service()


def batch(service, *items, version="v1.0"):
    call = Call("POST", "/v1.0/$batch", BASE, headers={"consistencylevel": "eventual"})
    found = answered(call, {"requests": list(items)}, service.answer, version=version, now=NOW)
    return {item["id"]: item for item in found}


def get(name, url, **more):
    return {"id": name, "method": "GET", "url": url, **more}


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("/users?$top=1", "/v1.0/users"),
        ("users", "/v1.0/users"),
        ("//users", "/v1.0/users"),
        ("/v1.0/users", "/v1.0/users"),
        ("/beta/users", "/beta/users"),
        (f"{BASE}/v1.0/users", "/v1.0/users"),
        ("https://graph.microsoft.com/v1.0/users", "/v1.0/users"),
        ("/users/ann%40contoso.com", "/v1.0/users/ann@contoso.com"),
    ],
)
def test_urls_are_understood_as_clients_spell_them(service, url, path) -> None:
    batch(service, get("1", url))

    assert [call.path for call in service.calls] == [path]


def test_urls_without_a_version_have_that_of_the_batch(service) -> None:
    batch(service, get("1", "/users?$filter=displayName+eq+%27a%27"), version="beta")

    [call] = service.calls
    assert (call.path, call.query) == ("/beta/users", [("$filter", "displayName eq 'a'")])


@pytest.mark.parametrize(
    "url", ["https://elsewhere.example/v1.0/users", "ftp://x/", "/$batch", "/v1.0/$batch/"]
)
def test_urls_of_others_and_of_a_batch_are_refused_one_by_one(service, url) -> None:
    done = batch(service, get("1", url), get("2", "/users"))

    assert {name: item["status"] for name, item in done.items()} == {"1": 400, "2": 200}
    assert done["1"]["body"]["error"]["code"] == "BadRequest"


def test_url_of_a_request_is_as_long_as_any_other(service) -> None:
    done = batch(service, get("1", "/users?$filter=" + "a" * 16_384), get("2", "/users"))

    assert {name: item["status"] for name, item in done.items()} == {"1": 414, "2": 200}


def test_each_request_has_its_own_method_headers_and_body(service) -> None:
    batch(
        service,
        {
            "id": "1",
            "method": "patch",
            "url": "/users/1",
            "headers": {"Content-Type": "application/json", "Prefer": "x"},
            "body": {"displayName": "Ann"},
        },
        get("2", "/users"),
    )

    first, second = service.calls
    assert (first.method, first.headers) == (
        "PATCH",
        {"content-type": "application/json", "prefer": "x"},
    )
    assert (json.loads(first.body), second.headers, second.body) == (
        {"displayName": "Ann"},
        {},
        b"",
    )
    assert first.request_id != second.request_id


@pytest.mark.parametrize("word", ["dependsOn", "depends_on"])
def test_requests_wait_for_those_that_they_depend_on(service, word) -> None:
    done = batch(
        service,
        get("b", "/b", **{word: ["a"]}),
        get("a", "/a"),
        get("c", "/nobody"),
        get("d", "/d", **{word: ["b", "c"]}),
        get("e", "/e", **{word: ["d"]}),
    )

    assert [call.path for call in service.calls] == ["/v1.0/a", "/v1.0/b", "/v1.0/nobody"]
    assert {name: item["status"] for name, item in done.items()} == {
        "b": 200,
        "a": 200,
        "c": 404,
        "d": 424,
        "e": 424,
    }
    assert done["d"]["body"]["error"]["code"] == "FailedDependency"


def test_answer_that_is_not_json_comes_as_base64(service) -> None:
    done = batch(service, get(1, "/users/$count"))

    assert done["1"] == {
        "id": "1",
        "status": 200,
        "headers": {"Content-Type": "text/plain"},
        "body": "Nw==",
    }


@pytest.mark.parametrize(
    "requests",
    [
        None,
        [],
        {},
        ["x"],
        [get("1", "/a")] * 2,
        [get(str(number), "/a") for number in range(21)],
        [get("", "/a")],
        [{"id": "1", "method": "HEAD", "url": "/a"}],
        [{"id": "1", "method": "GET"}],
        [get("1", "/a", headers={"x": 1})],
        [get("1", "/a", dependsOn=["2"])],
        [get("1", "/a", dependsOn=["1"])],
        [get("1", "/a", dependsOn=["2"]), get("2", "/a", dependsOn=["1"])],
        [get("1", "/a", dependsOn=[{}])],
        [
            {
                "id": "1",
                "method": "PUT",
                "url": "/a",
                "headers": {"Content-Type": "image/png"},
                "body": "?",
            }
        ],
    ],
)
def test_batch_that_cannot_be_read_is_refused_whole(service, requests) -> None:
    with pytest.raises(Refusal) as refusal:
        answered(
            Call("POST", "/v1.0/$batch", BASE),
            {"requests": requests},
            service.answer,
            version="v1.0",
            now=NOW,
        )

    assert (refusal.value.status, refusal.value.code) == (400, "BadRequest")
    assert service.calls == []
