"""The answers of the tenant: the changes they make, and the events to log."""

from __future__ import annotations

import pytest

from connector.model import (
    Batch,
    Event,
    Holder,
    ObjectType,
    Outcome,
    Quarantined,
    SyncAction,
    SyncCode,
    SyncResult,
)
from tests.fakes import SUFFIX

REFUSED = SyncResult(
    "",
    SyncCode.ATTRIBUTE_VALUE_MUST_BE_UNIQUE,
    SyncAction.FAILED,
    "held by another",
    attribute="ProxyAddresses",
    value="smtp:joe@contoso.com",
)


@pytest.fixture
def queue(stage):
    """A queue with two users to add."""
    stage.directory.user("ann")
    stage.directory.user("bob")
    stage.read()
    stage.decide()
    return stage.space.queue


def answer(queue, result, *, session=1, now="2026-11-23T08:00:00Z"):
    """Record this result for the first export of the queue; return the events to log."""
    export = next(queue.in_order(session))
    outcome = Outcome(export, result)
    return queue.record(
        [outcome], session=session, now=now, following=(), position="t:1:m", place="here"
    )


def test_an_accepted_object_is_no_longer_pending(stage, queue):
    answer(queue, SyncResult("", action=SyncAction.ADDED, cloud_anchor="User_1"))

    assert (queue.count(), queue.exported()) == (1, 1)
    assert stage.rows("SELECT cloud_anchor FROM cloud_entry") == ["User_1"]


def test_a_refused_object_is_not_tried_again_in_its_session(queue):
    answer(queue, REFUSED)

    assert [len(list(queue.in_order(session))) for session in (1, 2)] == [1, 2]


def test_each_refusal_counts_one_attempt(stage, queue):
    first = answer(queue, REFUSED, session=1, now="2026-11-23T08:00:00Z")
    second = answer(queue, REFUSED, session=2, now="2026-11-23T08:30:00Z")

    (record,) = stage.space.failures.all()
    assert [event.fields["attempt"] for event in (*first, *second)] == [1, 2]
    assert (record.first_at, record.last_at, record.attempts) == (
        "2026-11-23T08:00:00Z",
        "2026-11-23T08:30:00Z",
        2,
    )


def test_another_error_counts_from_one_and_from_now(stage, queue):
    answer(queue, REFUSED, session=1, now="2026-11-23T08:00:00Z")

    (event,) = answer(
        queue,
        SyncResult("", SyncCode.LARGE_OBJECT, SyncAction.FAILED, "too large"),
        session=2,
        now="2026-11-23T08:30:00Z",
    )

    (record,) = stage.space.failures.all()
    assert (event.fields["attempt"], record.attempts) == (1, 1)
    assert (record.first_at, record.last_at) == ("2026-11-23T08:30:00Z", "2026-11-23T08:30:00Z")


def test_an_object_that_is_accepted_in_the_end_is_no_longer_failed(stage, queue):
    answer(queue, REFUSED, session=1)

    answer(queue, SyncResult("", action=SyncAction.ADDED), session=2)

    assert stage.space.failures.count() == 0


def test_events_wait_until_they_are_logged(queue):
    joe = Quarantined("UserPrincipalName", "joe@contoso.com", Holder("1", ObjectType.USER, "Joe"))

    (event,) = answer(queue, SyncResult("", action=SyncAction.ADDED, quarantined=(joe,)))
    waiting, before = queue.unlogged(10), queue.log_place()
    queue.logged([event], place="there")

    assert (waiting, before) == ([event], "here")
    assert (queue.unlogged(10), queue.log_place()) == ([], "there")
    assert event == Event(
        event.id,
        "export.quarantined",
        {
            "anchor": event.fields["anchor"],
            "type": "user",
            "name": "Ann",
            "dn": f"uid=ann,ou=users,{SUFFIX}",
            "attribute": "UserPrincipalName",
            "value": "joe@contoso.com",
            "held_by": "Joe",
        },
    )


def test_an_event_never_has_the_number_of_another(queue):
    (first,) = answer(queue, REFUSED, session=1)
    queue.logged([first], place=None)

    (second,) = answer(queue, REFUSED, session=2)

    assert second.id > first.id


def test_the_batches_that_come_next_are_written_down_with_the_answers(queue):
    export = next(queue.in_order(1))
    following = [Batch("2", ["b", "c"]), Batch("3", ["d"])]

    queue.record(
        [Outcome(export, SyncResult(""))],
        session=1,
        now="2026-11-23",
        following=following,
        position="t:1:m",
        place=None,
    )

    assert queue.batches() == following


def test_a_deleted_object_takes_its_memberships_along(world):
    ann, bob = world.user("ann"), world.user("bob")
    world.group("staff", [ann, bob])
    world.sync()
    world.directory.remove(ann)

    world.sync()

    totals = world.parts.space.queue.member_totals()
    assert totals == {}
    assert len(world.tenant.show(f"cn=staff,ou=groups,{SUFFIX}")["members"]) == 1


def test_a_closed_session_leaves_no_batch(queue):
    queue.open_session(7)
    queue.note([Batch("1", ["a"])])
    before = (queue.session(), queue.batches())

    queue.close_session()

    assert before == (7, [Batch("1", ["a"])])
    assert (queue.session(), queue.batches()) == (None, [])
