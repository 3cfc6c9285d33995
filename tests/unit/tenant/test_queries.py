"""The answers of the tenant: listings, identities, provisioning errors, counts."""

from __future__ import annotations

import itertools
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from connector.errors import UnknownObject
from connector.tenant.provisioning_errors import ErrorQuery
from connector.tenant.service import open_tenant
from tests.unit.tenant.verbs import contact, delete, group, members, sqlite_store, user

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.unit.tenant.verbs import World


def conflicts(world: World) -> None:
    """Ann holds the values that Bob, Desk and Carla want, in that order of time."""
    world.export(user("ann", "User@contoso.com", "SMTP:a@contoso.com"))
    world.export(user("bob", "User@contoso.com"))
    world.export(group("desk", "SMTP:A@contoso.com"))
    world.export(contact("carla", "smtp:a@contoso.com"))


def _count(steps: Iterator[int]) -> int:
    next(steps)
    return 0


def names(world: World, **query: Any) -> list[str]:
    found = world.tenant.provisioning_errors(ErrorQuery(**query))
    return [record.object.display_name for record in found]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["Bob", "Desk", "Carla"]),
        ({"property": "UserPrincipalName"}, ["Bob"]),
        ({"property": "ProxyAddresses"}, ["Desk", "Carla"]),
        ({"property": "ProxyAddresses", "value": "a@contoso.com"}, ["Desk", "Carla"]),
        (
            {"property": "ProxyAddresses", "value": "a@contoso.com", "case_sensitive": True},
            ["Carla"],
        ),
        (
            {"property": "ProxyAddresses", "value": "SMTP:A@contoso.com", "case_sensitive": True},
            ["Desk"],
        ),
        ({"value": "user@CONTOSO.com"}, ["Bob"]),
        ({"value": "user@contoso.com", "case_sensitive": True}, []),
        ({"search": "user"}, ["Bob"]),
        ({"search": "USER", "case_sensitive": True}, []),
        ({"search": "User", "case_sensitive": True}, ["Bob"]),
        ({"search": "CARL"}, ["Carla"]),
        ({"type": "group"}, ["Desk"]),
        ({"sort": "DisplayName"}, ["Bob", "Carla", "Desk"]),
        ({"sort": "DisplayName", "descending": True}, ["Desk", "Carla", "Bob"]),
        ({"sort": "DisplayName", "limit": 2}, ["Bob", "Carla"]),
        ({"limit": 0}, []),
    ],
)
def test_provisioning_errors_are_found(
    world: World, query: dict[str, object], expected: list[str]
) -> None:
    """Seed, Identifying objects: see all, by property, by value, by search, sorted, limited."""
    conflicts(world)

    assert names(world, **query) == expected


def test_provisioning_error_tells_all(world: World) -> None:
    conflicts(world)

    [record] = world.tenant.provisioning_errors(ErrorQuery(property="UserPrincipalName"))

    bob, ann = world.tenant.show("bob"), world.tenant.show("ann")
    assert record.object[:5] == (bob["id"], "user", "Bob", bob["userPrincipalName"], "bob")
    assert record[1:3] == ("UserPrincipalName", "User@contoso.com")
    assert record.occurred == bob["onPremisesProvisioningErrors"][0]["occurredDateTime"]
    assert record.holder is not None
    assert record.holder.id == ann["id"]


def test_provisioning_errors_follow_a_new_display_name(world: World) -> None:
    conflicts(world)

    world.export(user("bob", "User@contoso.com", displayName="Zed"))

    assert names(world, sort="DisplayName") == ["Carla", "Desk", "Zed"]
    assert names(world, search="zed") == ["Zed"]


def test_freed_value_has_no_holder(world: World) -> None:
    conflicts(world)

    world.export(user("ann", "ann@contoso.com", "SMTP:a@contoso.com"))

    [record] = world.tenant.provisioning_errors(ErrorQuery(property="UserPrincipalName"))
    assert record.holder is None


def test_holder_of_a_value_is_told(world: World) -> None:
    conflicts(world)

    found = [
        world.tenant.holder_of("UserPrincipalName", "USER@contoso.com"),
        world.tenant.holder_of("ProxyAddresses", "smtp:A@contoso.com"),
        world.tenant.holder_of("ProxyAddresses", "nobody@contoso.com"),
    ]

    assert [holder and holder.display_name for holder in found] == ["Ann", "Ann", None]


def test_objects_are_listed_by_name_and_type(world: World) -> None:
    conflicts(world)

    listed = {
        kind: [item["displayName"] for item in world.tenant.objects(kind)]
        for kind in (None, "user", "group", "contact")
    }

    assert listed == {
        None: ["Ann", "Bob", "Carla", "Desk"],
        "user": ["Ann", "Bob"],
        "group": ["Desk"],
        "contact": ["Carla"],
    }


