"""So many requests as were asked for are refused, and not one more."""

from __future__ import annotations

import pytest

from connector.web.throttle import FILE, ask_for
from tests.unit.web.served import body_of


def refusals(web, times):
    found = [
        web.context.throttle.refusal(web.call("GET", "/v1.0/users"), web.time) for _ in range(times)
    ]
    return [
        one and (one.status, one.headers["Retry-After"], body_of(one)["error"]["code"])
        for one in found
    ]


def test_the_next_requests_are_refused_and_told_to_wait(web, tmp_path):
    ask_for(tmp_path, 2, 7)

    assert refusals(web, 3) == [(429, "7", "TooManyRequests")] * 2 + [None]
    assert not (tmp_path / FILE).exists()


def test_what_is_asked_for_later_replaces_what_was_asked_for_before(web, tmp_path):
    ask_for(tmp_path, 5, 7)
    refusals(web, 1)
    ask_for(tmp_path, 0, 7)

    assert refusals(web, 1) == [None]


@pytest.mark.parametrize("content", ["", "[]", '{"count": "x", "retryAfter": 1}'])
def test_a_damaged_file_asks_for_nothing(web, tmp_path, content):
    (tmp_path / FILE).write_text(content)

    assert refusals(web, 1) == [None]


def test_only_proven_requests_of_the_api_count_and_a_batch_does_not(web, tmp_path):
    token = web.token()
    headers = {"authorization": f"Bearer {token}"}
    ask_for(tmp_path, 1, 7)
    statuses = [
        web.ask("GET", "/v1.0/users").status,
        web.ask("GET", "/common/discovery/v2.0/keys").status,
        web.ask("POST", "//v1.0/%24batch".replace("%24", "$"), headers=headers).status == 429,
        web.ask("GET", "/v1.0/users", headers=headers).status,
        web.ask("GET", "/v1.0/users", headers=headers).status,
    ]

    assert statuses == [401, 200, False, 429, 200]
