"""What the intake hands on to the decision: each value in its field."""

from __future__ import annotations

from connector.tenant.intake import known_claimant, new_claimant
from connector.tenant.objects import Policy, ProvisioningError, TenantObject
from connector.tenant.wanted import want

POLICY = Policy(
    initial_domain="contoso.onmicrosoft.com", verified=frozenset({"contoso.com"}), seed="1"
)
WANTED = want({"userPrincipalName": "ann@contoso.com"}, "user", None, {}, POLICY)


def test_each_value_of_a_new_claimant_is_in_its_field() -> None:
    claimant = new_claimant(7, "id", "user", "anchor", WANTED, failed_before=True)

    assert claimant._asdict() == {
        "number": 7,
        "id": "id",
        "type": "user",
        "anchor": "anchor",
        "wanted": WANTED,
        "previous": None,
        "own": frozenset(),
        "errors": {},
        "failed_before": True,
    }


def test_each_value_of_a_known_claimant_is_in_its_field() -> None:
    row = dict.fromkeys(TenantObject._fields) | {"number": 7, "id": "id", "type": "user"}
    previous = TenantObject._make(row.values())
    error = ProvisioningError("UserPrincipalName", "a@contoso.com", "A@contoso.com", "2026-01-01")
    errors = {("UserPrincipalName", "a@contoso.com"): error}
    own = {("upn", "ann@contoso.com")}

    claimant = known_claimant(previous, "anchor", WANTED, own, errors)

    assert claimant._asdict() == {
        "number": 7,
        "id": "id",
        "type": "user",
        "anchor": "anchor",
        "wanted": WANTED,
        "previous": previous,
        "own": own,
        "errors": errors,
        "failed_before": False,
    }
