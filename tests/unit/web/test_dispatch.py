"""Each path has the part that answers it, and what fails is an error and not a stack trace."""

from __future__ import annotations

import sqlite3

import pytest

from connector.errors import (
    DaemonUnavailable,
    InstanceLocked,
    QueryTooLong,
    StorageUnusable,
    TenantRefused,
    UnknownObject,
)
from connector.web.dispatch import is_host, is_of_api
from tests.unit.web.served import Served, body_of, error_of


@pytest.fixture
def pages(tmp_path):
    file = tmp_path / "password"
    file.write_text("correct horse\n")
    return Served(tmp_path, admin_password_file=str(file))


@pytest.mark.parametrize(
    ("path", "is_api"),
    [
        ("/v1.0/users", True),
        ("//V1.0//users", True),
        ("/beta", True),
        ("/v1.0", True),
        ("/", False),
        ("", False),
        ("/v1.0x/users", False),
        ("/health", False),
        ("/x/v1.0/users", False),
    ],
)
def test_the_api_is_what_begins_with_its_version(path, is_api):
    assert is_of_api(path) is is_api


@pytest.mark.parametrize(
    ("host", "is_one"),
    [
        ("localhost", True),
        ("localhost:8443", True),
        ("graph.microsoft.com", True),
        ("[::1]:80", True),
        ("", False),
        ("a b", False),
        ("a/b", False),
        ("a:b", False),
        ("a:123456", False),
        ("a:65535", True),
        ("a:65536", False),
        ("a:0", False),
        ("user@host", False),
        ("::1", False),
        ('evil.example/x"><script>', False),
        ("a\nb", False),
    ],
)
def test_a_host_is_a_name_or_an_address_with_a_port_at_most(host, is_one):
    assert is_host(host) is is_one


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (TenantRefused("no"), 400, "Request_BadRequest"),
        (UnknownObject("no"), 404, "Request_ResourceNotFound"),
        (InstanceLocked("/var/lib/connector is in use"), 503, "ServiceUnavailable"),
        (DaemonUnavailable("gone"), 503, "ServiceUnavailable"),
        (StorageUnusable("/var/lib/connector/tenant.db: damaged"), 503, "ServiceUnavailable"),
        (QueryTooLong("The query took longer than 10 s."), 503, "ServiceUnavailable"),
        (KeyError("password"), 500, "InternalServerError"),
        (sqlite3.OperationalError("no such table: object"), 500, "InternalServerError"),
        (RecursionError(), 500, "InternalServerError"),
    ],
)
def test_an_error_has_its_status_and_says_nothing_of_this_machine(
    web, monkeypatch, error, status, code
):
    def fail(call, context, again):
        raise error

    monkeypatch.setattr("connector.web.graph.api.answer", fail)
    reply = web.ask("GET", "/v1.0/users", headers={"authorization": f"Bearer {web.token()}"})

    assert error_of(reply) == (status, code)
    assert ("Retry-After" in reply.headers) is (status == 503)
    assert b"/var/lib" not in reply.body
    assert len(web.told("web.request_failed")) == (status == 500)


def test_a_bug_in_a_page_is_a_page_that_names_the_request(pages, monkeypatch):
    def fail(call, context):
        raise KeyError("password")

    monkeypatch.setattr("connector.web.pages.site.answer", fail)
    reply = pages.ask("GET", "/health")

    assert (reply.status, reply.content_type) == (500, "text/html; charset=utf-8")
    assert b"The server met an error of its own. Its log tells of it by r-1." in reply.body
    assert "default-src 'self'" in reply.headers["Content-Security-Policy"]
    assert b"password" not in reply.body
    assert [fields["request_id"] for fields in pages.told("web.request_failed")] == ["r-1"]


def test_what_fails_at_a_name_that_is_not_ours_shows_no_page(pages, monkeypatch):
    def fail(call, context):
        raise StorageUnusable("/var/lib/connector/tenant.db: damaged")

    monkeypatch.setattr("connector.web.pages.site.answer", fail)
    reply = pages.ask("GET", "/", base="http://evil.example")

    assert (reply.status, reply.content_type) == (503, "text/plain; charset=utf-8")
    assert reply.body == b"The tenant cannot be read or changed right now. Try again later.\n"
    assert reply.headers["Retry-After"] == "5"


def test_a_reader_that_is_refused_is_logged(web):
    headers = {"authorization": f"Bearer {web.token('reader')}", "content-type": "application/json"}
    monkey = web.ask("DELETE", "/v1.0/users/8d5ce91c-9557-4aa9-85f8-21705d6b95d2", headers=headers)

    assert monkey.status in (403, 405)
    assert [fields["reason"] for fields in web.told("web.refused")] == ["role"] * (
        monkey.status == 403
    )


def test_monitoring_is_not_the_business_of_the_handlers(web):
    assert web.ask("GET", "/healthz").status == 404


def test_discovery_is_not_hidden_by_a_tenant_that_is_called_like_a_version(web):
    reply = web.ask("GET", "/v1.0/discovery/v2.0/keys")

    assert (reply.status, body_of(reply)["error"]["code"]) == (401, "InvalidAuthenticationToken")
