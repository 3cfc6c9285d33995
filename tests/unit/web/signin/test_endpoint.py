"""Applications find the way to a token, and get one for their secret alone."""

from __future__ import annotations

import base64
import re

import jwt
import pytest

from tests.unit.web.served import BASE, FORM, SCOPE, body_of

DESCRIPTION = re.compile(
    r"AADSTS(\d+): .+ Trace ID: \S+ Correlation ID: \S+ Timestamp: 2026-11-26 12:00:00Z"
)


def refused(reply):
    """Check that a refusal has all fields; return status, name and number."""
    body = body_of(reply)
    match = DESCRIPTION.fullmatch(body["error_description"])
    assert match
    assert body["error_codes"] == [int(match[1])]
    assert set(body) == {
        "error", "error_description", "error_codes", "timestamp", "trace_id", "correlation_id",
    }  # fmt: skip
    assert (body["timestamp"], reply.headers["Cache-Control"]) == (
        "2026-11-26 12:00:00Z",
        "no-store",
    )
    return reply.status, body["error"], int(match[1])


def tenants(web):
    return [
        web.context.tenant_id(),
        "common",
        "organizations",
        "contoso.com",
        "CONTOSO.onmicrosoft.com",
    ]


def test_every_name_of_the_tenant_leads_to_the_same_place(web):
    tenant = web.context.tenant_id()
    found = [
        body_of(web.ask("GET", f"/{name}{version}/.well-known/openid-configuration"))
        for name in tenants(web)
        for version in ("/v2.0", "")
    ]

    assert {body["issuer"] for body in found} == {f"{BASE}/{tenant}/v2.0"}
    assert {body["token_endpoint"] for body in found} == {f"{BASE}/{tenant}/oauth2/v2.0/token"}
    assert {body["jwks_uri"] for body in found} == {f"{BASE}/{tenant}/discovery/v2.0/keys"}
    assert {body["authorization_endpoint"] for body in found} == {
        f"{BASE}/{tenant}/oauth2/v2.0/authorize"
    }


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/fabrikam.com/v2.0/.well-known/openid-configuration"),
        ("GET", "/8d5ce91c-9557-4aa9-85f8-21705d6b95d2/discovery/v2.0/keys"),
        ("POST", "/consumers/oauth2/v2.0/token"),
        ("POST", "/x/oauth2/token"),
    ],
)
def test_another_tenant_is_not_here(web, method, path):
    assert refused(web.ask(method, path)) == (400, "invalid_tenant", 90002)


def test_the_clouds_that_there_are_are_this_host(web):
    tenant = web.context.tenant_id()

    assert body_of(web.ask("GET", "/common/discovery/instance")) == {
        "tenant_discovery_endpoint": f"{BASE}/{tenant}/v2.0/.well-known/openid-configuration",
        "api-version": "1.1",
        "metadata": [
            {
                "preferred_network": "localhost:8443",
                "preferred_cache": "localhost:8443",
                "aliases": ["localhost:8443"],
            }
        ],
    }


def test_behind_a_proxy_the_host_has_the_names_of_the_real_one(web):
    reply = web.ask("GET", "/common/discovery/instance", base="https://login.microsoftonline.com")

    assert "login.windows.net" in body_of(reply)["metadata"][0]["aliases"]


def test_the_key_of_a_token_is_published(web):
    token = web.token()
    keys = jwt.PyJWKSet.from_dict(body_of(web.ask("GET", "/common/discovery/v2.0/keys")))
    key = keys[jwt.get_unverified_header(token)["kid"]].key

    assert jwt.decode(
        token, key, algorithms=["RS256"], audience="https://graph.microsoft.com",
        options={"verify_exp": False, "verify_nbf": False, "verify_iat": False},
    )["appid"]  # fmt: skip


