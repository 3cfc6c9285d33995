"""What is pending of an object and what the cloud was told stand in one row, each state kept once."""

from __future__ import annotations

import pytest

from connector.model import Outcome, SyncAction, SyncCode, SyncResult
from connector.staging import projection
from tests.fakes import CLASSES

TEXTS = "SELECT properties ->> 'jobTitle' FROM text ORDER BY 1"
ROWS = "SELECT anchor FROM projection"


@pytest.fixture
def told(stage):
    """A connector space of which the cloud was told one user."""
    stage.ann = stage.directory.user("ann", title="Clerk")
    settle(stage)
    return stage


def settle(stage, *answers):
    """Synchronize, and let the cloud take what is pending; or let it answer so."""
    stage.read()
    stage.decide()
    answer(stage, *answers)


def answer(stage, *answers):
    queue = stage.space.queue
    outcomes = [
        Outcome(export, each)
        for export, each in zip(
            queue.in_order(1),
            answers or [SyncResult("", action=SyncAction.ADDED)] * 9,
            strict=False,
        )
    ]
    queue.record(outcomes, session=1, now="", following=(), position="", place=None)


def test_the_text_before_is_kept_until_the_cloud_took_the_next(told):
    told.directory.modify(told.ann, title="Boss")
    told.read()
    told.decide()
    pending = told.rows(TEXTS)

    answer(told)

    assert (pending, told.rows(TEXTS)) == (["Boss", "Clerk"], ["Boss"])


def test_a_pending_text_that_is_overruled_goes(told):
    for title in ("Boss", "Chief"):
        told.directory.modify(told.ann, title=title)
        told.read()
        told.decide()

    assert told.rows(TEXTS) == ["Chief", "Clerk"]


def test_a_pending_text_that_is_taken_back_goes(told):
    for title in ("Boss", "Clerk"):
        told.directory.modify(told.ann, title=title)
        told.read()
        told.decide()

    assert told.rows(TEXTS) == ["Clerk"]


def test_a_refused_export_keeps_both_texts(told):
    told.directory.modify(told.ann, title="Boss")

    settle(told, SyncResult("", SyncCode.LARGE_OBJECT, SyncAction.FAILED))

    assert told.rows(TEXTS) == ["Boss", "Clerk"]


def test_a_delete_needs_no_text_of_its_own_and_leaves_nothing(told):
    told.directory.remove(told.ann)
    told.read()
    told.decide()
    pending = told.rows(TEXTS)

    answer(told)

    assert (pending, told.rows(TEXTS), told.rows(ROWS)) == (["Clerk"], [], [])


def test_an_object_that_is_not_wanted_after_all_leaves_no_row(stage):
    ann = stage.directory.user("ann")
    stage.read()
    stage.decide()
    pending = stage.rows(ROWS)
    stage.directory.remove(ann)
    stage.read()

    stage.decide()

    assert (len(pending), stage.rows(ROWS), stage.rows(TEXTS)) == (1, [], [])


def test_what_left_the_cloud_is_forgotten_with_its_memberships(told):
    told.directory.modify(told.ann, title="Boss")
    told.read()
    told.decide()
    connection = told.database.conn
    (anchor,) = told.rows(ROWS)
    numbers = projection.find(connection, [anchor, "staff"])
    connection.execute("INSERT INTO told_member VALUES (?, ?)", (numbers["staff"], numbers[anchor]))

    projection.forget(connection, anchor)

    assert (told.rows(TEXTS), told.rows("SELECT * FROM told_member")) == (["Boss"], [])
    assert told.rows("SELECT anchor FROM cloud_entry") == []


def test_numbers_follow_the_order_of_the_export(stage):
    for name in ("zoe", "ann", "eve"):
        stage.directory.user(name)
    stage.read()
    stage.decide()

    exported = [export.anchor for export in stage.space.queue.in_order(1)]
    assert stage.rows("SELECT anchor FROM projection ORDER BY id") == exported


def test_an_object_older_than_those_before_it_is_exported_first(stage):
    late = stage.directory.user("late", objectClass=[b"device"])
    stage.directory.user("ann")
    stage.read()
    first = stage.decide()
    stage.directory.modify(late, objectClass=CLASSES["user"])
    stage.read()

    stage.decide()

    names = [export.properties["displayName"] for export in stage.space.queue.in_order(1)]
    assert (len(first), names) == (1, ["Late", "Ann"])
