"""What is written of an object, with all its properties."""

from __future__ import annotations

import pytest

from tests.unit.tenant.verbs import contact, group, user


@pytest.fixture
def errors(world):
    """Make an error of each kind; the group and the contact lose what others have."""
    world.export(user("ann", "ann@contoso.com", "SMTP:shared@contoso.com"))
    world.export(
        user("bob", "ann@contoso.com", "smtp:shared@contoso.com"),
        group("team", "smtp:shared@contoso.com"),
        contact("partner", "smtp:shared@contoso.com"),
    )


@pytest.mark.parametrize("kind", ["users", "groups", "contacts"])
def test_nothing_is_written_that_graph_does_not_have(graph, errors, kind):
    names = "objectType,targetAddress,description,onPremisesImmutableId,createdDateTime"
    chosen = f"{names},onPremisesDistinguishedName,exchange,shadow"
    found = {name for item in graph.every(f"/{kind}?$select={chosen}") for name in item}

    assert (
        found
        == {
            "users": {
                "id",
                "onPremisesImmutableId",
                "onPremisesDistinguishedName",
                "createdDateTime",
            },
            "groups": {"id", "description", "createdDateTime"},
            "contacts": {"id"},
        }[kind]
    )


def test_a_provisioning_error_has_the_names_of_the_service(graph, errors):
    found = graph.every("/users?$filter=displayName eq 'Bob'&$select=onPremisesProvisioningErrors")

    assert found[0]["onPremisesProvisioningErrors"] == [
        {
            "category": "PropertyConflict",
            "occurredDateTime": "2026-11-23T08:02:00Z",
            "propertyCausingError": property_,
            "value": value,
        }
        for property_, value in (
            ("UserPrincipalName", "ann@contoso.com"),
            ("ProxyAddresses", "smtp:shared@contoso.com"),
        )
    ]


@pytest.mark.parametrize("spelled", ["ProxyAddress", "ProxyAddresses"])
@pytest.mark.parametrize("kind", ["users", "groups", "contacts"])
def test_the_errors_of_every_type_are_found_without_a_header(graph, errors, kind, spelled):
    name = {"users": "Bob", "groups": "Team", "contacts": "Partner"}[kind]
    start = f"/{kind}?$filter=onPremisesProvisioningErrors/any"
    conditions = (
        "(x:x/category eq 'PropertyConflict')",
        "(o:o/category ne null)&$top=999&$select=Id,UserPrincipalName",
        f"(e:e/propertyCausingError eq '{spelled}' and e/value eq 'SMTP:SHARED@contoso.com')",
    )

    assert [len(graph.every(start + condition)) for condition in conditions] == [1, 1, 1]
    assert graph.names(start + conditions[0]) == [name]


def test_a_user_shows_what_the_directory_wants_and_what_it_got(graph, errors):
    url = (
        "/users?$filter=displayName eq 'Bob'&$select=userPrincipalName,onPremisesUserPrincipalName"
    )
    [found] = graph.every(url)

    assert found["onPremisesUserPrincipalName"] == "ann@contoso.com"
    assert found["userPrincipalName"].endswith("@contoso.onmicrosoft.com")


def test_extension_attributes_are_all_there(graph, world):
    world.export(user("ann", onPremisesExtensionAttributes={"extensionAttribute3": "x"}))
    found = graph.get("/users/ann@contoso.com?$select=onPremisesExtensionAttributes")
    values = found["onPremisesExtensionAttributes"]

    assert len(values) == 15
    assert {name: value for name, value in values.items() if value} == {"extensionAttribute3": "x"}


def test_a_contact_has_its_address_and_its_numbers(graph, world):
    world.export(
        contact("a", city="Bonn", country="Germany", businessPhones=["1"], faxNumber="2"),
        contact("b"),
    )
    first, second = graph.every("/contacts?$select=addresses,phones")

    assert first["addresses"][0]["countryOrRegion"] == "Germany"
    assert first["phones"] == [
        {"number": "1", "type": "business"},
        {"number": "2", "type": "businessFax"},
    ]
    assert (second["addresses"], second["phones"]) == ([], [])


def test_a_directory_extension_is_written_where_it_is_chosen(graph, world):
    owned = f"extension_{'0123456789abcdef' * 2}_badge"
    world.export(user("ann", "ann@contoso.com", extension_badge="B7"), user("bob"))

    found = graph.every(f"/users?$select=displayName,extension_badge,{owned}&$orderby=displayName")

    assert [[one[name] for name in ("displayName", "extension_badge", owned)] for one in found] == [
        ["Ann", "B7", "B7"],
        ["Bob", None, None],
    ]
    assert "extension_badge" not in graph.every("/users")[0]
