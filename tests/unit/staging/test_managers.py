"""Managers: one reference by DN, resolved and followed as memberships are, sent by source anchor."""

from __future__ import annotations

import pytest

from connector.assembly import rules_in_force
from connector.report.explain import Explainer
from connector.rules.chain import Chain
from connector.rules.ruleset import Rules
from connector.settings import DirectorySettings
from tests.fakes import SUFFIX

USERS, GROUPS = f"ou=users,{SUFFIX}", f"ou=groups,{SUFFIX}"
BOB = f"uid=bob,{USERS}"


def manager(world, identity="ann@contoso.com", shown="manager"):
    found = world.tenant.show(identity)[shown]
    return found and found["displayName"]


def after_each(world, cycles=3):
    """Return Ann's manager after each of some cycles."""
    found = []
    for _ in range(cycles):
        world.sync()
        found.append(manager(world))
    return found


@pytest.fixture
def ann(world):
    """Ann, whose manager is Bob; both are synced."""
    world.user("bob")
    entry = world.user("ann", manager=BOB)
    world.sync()
    return entry


def test_users_contacts_and_groups_show_who_manages_them(world):
    world.user("bob")
    world.user("ann", manager=BOB)
    world.contact("cid", "cid@contoso.com", manager=BOB)
    staff = world.group("staff", [BOB], managedBy=BOB)

    world.sync()

    bob = world.cloud["Bob"]
    shown = {"id": bob["id"], "objectType": "user", "displayName": "Bob"}
    assert world.tenant.show("ann@contoso.com")["manager"] == shown
    assert world.tenant.show(world.cloud["Cid"]["id"])["manager"] == shown
    assert world.tenant.show(staff)["managedBy"] == shown
    assert [each["displayName"] for each in world.tenant.show(staff)["members"]] == ["Bob"]
    assert manager(world, "bob@contoso.com") is None
    assert all("manager" not in each and "managedBy" not in each for each in world.cloud.values())


def test_a_manager_who_arrives_later_is_resolved_then(world):
    world.user("ann", manager=BOB)
    world.sync()
    before = manager(world)
    world.user("bob")

    run = world.sync()

    assert (before, manager(world)) == (None, "Bob")
    assert (run.steps[-1].counts.adds, run.steps[-1].counts.updates) == (1, 1)


def test_a_first_sync_counts_and_logs_a_managed_user_once(world):
    world.user("ann", manager=BOB)
    world.user("bob", manager=f"uid=ann,{USERS}")

    run = world.sync()

    assert (manager(world), manager(world, "bob@contoso.com")) == ("Bob", "Ann")
    assert (run.steps[-1].counts.adds, run.steps[-1].counts.updates) == (2, 0)
    assert world.logged("object.updated") == []


@pytest.mark.parametrize("cycles_before", [0, 1])
def test_a_renamed_manager_stays_however_late_the_directory_rewrites_it(world, ann, cycles_before):
    robert = world.directory.rename(BOB, "uid=robert")
    found = after_each(world, cycles_before)
    world.directory.rewrite({BOB: robert})

    assert [*found, *after_each(world)] == ["Bob"] * (cycles_before + 3)


def test_a_manager_who_is_renamed_and_named_anew_is_the_same(world, ann):
    robert = world.directory.rename(BOB, "uid=robert")
    world.directory.modify(ann, manager=robert)
    world.directory.modify(robert, displayName="Robert")

    world.sync()

    assert manager(world) == "Robert"
    assert [f["attributes"] for f in world.logged("object.updated")] == [
        ("displayName", "onPremisesDistinguishedName")
    ]


def test_a_name_that_names_nobody_the_second_time_is_no_manager(world, ann):
    world.directory.rename(BOB, "uid=robert")

    assert after_each(world) == ["Bob", None, None]


def test_a_manager_who_is_deleted_is_none_and_who_takes_his_name_inherits_nobody(world, ann):
    world.directory.remove(BOB)
    world.sync()
    before = manager(world)
    world.directory.rewrite({BOB: None})
    world.user("bob", displayName="Bobby")

    assert [before, *after_each(world)] == [None] * 4


def test_a_manager_who_left_the_scope_and_returns(world, ann):
    world.directory.modify(BOB, adminDescription="User_NoSync")
    away = after_each(world, 1)
    world.directory.modify(BOB, adminDescription=[])

    assert [*away, *after_each(world, 2)] == [None, "Bob", "Bob"]


