"""What sync clients ask: who may, in which version, and nothing that is not of the right form."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from connector.tenant.provisioning_errors import EVERY_ERROR
from connector.tenant.remote.views import query_to
from connector.web.throttle import ask_for
from tests.unit.web.served import body_of, error_of

ENTER: dict[str, Any] = {
    "client": None,
    "host": "branch 5b1d",
    "place": "/var/lib/connector",
    "moved": False,
    "exported": False,
    "there": {},
    "settings": {},
}
QUERY: dict[str, Any] = query_to(EVERY_ERROR)
ANN = b'["user","set","ann",{"displayName":"Ann","userPrincipalName":"ann@contoso.com"},[],null]\n'


@pytest.fixture
def ask(web):
    """Ask by the token of an application for synchronization, which has come to the tenant."""
    token = web.token("synchronization")

    def send(call, body=b"{}", query=(), method="POST", **headers):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        known = {"authorization": f"Bearer {token}", **headers}
        path = call if call.startswith("/") else f"/sync/v1/{call}"
        return web.ask(method, path, headers=known, body=body, query=list(query))

    assert send("enter", ENTER).status == 200
    return send


def test_the_roles_keep_to_their_own(web):
    bearers = {role: web.token(role) for role in ("reader", "admin", "synchronization")}

    def statuses(method, path):
        return {
            role: web.ask(
                method, path, headers={"authorization": f"Bearer {token}"}, body=b"{}"
            ).status
            for role, token in bearers.items()
        }

    assert statuses("POST", "/sync/v1/hello") == {
        "reader": 403,
        "admin": 403,
        "synchronization": 200,
    }
    assert statuses("GET", "/v1.0/users") == {"reader": 200, "admin": 200, "synchronization": 403}
    assert [fields["reason"] for fields in web.told("web.refused")] == ["role"] * 3


def test_nobody_is_let_in_without_a_token(web):
    assert error_of(web.ask("POST", "/sync/v1/export", body=ANN)) == (
        401,
        "InvalidAuthenticationToken",
    )


@pytest.mark.parametrize(
    ("path", "method", "error"),
    [
        ("/sync/v0/hello", "POST", (404, "UnsupportedVersion")),
        ("/sync/v2/hello", "POST", (404, "UnsupportedVersion")),
        ("/sync/v1/drop", "POST", (404, "UnknownCall")),
        ("/sync", "POST", (404, "UnknownCall")),
        ("/sync/v1/../hello", "POST", (404, "UnknownCall")),
        ("/sync/v1/hello", "GET", (405, "MethodNotAllowed")),
    ],
)
def test_what_is_not_a_call_is_refused(ask, path, method, error):
    assert error_of(ask(path, method=method)) == error


def test_a_batch_is_applied_once_and_answered_again(ask):
    first = ask("export", ANN, [("batch", "one")])
    again = ask("export", ANN, [("batch", "one")])

    assert first.status == 200
    assert (again.body, ask("results", {"batch": "one"}).body) == (first.body, first.body)
    assert body_of(ask("counts"))["user"] == 1


def test_a_body_may_be_packed(ask):
    packed = gzip.compress(ANN)

    reply = ask("export", packed, [("batch", "one")], **{"content-encoding": "gzip"})

    assert reply.status == 200


@pytest.mark.parametrize(
    ("body", "encoding", "status"),
    [
        (b"not gzip", "gzip", 400),
        (gzip.compress(ANN)[:-9], "gzip", 400),
        (gzip.compress(ANN) + b"more", "gzip", 400),
        (gzip.compress(bytes(65 * 1024 * 1024)), "gzip", 413),
        (ANN, "br", 415),
    ],
    ids=["not gzip", "cut off", "with more", "too long", "of another kind"],
)
def test_a_body_that_cannot_be_unpacked_is_refused(ask, body, encoding, status):
    reply = ask("export", body, [("batch", "one")], **{"content-encoding": encoding})

    assert reply.status == status


@pytest.mark.parametrize(
    "query",
    [
        [],
        [("batch", "")],
        [("batch", "a\nb")],
        [("batch", "b" * 513)],
        [("batch", "one"), ("take-over", "yes")],
        [("batch", "one"), ("batch", "two")],
        [("batch", "one"), ("more", "")],
    ],
)
def test_a_batch_without_a_name_is_refused(ask, query):
    assert ask("export", ANN, query).status == 400


def test_a_batch_with_a_bad_line_changes_nothing(ask):
    reply = ask("export", ANN + b'["robot"]\n', [("batch", "one")])

    assert error_of(reply) == (400, "BadRequest")
    assert "line 2" in body_of(reply)["error"]["message"]
    assert body_of(ask("counts"))["user"] == 0


@pytest.mark.parametrize(
    ("call", "body"),
    [
        ("results", b"["),
        ("results", b"[]"),
        ("results", {"batch": 7}),
        ("results", {}),
        ("finalize", {"exported": True, "failed": 0}),
        ("finalize", {"exported": 1.5, "failed": 0}),
        ("finalize", {"exported": -1, "failed": 0}),
        ("finalize", {"exported": 0, "failed": 2**63}),
        ("position", {"cookie": []}),
        ("read-back", {"cookie": 7}),
        ("take-over", {"anchors": [7]}),
        ("take-over", {"anchors": "ann"}),
        ("objects", {"type": "robot", "deleted": False}),
        ("objects", {"type": None, "deleted": 0}),
        ("errors", {**QUERY, "sort": "Colour"}),
        ("errors", {**QUERY, "type": "robot"}),
        ("errors", {**QUERY, "limit": -1}),
        ("errors", {**QUERY, "search": 7}),
        ("look-up", {"by": "colour", "values": [], "deleted": False}),
        ("look-up", {"by": "id", "values": [7], "deleted": False}),
        ("look-up", {"by": "id", "values": ["x"] * 2001, "deleted": False}),
        ("show", {"id": None, "deleted": False}),
        ("holder", {"attribute": "SourceAnchor", "value": "x"}),
        ("clashes", {"type": "robot", "anchor": "x", "properties": {}}),
        ("clashes", {"type": "user", "anchor": "x", "properties": {"displayName": 7}}),
        ("sweep", {}),
        ("undo", {}),
        ("enter", {**ENTER, "host": "a\nb"}),
        ("enter", {**ENTER, "place": "p" * 5000}),
        ("enter", {**ENTER, "client": 7}),
        ("enter", {**ENTER, "moved": "no"}),
    ],
)
def test_a_call_of_another_form_is_refused(ask, call, body):
    assert error_of(ask(call, body)) == (400, "BadRequest")


def test_a_client_that_has_not_come_yet_gets_nothing(web):
    headers = {"authorization": f"Bearer {web.token('synchronization')}"}

    reply = web.ask("POST", "/sync/v1/export", headers=headers, body=ANN, query=[("batch", "one")])

    assert error_of(reply) == (409, "NotEntered")


def test_other_settings_are_named_one_by_one(web, ask):
    settings = {"resiliency": False, "initial_domain": "contoso.onmicrosoft.com"}

    error = body_of(ask("enter", {**ENTER, "settings": settings}))["error"]

    assert error["code"] == "OtherSettings"
    assert [one["message"] for one in error["details"]] == [
        "tenant.resiliency: is false here, and true at the server of the tenant"
    ]


def test_a_cookie_of_another_tenant_is_refused_before_the_answer_begins(ask):
    assert error_of(ask("read-back", {"cookie": "other:1:mark"})) == (409, "CookieRefused")


def test_a_read_back_says_how_many_there_were(ask):
    ask("export", ANN, [("batch", "one")])

    reply = ask("read-back", {"cookie": None})
    head, *shadows, end = b"".join(reply.stream).splitlines()

    assert (list(json.loads(head)), len(shadows), json.loads(end)) == (["cookie"], 1, {"end": 1})


def test_the_throttle_counts_sync_clients_too(web, ask):
    ask_for(web.settings.storage.path, 1, 3)

    throttled = ask("hello")

    assert (throttled.status, throttled.headers["Retry-After"]) == (429, "3")
    assert ask("hello").status == 200


def test_a_client_that_comes_is_told_in_the_log(web, ask):
    ask("hello")
    [told] = web.told("web.client_entered")

    assert (told["host"], told["path"]) == ("branch 5b1d", "/var/lib/connector")
