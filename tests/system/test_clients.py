"""Clients of Microsoft Graph that nobody here wrote read the tenant, unmodified and over https."""

from __future__ import annotations

import json

import pytest

from connector.web.graph.routes import TABLE
from connector.web.graph.types import USER
from tests.system.connect_proxy import connect_proxy
from tests.system.graph_server import FILLERS, graph_server

pytestmark = pytest.mark.clients

USERS = FILLERS + 4
IN_ERROR = ["User B", "Dup", "Rival"]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with graph_server(tmp_path_factory.mktemp("graph")) as served:
        yield served


def test_msgraph_sdk_reads_everything_and_knows_every_key(server):
    seen = server.asked_by("msgraph_sdk.py", json.dumps(list(USER.properties)))

    assert seen == {
        "unknown": [],
        "users": USERS,
        "filtered": ["User B", "User A"],
        "count": 2,
        "error": ["PropertyConflict", "UserPrincipalName", "User@contoso.com"],
        "error has a time zone": True,
        "in error": IN_ERROR,
        "iterated": [USERS, USERS, True],
        "members": [["Group", "Sales"], ["User", "Jürgen Müller"]],
        "transitive members": [["Group", "Sales"], ["User", "Ann"], ["User", "Jürgen Müller"]],
        "member users": [["User", "Jürgen Müller"]],
        "members counted": 2,
        "one": "Ann",
        "member of": [["Group", "Sales"]],
        "transitive member of": [["Group", "Everybody"], ["Group", "Sales"]],
        "counted": USERS,
        "organization": [server.app["tenantId"], True],
        "domains": {
            "contoso.com": [False, True],
            "contoso.onmicrosoft.com": [True, False],
            "fabrikam.com": [False, False],
        },
        "quarantine": [True, True],
        "threshold": 500,
        "skus": ["EXCHANGESTANDARD"],
        "deleted": [],
        "refused": [404, "Request_ResourceNotFound"],
    }


def test_two_more_sdks_find_the_tenant_at_microsofts_own_addresses(server):
    with connect_proxy(server.port) as proxy:
        seen = server.asked_by("other_sdks.py", proxy=proxy)

    assert seen == {
        "O365 signed in": True,
        "O365 users": USERS,
        "O365 names": ["Ann", "Jürgen Müller", "User A", "User B"],
        "Office365 users": USERS,
        "Office365 contacts": ["Partner", "Rival"],
        "Office365 members": [["Group", "Sales"], ["User", "Jürgen Müller"]],
        "Office365 organization": [server.app["tenantId"]],
    }


def test_the_javascript_client_reads_pages_and_errors(server):
    seen = server.asked_by("javascript.mjs")

    assert seen == {
        "filtered": ["User A", "User B"],
        "count": 2,
        "inError": IN_ERROR,
        "iterated": [USERS, USERS],
        "one": "Ann",
        "memberUsers": ["Ann", "Jürgen Müller"],
        "searched": ["Ann"],
        "refused": [501, "NotImplemented"],
    }


def test_msgraph_sdk_changes_the_tenant_and_follows_it_by_delta(server):
    seen = server.asked_by("msgraph_changes.py")

    assert seen == {
        "made": ["New", True],
        "refused": [400, "ObjectConflict"],
        "changed": "Boss",
        "licensed": "New",
        "told": ["New"],
        "batch": [200, 404, 424],
        "deleted": ["changed"],
        "restored": "User",
        "back": ["New"],
        "gone": ["deleted"],
        "as before": True,
    }


def test_every_described_request_is_answered_as_described(tmp_path):
    with graph_server(tmp_path) as server:
        seen = server.asked_by("described.py")
    others = len(TABLE.routes) - 1  # the description itself is not asked for again

    assert seen == {"described": others, "tested": others}
