"""A comparison of identities: it finds what no delta told, and comes when it is due."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connector.errors import DirectoryUnavailable
from connector.run import Counts
from connector.staging.reconciliation import Reconciled
from tests.fakes import SUFFIX

USERS = f"ou=users,{SUFFIX}"
ENTRIES = 4
"""The suffix and the three units that are always there."""


def reconcile(stage):
    found: list[Reconciled] = []
    counts = stage.space.import_from(
        stage.directory, full=False, run=1, guard=lambda _: None, reconciled=found.append
    )
    return counts, *found


def test_nothing_differs_after_an_import(stage):
    stage.directory.user("ann")
    stage.read()

    assert reconcile(stage) == (Counts(), Reconciled(ENTRIES + 1, read=0, gone=0))


def test_what_the_directory_forgot_to_delete_is_removed(stage):
    ann, bob = stage.directory.user("ann"), stage.directory.user("bob")
    stage.read()
    stage.directory.forget(bob)
    told = stage.read()

    found = reconcile(stage)

    assert (told, found) == (Counts(), (Counts(deletes=1), Reconciled(ENTRIES + 1, 0, 1)))
    assert stage.names == [ann]


def test_what_is_not_listed_but_there_stays(stage):
    ann, bob = stage.directory.user("ann"), stage.directory.user("bob")
    stage.read()
    listed = list(stage.directory.identities())
    stage.directory.identities = lambda: iter(each for each in listed if each.dn != bob)

    counts, found = reconcile(stage)

    assert (counts.deletes, found.gone, stage.names) == (0, 0, [ann, bob])


def test_what_was_never_told_is_read(stage):
    stage.directory.user("ann")
    silent = stage.directory.user("bob")
    stage.directory.overlook(silent)
    stage.read()

    counts, found = reconcile(stage)

    assert (counts, found.read, silent in stage.names) == (Counts(adds=1), 1, True)


def test_another_change_mark_and_another_name_are_read(stage):
    ann, bob = stage.directory.user("ann"), stage.directory.user("bob")
    stage.read()
    for dn in (ann, bob):
        stage.directory.overlook(dn)
    stage.directory.modify(ann, title="Boss")
    renamed = stage.directory.rename(bob, "uid=robert")

    counts, found = reconcile(stage)

    assert (counts, found.read) == (Counts(updates=2), 2)
    assert stage.names == [ann, renamed]


def test_a_change_of_nothing_that_counts_is_read_once(stage):
    ann = stage.directory.user("ann")
    stage.read()
    stage.directory.overlook(ann)
    stage.directory.modify(ann, pwdLastSuccess="20261123080000Z")

    reads = [reconcile(stage)[1].read for _ in range(2)]

    assert reads == [1, 0]


def test_what_is_removed_goes_through_the_guard(stage):
    class Refused(Exception):
        pass

    def refuse(_removal):
        raise Refused

    ann = stage.directory.user("ann")
    stage.read()
    stage.directory.forget(ann)
    heard: list[Reconciled] = []

    with pytest.raises(Refused):
        stage.space.import_from(
            stage.directory, full=False, run=1, guard=refuse, reconciled=heard.append
        )
    assert (stage.names, heard) == ([ann], [])


def test_a_full_read_is_no_comparison(stage):
    stage.directory.user("ann")

    counts, *found = reconcile(stage)

    assert (counts, found) == (Counts(adds=1), [])


def test_it_comes_round_once_in_its_interval(world):
    world.user("ann")

    found = list[int]()
    for _ in range(5):
        world.sync()
        found.append(len(world.logged("import.reconciled")))

    # A cycle every half an hour; the first one reads everything.
    assert found == [0, 0, 1, 1, 2]


def test_it_comes_at_once_after_a_restart(daily):
    daily.user("ann")
    daily.sync()
    daily.directory.restart()

    for _ in range(2):
        daily.sync()

    assert [event["reason"] for event in daily.logged("import.reconciled")] == ["restart"]


def test_it_comes_at_once_after_a_lost_connection(daily):
    daily.user("ann")
    daily.sync()
    bob = daily.user("bob")
    daily.directory.fail_at(0, DirectoryUnavailable("the connection was closed"))
    lost = daily.sync()
    daily.directory.forget(bob)

    daily.sync()
    daily.sync()

    assert lost.result == "no-start-connection"
    assert [event["reason"] for event in daily.logged("import.reconciled")] == ["restart"]


def test_it_comes_when_it_is_asked_for(daily):
    ann = daily.user("ann")
    daily.user("bob")
    daily.sync()
    daily.directory.forget(ann)

    run = daily.sync("reconcile")

    assert (run.policy, run.steps[0].counts.deletes, set(daily.cloud)) == ("reconcile", 1, {"Bob"})
    (event,) = daily.logged("import.reconciled")
    assert event == {
        "run": run.number,
        "reason": "policy",
        "listed": ENTRIES + 1,
        "read": 0,
        "gone": 1,
    }


def test_it_never_comes_by_itself_with_an_interval_of_0(never):
    never.user("ann")
    never.sync()
    never.directory.restart()
    never.time += timedelta(days=2)

    never.sync()

    assert never.logged("import.reconciled") == []


def test_what_a_guard_stopped_is_found_again_and_goes_through_once_approved(daily):
    names = [daily.user(f"user{number:02}") for number in range(20)]
    daily.sync()
    for name in names[:15]:
        daily.directory.forget(name)
    stopped = daily.sync("reconcile")
    plan = daily.parts.space.deletions.plan()
    daily.parts.space.deletions.approve(plan.hash)

    run = daily.sync()

    assert (stopped.result, run.result) == ("stopped-import-shrunk", "success")
    assert len(daily.cloud) == 5
