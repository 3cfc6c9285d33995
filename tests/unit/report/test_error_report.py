"""The errors of both sides in one list, which is not held in memory."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest

from connector.report.error_report import error_rows, stream_errors
from connector.tenant.provisioning_errors import ErrorQuery
from tests.world import World

EVERY = ErrorQuery()
JOE = "joe@contoso.com"


@pytest.fixture
def world(tmp_path):
    with World(tmp_path) as made:
        yield made


class Counting:
    """A tenant that counts the errors that it gives."""

    def __init__(self, tenant) -> None:
        self._tenant = tenant
        self.given = 0

    def __getattr__(self, name):
        return getattr(self._tenant, name)

    def provisioning_errors(self, query):
        for record in self._tenant.provisioning_errors(query):
            self.given += 1
            yield record


def fail(world, name):
    """Let a user fail, whose SIP address Ann has."""
    world.user(name, proxies=[f"SMTP:{name}@contoso.com", "sip:ann@contoso.com"])


def test_rows_come_as_they_are_read(world, monkeypatch):
    monkeypatch.setattr("connector.report.error_report._PAGE", 4)
    for number in range(20):
        world.user(f"user{number:02}", upn=JOE)
    world.sync()
    tenant: Any = Counting(world.tenant)

    first = list(islice(stream_errors(world.parts.space, tenant, EVERY), 3))

    assert [row["value"] for row in first] == [JOE] * 3
    assert tenant.given == 4


def test_both_sides_are_merged_by_their_time(world):
    world.user("ann", upn=JOE, proxies=[f"SMTP:{JOE}", "sip:ann@contoso.com"])
    world.sync()
    for name in ("bob", "eve"):
        world.user(name, upn=JOE)
        world.sync()
        fail(world, f"not-{name}")
        world.sync()

    rows = error_rows(world.parts.space, world.tenant, EVERY)
    two = error_rows(world.parts.space, world.tenant, EVERY, limit=2)

    assert [(row["kind"], row["object"]["displayName"]) for row in rows] == [
        ("quarantine", "Bob"),
        ("export", "Not-Bob"),
        ("quarantine", "Eve"),
        ("export", "Not-Eve"),
    ]
    assert two == rows[:2]


def test_the_failure_of_one_object_is_asked_for_alone(world):
    world.user("ann", proxies=["SMTP:ann@contoso.com", "sip:ann@contoso.com"])
    world.sync()
    fail(world, "bob")
    fail(world, "eve")
    world.sync()
    one, _ = error_rows(world.parts.space, world.tenant, EVERY)

    found = error_rows(
        world.parts.space, world.tenant, ErrorQuery(anchor=one["object"]["sourceAnchor"])
    )

    assert found == [one]