def test_a_secret_gives_a_token(web):
    app, secret = web.app()
    reply = web.ask_for_token(app, secret)
    body = body_of(reply)

    assert web.context.signin.tokens.caller(body.pop("access_token")).name == "script"
    assert body == {"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599}
    assert (reply.status, reply.headers["Cache-Control"]) == (200, "no-store")
    assert web.log.events == [
        ("web.signed_in", {"who": "script", "client": "192.0.2.7", "app": app.client_id})
    ]


@pytest.mark.parametrize(
    "scope",
    [SCOPE, f"{SCOPE} openid profile offline_access", "https://graph.microsoft.com//.default"],
)
def test_the_scope_is_one_that_ends_in_default(web, scope):
    app, secret = web.app()

    assert web.ask_for_token(app, secret, scope=scope).status == 200


def test_fields_that_nobody_knows_and_the_query_are_ignored(web):
    app, secret = web.app()
    reply = web.ask_for_token(
        app, secret, client_info="1", claims='{"access_token":{}}', **{"x-client-sku": "MSAL"}
    )

    assert reply.status == 200


def test_the_older_endpoint_takes_a_resource(web):
    app, secret = web.app()
    reply = web.ask_for_token(
        app, secret, "/common/oauth2/token", resource="https://graph.microsoft.com"
    )
    body = body_of(reply)

    assert (body["token_type"], body["resource"]) == ("Bearer", "https://graph.microsoft.com")
    assert web.context.signin.tokens.caller(body["access_token"]).name == "script"


def test_a_secret_in_http_basic_is_as_good(web):
    app, secret = web.app()
    basic = base64.b64encode(f"{app.client_id}:{secret}".encode()).decode()
    reply = web.ask(
        "POST",
        "/common/oauth2/v2.0/token",
        headers={**FORM, "authorization": f"Basic {basic}"},
        body=f"grant_type=client_credentials&scope={SCOPE}".encode(),
    )

    assert reply.status == 200


@pytest.mark.parametrize(
    ("form", "answer"),
    [
        ({"client_secret": "wrong"}, (401, "invalid_client", 7000215)),
        ({"client_secret": ""}, (401, "invalid_client", 7000216)),
        (
            {"client_id": "8d5ce91c-9557-4aa9-85f8-21705d6b95d2"},
            (400, "unauthorized_client", 700016),
        ),
        ({"client_id": ""}, (400, "invalid_request", 900144)),
        ({"grant_type": "password"}, (400, "unsupported_grant_type", 70003)),
        ({"grant_type": ""}, (400, "unsupported_grant_type", 70003)),
        ({"scope": "https://graph.microsoft.com/User.Read"}, (400, "invalid_scope", 70011)),
        ({"scope": f"{SCOPE} {SCOPE}"}, (400, "invalid_scope", 70011)),
        ({"scope": ""}, (400, "invalid_scope", 70011)),
    ],
)
def test_what_is_wrong_is_named_as_the_real_service_names_it(web, form, answer):
    app, secret = web.app()

    assert refused(web.ask_for_token(app, secret, **form)) == answer


def test_the_older_endpoint_wants_a_resource(web):
    app, secret = web.app()

    assert refused(web.ask_for_token(app, secret, "/common/oauth2/token")) == (
        400,
        "invalid_request",
        900144,
    )


@pytest.mark.parametrize(
    ("parts", "answer"),
    [
        ({"method": "GET"}, (405, "invalid_request", 900561)),
        ({"headers": {"content-type": "application/json"}}, (400, "invalid_request", 900144)),
        ({"body": b""}, (400, "invalid_request", 900144)),
        ({"body": b"scope=a&scope=b"}, (400, "invalid_request", 9000411)),
        ({"body": b"\xff\xfe\x00=&&==&grant_type"}, (400, "unsupported_grant_type", 70003)),
    ],
)
def test_what_is_not_a_request_for_a_token_is_refused(web, parts, answer):
    asked = {"method": "POST", "path": "/common/oauth2/v2.0/token", "headers": FORM, **parts}

    assert refused(web.ask(**asked)) == answer


def test_a_secret_in_the_place_of_the_id_is_not_sent_back_and_not_logged(web):
    app, secret = web.app()
    reply = web.ask_for_token(app, secret, client_id=secret)

    assert secret.encode() not in reply.body
    assert web.log.events == [("web.refused", {"reason": "unknown-app", "client": "192.0.2.7"})]


def test_a_wrong_secret_is_logged_with_its_application_and_without_itself(web):
    app, _ = web.app()
    web.ask_for_token(app, "a-wrong-secret")

    assert web.log.events == [
        ("web.refused", {"reason": "secret", "client": "192.0.2.7", "app": app.client_id})
    ]


def test_after_ten_wrong_secrets_an_address_waits_and_another_one_does_not(web):
    app, secret = web.app()
    statuses = [web.ask_for_token(app, "wrong").status for _ in range(11)]
    late = web.ask_for_token(app, secret)
    fields = f"grant_type=client_credentials&client_id={app.client_id}&client_secret={secret}&scope={SCOPE}"
    other = web.ask(
        "POST", "/common/oauth2/v2.0/token", headers=FORM, body=fields.encode(), client="192.0.2.8"
    )

    assert statuses == [401] * 10 + [429]
    assert (late.status, int(late.headers["Retry-After"]) > 50, other.status) == (429, True, 200)


def test_a_mistake_in_the_request_is_not_a_failed_attempt(web):
    app, secret = web.app()
    for _ in range(12):
        web.ask_for_token(app, secret, scope="x")

    assert web.ask_for_token(app, secret).status == 200


def test_the_client_finds_its_own_id_in_a_refusal(web):
    number = "8D5CE91C-9557-4AA9-85F8-21705D6B95D2"
    reply = web.ask("POST", "/x/oauth2/token", headers={"client-request-id": number})

    assert body_of(reply)["correlation_id"] == number.lower()
