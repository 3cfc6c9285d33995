"""The import from the tenant: it confirms exports, and finds what the connector space forgot."""

from __future__ import annotations

from connector.model import ObjectType, ShadowObject
from connector.run import Counts


class Cloud:
    """A tenant that returns the objects it was given, and counts its full read-backs."""

    def __init__(self, *shadows):
        self.shadows = shadows
        self.cookies = []

    def read_back(self, cookie):
        self.cookies.append(cookie)
        return iter(() if cookie == "2" else self.shadows), "2"

    def refusal(self, _cookie):
        return None


def shadow(anchor="a", properties="{}", members=None):
    return ShadowObject(anchor, f"User_{anchor}", ObjectType.USER, properties, members)


def counts(world):
    return world.parts.space.read_back(world.parts.tenant, full=False)


def test_what_comes_back_as_it_was_exported_is_confirmed(world):
    world.user("ann", upn="joe@contoso.com")
    world.user("bob", upn="joe@contoso.com")
    world.sync()

    confirmed = counts(world)

    assert confirmed == Counts(unchanged=2)
    assert world.parts.space.worklist.is_empty()


def test_a_read_back_without_news_returns_nothing(world):
    world.user("ann")
    world.sync()
    counts(world)

    assert counts(world) == Counts()


def test_what_comes_back_other_than_exported_is_exported_again(world):
    world.user("ann")
    world.sync()
    space, tenant = world.parts.space, world.parts.tenant
    (held,) = list(tenant.read_back(None)[0])
    space.read_back(Cloud(held._replace(properties='{"displayName":"Anna"}')), full=True)

    run = world.sync("initial")

    assert (run.steps[1].counts.updates, run.steps[1].result) == (1, "completed-warnings")
    assert list(world.cloud) == ["Ann"]


def test_an_object_that_left_the_tenant_is_forgotten(stage):
    stage.space.read_back(Cloud(shadow("a"), shadow("b")), full=False)

    found = stage.space.read_back(Cloud(shadow("a"), shadow("b", None)), full=True)

    assert found == Counts(deletes=1, unchanged=1)
    assert stage.rows("SELECT anchor FROM cloud_entry") == ["a"]
    assert set(stage.rows("SELECT anchor FROM dirty")) == {"a", "b"}


def test_an_object_that_vanished_from_the_tenant_is_added_again(world):
    ann = world.user("ann")
    world.sync()
    world.sync()
    world.parts.tenant.read_back = vanished(world.parts.tenant)

    run = world.sync()

    assert (run.steps[1].counts.deletes, run.steps[2].counts.adds) == (1, 1)
    assert world.tenant.show(ann)["displayName"] == "Ann"


def vanished(tenant):
    """Let the next read-back say that every object is gone."""
    (held,) = list(tenant.read_back(None)[0])
    cookie = tenant.read_back(None)[1]
    answers = [(iter([held._replace(properties=None, members=None)]), f"{cookie}0")]
    return lambda _cookie: answers.pop() if answers else (iter(()), f"{cookie}0")


def test_members_that_the_tenant_has_and_the_connector_space_does_not_are_taken_over(stage):
    stage.space.read_back(Cloud(shadow("g", members=["a", "b"])), full=False)

    stage.space.read_back(Cloud(shadow("g", members=["b", "c"])), full=True)

    assert stage.rows("SELECT grp, member FROM cloud_member ORDER BY 1, 2") == [
        ("g", "b"),
        ("g", "c"),
    ]


def test_members_that_did_not_change_are_left_alone(stage):
    stage.space.read_back(Cloud(shadow("g", members=["a"])), full=False)

    stage.space.read_back(Cloud(shadow("g", members=None)), full=True)

    assert stage.rows("SELECT grp, member FROM cloud_member") == [("g", "a")]


def test_the_cookie_of_the_tenant_is_kept_and_forgotten_on_demand(stage):
    cloud = Cloud(shadow())

    for full in (False, False, True):
        stage.space.read_back(cloud, full=full)

    assert cloud.cookies == [None, "2", None]


def test_a_lost_connector_space_finds_its_objects_again_by_source_anchor(world):
    ann = world.user("ann")
    world.group("staff", [ann])
    world.sync()
    before = sorted(item["id"] for item in world.tenant.objects())
    path = world.settings.storage.path
    world.parts.space.close()
    for file in path.glob("connector-space.db*"):
        file.unlink()
    world.restart()

    run = world.sync()

    assert run.steps[-1].counts == Counts()
    assert sorted(item["id"] for item in world.tenant.objects()) == before
