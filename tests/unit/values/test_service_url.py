"""The address of another site's tenant."""

from __future__ import annotations

import pytest

from connector.values.service_url import ServiceUrl, service_url


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://tenant.contoso.com", ServiceUrl(True, "tenant.contoso.com", 443, "")),
        (
            "https://tenant.contoso.com:8443/lab/",
            ServiceUrl(True, "tenant.contoso.com", 8443, "/lab"),
        ),
        ("https://[2001:db8::1]:8443", ServiceUrl(True, "2001:db8::1", 8443, "")),
        ("http://127.0.0.1:8080", ServiceUrl(False, "127.0.0.1", 8080, "")),
        ("http://[::1]", ServiceUrl(False, "::1", 80, "")),
    ],
)
def test_an_address_is_taken_apart(text, found):
    assert service_url(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "http://tenant.contoso.com",
        "http://127.0.0.1.contoso.com",
        "https://user:Pa55@tenant.contoso.com",
        "https://tenant.contoso.com/?token=Pa55",
        "https://tenant.contoso.com#Pa55",
        "https://tenant.contoso.com:0",
        "https://tenant.contoso.com:65536",
        "https://tenant.contoso.com/../Pa55",
        "https://tenant.contoso.com\\r\\nPa55: 1",
        "ftp://tenant.contoso.com",
        "tenant.contoso.com",
        "",
    ],
)
def test_another_one_is_refused_and_not_repeated(text):
    with pytest.raises(ValueError, match="must") as refused:
        service_url(text)

    assert "Pa55" not in str(refused.value)
