from __future__ import annotations

import pytest

from connector.values.hosts import is_domain, is_loopback


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.8.8.8", "::1"])
def test_this_machine_is_local(host):
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "127.evil.example",
        "127.1",
        "2130706433",
        "0x7f000001",
        "127.0.0.1 ",
        "::1.x",
        "::ffff:10.0.0.1",
        "10.0.0.1",
    ],
)
def test_what_only_looks_like_this_machine_is_not_local(host):
    assert not is_loopback(host)


@pytest.mark.parametrize("name", ["contoso.com", "contoso.local", "münchen.example", "a.b"])
def test_a_tenant_can_have_a_domain_of_two_labels(name):
    assert is_domain(name)


@pytest.mark.parametrize("name", ["", "bad26", ".contoso.com", "contoso.com.", "a b.com", "-a.com"])
def test_other_texts_are_not_domains(name):
    assert not is_domain(name)
