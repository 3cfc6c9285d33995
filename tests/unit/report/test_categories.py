"""Each error is in one category of the report."""

from __future__ import annotations

import pytest

from connector.model import SyncCode
from connector.report.categories import CATEGORIES, category_of, counted
from connector.report.error_report import AMBIGUOUS_ANCHOR, QUARANTINED


@pytest.mark.parametrize("code", [code for code in SyncCode if code is not SyncCode.SUCCESS])
def test_each_error_of_the_tenant_has_a_category(code):
    assert category_of(code) in CATEGORIES


@pytest.mark.parametrize(
    ("error", "category"),
    [
        (QUARANTINED, "Duplicate Attribute"),
        ("AttributeValueMustBeUnique", "Duplicate Attribute"),
        ("InvalidSoftMatch", "Data Mismatch"),
        ("IdentityDataValidationFailed", "Data Validation Failure"),
        ("FederatedDomainChangeError", "Federated Domain Change"),
        ("LargeObject", "Large Attribute"),
        ("ExistingAdminRoleConflict", "Existing Admin Role Conflict"),
        (AMBIGUOUS_ANCHOR, "Other"),
    ],
)
def test_the_categories_are_those_of_the_documents(error, category):
    assert category_of(error) == category


def test_both_kinds_of_errors_are_counted():
    counts = counted(
        3, {("export", "AttributeValueMustBeUnique"): 2, ("synchronization", "New"): 1}
    )

    assert {name: number for name, number in counts.items() if number} == {
        "Duplicate Attribute": 5,
        "Other": 1,
    }
