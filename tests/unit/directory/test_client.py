from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest

from connector.directory import client, open_directory
from connector.directory.client import wanted_filter
from connector.errors import InvalidSettings
from connector.settings import DirectorySettings

if TYPE_CHECKING:
    from collections.abc import Sequence


def settings(**changed: Any) -> DirectorySettings:
    values = {"url": "ldap://dc1", "base_dn": "dc=contoso,dc=com", "mode": "syncrepl"}
    return DirectorySettings(**{**values, **changed})


def fingerprint(classes: Sequence[Sequence[str]] = (), **changed: Any) -> str:
    wanted = settings(**changed)
    return client.fingerprint(wanted, client.wanted_search(wanted), wanted.mode, classes)


def test_opening_asks_nothing_of_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "socket", None)
    monkeypatch.setattr(socket, "getaddrinfo", None)

    assert open_directory(settings(mode="auto"), password="secret").url == "ldap://dc1"


def test_fingerprint_is_a_digest_that_stays() -> None:
    assert len(fingerprint()) == 64
    assert fingerprint() == fingerprint()


@pytest.mark.parametrize(
    "changed",
    [
        {"url": "ldap://dc2"},
        {"url": ["ldap://dc1", "ldap://dc2"]},
        {"base_dn": "dc=fabrikam,dc=com"},
        {"bind_dn": "cn=sync"},
        {"filter": "(cn=*)"},
        {"mode": "scan"},
        {"classes": [["acmeperson", "inetorgperson"]]},
    ],
)
def test_fingerprint_depends_on_all_that_a_cookie_depends_on(changed: dict[str, Any]) -> None:
    assert fingerprint(**changed) != fingerprint()


def test_fingerprint_does_not_depend_on_the_order_of_the_servers() -> None:
    assert fingerprint(url=["ldap://a", "ldap://b"]) == fingerprint(url=["ldap://b", "ldap://a"])


def test_filter_of_everything_stays_as_it_is() -> None:
    assert wanted_filter("(objectClass=*)") == "(objectClass=*)"


def test_other_filters_let_containers_through() -> None:
    assert wanted_filter("(cn=a)") == (
        "(|(objectClass=container)(objectClass=country)(objectClass=dcObject)(objectClass=domain)"
        "(objectClass=locality)(objectClass=organization)(objectClass=organizationalUnit)(cn=a))"
    )


@pytest.mark.parametrize("text", ["(cn", "cn=a)", "((cn=a))", "(&)(cn=a)", "()"])
def test_filter_that_is_none_is_a_problem_of_the_settings(text: str) -> None:
    wrong = settings().model_copy(update={"filter": text})

    with pytest.raises(InvalidSettings, match=r"directory\.filter"):
        open_directory(wrong, password=None)
