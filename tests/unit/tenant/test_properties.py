"""Properties that an administrator may set, and the refusal of all others."""

from __future__ import annotations

import pytest

from connector.errors import TenantRefused
from connector.tenant.properties import typed


def test_texts_get_the_types_of_graph() -> None:
    given = {
        "displayName": "Ann",
        "accountEnabled": "False",
        "proxyAddresses": "SMTP:ann@contoso.com",
        "businessPhones": ["1", "2"],
    }

    assert typed("user", given) == {
        "displayName": "Ann",
        "accountEnabled": False,
        "proxyAddresses": ["SMTP:ann@contoso.com"],
        "businessPhones": ["1", "2"],
    }


def test_an_empty_value_stands_for_none() -> None:
    assert typed("user", {"jobTitle": "", "accountEnabled": "", "proxyAddresses": ""}) == {
        "jobTitle": "",
        "accountEnabled": "",
        "proxyAddresses": [],
    }


@pytest.mark.parametrize(
    ("kind", "name", "hint"),
    [
        ("user", "userPrincipleName", "Did you mean userPrincipalName?"),
        ("user", "displayname", "Did you mean displayName?"),
        ("group", "proxyAddress", "Did you mean proxyAddresses?"),
        ("contact", "xyz", "There are: businessPhones, city, "),
        ("group", "userPrincipalName", "There are: description, displayName, "),
        ("contact", "onPremisesImmutableId", "There are: "),
        ("user", "onPremisesSyncEnabled", "Did you mean onPremisesImmutableId?"),
    ],
)
def test_an_unknown_property_is_refused_with_the_nearest(kind: str, name: str, hint: str) -> None:
    with pytest.raises(TenantRefused) as refused:
        typed(kind, {name: "x"})

    assert str(refused.value).startswith(
        f"A {kind} has no property '{name}' that can be set. {hint}"
    )


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("displayName", ["a", "b"], "displayName takes one value, and 2 were given."),
        ("accountEnabled", "maybe", "accountEnabled is true or false, not 'maybe'."),
        ("displayName", "\udcff", r"The value of displayName is no UTF-8 text: '\\udcff'."),
        ("displayName", 7, "displayName takes a text, not 7."),
        ("displayName", True, "displayName takes a text, not True."),
    ],
)
def test_a_value_that_does_not_fit_is_refused(name: str, value: object, message: str) -> None:
    with pytest.raises(TenantRefused, match=message):
        typed("user", {name: value})
