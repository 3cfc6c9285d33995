"""A group's owner decides its members, and an object's owner its manager, even if others own these."""

from __future__ import annotations

import copy
from contextlib import ExitStack
from uuid import UUID

import pytest

from connector.errors import TenantRefused, UnknownObject
from connector.operations import clients
from connector.staging.comparison import pending, with_tenant
from tests.world import World


@pytest.fixture(params=["file", "server"])
def world_of(request, tmp_path):
    """Make a world of its own on the tenant that all of them share."""
    with ExitStack() as stack:
        if request.param == "file":
            database = str(tmp_path / "shared" / "tenant.db")
        else:
            postgresql = request.getfixturevalue("postgresql")
            server = stack.enter_context(postgresql.database())
            database = postgresql.url(server.parameters["dbname"])

        def make(name, held=None, **tenant):
            made = World(tmp_path / name, held, tenant={"database": database} | tenant)
            return stack.enter_context(made)

        yield make


class Two:
    """Two connectors whose directories began as one: ann and bob are the first one's, the group the second's."""

    def __init__(self, world_of):
        self.one = world_of("one")
        self.ann, self.bob = self.one.user("ann"), self.one.user("bob")
        held = copy.deepcopy(self.one.directory)
        self.one.sync()
        self.two = world_of("two", held)
        self.staff = self.two.group("staff", [self.ann])
        self.runs = [self.two.sync()]

    def settle(self, *worlds):
        """Sync twice, and see that the second time changes nothing and nothing is left to do."""
        for world in worlds or (self.one, self.two):
            world.sync()
        for world in worlds or (self.one, self.two):
            again = world.sync()
            found = [step.counts for step in again.steps if step.name == "export"]

            assert [(each.adds, each.updates, each.deletes) for each in found] in ([], [(0, 0, 0)])
            assert [each.what for each in differences(world) if "add" not in each.what] == []

    @property
    def members(self):
        return members(self.two)


def members(world):
    shown = world.tenant.show(world.cloud["Staff"]["id"])
    return [member["displayName"] for member in shown["members"]]


def differences(world):
    database = world.parts.space.database
    return [*with_tenant(database, world.tenant.read_back(None)[0]), *pending(database)]


@pytest.fixture
def two(world_of):
    return Two(world_of)


def test_a_group_has_members_that_another_connector_owns(two):
    assert two.members == ["Ann"]
    two.settle()


def test_the_owner_of_a_group_adds_and_removes_them(two):
    two.two.directory.modify(two.staff, member=[two.bob])

    two.two.sync()

    assert two.members == ["Bob"]
    two.settle()


def test_a_member_that_its_owner_deletes_leaves_the_group_and_fails_nothing(two):
    two.two.group("all", [two.ann, two.bob])
    two.two.sync()
    two.one.directory.remove(two.ann)
    two.one.sync()
    run = two.two.sync()

    assert [error["error"] for error in run.errors] == ["AnchorOwnedByAnotherClient"] * 2
    assert two.members == []
    two.settle()


def test_a_member_that_comes_back_is_a_member_again(two):
    identity = UUID(bytes=two.one.directory.uuid(two.ann))
    two.one.directory.remove(two.ann)
    two.one.sync()
    two.two.sync()
    two.one.directory._new_identity = lambda: identity
    two.one.user("ann")
    two.one.sync()
    two.two.sync()

    assert two.members == ["Ann"]
    two.settle()


def test_what_was_taken_over_stays_a_member_and_can_be_removed(world_of):
    one = world_of("one")
    ann = one.user("ann")
    one.user("bob")
    held = copy.deepcopy(one.directory)
    staff = one.group("staff", [ann])
    one.sync()
    taker = world_of("two", held, take_over=True)
    taker.sync()
    one.sync()
    kept = members(one)
    one.directory.modify(staff, member=[])
    one.sync()

    assert kept == ["Ann"]
    assert members(one) == []
    assert differences(one) == differences(taker) == []


def test_what_was_taken_over_can_be_added_until_its_owner_deletes_it(world_of):
    one = world_of("one")
    ann = one.user("ann")
    one.user("bob")
    held = copy.deepcopy(one.directory)
    one.sync()
    taker = world_of("two", held, take_over=True)
    taker.sync()
    one.sync()
    one.group("staff", [ann])
    one.sync()
    added = members(one)
    held.remove(ann)
    taker.sync()
    one.sync()

    assert added == ["Ann"]
    assert members(one) == []
    assert differences(one) == differences(taker) == []
    assert list(pending(one.parts.space.database)) == []


def test_an_object_has_a_manager_that_another_connector_owns(two):
    two.two.user("eve", manager=two.ann)
    two.two.sync()
    managed = two.two.tenant.show(two.two.cloud["Eve"]["id"])["manager"]["displayName"]
    two.one.directory.remove(two.ann)
    two.one.sync()
    two.two.sync()
    after = two.two.tenant.show(two.two.cloud["Eve"]["id"]).get("manager")

    assert (managed, after) == ("Ann", None)
    two.settle()


def test_members_that_are_taken_over_stay_in_the_group(two):
    two.two.directory.modify(two.staff, member=[two.ann, two.bob])
    two.two.sync()
    clients.take_over(two.two.parts)
    two.settle()

    assert two.members == ["Ann", "Bob"]


def test_a_connector_that_is_gone_for_good_leaves_all_to_another(two):
    two.one.stop()
    [gone, _] = clients.described(two.two.parts)

    taken = clients.inherit(two.two.parts, client=gone["id"])["taken"]
    two.two.directory.remove(two.bob)
    two.two.sync()

    assert (len(taken), sorted(two.two.cloud)) == (2, ["Ann", "Staff"])
    assert [owned["objects"] for owned in clients.described(two.two.parts)] == [2]
    two.settle(two.two)


@pytest.mark.parametrize(("which", "error"), [("nobody", UnknownObject), ("self", TenantRefused)])
def test_only_another_connector_can_be_inherited_from(world_of, which, error):
    one = world_of("one")
    [this] = clients.described(one.parts)

    with pytest.raises(error):
        clients.inherit(one.parts, client=this["id"] if which == "self" else which)