@pytest.mark.parametrize(
    "identity",
    [
        "ANN@contoso.com",
        "info@contoso.com",
        "smtp:Info@contoso.com",
        "SIP:ann@contoso.com",
        "ann-anchor",
        "UID=ann, DC=contoso,dc=com",
    ],
)
def test_object_is_found_by_any_of_its_identities(world: World, identity: str) -> None:
    ann = user(
        "ann-anchor",
        "ann@contoso.com",
        "SMTP:info@contoso.com",
        "SIP:ann@contoso.com",
        displayName="Ann",
        onPremisesDistinguishedName="uid=ann,dc=contoso,dc=com",
    )
    [result] = world.export(ann)

    shown = world.tenant.show(identity)

    assert shown == world.tenant.show((result.cloud_anchor or "").removeprefix("User_").upper())
    assert shown["displayName"] == "Ann"


def test_an_address_with_its_type_is_looked_for_among_those_of_its_type_first(world: World) -> None:
    world.export(user("joe"), user("ann", None, "sip:joe@contoso.com"))
    world.export(user("bob", None, "smtp:joe@contoso.com"))

    found = [
        world.tenant.show(identity)["displayName"]
        for identity in ("joe@contoso.com", "smtp:JOE@contoso.com", "SIP: joe@contoso.com")
    ]

    assert found == ["Joe", "Bob", "Ann"]


def test_the_holder_of_a_sip_address_is_told(world: World) -> None:
    world.export(user("ann", None, "SIP:joe@contoso.com"))

    holder = world.tenant.holder_of("ProxyAddresses", "sip:JOE@contoso.com")

    assert holder is not None
    assert holder.display_name == "Ann"


def test_unknown_identity_is_explained(world: World) -> None:
    with pytest.raises(UnknownObject, match=r"'nobody@contoso.com'.*connector objects"):
        world.tenant.show("nobody@contoso.com")


def test_user_has_the_shape_of_graph(world: World) -> None:
    [result] = world.export(
        user("ann", jobTitle="Engineer", businessPhones=["1"], onPremisesSamAccountName="ann")
    )

    shown = world.tenant.show("ann")

    assert {name: value for name, value in shown.items() if value not in (None, [])} == {
        "id": (result.cloud_anchor or "").removeprefix("User_"),
        "objectType": "user",
        "displayName": "Ann",
        "mailNickname": "ann",
        "userPrincipalName": "ann@contoso.com",
        "onPremisesUserPrincipalName": "ann@contoso.com",
        "userType": "Member",
        "jobTitle": "Engineer",
        "businessPhones": ["1"],
        "onPremisesSamAccountName": "ann",
        "onPremisesImmutableId": "ann",
        "onPremisesSyncEnabled": True,
        "onPremisesLastSyncDateTime": "2026-11-23T08:01:00.000000Z",
        "createdDateTime": "2026-11-23T08:01:00.000000Z",
    }
    assert [
        shown[name] for name in ("proxyAddresses", "onPremisesProvisioningErrors", "otherMails")
    ] == [[], [], []]


def test_contact_has_the_shape_of_graph(world: World) -> None:
    """docs/sources.md 14.1: addresses and phones are collections."""
    world.export(
        contact(
            "carla",
            "SMTP:c@x.org",
            city="Bern",
            streetAddress="Gasse 1",
            mobilePhone="2",
            businessPhones=["1"],
        )
    )

    shown = world.tenant.show("carla")

    assert shown["addresses"] == [
        {
            "city": "Bern",
            "countryOrRegion": None,
            "officeLocation": None,
            "postalCode": None,
            "state": None,
            "street": "Gasse 1",
        }
    ]
    assert shown["phones"] == [
        {"number": "1", "type": "business"},
        {"number": "2", "type": "mobile"},
    ]


def test_provisioning_errors_have_the_shape_of_graph(world: World) -> None:
    conflicts(world)

    assert world.tenant.show("desk")["onPremisesProvisioningErrors"] == [
        {
            "category": "PropertyConflict",
            "occurredDateTime": "2026-11-23T08:03:00.000000Z",
            "propertyCausingError": "ProxyAddresses",
            "value": "SMTP:A@contoso.com",
        }
    ]


def test_counts_are_those_of_what_is_there(world: World) -> None:
    conflicts(world)

    assert world.tenant.counts() == (2, 1, 1, 3)


def test_soft_deleted_users_are_not_counted(world: World) -> None:
    conflicts(world)

    world.export(delete(user("ann")), delete(contact("carla")))

    assert world.tenant.counts()[:3] == (1, 1, 0)


def test_first_page_costs_the_same_however_many_objects_there_are(
    make_world: Callable[..., World],
) -> None:
    costs = []
    for size in (600, 2400):
        world = make_world()
        kinds = (user, group, contact)
        world.export(*(kinds[n % 3](f"{n * 7919 % size:04}") for n in range(size)))
        steps = itertools.count()
        sqlite_store(world.tenant).connection.set_progress_handler(partial(_count, steps), 100)
        first = next(world.tenant.objects())
        costs.append(next(steps))
        sqlite_store(world.tenant).connection.set_progress_handler(None, 0)
        assert first["displayName"] == "0000"

    assert costs[1] < 1.5 * costs[0]


