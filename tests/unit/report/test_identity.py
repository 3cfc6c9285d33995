"""An object is found by what it alone has, else by a name; nobody guesses between several."""

from __future__ import annotations

import pytest

from connector.errors import AmbiguousIdentity, UnknownObject
from connector.report.identity import cloud_identity, objects_meant
from tests.fakes import SUFFIX
from tests.world import World


@pytest.fixture
def world(tmp_path):
    with World(tmp_path / "var") as world:
        yield world


def cloud_id(world, identity, *, deleted=False):
    return cloud_identity(world.parts.space, world.tenant, identity, deleted=deleted)


def meant(world, identity):
    """Names and DNs of the objects that an identity means."""
    return [(one.name, one.dn) for one in objects_meant(world.parts.space, world.tenant, identity)]


@pytest.fixture
def carla(world):
    dn = world.user(
        "carla", displayName="Carla Costa", sAMAccountName="ccosta", cn="Carla M. Costa"
    )
    world.user("ann")
    world.sync()
    return dn


@pytest.mark.parametrize(
    "name",
    [
        "Carla Costa",
        "carla costa",
        "CCOSTA",
        "carla",
        "Carla M. Costa",
        "carla@contoso.com",
        f"UID=Carla,ou=users,{SUFFIX}",
    ],
)
def test_an_object_is_found_by_each_of_its_names(world, carla, name):
    assert cloud_id(world, name) == world.cloud["Carla Costa"]["id"]
    assert meant(world, name) == [("Carla Costa", carla)]


@pytest.mark.parametrize("name", ["Çağrı", "ÇAĞRI ÖZ", "c\u0327ag\u0306r\u0131 o\u0308z"])
def test_names_are_compared_in_any_case_and_composition(world, name):
    world.user("cagri", displayName="Çağrı Öz", cn="Çağrı")
    world.sync()

    found = meant(world, name)

    assert found == ([("Çağrı Öz", f"uid=cagri,ou=users,{SUFFIX}")] if name != "ÇAĞRI ÖZ" else [])


@pytest.mark.parametrize("name", ["Carl", "Costa", "", " ", "\udcff", "%", "a" * 100])
def test_a_part_of_a_name_and_what_is_not_one_find_nothing(world, carla, name):
    with pytest.raises(UnknownObject):
        cloud_id(world, name)

    assert meant(world, name) == []


def test_groups_contacts_and_objects_of_the_cloud_have_names_too(world, carla):
    staff = world.group("staff", [carla], displayName="All Staff")
    extern = world.contact("extern", "x@fabrikam.com", displayName="Ex Tern")
    world.sync()
    root = world.tenant.administrator.add(
        "user", {"displayName": "Root", "userPrincipalName": "root@contoso.com"}
    )

    assert [meant(world, name) for name in ("staff", "ex tern", "root")] == [
        [("All Staff", staff)],
        [("Ex Tern", extern)],
        [("Root", None)],
    ]
    assert cloud_id(world, "ROOT") == root["id"]


def test_several_objects_of_a_name_are_listed_with_what_tells_them_apart(world):
    users = [world.user(f"john{n}", displayName="John Smith") for n in range(2)]
    world.sync()
    cloud = world.tenant.administrator.add(
        "user", {"displayName": "john smith", "userPrincipalName": "js@contoso.com"}
    )

    for look in (cloud_id, meant):
        with pytest.raises(AmbiguousIdentity) as refused:
            look(world, "John Smith")

        assert sorted(str(refused.value).splitlines()) == sorted(
            [
                "3 objects are called John Smith. Name one of them:",
                *(f"  {dn} (user, John Smith)" for dn in users),
                f"  {cloud['id']} (user, john smith, in the cloud alone)",
            ]
        )


def test_a_name_with_a_line_break_stays_on_its_line(world):
    for number in range(2):
        world.user(f"eve{number}", displayName="Eve\nconnector: done", cn="Eve")
    world.sync()

    with pytest.raises(AmbiguousIdentity) as refused:
        cloud_id(world, "Eve")

    assert [line.partition("(")[2] for line in str(refused.value).splitlines()[1:]] == [
        r"user, Eve\u000aconnector: done)"
    ] * 2


def test_of_very_many_ten_are_listed_and_the_rest_is_counted(world):
    for number in range(13):
        world.user(f"john{number}", displayName="John Smith")
    world.sync()

    with pytest.raises(AmbiguousIdentity) as refused:
        cloud_id(world, "John Smith")

    first, *listed, last = str(refused.value).splitlines()
    assert (first[:10], len(listed), last) == ("13 objects", 10, "  and 3 more")


def test_what_an_object_alone_has_goes_before_a_name_of_others(world):
    world.user("ann", upn="bob@contoso.com")
    world.user("eve", displayName="bob@contoso.com")
    world.sync()

    assert cloud_id(world, "bob@contoso.com") == world.cloud["Ann"]["id"]
    assert meant(world, "bob@contoso.com") == [("Ann", f"uid=ann,ou=users,{SUFFIX}")]


def test_a_name_of_a_deleted_user_means_it_where_no_other_has_it(world, carla):
    gone = world.cloud["Carla Costa"]["id"]
    world.directory.remove(carla)
    world.sync()

    with pytest.raises(UnknownObject):
        cloud_id(world, "Carla Costa")

    assert cloud_id(world, "carla costa", deleted=True) == gone
    assert meant(world, "ccosta") == [("Carla Costa", carla)]
