"""LDAP has lists where Active Directory has one value: which of them counts, and for how long."""

from __future__ import annotations

import pytest

from tests.fakes import CLASSES, SUFFIX
from tests.world import World

USERS = f"ou=users,{SUFFIX}"


def person(world, rdn, **attributes):
    name, _, value = rdn.partition("=")
    given = {name: value, "displayName": "Carl", **attributes}
    return world.directory.add(f"{rdn},{USERS}", CLASSES["user"], **given)


def signs_in(world):
    """The sign-in name and the account of the one user."""
    (user,) = world.tenant.objects()
    return user["userPrincipalName"], user["onPremisesSamAccountName"]


@pytest.mark.parametrize("policy", ["delta", "initial"])
def test_a_second_uid_leaves_the_sign_in_name_as_it_was(world, policy):
    carl = person(world, "uid=carl")
    world.sync()
    world.directory.modify(carl, uid=["anton", "carl"])

    world.sync(policy)

    assert signs_in(world) == ("carl@contoso.com", "carl")


@pytest.mark.parametrize("values", [["anton", "carl"], ["carl", "anton"]])
def test_what_was_chosen_stays_while_it_is_there(world, values):
    carl = person(world, "cn=Carl", uid="carl")
    world.sync()
    world.directory.modify(carl, uid=values, title="Boss")

    world.sync()

    assert signs_in(world) == ("carl@contoso.com", "carl")


def test_what_was_chosen_and_is_gone_gives_way_to_the_first_of_the_directory(world):
    carl = person(world, "cn=Carl", uid="carl")
    world.sync()
    world.directory.modify(carl, uid=["otto", "anton"])

    world.sync()

    assert signs_in(world) == ("otto@contoso.com", "otto")


def test_a_rename_to_another_value_chooses_that_one(world):
    carl = person(world, "uid=carl")
    world.sync()
    world.directory.rename(carl, "uid=anton")
    world.directory.modify(f"uid=anton,{USERS}", uid=["anton", "carl"])

    world.sync()

    assert signs_in(world) == ("anton@contoso.com", "anton")


def test_an_answer_in_another_order_changes_nothing(world):
    carl = person(world, "cn=Carl", uid=["carl", "anton"], mail=["c@contoso.com", "a@contoso.com"])
    world.sync()
    world.directory.modify(carl, uid=["anton", "carl"], mail=["a@contoso.com", "c@contoso.com"])

    run = world.sync()

    assert [step.counts.updates for step in run.steps] == [0, 0, 0, 0]
    assert signs_in(world) == ("carl@contoso.com", "carl")


@pytest.mark.parametrize(
    ("attribute", "shown"),
    [
        ("displayName", lambda user: user["displayName"]),
        ("mail", lambda user: user["mail"]),
        ("sn", lambda user: user["surname"]),
        ("givenName", lambda user: user["givenName"]),
        ("telephoneNumber", lambda user: user["businessPhones"][0]),
        ("title", lambda user: user["jobTitle"]),
    ],
)
def test_every_attribute_with_one_value_keeps_it(world, attribute, shown):
    carl = person(world, "uid=carl", **{attribute: "b@contoso.com"})
    world.sync()
    world.directory.modify(carl, **{attribute: ["a@contoso.com", "b@contoso.com"]})

    world.sync()

    (user,) = world.tenant.objects()
    assert shown(user) == "b@contoso.com"


def test_a_base_without_a_domain_fails_nobody(tmp_path):
    with World(tmp_path, directory={"base_dn": "o=Contoso"}) as world:
        person(world, "uid=ann", displayName="Ann", mail="ann.lee@fabrikam.com")
        person(world, "uid=bob", displayName="Bob", mail="bob@elsewhere.example")
        person(world, "uid=cid", displayName="Cid")

        run = world.sync()

        upns = {name: user["userPrincipalName"] for name, user in world.cloud.items()}
        assert run.errors == []
        assert upns == {
            "Ann": "ann.lee@fabrikam.com",
            "Bob": "bob@contoso.com",
            "Cid": "cid@contoso.com",
        }


def test_a_base_without_a_domain_follows_the_domains_of_the_tenant(tmp_path):
    with World(
        tmp_path, directory={"base_dn": "o=Contoso"}, tenant={"verified_domains": []}
    ) as world:
        person(world, "uid=ann", displayName="Ann")
        world.sync()
        before = world.cloud["Ann"]["userPrincipalName"]
        world.tenant.administrator.set_domain("contoso.com", verified=True)

        world.sync()

        after = world.cloud["Ann"]["userPrincipalName"]
        assert (before, after) == ("ann@contoso.onmicrosoft.com", "ann@contoso.com")