def test_read_only_tenant_answers(world: World) -> None:
    conflicts(world)

    reader = open_tenant(world.path, world.settings, read_only=True)
    answers = (reader.counts(), reader.last_sweep(), len(list(reader.objects())))
    reader.close()

    assert answers == ((2, 1, 1, 3), None, 4)


NAMES = ("Zoe", "abe", "bert b", "Østberg", "Ömer", "Peer", "Abe")
AS_PEOPLE_SORT = ["Abe", "abe", "bert b", "Ömer", "Østberg", "Peer", "Zoe"]


def named(world: World) -> None:
    """Some users, and two groups of them; all but the first want the first one's UPN."""
    world.export(user("first"))
    for number, name in enumerate(NAMES):
        world.export(user(f"u{number}", "first@contoso.com", displayName=name))
    anchors = tuple(f"u{number}" for number in range(len(NAMES)))
    world.export(group("staff"))
    world.export(members(group("staff"), add=anchors))


def test_names_are_listed_as_people_sort_them(world: World) -> None:
    named(world)

    listed = [item["displayName"] for item in world.tenant.objects("user")]
    staff = [member["displayName"] for member in world.tenant.show("staff")["members"]]

    assert [name for name in listed if name != "First"] == AS_PEOPLE_SORT
    assert staff == AS_PEOPLE_SORT


@pytest.mark.parametrize("limit", [None, 100])
def test_provisioning_errors_are_sorted_as_people_sort_names(
    world: World, limit: int | None
) -> None:
    named(world)

    assert names(world, sort="DisplayName", limit=limit) == AS_PEOPLE_SORT
    assert names(world, sort="DisplayName", descending=True, limit=limit) == AS_PEOPLE_SORT[::-1]


def test_soft_deleted_users_are_listed_as_people_sort_names(world: World) -> None:
    named(world)

    world.export(*(delete(user(f"u{number}")) for number in range(len(NAMES))))

    deleted = [item["displayName"] for item in world.tenant.objects(deleted=True)]
    assert deleted == AS_PEOPLE_SORT


def objects(world: World, **query: Any) -> list[tuple[str, list[str]]]:
    """Return the objects that a query finds, and the values of their errors."""
    return [
        (item["displayName"], [error["value"] for error in item["onPremisesProvisioningErrors"]])
        for item in world.tenant.with_errors(ErrorQuery(**query))
    ]


def two_conflicts_each(world: World) -> None:
    """Ann holds three values; Bob and Carl want them all."""
    values = ("joe@contoso.com", "smtp:a@contoso.com", "smtp:b@contoso.com")
    world.export(user("ann", *values))
    world.export(user("bob", *values))
    world.export(user("carl", *values))


BOB = ("Bob", ["smtp:a@contoso.com", "smtp:b@contoso.com", "joe@contoso.com"])
CARL = ("Carl", BOB[1])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, [BOB, CARL]),
        ({"limit": 1}, [BOB]),
        ({"limit": 2}, [BOB, CARL]),
        ({"limit": 0}, []),
        ({"sort": "DisplayName", "descending": True, "limit": 2}, [CARL, BOB]),
        ({"search": "carl"}, [CARL]),
        ({"search": "nobody", "limit": 3}, []),
        (
            {"property": "UserPrincipalName"},
            [("Bob", ["joe@contoso.com"]), ("Carl", ["joe@contoso.com"])],
        ),
        (
            {"property": "ProxyAddresses", "value": "a@contoso.com", "limit": 1},
            [("Bob", ["smtp:a@contoso.com"])],
        ),
    ],
)
def test_objects_with_errors_come_once_with_what_was_asked_for(
    world: World, query: dict[str, Any], expected: list[tuple[str, list[str]]]
) -> None:
    two_conflicts_each(world)

    assert objects(world, **query) == expected


def test_an_object_with_many_errors_does_not_hide_the_next(world: World) -> None:
    addresses = [f"smtp:{number}@contoso.com" for number in range(20)]
    world.export(user("ann", None, *addresses), user("dora", "dora@contoso.com"))
    world.export(user("bob", None, *addresses))
    world.export(user("carl", "dora@contoso.com"))

    assert [name for name, _ in objects(world, limit=2)] == ["Bob", "Carl"]


def test_an_object_shows_its_directory_extensions(world: World) -> None:
    world.export(user("ann", extension_badge="B7"), user("bob"))

    shown = [item.get("extension_badge") for item in world.tenant.objects()]

    assert shown == ["B7", None]


def test_a_source_anchor_brings_back_what_the_cloud_had_of_its_user(world: World) -> None:
    ann = user("ann", city="Rome")
    world.export(ann)
    world.export(delete(ann))

    found = world.tenant.remembered(ann.source_anchor)

    assert found is not None
    assert '"city":"Rome"' in found
    assert world.tenant.remembered("nobody") is None
