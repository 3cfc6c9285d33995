"""What an object asks for: each value in its field."""

from __future__ import annotations

from connector.tenant.objects import Policy
from connector.tenant.wanted import want
from connector.values.addresses import ProxyAddress

POLICY = Policy(
    initial_domain="contoso.onmicrosoft.com", verified=frozenset({"contoso.com"}), seed="1"
)


def test_each_value_that_an_object_asks_for_is_in_its_field() -> None:
    properties = {
        "mailNickname": "an",
        "proxyAddresses": ["SMTP:A@contoso.com"],
        "userPrincipalName": "Ann@contoso.com",
    }

    wanted = want(properties, "user", None, {}, POLICY)

    assert wanted._asdict() == {
        "properties": properties,
        "upn": "Ann@contoso.com",
        "upn_key": "ann@contoso.com",
        "alias": "an",
        "addresses": [ProxyAddress.parse("SMTP:A@contoso.com")],
        "upn_proxy": 0,
        "claims": [("proxy", "a@contoso.com"), ("upn", "ann@contoso.com")],
        "chosen_upn": None,
    }
