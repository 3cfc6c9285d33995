"""What a client may write to users and groups, and what it is told of the rest."""

from __future__ import annotations

import pytest

from connector.web.graph.refusals import Refusal
from connector.web.graph.written import MASTERED_ON_PREMISES, changed_properties, new_object

DOMAINS = ("contoso.com", "contoso.onmicrosoft.com")
ANN = {
    "accountEnabled": True,
    "displayName": "Ann",
    "mailNickname": "ann",
    "userPrincipalName": "ann@Contoso.com",
    "passwordProfile": {"password": "a secret", "forceChangePasswordNextSignIn": True},
}
DESK = {"displayName": "Desk", "mailEnabled": False, "mailNickname": "d", "securityEnabled": True}
BAD = "Request_BadRequest"


def refused(kind, given):
    with pytest.raises(Refusal) as refusal:
        changed_properties(kind, given, DOMAINS, synced=False)
    return refusal.value


def test_new_user_keeps_nothing_of_its_password() -> None:
    more = {"passwordPolicies": "DisablePasswordExpiration", "city": "", "otherMails": []}

    properties = new_object("user", ANN | more | {"@odata.type": "#microsoft.graph.user"}, DOMAINS)

    assert properties == {
        "accountEnabled": "true",
        "displayName": "Ann",
        "mailNickname": "ann",
        "userPrincipalName": "ann@Contoso.com",
    }


def test_names_may_have_any_case() -> None:
    given = {
        "AccountEnabled": True,
        "displayname": "Ann",
        "mailNickName": "ann",
        "userprincipalname": "ann@contoso.com",
        "PasswordProfile": {"Password": "a secret", "ForceChangePasswordNextSignIn": True},
        "onpremisesextensionattributes": {"ExtensionAttribute1": "a"},
        "@odata.type": "#microsoft.graph.user",
        "Manager@odata.bind": "",
    }

    properties = new_object("user", given, DOMAINS)

    assert properties == {
        "accountEnabled": "true",
        "displayName": "Ann",
        "mailNickname": "ann",
        "userPrincipalName": "ann@contoso.com",
        "onPremisesExtensionAttributes": {"extensionAttribute1": "a"},
    }


def test_a_name_in_another_case_is_no_way_around_the_directory() -> None:
    with pytest.raises(Refusal, match="on-premises mastered"):
        changed_properties("user", {"DISPLAYNAME": "Ann"}, DOMAINS, synced=True)


def test_new_group_is_a_security_group() -> None:
    given = DESK | {"description": "Help", "groupTypes": [], "visibility": "Public"}

    properties = new_object("group", given, DOMAINS)

    assert properties == {
        "description": "Help",
        "displayName": "Desk",
        "mailEnabled": "false",
        "mailNickname": "d",
        "securityEnabled": "true",
    }


@pytest.mark.parametrize(
    ("kind", "given", "message"),
    [
        *(
            (
                "user",
                {**ANN, name: None},
                f"A value is required for property '{name}' of resource 'User'.",
            )
            for name in ("accountEnabled", "displayName", "mailNickname", "userPrincipalName")
        ),
        *(
            (
                "group",
                {**DESK, name: None},
                f"A value is required for property '{name}' of resource 'Group'.",
            )
            for name in DESK
        ),
        *(
            (
                "user",
                {**ANN, "passwordProfile": profile},
                "A password must be specified to create a new user.",
            )
            for profile in (None, {}, {"forceChangePasswordNextSignIn": True}, "a secret")
        ),
    ],
)
def test_new_object_needs_what_graph_requires(kind, given, message) -> None:
    with pytest.raises(Refusal) as refusal:
        new_object(kind, given, DOMAINS)

    assert (refusal.value.status, refusal.value.code, refusal.value.message) == (400, BAD, message)


@pytest.mark.parametrize("given", [{"mailEnabled": True}, {"securityEnabled": False}])
def test_group_that_only_exchange_creates_is_refused(given) -> None:
    assert refused("group", given).message.startswith(
        "The service does not currently support writes of mail-"
    )


def test_change_clears_what_is_null_or_empty() -> None:
    given: dict[str, object] = {
        "city": None,
        "department": "",
        "businessPhones": [],
        "onPremisesExtensionAttributes": None,
    }

    properties = changed_properties("user", given, DOMAINS, synced=False)

    assert properties == {
        "city": "",
        "department": "",
        "businessPhones": [],
        "onPremisesExtensionAttributes": {},
    }


