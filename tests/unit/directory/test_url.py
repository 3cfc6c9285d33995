from __future__ import annotations

from typing import Any

import pytest

from connector.directory.url import ServerUrl, server_urls
from connector.errors import InvalidSettings
from connector.settings import DirectorySettings


def parse(*urls: str, **settings: Any) -> list[ServerUrl]:
    return server_urls(DirectorySettings.model_construct(url=urls, tls="none", **settings))


@pytest.mark.parametrize(
    ("text", "tls", "expected"),
    [
        ("ldap://dc1", "none", ("ldap", "dc1", 389, "none")),
        ("LDAP://DC1:1389/", "none", ("ldap", "dc1", 1389, "none")),
        ("ldap://[::1]:1389", "starttls", ("ldap", "::1", 1389, "starttls")),
        ("ldaps://dc1", "none", ("ldaps", "dc1", 636, "ldaps")),
        ("ldaps://dc1:1636", "starttls", ("ldaps", "dc1", 1636, "ldaps")),
        ("ldap://dc1", "ldaps", ("ldaps", "dc1", 636, "ldaps")),
        ("ldapi://%2Frun%2Fslapd", "starttls", ("ldapi", "/run/slapd", 0, "none")),
        ("ldapi:///run/slapd", "none", ("ldapi", "/run/slapd", 0, "none")),
    ],
)
def test_url_says_where_and_how_safely(
    text: str, tls: str, expected: tuple[str, str, int, str]
) -> None:
    settings = DirectorySettings.model_construct(url=(text,), tls=tls)

    assert server_urls(settings) == [ServerUrl(text, *expected)]


def test_servers_keep_their_order() -> None:
    assert [url.host for url in parse("ldap://b", "ldap://a")] == ["b", "a"]


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("ldap://localhost", True),
        ("ldap://127.0.0.1", True),
        ("ldap://127.8.8.8", True),
        ("ldap://[::1]", True),
        ("ldapi:///run/slapd", True),
        ("ldap://localhost.contoso.com", False),
        ("ldap://10.0.0.1", False),
        ("ldap://dc1", False),
    ],
)
def test_only_loopback_and_socket_files_are_local(text: str, local: bool) -> None:
    assert parse(text)[0].is_local is local


def test_every_unusable_url_is_named() -> None:
    bad = ("http://dc1", "ldap://", "ldapi://", "ldap://u:p@dc1", "ldap://dc1/o=x", "ldap://a:x")

    with pytest.raises(InvalidSettings) as caught:
        parse("ldap://good", *bad)

    assert len(caught.value.problems) == len(bad)


def test_no_url_is_a_problem_too() -> None:
    with pytest.raises(InvalidSettings, match="required"):
        parse()
