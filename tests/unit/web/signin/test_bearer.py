"""Who asks the API is proven by the header alone; a refusal says how to ask, and is logged."""

from __future__ import annotations

import json

import pytest

from connector.web.exchange import Caller
from connector.web.signin.bearer import authenticate
from tests.unit.web.served import Served, body_of

STATIC = "static-token-of-a-script"


def asked_with(web, **parts):
    return authenticate(web.call("GET", "/v1.0/users", **parts), web.context)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_token_proves_an_application(web, scheme):
    token = web.token("admin")
    found = asked_with(web, headers={"authorization": f"{scheme}  {token} "})

    assert (found.name, found.role) == ("a admin", "admin")


@pytest.mark.parametrize(
    ("headers", "reason", "challenge"),
    [
        ({}, "no-token", "Bearer"),
        ({"authorization": ""}, "no-token", "Bearer"),
        ({"authorization": "Bearer"}, "no-token", "Bearer"),
        ({"authorization": "Basic YTpi"}, "no-token", "Bearer"),
        ({"authorization": "Bearer x"}, "malformed", 'Bearer error="invalid_token"'),
        ({"authorization": "Bearer a.b.c, x"}, "malformed", 'Bearer error="invalid_token"'),
    ],
)
def test_nobody_proven_is_refused_and_told_how_to_ask(web, headers, reason, challenge):
    reply = asked_with(web, headers={**headers, "client-request-id": "c-1"})
    error = body_of(reply)["error"]

    assert (reply.status, reply.headers["WWW-Authenticate"]) == (401, challenge)
    assert (error["code"], error["innerError"]) == (
        "InvalidAuthenticationToken",
        {"date": "2026-11-26T12:00:00", "request-id": "r-1", "client-request-id": "c-1"},
    )
    assert web.log.events == [("web.refused", {"reason": reason, "client": "192.0.2.7"})]


def test_a_token_in_the_url_is_not_read(web):
    token = web.token()

    assert asked_with(web, query=[("access_token", token)]).status == 401


def test_an_id_of_the_client_that_could_break_a_header_is_not_echoed(web):
    reply = asked_with(web, headers={"client-request-id": "a\r\nSet-Cookie: x=y"})

    assert reply.headers["client-request-id"] == "r-1"


def test_a_static_token_proves_a_script(tmp_path):
    file = tmp_path / "tokens.json"
    file.write_text(json.dumps([{"name": "script", "role": "reader", "token": STATIC}]))
    web = Served(tmp_path, tokens_file=file)

    assert asked_with(web, headers={"authorization": f"Bearer {STATIC}"}) == Caller(
        "script", "reader"
    )


def test_a_file_with_a_mistake_is_told_once_and_signed_tokens_still_work(tmp_path):
    file = tmp_path / "tokens.json"
    file.write_text("[")
    web = Served(tmp_path, tokens_file=file)
    token = web.token()
    found = [
        asked_with(web, headers={"authorization": f"Bearer {t}"}) for t in (STATIC, token, token)
    ]

    assert found[0].status == 401
    assert [one.name for one in found[1:]] == ["a reader"] * 2
    assert web.told("web.unusable") == [
        {"message": f"web.tokens_file: {file}: is not JSON in line 1"}
    ]
