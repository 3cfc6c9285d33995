from __future__ import annotations

import pytest

from connector.report.left_out import unverified_line, verifying


def test_the_warning_names_the_users_the_reason_and_the_domains():
    line = unverified_line({"contoso.local": 3, "corp.local": 1}, "contoso.onmicrosoft.com")

    assert line == (
        "the UPN of 4 users is in contoso.onmicrosoft.com, because the tenant has not verified the domain "
        "that the directory gives: contoso.local (3), corp.local (1)"
    )


@pytest.mark.parametrize(
    ("domains", "advice"),
    [
        (
            ["contoso.local"],
            'connector tenant domains add contoso.local, or verified_domains = ["contoso.local"] in [tenant]',
        ),
        (
            ["bad26", "a.example", ".contoso.com", "b.example"],
            (
                'connector tenant domains add a.example, or verified_domains = ["a.example", "b.example"] '
                "in [tenant]; correct the rest in the directory"
            ),
        ),
        (["bad26", ".contoso.com"], "correct it in the directory: connector lint"),
    ],
)
def test_only_what_the_tenant_takes_as_a_domain_is_to_be_verified(domains, advice):
    assert verifying(domains) == advice
