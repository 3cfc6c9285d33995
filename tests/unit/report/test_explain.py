"""One page on one object names who holds what it asks for, and the known issue behind an error."""

from __future__ import annotations

import pytest

from connector.assembly import rules_in_force
from connector.report.explain import Explainer, made_of
from tests.fakes import SUFFIX
from tests.world import World


@pytest.fixture
def world(tmp_path):
    with World(tmp_path / "var") as world:
        yield world


@pytest.fixture
def world_with(tmp_path):
    worlds = []

    def make(**sections):
        worlds.append(World(tmp_path / "var", **sections).__enter__())
        return worlds[-1]

    yield make
    for world in worlds:
        world.stop()


def explain(world, identity):
    explainer = Explainer(
        world.parts.space,
        world.tenant,
        rules_in_force(world.settings, world.parts.space, world.tenant),
        lambda _: None,
        world.settings.tenant.known_issues,
    )
    return explainer.explain(identity)


def test_a_display_name_is_explained(world):
    dn = world.user("carla", displayName="Carla Costa")
    world.sync()

    [page] = explain(world, "carla costa")

    assert page["directory"]["distinguishedName"] == dn


def test_an_object_of_the_cloud_alone_is_explained_by_its_name(world):
    world.tenant.administrator.add(
        "user", {"displayName": "Root", "userPrincipalName": "root@contoso.com"}
    )

    [page] = explain(world, "root")

    assert page["reason"] == "made in the cloud: the directory never had it"


def test_the_holder_of_any_address_is_named_where_nothing_matches(world):
    world.group("staff", proxies=["SMTP:joe@contoso.com"])
    world.sync()
    joe = world.user(
        "joe", upn="joe@contoso.com", proxies=["SMTP:j@contoso.com", "smtp:joe@contoso.com"]
    )
    world.sync()

    [page] = explain(world, joe)

    assert page["matching"] == {
        "match": "none",
        "with": "Staff",
        "id": world.cloud["Staff"]["id"],
        "reason": "Staff holds ProxyAddresses smtp:joe@contoso.com; nothing is matched by that",
    }
    assert [conflict["heldBy"]["displayName"] for conflict in page["conflicts"]] == ["Staff"]


def test_without_a_holder_it_says_that_nobody_has_the_addresses(world):
    ann = world.user("ann", displayName="x" * 300)
    world.sync()

    [page] = explain(world, ann)

    assert page["matching"] == {
        "match": "none",
        "reason": "no object of the cloud has its anchor or its addresses",
    }


def known(world, identity):
    """The known issues of an object, with their switches."""
    [page] = explain(world, identity)
    return [
        issue and (issue["name"], issue["switch"])
        for issue in (conflict["knownIssue"] for conflict in page["conflicts"])
    ]


def switch(world, name):
    others = [f'"{one}"' for one in world.settings.tenant.known_issues if one != name]
    return f"tenant.known_issues = [{', '.join(others)}]"


def test_a_user_whose_own_address_a_group_holds_meets_a_known_issue(world):
    world.group("staff", proxies=["SMTP:joe@contoso.com"])
    world.sync()
    joe = world.user("joe", upn="joe@contoso.com", proxies=["SMTP:joe@contoso.com"])
    world.sync()

    name = "upn-and-proxy-held-by-group"
    assert known(world, joe) == [(name, switch(world, name))]


def test_the_second_of_two_groups_meets_a_known_issue_once(world):
    groups = [world.group(name, proxies=["SMTP:all@contoso.com"]) for name in ("a", "b")]
    world.sync()
    before = [known(world, group) for group in groups]
    world.sync()

    name = "group-pair-fails-first"
    assert before == [[], [(name, switch(world, name))]]
    assert [known(world, group) for group in groups] == [[], [None]]


def test_an_ordinary_quarantine_is_no_known_issue(world):
    world.user("ann", upn="joe@contoso.com")
    world.sync()
    world.user("bob", upn="joe@contoso.com")
    world.sync()

    assert known(world, f"uid=bob,ou=users,{SUFFIX}") == [None]


def test_with_its_switch_off_nothing_is_a_known_issue(tmp_path):
    with World(tmp_path / "var", tenant={"known_issues": []}) as world:
        for name in ("a", "b"):
            world.group(name, proxies=["SMTP:all@contoso.com"])
        world.sync()

        assert known(world, f"cn=b,ou=groups,{SUFFIX}") == [None]


def test_an_administrator_is_said_not_to_be_matched(world_with):
    world = world_with(schedule={"staging_mode": True})
    properties = {"displayName": "Root", "userPrincipalName": "joe@contoso.com"}
    root = world.tenant.administrator.add("user", properties, admin_role=True)["id"]
    joe = world.user("joe")
    world.sync()

    [page] = explain(world, joe)

    assert page["matching"] == {
        "match": "none",
        "with": "Root",
        "id": root,
        "reason": "Root holds UserPrincipalName joe@contoso.com; it has an administrator role, and is "
        "not matched as long as that is so",
    }


@pytest.mark.parametrize("role", [True, False])
def test_who_has_an_administrator_role_is_said(world, role):
    properties = {"displayName": "Root", "userPrincipalName": "root@contoso.com"}
    world.tenant.administrator.add("user", properties, admin_role=role)

    [page] = explain(world, "root@contoso.com")

    assert page["cloud"].get("administratorRole", False) is role


def test_an_object_of_another_type_is_said_not_to_be_matched(world_with):
    world = world_with(schedule={"staging_mode": True})
    properties = {"displayName": "Desk", "proxyAddresses": ["SMTP:joe@contoso.com"]}
    world.tenant.administrator.add("contact", properties)
    joe = world.user("joe", proxies=["SMTP:joe@contoso.com"])
    world.sync()

    [page] = explain(world, joe)

    assert page["matching"]["match"] == "none"
    assert page["matching"]["reason"].endswith("; it is a contact")


@pytest.mark.parametrize(
    ("rule", "attributes", "told"),
    [
        ("Mine", {"sn": ["Berg"], "cn": ["Ann"]}, "sn, cn"),
        ("Mine", {}, "the rule itself"),
        ("In from AD - User Common", {}, "the entry itself"),
    ],
)
def test_a_property_says_of_what_it_was_made(rule, attributes, told):
    assert made_of({"rule": rule, "attributes": attributes}) == told
