"""Hostile values, through the public interface."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from connector.errors import TenantRefused, UnknownObject
from connector.tenant.provisioning_errors import ErrorQuery
from tests.unit.tenant.verbs import contact, user

if TYPE_CHECKING:
    from tests.unit.tenant.verbs import World


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("stra\u00dfe", "STRASSE", True),
        ("e\u0301t\u00e9", "\u00c9te\u0301", True),
        ("jose", "jos\u00e9", False),
        ("\u0131", "i", False),
        ("\u0130", "i\u0307", True),
        ("\u212a", "k", True),
        ("\uff4a\uff4f\uff45", "joe", False),
    ],
)
def test_values_are_compared_folded(world: World, one: str, other: str, *, same: bool) -> None:
    """docs/sources.md 15.3: NFC, then casefold; the text as given is kept."""
    world.export(user("ann", f"{one}@contoso.com"), contact("carla", f"SMTP:{one}@x.org"))

    world.export(user("bob", f"{other}@contoso.com"), contact("dora", f"smtp:{other}@x.org"))

    quarantined = [
        ("Bob", "UserPrincipalName", f"{other}@contoso.com"),
        ("Dora", "ProxyAddresses", f"smtp:{other}@x.org"),
    ]
    assert world.errors() == (quarantined if same else [])


@pytest.mark.parametrize(
    "name",
    [
        "'; DROP TABLE object; --",
        '"quoted" \\ back',
        "100%_wild",
        "tab\tnew\nline\x1b[31m",
        "\u202egnp.exe",
        "\U0001f600" * 50,
        "",
    ],
)
def test_any_text_comes_back_as_it_went_in(world: World, name: str) -> None:
    world.export(user("ann", displayName=name, description=name))

    shown = world.tenant.show("ann")

    assert (shown["displayName"], shown["description"]) == (name, name)
    assert [item["displayName"] for item in world.tenant.objects()] == [name]


@pytest.mark.parametrize("text", ["'", "%", "_", '"', "\\", "*", "a' OR '1'='1"])
def test_search_takes_every_text_literally(world: World, text: str) -> None:
    world.export(user("ann", "joe@contoso.com"), user("bob", "joe@contoso.com"))
    world.export(user("bob", "joe@contoso.com", displayName=f"B{text}b"))

    found = [
        r.object.display_name for r in world.tenant.provisioning_errors(ErrorQuery(search=text))
    ]

    assert found == [f"B{text}b"]
    assert list(world.tenant.provisioning_errors(ErrorQuery(search=f"{text}nothing"))) == []


@pytest.mark.parametrize("alias", ["a b", "\x01\x02", "...", "<script>", "'quote'", "\u00fc" * 100])
def test_routing_prefix_is_always_usable(world: World, alias: str) -> None:
    world.export(user("ann", "ann@unverified.org", mailNickname=alias[:64]))

    [result] = world.export(user("bob", "bob@unverified.org", mailNickname=alias[:64]))

    assert result.code in ("Success", "IdentityDataValidationFailed")
    for upn in world.upns().values():
        assert upn.isprintable()
        assert upn.count("@") == 1


@pytest.mark.parametrize(
    "given",
    [
        {"displayName": "a\0b"},
        {"businessPhones": ["1", "2\0"]},
        {"proxyAddresses": ["smtp:a@b.com\0"]},
        {"onPremisesExtensionAttributes": {"extensionAttribute1": "\0"}},
    ],
)
def test_nul_is_refused_and_what_looks_like_it_is_not(world: World, given: dict[str, Any]) -> None:
    texts = user("eve", description="a\\u0000b")

    refused, taken = world.export(user("ann", **given), texts)

    assert (refused.code, taken.code) == ("IdentityDataValidationFailed", "Success")
    assert world.tenant.counts().user == 1


def test_nul_is_nothing_that_anybody_can_ask_for(world: World) -> None:
    world.export(user("ann", "joe@contoso.com"), user("bob", "joe@contoso.com"))

    assert list(world.tenant.provisioning_errors(ErrorQuery(search="\0"))) == []
    assert world.tenant.named("\0", deleted=False) == []
    assert world.tenant.by_id(["\0"]) == {}
    with pytest.raises(UnknownObject):
        world.tenant.find("a\0")
    with pytest.raises(TenantRefused, match="NUL"):
        world.tenant.administrator.add("contact", {"displayName": "\0"})


def test_a_thousand_addresses_are_too_many(world: World) -> None:
    [result] = world.export(user("ann", None, *[f"smtp:a{n}@contoso.com" for n in range(1000)]))

    assert result.code == "LargeObject"


@pytest.mark.parametrize(
    "proxy",
    [
        "smtp:a@b.com\x01",
        "smtp:a\n@b.com",
        "smtp:\u202ea@b.com",
        "smtp:<a@b.com>",
        ":",
        "",
        "smtp:@",
    ],
)
def test_malformed_address_is_dropped(world: World, proxy: str) -> None:
    [result] = world.export(user("ann", None, proxy, "SMTP:ann@contoso.com"))

    assert result.code == "Success"
    assert world.proxies()["Ann"] == ["SMTP:ann@contoso.com"]
