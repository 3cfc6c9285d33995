"""The domain of a base DN (RFC 2247)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.rules.base_domain import domain_of


@pytest.mark.parametrize(
    ("base_dn", "domain"),
    [
        ("dc=contoso,dc=com", "contoso.com"),
        ("OU=Staff, DC=Corp , DC=Contoso,DC=com", "corp.contoso.com"),
        (r"ou=a\,dc=b,dc=contoso,dc=com", "contoso.com"),
        ("o=contoso", ""),
        ("", ""),
    ],
)
def test_the_dc_components_name_the_domain(base_dn, domain):
    assert domain_of(base_dn) == domain


@given(st.text())
def test_any_text_has_a_domain_or_none(base_dn):
    assert isinstance(domain_of(base_dn), str)
