"""What a request becomes, with parts that only remember."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from connector.errors import UnknownObject
from connector.model import ObjectType
from connector.operations import perform
from connector.tenant.sweep import Released


class Events(list):
    """A log that keeps its events."""

    def info(self, event: str, **fields: object) -> None:
        self.append((event, fields))


@pytest.fixture
def parts():
    released = Released("aGk=", ObjectType.USER, "Bob", "UserPrincipalName", "joe@contoso.com")

    def approve(plan_hash: str) -> SimpleNamespace:
        if plan_hash != "abc":
            raise UnknownObject("No deletions wait for approval.")
        return SimpleNamespace(hash="abc", objects=["a", "b"])

    return SimpleNamespace(
        tenant=SimpleNamespace(sweep=lambda: SimpleNamespace(released=(released,), waiting=3)),
        space=SimpleNamespace(approve_deletions=approve),
        log=Events(),
    )


def test_a_sweep_is_logged_value_by_value(parts):
    fields = {
        "anchor": "aGk=",
        "type": "user",
        "name": "Bob",
        "attribute": "UserPrincipalName",
        "value": "joe@contoso.com",
    }

    answer = perform(parts, {"command": "sweep"})

    assert answer == {"released": [fields], "waiting": 3}
    assert parts.log == [
        ("sweep.released", fields),
        ("sweep.finished", {"released": 1, "waiting": 3}),
    ]


def test_an_approval_says_how_many_deletions_it_lets_through(parts):
    assert perform(parts, {"command": "approve", "hash": "abc"}) == {"hash": "abc", "count": 2}


def test_an_expected_error_is_an_answer(parts):
    assert perform(parts, {"command": "approve", "hash": "x"}) == {
        "error": "No deletions wait for approval.",
        "exit_code": 2,
    }


@pytest.mark.parametrize("request_", [{}, {"command": "format-disk"}])
def test_an_unknown_command_is_refused(parts, request_):
    answer = perform(parts, request_)

    assert answer == {"error": f"unknown command {request_.get('command')!r}", "exit_code": 2}
