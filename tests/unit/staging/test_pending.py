"""The synchronization decides dirty objects, and leaves pending exports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connector.model import Operation
from connector.run import Counts
from tests.fakes import CLASSES, SUFFIX

if TYPE_CHECKING:
    from connector.model import SyncObject

USERS = f"ou=users,{SUFFIX}"


def test_an_object_whose_type_changed_is_deleted_and_added_in_the_next_cycle(world):
    ann = world.user("ann", mail="ann@contoso.com")
    world.user("bob")
    world.sync()
    world.directory.modify(ann, objectClass=CLASSES["contact"])

    first, second = world.sync(), world.sync()

    assert [
        (run.steps[-1].counts.adds, run.steps[-1].counts.deletes) for run in (first, second)
    ] == [
        (0, 1),
        (1, 0),
    ]
    assert {name: item["objectType"] for name, item in world.cloud.items()} == {
        "Ann": "contact",
        "Bob": "user",
    }


def test_a_change_that_was_taken_back_drops_the_pending_export(stage):
    ann = stage.directory.user("ann")
    stage.read()
    first = stage.decide()
    stage.directory.modify(ann, adminDescription="User_1")
    stage.read()

    second = stage.decide()

    assert ([export.operation for export in first], second) == ([Operation.ADD], [])
    assert stage.space.queue.count() == 0


def test_a_pending_export_is_replaced_by_a_newer_state(stage):
    ann = stage.directory.user("ann")
    stage.read()
    stage.decide()
    stage.directory.modify(ann, title="Engineer")
    stage.read()

    stage.decide()

    (export,) = stage.space.queue.in_order(1)
    assert (export.operation, export.properties["jobTitle"]) == (Operation.ADD, "Engineer")


def test_what_was_tried_in_a_session_is_tried_again_in_it_once_it_changed(stage):
    ann = stage.directory.user("ann")
    stage.read()
    stage.decide()
    stage.database.conn.execute("UPDATE projection SET tried = 1")
    stage.database.conn.commit()
    stage.directory.modify(ann, title="Engineer")
    stage.read()
    before = list(stage.space.queue.in_order(1))

    stage.decide()

    assert (before, len(list(stage.space.queue.in_order(1)))) == ([], 1)


def test_a_full_synchronization_looks_at_every_object(stage):
    stage.directory.user("ann")
    stage.directory.group("staff")
    stage.read()
    stage.decide()
    stage.space.worklist.add_everything()

    exports = stage.decide()

    assert [export.properties["displayName"] for export in exports] == ["Ann", "Staff"]


def test_a_full_synchronization_finds_nothing_to_do_when_nothing_changed(world):
    ann = world.user("ann")
    world.group("staff", [ann])
    world.sync()

    run = world.sync("initial")

    assert [step.counts for step in run.steps[1:]] == [
        Counts(unchanged=2),
        Counts(unchanged=2),
        Counts(),
    ]


def test_nothing_is_left_on_the_list_of_a_synchronization(stage):
    stage.directory.user("ann")
    stage.read()
    before = stage.space.worklist.is_empty()

    stage.decide()

    assert (before, stage.space.worklist.is_empty()) == (False, True)


def test_two_entries_of_one_source_anchor_fail_as_one(stage):
    for name in ("ann", "bob"):
        stage.directory.user(name, **{"mS-DS-ConsistencyGuid": b"0123456789abcdef"})
    stage.read()

    stage.decide()

    (record,) = stage.space.failures.all()
    assert (record.failure.error, record.attempts) == ("AmbiguousSourceAnchor", 1)
    assert record.failure.message.startswith(f"uid=ann,{USERS} and uid=bob,{USERS} carry")


def test_a_source_anchor_that_another_entry_took_over_is_decided_on_once(world):
    guid = {"mS-DS-ConsistencyGuid": b"0123456789abcdef"}
    ann = world.user("ann", **guid)
    world.user("bob")
    world.sync()
    world.directory.remove(ann)
    world.user("anna", **guid)

    run = world.sync()

    synchronization = run.steps[2].counts
    assert (synchronization.updates, synchronization.deletes) == (1, 0)
    assert sorted(world.cloud) == ["Anna", "Bob"]


def test_a_synchronization_that_breaks_off_decides_nothing(stage):
    stage.directory.user("ann")
    stage.read()
    rules, stage.rules = stage.rules, None

    with pytest.raises(AttributeError):
        stage.decide()

    stage.rules = rules
    assert (stage.space.queue.count(), stage.dirty) == (0, 1)


def test_a_cured_object_is_no_longer_listed_as_failed(world):
    ann = world.user("ann", upn="", sAMAccountName=b"\xff", uid=b"\xff")
    world.user("bob")
    world.sync()
    before = [row["kind"] for row in world.errors()]
    world.directory.modify(ann, sAMAccountName="ann", uid="ann")

    world.sync()

    assert (before, world.errors()) == (["export"], [])


def test_deletes_come_before_everything_else_in_the_queue(world):
    for name in ("ann", "bob", "carl"):
        world.user(name)
    world.sync()
    world.directory.remove(f"uid=carl,{USERS}")
    world.directory.modify(f"uid=ann,{USERS}", title="Engineer")
    world.user("dora")
    sent: list[SyncObject] = []
    export = world.parts.tenant.export

    def recorded(batch, objects):
        sent.extend(objects)
        return export(batch, objects)

    world.parts.tenant.export = recorded

    world.sync()

    assert [item.operation for item in sent] == ["delete", "set", "set"]
