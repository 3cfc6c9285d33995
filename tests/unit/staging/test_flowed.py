"""What an import works out of entries is what they flow by, until something about them needs another look."""

from __future__ import annotations

import pytest

from connector.staging import flowed
from tests.fakes import SUFFIX
from tests.properties.views import texts_astray
from tests.world import World

BOTH = """SELECT count(*), count(e.text), count(t.id) FROM entry e
    LEFT JOIN projection p ON p.anchor = e.anchor
    LEFT JOIN text t ON t.id = e.text AND t.id = p.told WHERE e.type IS NOT NULL"""


def rows(world, sql=BOTH):
    return world.parts.space._database.conn.execute(sql).fetchall()


def test_what_the_cloud_was_told_is_the_text_that_the_import_worked_out(world):
    world.user("ann", mail="ann@contoso.com")
    world.group("staff", [world.user("bob")])

    world.sync()

    assert rows(world) == [(3, 3, 3)]
    assert rows(world, "SELECT count(*) FROM text") == [(3,)]


def test_an_unusual_entry_is_left_to_the_rules(world):
    world.user("ann", title=["Engineer", "Manager"])

    world.sync()

    assert rows(world) == [(1, 0, 0)]
    assert world.cloud["Ann"]["jobTitle"] == "Engineer"


def test_a_change_leaves_one_text_behind(world):
    ann = world.user("ann")
    world.sync()
    world.directory.modify(ann, title="Engineer")

    world.sync()

    assert rows(world) == [(1, 1, 1)]
    assert world.cloud["Ann"]["jobTitle"] == "Engineer"
    assert texts_astray(world) == []


def test_a_change_that_does_not_flow_changes_nothing_in_the_cloud(world):
    ann = world.user("ann")
    world.sync()
    world.directory.modify(ann, adminDescription="seen")

    run = world.sync()

    assert (run.steps[-2].counts.unchanged, run.steps[-1].counts.updates) == (1, 0)
    assert texts_astray(world) == []


def test_a_removed_entry_leaves_no_text_behind(world):
    ann = world.user("ann")
    world.user("bob")
    world.sync()
    world.directory.remove(ann)

    world.sync()

    assert rows(world, "SELECT count(*) FROM text") == [(1,)]


def test_what_other_rules_worked_out_is_forgotten_and_the_cloud_stays_as_it_is(world):
    ann = world.user("ann")
    world.sync()
    database = world.parts.space._database
    with database.conn:
        flowed.keep_version(database, "other rules")
    world.directory.modify(ann, title="Engineer")

    run = world.sync()

    assert rows(world) == [(1, 1, 1)]
    assert run.steps[-1].counts.updates == 1
    assert texts_astray(world) == []


@pytest.mark.parametrize(
    ("scope", "reason"),
    [
        ({"exclude": [f"ou=users,{SUFFIX}"]}, "unit-excluded"),
        ({"pilot_group": f"cn=pilots,ou=groups,{SUFFIX}"}, "pilot-group"),
        ({"scope": ["title EQUAL 'Engineer'"]}, "scoping-filter"),
    ],
)
def test_the_scope_decides_on_what_was_worked_out(tmp_path, scope, reason):
    with World(tmp_path, directory=scope) as world:
        world.user("ann")

        world.sync()

        assert world.cloud == {}
        assert rows(world, "SELECT reason FROM excluded") == [(reason,)]


def test_entries_that_share_a_source_anchor_are_not_projected_by_the_way(world):
    guid = b"0123456789abcdef"
    for name in ("ann", "bob"):
        world.user(name, **{"mS-DS-ConsistencyGuid": guid})
    world.user("carl")

    run = world.sync()

    assert [*world.cloud] == ["Carl"]
    assert (run.steps[-2].counts.adds, run.steps[-2].counts.errors) == (1, 1)


def test_an_entry_that_takes_another_anchor_leaves_its_text_to_the_old_one(world):
    ann = world.user("ann")
    world.sync()
    world.directory.modify(ann, **{"mS-DS-ConsistencyGuid": b"0123456789abcdef"})
    world.sync()
    world.user("bob")
    world.sync()
    world.tenant.administrator.delete("ann@contoso.com")

    world.sync()

    assert texts_astray(world) == []
