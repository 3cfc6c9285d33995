"""Addresses are taken apart in one way, whatever a directory holds."""

from __future__ import annotations

from typing import Any

import pytest

from connector.values.addresses import ProxyAddress, address_key, fold, plain_keys, unique_keys


@pytest.mark.parametrize(
    ("text", "scheme", "address", "namespace", "key"),
    [
        ("SMTP:Joe@Contoso.com", "SMTP", "Joe@Contoso.com", "proxy", "joe@contoso.com"),
        ("smtp:joe@contoso.com", "smtp", "joe@contoso.com", "proxy", "joe@contoso.com"),
        ("Smtp:joe@contoso.com", "Smtp", "joe@contoso.com", "proxy", "joe@contoso.com"),
        (" smtp:joe@contoso.com\n", "smtp", "joe@contoso.com", "proxy", "joe@contoso.com"),
        ("smtp: joe@contoso.com", "smtp", " joe@contoso.com", "proxy", "joe@contoso.com"),
        ("sip:Joe@contoso.com", "sip", "Joe@contoso.com", "sip", "joe@contoso.com"),
        ("Sip: joe@contoso.com", "Sip", " joe@contoso.com", "sip", "joe@contoso.com"),
        ("x500:/o=Contoso/cn=a:b", "x500", "/o=Contoso/cn=a:b", "", "/o=contoso/cn=a:b"),
        ("proxy:joe@contoso.com", "proxy", "joe@contoso.com", "", "joe@contoso.com"),
        ("\u017fmtp:joe@contoso.com", "\u017fmtp", "joe@contoso.com", "", "joe@contoso.com"),
        ("Joe@contoso.com", "", "Joe@contoso.com", "", "joe@contoso.com"),
        (":joe@contoso.com", "", ":joe@contoso.com", "", ":joe@contoso.com"),
        ("smtp:", "smtp", "", "proxy", ""),
        ("", "", "", "", ""),
    ],
)
def test_an_address_is_split_at_its_first_colon(text, scheme, address, namespace, key):
    assert ProxyAddress.parse(text) == (text.strip(), scheme, address, namespace, key)


@pytest.mark.parametrize(
    ("text", "kind", "is_smtp", "is_primary"),
    [
        ("SMTP:joe@x", "smtp", True, True),
        ("smtp:joe@x", "smtp", True, False),
        ("Smtp:joe@x", "smtp", True, False),
        ("SMTP:nonsense", "smtp", True, True),
        ("SIP:joe@x", "sip", False, False),
        ("joe@x", "", False, False),
    ],
)
def test_the_prefix_tells_the_type_and_only_capitals_mark_the_primary(
    text, kind, is_smtp, is_primary
):
    proxy = ProxyAddress.parse(text)

    assert (proxy.kind, proxy.is_smtp, proxy.is_primary) == (kind, is_smtp, is_primary)


@pytest.mark.parametrize(
    ("text", "is_mailbox"),
    [
        ("smtp:joe@contoso.com", True),
        ("SMTP:j\u00f6e@contoso.com", True),
        (" smtp:joe@contoso.com ", True),
        ("smtp: joe@contoso.com", False),
        ("smtp:jo e@contoso.com", False),
        ("smtp:joe", False),
        ("smtp:@contoso.com", False),
        ("smtp:joe@", False),
        ("smtp:joe@ann@contoso.com", False),
        ("smtp:smtp:joe@contoso.com", False),
        ("smtp:(joe)@contoso.com", False),
        ("smtp:jo\u200be@contoso.com", False),
        ("smtp:jo\x07e@contoso.com", False),
        ("smtp :joe@contoso.com", False),
        ("sip:joe@contoso.com", False),
        ("joe@contoso.com", False),
    ],
)
def test_what_is_malformed_is_not_a_mailbox(text, is_mailbox):
    assert ProxyAddress.parse(text).is_mailbox is is_mailbox


def test_an_address_becomes_primary_and_secondary_without_another_change():
    joe = ProxyAddress.parse("smtp:Joe@contoso.com")

    assert joe.as_primary() == ProxyAddress.parse("SMTP:Joe@contoso.com")
    assert joe.as_primary().as_secondary() == joe
    assert ProxyAddress.primary("Joe@contoso.com") == joe.as_primary()
    assert ProxyAddress.secondary("Joe@contoso.com") == joe


def test_an_address_cannot_be_changed():
    address: Any = ProxyAddress.parse("smtp:joe@contoso.com")

    with pytest.raises(AttributeError):
        address.scheme = "SMTP"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Joe@Contoso.com", "joe@contoso.com"),
        ("SMTP:Joe@Contoso.com", "joe@contoso.com"),
        ("x500:Joe", "x500:joe"),
        ("sip:joe@contoso.com", "sip:joe@contoso.com"),
        ("joe", "joe"),
    ],
)
def test_only_the_prefix_of_smtp_is_no_part_of_a_key(text, key):
    assert address_key(text) == key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jo\u00eb@x", "jo\u00cb@x"),
        ("jo\u00eb@x", "joe\u0308@x"),
        ("stra\u00dfe@x", "STRASSE@x"),
    ],
)
def test_case_and_composition_do_not_count(one, other):
    assert fold(one) == fold(other)


def test_accents_count():
    assert fold("jo\u00eb@x") != fold("joe@x")


def test_the_unique_values_of_an_object_are_those_that_the_tenant_may_claim():
    properties = {
        "userPrincipalName": "Joe@contoso.com",
        "proxyAddresses": ["SMTP:Ann@contoso.com", "smtp:(a)@x.com", "sip:joe@x.com", "x500:joe"],
        "mail": " Mail@contoso.com",
        "onPremisesSecurityIdentifier": "S-1-5-21-7",
    }

    assert unique_keys(properties) == {
        "upn:joe@contoso.com",
        "proxy:joe@contoso.com",
        "proxy:ann@contoso.com",
        "proxy:mail@contoso.com",
        "sip:joe@x.com",
        "sid:s-1-5-21-7",
    }


def test_an_object_without_addresses_has_no_unique_values():
    assert unique_keys({"displayName": "Joe"}) == set()


@pytest.mark.parametrize(
    ("texts", "keys"),
    [
        (["SMTP:Joe@Contoso.com"], ["joe@contoso.com"]),
        (["smtp:a.b@x", "SMTP:smtp@smtp"], ["a.b@x", "smtp@smtp"]),
        (["smtp:a@x", "smtp:a@x"], ["a@x", "a@x"]),
        ([], None),
        ([""], None),
        (["smtp:a@x", "sip:a@x"], None),
        (["smtp:a@x", "smtp:ä@x"], None),
        (["smtp:a@x", "smtp:\u212a@x"], None),
        (["smtp:a@x\nsmtp:b@x"], None),
        (["smtp:a@x\n"], None),
        (["Smtp:a@x"], None),
        (["smtp:a"], None),
    ],
)
def test_usual_addresses_are_known_together(texts, keys):
    assert plain_keys(texts) == keys
    if keys is not None:
        assert [ProxyAddress.parse(text).key for text in texts] == keys
        assert all(ProxyAddress.parse(text).is_mailbox for text in texts)