def test_extension_attributes_change_one_by_one() -> None:
    given = {
        "onPremisesExtensionAttributes": {"extensionAttribute1": "a", "extensionAttribute15": None}
    }

    properties = changed_properties("user", given, DOMAINS, synced=False)

    assert properties == {
        "onPremisesExtensionAttributes": {"extensionAttribute1": "a", "extensionAttribute15": ""}
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("displayName", None),
        ("displayName", ""),
        ("displayName", "x" * 257),
        ("mailNickname", "a b"),
        ("usageLocation", "Germany"),
        ("usageLocation", "D1"),
        ("userType", "Robot"),
        ("businessPhones", ["1", "2"]),
        ("businessPhones", [""]),
        ("businessPhones", None),
        ("otherMails", ["no address"]),
        ("onPremisesExtensionAttributes", {"extensionAttribute16": "x"}),
        ("onPremisesExtensionAttributes", {"extensionAttribute1": 1}),
        ("onPremisesExtensionAttributes", "x"),
        ("passwordProfile", {"password": ""}),
        ("passwordProfile", {"password": "a secret", "hint": "x"}),
        ("passwordProfile", "a secret"),
        ("passwordPolicies", "None, Never"),
        ("accountEnabled", None),
    ],
)
def test_value_that_does_not_fit_is_refused_and_not_told(name, value) -> None:
    refusal = refused("user", {name: value})

    assert refusal.message == f"Invalid value specified for property '{name}' of resource 'User'."
    assert refusal.details == [{"code": "InvalidValue", "message": refusal.message, "target": name}]


@pytest.mark.parametrize(
    ("name", "value", "type_"),
    [
        ("accountEnabled", "true", "Edm.Boolean"),
        ("displayName", 7, "Edm.String"),
        ("businessPhones", "1", "Collection(Edm.String)"),
        ("businessPhones", [1], "Collection(Edm.String)"),
    ],
)
def test_value_of_another_type_is_refused(name, value, type_) -> None:
    message = f"Cannot convert a value to the expected type '{type_}' of property '{name}'."

    assert refused("user", {name: value}).message == message


def test_principal_names_are_in_a_verified_domain() -> None:
    assert refused("user", {"userPrincipalName": "ann@elsewhere.example"}).message == (
        "The domain portion of the userPrincipalName property is invalid. You must use one of the "
        "verified domain names in your organization."
    )
    assert refused("user", {"userPrincipalName": "no name"}).message == (
        "Property userPrincipalName is invalid."
    )


@pytest.mark.parametrize(
    ("kind", "name", "status", "code", "message"),
    [
        (
            "user",
            "proxyAddresses",
            400,
            BAD,
            "Property 'proxyAddresses' is read-only and cannot be set.",
        ),
        ("group", "mail", 400, BAD, "Property 'mail' is read-only and cannot be set."),
        (
            "user",
            "nonsense",
            400,
            BAD,
            "Property 'nonsense' does not exist as a declared property or extension property.",
        ),
        ("user", "skills", 501, "NotImplemented", "skills of a user is not kept here."),
        (
            "group",
            "members@odata.bind",
            501,
            "NotImplemented",
            "members@odata.bind of a group is not kept here.",
        ),
    ],
)
def test_other_properties_are_refused_by_name(kind, name, status, code, message) -> None:
    refusal = refused(kind, {name: ["x"]})

    assert (refusal.status, refusal.code, refusal.message) == (status, code, message)


def test_type_of_another_resource_is_refused() -> None:
    assert refused("user", {"@odata.type": "#microsoft.graph.group"}).status == 400


@pytest.mark.parametrize("name", ["displayName", "passwordProfile", "proxyAddresses", "skills"])
def test_only_the_usage_location_of_a_synchronized_user_may_be_set(name) -> None:
    usage = changed_properties("user", {"usageLocation": "DE"}, DOMAINS, synced=True)
    with pytest.raises(Refusal) as refusal:
        changed_properties("user", {"usageLocation": "DE", name: "x"}, DOMAINS, synced=True)

    assert usage == {"usageLocation": "DE"}
    assert (refusal.value.code, refusal.value.message) == (BAD, MASTERED_ON_PREMISES)


def test_nothing_of_a_synchronized_group_may_be_set() -> None:
    with pytest.raises(Refusal, match="on-premises mastered"):
        changed_properties("group", {"description": "x"}, DOMAINS, synced=True)
