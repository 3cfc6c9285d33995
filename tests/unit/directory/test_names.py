"""Which names an answer may hold."""

from __future__ import annotations

import pytest

from connector.directory.names import Expected
from connector.errors import MalformedAnswer

BASE = "ou=people,dc=contoso,dc=com"


def is_refused(expected: Expected, dn: str) -> bool:
    try:
        expected.check(dn)
    except MalformedAnswer:
        return True
    return False


@pytest.mark.parametrize(
    "dn",
    [
        BASE,
        "OU=People, DC=contoso,dc=COM",
        f"uid=ann,{BASE}",
        f"cn=Last\\, First,{BASE}",
        f"cn=Last\\2C First,ou=a\\\\,{BASE}",
        f"cn=a+sn=b,{BASE}",
        f"cn=DC1\\0ADEL:1234,CN=Deleted Objects,{BASE}",
        f"2.5.4.3=#040161,{BASE}",
        f"uid=\udcff\udcfe,{BASE}",
        f"cn=,{BASE}",
        "uid=ann,organizationalUnitName=people,domainComponent=contoso,0.9.2342.19200300.100.1.25=com",
    ],
)
def test_the_base_and_what_is_below_it_is_expected(dn: str) -> None:
    expected = Expected(BASE, below=True)

    assert [is_refused(expected, dn) for _ in range(3)] == [False] * 3


@pytest.mark.parametrize(
    ("dn", "why"),
    [
        ("", "not a DN"),
        ("rubbish", "not a DN"),
        (f"rubbish,{BASE}", "not a DN"),
        (f",{BASE}", "not a DN"),
        (f"=x,{BASE}", "not a DN"),
        (f"uid=ann,,{BASE}", "not a DN"),
        (f"uid=ann,{BASE},", "not a DN"),
        ("uid=ann,ou=other,dc=contoso,dc=com", "cannot find"),
        ("dc=contoso,dc=com", "cannot find"),
        ("uid=ann,ou=people,dc=contoso,dc=com,dc=evil", "cannot find"),
        ("xou=people,dc=contoso,dc=com", "cannot find"),
    ],
)
def test_any_other_name_is_refused_whatever_came_before_it(dn: str, why: str) -> None:
    expected = Expected(BASE, below=True)
    expected.check(f"uid=bob,{BASE}")

    with pytest.raises(MalformedAnswer, match=why):
        expected.check(dn)


def test_a_search_of_one_entry_finds_no_other() -> None:
    with pytest.raises(MalformedAnswer, match="cannot find"):
        Expected(BASE, below=False).check(f"uid=ann,{BASE}")


def test_the_root_dse_has_no_name() -> None:
    assert not is_refused(Expected("", below=False), "")


def test_an_entry_that_is_not_below_is_no_parent_of_others() -> None:
    expected = Expected(BASE, below=True)
    expected.check("OU=People,DC=Contoso,DC=com")

    with pytest.raises(MalformedAnswer):
        expected.check("ou=other,DC=Contoso,DC=com")