def test_another_manager_and_none(world, ann):
    cid = world.user("cid")
    world.directory.modify(ann, manager=cid)
    world.sync()
    other = manager(world)
    world.directory.modify(ann, manager=[])

    run = world.sync()

    assert (other, manager(world)) == ("Cid", None)
    assert run.steps[-1].counts.updates == 1
    assert world.logged("object.updated")[-1]["attributes"] == ["manager"]


def test_of_several_the_first_by_name_counts_and_stays_while_it_is_there(world):
    world.user("bob")
    world.user("cid")
    ann = world.user("ann", manager=[f"uid=cid,{USERS}", f"uid=dan,{USERS}"])
    found = after_each(world, 1)
    world.directory.modify(ann, manager=[BOB, f"uid=cid,{USERS}"])
    found += after_each(world, 1)
    world.directory.modify(ann, manager=[f"uid=dan,{USERS}", BOB])

    assert [*found, *after_each(world, 1)] == ["Cid", "Cid", "Bob"]


def test_a_manager_with_another_source_anchor_is_another_object(world, ann):
    world.directory.remove(BOB)
    world.user("bob", displayName="Bobby")

    world.sync()
    world.sync()

    assert manager(world) == "Bobby"


def test_a_manager_whom_an_administrator_deletes_comes_back_with_his_reports(world, ann):
    world.tenant.administrator.delete("bob@contoso.com")
    deleted = manager(world)

    assert [deleted, *after_each(world, 2)] == [None, "Bob", "Bob"]


def test_a_managed_user_who_is_deleted_and_returns_has_the_manager_again(world, ann):
    world.directory.modify(ann, adminDescription="User_NoSync")
    world.sync()
    world.directory.modify(ann, adminDescription=[])

    world.sync()

    assert manager(world) == "Bob"
    assert list(world.parts.space.compare(world.directory, world.tenant)) == []


def test_what_the_cloud_lost_is_told_again(world, ann):
    with world.tenant._store.transaction():
        world.tenant._store.connection.execute("DELETE FROM manager")
    differs = [each.what for each in world.parts.space.compare(world.directory, world.tenant)]

    world.sync("initial")

    assert differs == ["another manager than was exported"]
    assert manager(world) == "Bob"


def test_all_managers_gone_at_once_stop_the_import(world):
    world.user("bob")
    names = [world.user(f"user{number}", manager=BOB) for number in range(30)]
    world.sync()
    for name in names:
        world.directory.modify(name, manager=[])

    run = world.sync()

    assert run.result == "stopped-attribute-loss"
    assert manager(world, "user7@contoso.com") == "Bob"


def test_explain_says_why_a_manager_does_not_count(world):
    ann = world.user("ann", manager=BOB)
    eve = world.user("eve", manager=f"uid=dan,{USERS}")
    world.user("dan", adminDescription="User_NoSync")
    world.sync()
    rules = rules_in_force(world.settings, world.parts.space, world.tenant)
    explainer = Explainer(world.parts.space, world.tenant, rules, lambda _: None)

    unknown, excluded = explainer.explain(ann)[0], explainer.explain(eve)[0]
    world.user("bob")
    world.sync()
    known = explainer.explain(ann)[0]

    key = BOB.lower()
    assert unknown["manager"] == {
        "property": "manager",
        "rule": "In from AD - User Common",
        "referenced": [key],
        "value": None,
        "pending": True,
        "reason": f"the search has no {key}: it counts when it arrives",
    }
    assert "is not synced" in excluded["manager"]["reason"]
    assert (known["manager"]["value"], known["manager"]["pending"]) == (BOB, False)


def test_objects_of_a_type_whose_rule_is_disabled_get_no_manager(stage):
    stage.directory.user("bob")
    stage.directory.user("ann", manager=BOB)
    stage.directory.group("staff", managedBy=BOB)
    stage.read()
    chain = Chain({}, disabled=frozenset({"In from AD - User Common"}))
    settings = DirectorySettings(url=("ldap://memory",), base_dn=SUFFIX)

    with stage.space.synchronizing("2026-11-23T08:00:00Z") as synchronization:
        synchronization.unmanaged = Rules(settings, chain=chain).unmanaged
        for work in synchronization.work():
            synchronization.put(stage.rules.decide(work).export)

    managed = "SELECT p.type FROM wanted_manager w JOIN projection p ON p.id = w.object"
    assert stage.rows(managed) == ["group"]
