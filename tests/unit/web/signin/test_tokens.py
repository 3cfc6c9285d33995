"""Only a token that this tenant signed, for an application that is still registered, is taken."""

from __future__ import annotations

import base64
import json
from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from connector.web.exchange import Caller
from connector.web.signin.tokens import LIFETIME, TokenRefused
from tests.unit.web.served import BASE, Served


@pytest.fixture
def tokens(web):
    return web.context.signin.tokens


@pytest.fixture
def issued(web, tokens):
    app, _ = web.app("script", "admin")
    return app, tokens.issue(app, BASE)


def claims_of(token):
    return jwt.decode(token, options={"verify_signature": False})


def plain(part):
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def test_a_token_says_who_may_do_what_until_when(web, issued):
    app, token = issued
    tenant, now = web.context.tenant_id(), int(web.time.timestamp())
    claims = claims_of(token)
    drawn = {name: claims.pop(name) for name in ("uti", "oid", "sub")}

    assert claims == {
        "aud": "https://graph.microsoft.com",
        "iss": f"{BASE}/{tenant}/v2.0",
        "iat": now,
        "nbf": now,
        "exp": now + LIFETIME,
        "app_displayname": "script",
        "appid": app.client_id,
        "appidacr": "1",
        "azp": app.client_id,
        "idtyp": "app",
        "roles": ["Directory.ReadWrite.All"],
        "tid": tenant,
        "ver": "2.0",
    }
    assert drawn["oid"] == drawn["sub"] != app.client_id


def test_a_token_names_its_application_and_the_role_of_that(tokens, issued):
    app, token = issued

    assert tokens.caller(token) == Caller("script", "admin", app.client_id)


def test_a_token_outlives_a_restart_and_is_good_for_another_name_of_the_host(tmp_path, web, issued):
    app, _ = issued
    token = web.context.signin.tokens.issue(app, "https://graph.microsoft.com")

    assert Served(tmp_path).context.signin.tokens.caller(token).app == app.client_id


def refused(tokens, token):
    with pytest.raises(TokenRefused) as refusal:
        tokens.caller(token)
    return refusal.value.reason


@pytest.mark.parametrize(
    ("seconds", "reason"),
    [(LIFETIME - 1, None), (LIFETIME, "expired"), (-5, None), (-6, "not-yet-valid")],
)
def test_a_token_has_its_time(web, tokens, issued, seconds, reason):
    _, token = issued
    web.time += timedelta(seconds=seconds)

    if reason is None:
        assert tokens.caller(token).name == "script"
    else:
        assert refused(tokens, token) == reason


def test_the_tokens_of_a_removed_application_stop_at_once(web, tokens, issued):
    app, token = issued
    web.context.signin.apps.remove(app.client_id)

    assert refused(tokens, token) == "removed-app"


def test_a_token_of_another_tenant_with_the_same_key_is_refused(tmp_path, web, tokens, issued):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "web-key.pem").write_bytes((tmp_path / "web-key.pem").read_bytes())
    app, _ = issued
    theirs = Served(tmp_path / "other").context.signin.tokens.issue(app, BASE)

    assert refused(tokens, theirs) == "tenant"


FORGERIES = {
    "malformed": lambda head, body, sign, key: "not-a-token",
    "empty": lambda head, body, sign, key: "..",
    "none": lambda head, body, sign, key: f"{plain({**head, 'alg': 'none'})}.{plain(body)}.",
    "None": lambda head, body, sign, key: f"{plain({**head, 'alg': 'None'})}.{plain(body)}.{sign}",
    "hs256": lambda head, body, sign, key: jwt.encode(
        body, "k" * 40, algorithm="HS256", headers={"kid": head["kid"]}
    ),
    "hs256 head": lambda head, body, sign, key: (
        f"{plain({**head, 'alg': 'HS256'})}.{plain(body)}.{sign}"
    ),
    "other body": lambda head, body, sign, key: (
        f"{plain(head)}.{plain({**body, 'appid': 'x'})}.{sign}"
    ),
    "other key": lambda head, body, sign, key: jwt.encode(
        body, generate_private_key(65537, 2048), "RS256", headers={"kid": head["kid"]}
    ),
    "unknown key": lambda head, body, sign, key: jwt.encode(
        body, key, "RS256", headers={"kid": "x"}
    ),
    "no key": lambda head, body, sign, key: jwt.encode(body, key, "RS256"),
    "rs512": lambda head, body, sign, key: jwt.encode(
        body, key, "RS512", headers={"kid": head["kid"]}
    ),
    "other audience": lambda head, body, sign, key: jwt.encode(
        {**body, "aud": "https://management.azure.com"}, key, "RS256", headers={"kid": head["kid"]}
    ),
    "other tenant": lambda head, body, sign, key: jwt.encode(
        {**body, "tid": "x"}, key, "RS256", headers={"kid": head["kid"]}
    ),
    "other issuer": lambda head, body, sign, key: jwt.encode(
        {**body, "iss": "https://evil.example"}, key, "RS256", headers={"kid": head["kid"]}
    ),
    "no end": lambda head, body, sign, key: jwt.encode(
        {name: body[name] for name in body if name != "exp"},
        key,
        "RS256",
        headers={"kid": head["kid"]},
    ),
    "list of tenants": lambda head, body, sign, key: jwt.encode(
        {**body, "tid": [body["tid"]]}, key, "RS256", headers={"kid": head["kid"]}
    ),
}
REASONS = {
    "malformed": "malformed",
    "empty": "malformed",
    "none": "algorithm",
    "None": "algorithm",
    "hs256": "algorithm",
    "hs256 head": "algorithm",
    "other body": "signature",
    "other key": "signature",
    "unknown key": "key",
    "no key": "key",
    "rs512": "algorithm",
    "other audience": "audience",
    "other tenant": "tenant",
    "other issuer": "tenant",
    "no end": "signature",
    "list of tenants": "malformed",
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_token_is_refused(web, tokens, issued, forgery):
    _, token = issued
    key = web.context.signin.keys.current().private
    head, body = jwt.get_unverified_header(token), claims_of(token)
    forged = FORGERIES[forgery](head, body, token.split(".")[2], key)

    assert refused(tokens, forged) == REASONS[forgery]
