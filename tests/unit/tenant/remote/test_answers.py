"""A server that answers something else than a tenant does: that is said, and no secret with it."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pydantic import SecretStr

from connector.errors import TenantUnavailable
from connector.settings import TenantSettings
from connector.tenant.clients import Comer
from connector.tenant.remote.opening import open_remote

TOKEN = {"access_token": "abc", "expires_in": 3600}
ODD: list[object] = [[], None, 5, "x", {}]

CALLS = {
    "hello": lambda tenant: tenant.id(),
    "position": lambda tenant: tenant.position(),
    "refusal": lambda tenant: tenant.refusal("t:1:m"),
    "remembered": lambda tenant: tenant.remembered("ann"),
    "counts": lambda tenant: tenant.counts(),
    "own": lambda tenant: tenant.clients.quarantined(1),
    "clients": lambda tenant: tenant.clients.listed(),
    "domains": lambda tenant: tenant.administrator.domains(),
    "take-over": lambda tenant: tenant.clients.take_over(1, ["ann"]),
    "without-shadow": lambda tenant: tenant.clients.without_shadow(["ann"]),
    "enter": lambda tenant: enter(tenant),  # noqa: PLW0108 - it is below
    "read-back": lambda tenant: tenant.read_back(None),
    "look-up": lambda tenant: tenant.named("Ann"),
    "holder": lambda tenant: tenant.holder_of("ProxyAddresses", "ann@contoso.com"),
    "clashes": lambda tenant: tenant.clashes("user", "ann", {}),
    "objects": lambda tenant: list(tenant.objects()),
    "errors": lambda tenant: list(tenant.provisioning_errors()),
    "rehearse": lambda tenant: tenant.rehearse(),
    "results": lambda tenant: tenant.results("one"),
}


def enter(tenant):
    return tenant.clients.enter(Comer(None, "branch", "/var"), lambda _: False, has_exported=False)


@contextmanager
def tenant_that(answer, token=TOKEN, status=200):
    """A tenant at a server that gives a token, and then always the same answer."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            is_token = self.path.endswith("/token")
            body = json.dumps(token if is_token else answer).encode()
            self.send_response(200 if is_token else status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        settings = TenantSettings(
            initial_domain="contoso.onmicrosoft.com",
            url=f"http://127.0.0.1:{server.server_port}",
            client_id="8d4ff5a2-6b0e-4a6e-8a8e-0d3f3a1c9b55",
            client_secret=SecretStr("secret"),
        )
        tenant = open_remote(settings, read_only=True)
        try:
            yield tenant
        finally:
            tenant.close()
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("call", CALLS)
def test_an_answer_of_another_form_is_said(call):
    for answer in ODD:
        if (call, answer) in (("clients", []), ("results", None)):
            continue
        with tenant_that(answer) as tenant, pytest.raises(TenantUnavailable, match="its answer"):
            CALLS[call](tenant)


@pytest.mark.parametrize(
    "answer",
    [
        {"client": 7, "ahead": 0},
        {"client": "c", "ahead": "x"},
        {"client": "c", "ahead": 1e300},
    ],
)
def test_a_server_that_lets_in_with_another_form_is_said(answer):
    with tenant_that(answer) as tenant, pytest.raises(TenantUnavailable, match="its answer"):
        enter(tenant)


@pytest.mark.parametrize("details", [[], [{"message": "/var"}] * 2, [{"message": "/var"}]])
def test_a_server_that_asks_for_a_place_for_ever_is_said(details):
    answer = {"error": {"code": "PlaceAsked", "message": "Where is it", "details": details}}

    with (
        tenant_that(answer, status=409) as tenant,
        pytest.raises(TenantUnavailable, match="Where is it"),
    ):
        enter(tenant)


def test_a_server_that_does_not_know_a_call_yet_is_named_with_the_next_step():
    error = {"code": "UnknownCall", "message": "No.", "details": [{"message": "rehearse"}]}

    with (
        tenant_that({"error": error}, status=404) as tenant,
        pytest.raises(TenantUnavailable, match=r"\(rehearse\)\. Install the version of this"),
    ):
        tenant.rehearse()


@pytest.mark.parametrize("text", ["", "a\r\nX: y", "a b", "\ud800", "\u0436", 7])
def test_what_is_not_a_token_is_said_without_it(text):
    with (
        tenant_that({}, {"access_token": text, "expires_in": 3600}) as tenant,
        pytest.raises(TenantUnavailable, match=r"what it gave is not a token\.$"),
    ):
        tenant.id()


@pytest.mark.parametrize("lifetime", [10**400, 10**18, -(10**18)])
def test_a_token_may_hold_for_any_time(lifetime):
    token = TOKEN | {"expires_in": lifetime}

    with tenant_that({"tenant": "t"}, token) as tenant:
        assert tenant.id() == "t"
