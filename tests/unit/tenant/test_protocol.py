"""The protocol between a sync client and the tenant: batches, results, read-back, memberships."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from connector.model import ObjectType, ShadowObject, SyncObject, SyncOperation
from connector.values.canonical import canonical
from tests.unit.tenant.verbs import contact, delete, group, members, sqlite_store, user

if TYPE_CHECKING:
    from tests.unit.tenant.verbs import World


def test_batch_that_is_sent_again_changes_nothing_and_answers_the_same(world: World) -> None:
    """The client may have died between the tenant's commit and its own."""
    objects = [user("ann", "joe@contoso.com"), user("bob", "joe@contoso.com"), user("eve", "eve")]
    first = world.tenant.export("one", objects)
    state = list(world.tenant.objects())

    assert world.tenant.export("one", objects) == first
    assert world.tenant.results("one") == first
    assert list(world.tenant.objects()) == state


def test_the_last_two_batches_are_remembered(world: World) -> None:
    """A client has one under way while it keeps the answers to the one before."""
    sent = [world.tenant.export(name, [user(name)]) for name in ("one", "two", "three")]

    assert [world.tenant.results(name) for name in ("one", "two", "three")] == [None, *sent[1:]]


def test_batch_that_breaks_off_leaves_no_trace(world: World) -> None:
    """One transaction a batch: what is repeated after a crash ends the same."""
    world.export(user("ann"))
    before = list(world.tenant.objects())
    connection = sqlite_store(world.tenant).connection
    connection.execute(
        "CREATE TEMP TRIGGER crash BEFORE INSERT ON settled_claim WHEN NEW.key = 'eve@contoso.com' "
        "BEGIN SELECT RAISE(ABORT, 'crash'); END"
    )

    with pytest.raises(sqlite3.DatabaseError, match="crash"):
        world.tenant.export("two", [user("ann", "new@contoso.com"), user("eve")])

    assert list(world.tenant.objects()) == before
    assert world.tenant.results("two") is None


def test_tenant_survives_a_reopening(world: World) -> None:
    world.tenant.export("one", [user("ann", "joe@contoso.com"), user("bob", "joe@contoso.com")])
    before = (list(world.tenant.objects()), world.tenant.results("one"))
    world.tenant.close()

    world.tenant = world.open()

    assert (list(world.tenant.objects()), world.tenant.results("one")) == before


def test_read_back_gives_the_shadow_not_what_became_of_it(world: World) -> None:
    """docs/sources.md 1.3: the engine "exports to AND imports from the shadow attribute"."""
    ann, bob = user("ann", "joe@contoso.com"), user("bob", "joe@contoso.com")
    results = world.export(ann, bob)

    back, _ = world.tenant.read_back(None)

    assert list(back) == [
        ShadowObject(
            item.source_anchor,
            result.cloud_anchor or "",
            ObjectType.USER,
            canonical(item.properties or {}),
            None,
        )
        for item, result in zip((ann, bob), results, strict=True)
    ]


def test_read_back_with_a_cookie_gives_what_changed_since(world: World) -> None:
    desk, carla = group("desk"), contact("carla", "SMTP:c@x.org")
    world.export(user("ann"), user("bob"), user("eve"), desk, carla)
    _, cookie = world.tenant.read_back(None)
    world.export(
        user("ann", jobTitle="Boss"), user("bob"), delete(user("eve")), delete(desk), delete(carla)
    )

    back, later = world.tenant.read_back(cookie)

    assert {item.source_anchor: item.properties for item in back} == {
        "ann": canonical(user("ann", jobTitle="Boss").properties or {}),
        "carla": None,
        "desk": None,
        "eve": None,
    }
    assert list(world.tenant.read_back(later)[0]) == []


def test_object_that_left_and_came_back_is_there(world: World) -> None:
    desk = group("desk")
    world.export(desk)
    _, cookie = world.tenant.read_back(None)
    world.export(delete(desk))
    world.export(desk)

    back, _ = world.tenant.read_back(cookie)

    assert [(item.source_anchor, item.properties is None) for item in back] == [("desk", False)]


def test_unchanged_object_writes_nothing(world: World) -> None:
    world.export(user("ann"))
    _, cookie = world.tenant.read_back(None)

    [result] = world.export(user("ann"))

    assert (result.action, world.tenant.read_back(cookie)[1]) == ("unchanged", cookie)


def test_memberships_are_added_removed_and_read_back(world: World) -> None:
    desk = group("desk")
    world.export(user("ann"), contact("carla", "SMTP:c@x.org"), user("bob"), desk, group("inner"))
    world.export(members(desk, add=("ann", "carla", "inner", "stranger")))
    first = world.tenant.show("desk")["members"]

    [result] = world.export(members(desk, add=("bob",), remove=("ann", "stranger")))

    assert [(item["displayName"], item["objectType"]) for item in first] == [
        ("Ann", "user"),
        ("Carla", "contact"),
        ("Inner", "group"),
    ]
    assert result.action == "updated"
    back = {item.source_anchor: item.members for item in world.tenant.read_back(None)[0]}
    assert back == {
        "ann": None,
        "bob": None,
        "carla": None,
        "desk": ["bob", "carla", "inner"],
        "inner": [],
    }


def test_members_are_read_back_only_where_they_changed(world: World) -> None:
    desk = group("desk")
    world.export(user("ann"), desk)
    world.export(members(desk, add=("ann",)))
    _, cookie = world.tenant.read_back(None)
    world.export(group("desk", description="new"))

    [back] = world.tenant.read_back(cookie)[0]

    assert back.members is None


def test_membership_that_is_there_already_changes_nothing(world: World) -> None:
    desk = group("desk")
    world.export(user("ann"), desk)
    world.export(members(desk, add=("ann",)))

    [result] = world.export(members(desk, add=("ann",), remove=("bob",)))

    assert result.action == "unchanged"


def test_group_and_members_may_come_in_one_object(world: World) -> None:
    desk = group("desk")
    both = SyncObject(
        desk.object_type,
        SyncOperation.SET,
        "desk",
        desk.properties,
        members(desk, add=("ann",)).member_changes,
    )

    world.export(user("ann"), both)

    assert [item["displayName"] for item in world.tenant.show("desk")["members"]] == ["Ann"]


def test_members_of_an_unknown_group_are_an_error(world: World) -> None:
    [result] = world.export(members(group("desk"), add=("ann",)))

    assert (result.code, result.action) == ("ObjectNotFound", "failed")


def test_deleted_group_has_no_members_left_when_it_comes_back(world: World) -> None:
    desk = group("desk")
    world.export(user("ann"), desk)
    world.export(members(desk, add=("ann",)))
    world.export(delete(desk))

    world.export(desk)

    assert world.tenant.show("desk")["members"] == []


def test_export_totals_are_kept(world: World) -> None:
    world.tenant.finalize_export(exported=3, failed=1)

    kept = world.tenant._store.state("last_export")
    assert kept is not None
    assert '"exported":3,"failed":1' in kept


def test_holder_of_a_quarantined_value_is_called_as_after_the_batch(world: World) -> None:
    world.export(user("bob", "joe@contoso.com"))

    first, _ = world.export(
        user("ann", "joe@contoso.com"), user("bob", "joe@contoso.com", displayName="Robert")
    )

    assert [one.held_by.display_name for one in first.quarantined] == ["Robert"]
