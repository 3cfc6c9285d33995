"""The deletes that wait are decided on by the plan that was shown."""

from __future__ import annotations

import pytest

from tests.fakes import SUFFIX

PATH = "/health/deletions"


@pytest.fixture
def guarded(visitor_of):
    visitor = visitor_of(safety={"delete_threshold": 2})
    for number in range(8):
        visitor.world.user(f"leaver{number}")
    visitor.world.sync()
    leave(visitor, range(4))
    return visitor


def leave(visitor, numbers):
    for number in numbers:
        visitor.world.directory.remove(f"uid=leaver{number},ou=users,{SUFFIX}")
    visitor.world.sync()


def plan(visitor):
    return visitor.world.parts.space.deletions.plan()


def test_the_plan_is_listed_with_what_goes(guarded):
    rows = guarded.page(PATH).rows("Pending deletes")

    assert [row[:3] for row in rows] == [[f"Leaver{n}", "user", "the object"] for n in range(4)]


def test_the_plan_that_was_seen_is_approved_and_told_in_the_log(guarded):
    seen = plan(guarded).hash

    reply = guarded.send(f"{PATH}/approve", hash=seen)

    assert (reply.status, reply.headers["Location"]) == (303, PATH)
    assert plan(guarded).approved
    assert ">Approve<" not in guarded.page(PATH).text
    assert guarded.world.log.events[-1] == (
        "web.changed",
        {"who": "portal", "client": "127.0.0.1", "what": "deletions approved", "object": seen},
    )


def test_the_plan_that_was_seen_is_discarded(guarded):
    guarded.send(f"{PATH}/discard", hash=plan(guarded).hash)

    assert plan(guarded).hash is None
    assert "No deletes wait for approval." in guarded.page(PATH).text


@pytest.mark.parametrize("action", ["approve", "discard"])
def test_another_plan_than_the_one_that_was_seen_stays_as_it_is(guarded, action):
    seen = plan(guarded).hash
    leave(guarded, [4])

    reply = guarded.send(f"{PATH}/{action}", hash=seen)

    assert reply.status == 409
    assert b'role="alert"' in reply.body
    assert (plan(guarded).approved, len(plan(guarded).objects)) == (False, 5)
    assert guarded.performed == []


def test_a_form_without_a_hash_decides_on_nothing(guarded):
    assert guarded.send(f"{PATH}/approve").status == 409
