"""Values of an entry are texts, unless they are octets by name or by what they hold."""

from __future__ import annotations

import pytest

from connector.values.readable import readable
from connector.values.withheld import is_withheld


def test_octets_are_told_from_texts():
    raw = {"cn": [b"J\xc3\xb6rg", b"\xff"], "objectguid": (b"0123456789abcdef",)}

    assert readable(raw) == {"cn": ("J\u00f6rg", b"\xff"), "objectguid": (b"0123456789abcdef",)}


@pytest.mark.parametrize(
    "name",
    ["userPassword", "USERPASSWORD;x-old", "krbPrincipalKey", "msLAPS-Password", "ms-Mcs-AdmPwd"],
)
def test_a_secret_is_known_in_any_case_and_with_options(name):
    assert is_withheld(name)


@pytest.mark.parametrize("name", ["userPasswordHint", "krbPrincipalName", "pwdLastSet"])
def test_what_only_looks_like_a_secret_is_none(name):
    assert not is_withheld(name)
