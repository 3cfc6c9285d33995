"""Sort errors into the categories of the Connect Health report (docs/sources.md 2.2 and 2.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.model import SyncCode
from connector.report.error_report import QUARANTINED

if TYPE_CHECKING:
    from collections.abc import Mapping

OTHER = "Other"
_ERRORS = {
    "Duplicate Attribute": (QUARANTINED, SyncCode.ATTRIBUTE_VALUE_MUST_BE_UNIQUE),
    "Data Mismatch": (
        SyncCode.INVALID_SOFT_MATCH,
        SyncCode.INVALID_HARD_MATCH,
        SyncCode.OBJECT_TYPE_MISMATCH,
    ),
    "Data Validation Failure": (SyncCode.IDENTITY_DATA_VALIDATION_FAILED,),
    "Federated Domain Change": (SyncCode.FEDERATED_DOMAIN_CHANGE_ERROR,),
    "Large Attribute": (SyncCode.LARGE_OBJECT, SyncCode.EXCEEDED_ALLOWED_LENGTH),
    "Existing Admin Role Conflict": (SyncCode.EXISTING_ADMIN_ROLE_CONFLICT,),
}
CATEGORIES = (*_ERRORS, OTHER)
"""The categories in the order of the report; each error is in one of them."""

_BY_ERROR = {str(error): category for category, errors in _ERRORS.items() for error in errors}


def category_of(error: str) -> str:
    """Return the category of an error by its name."""
    return _BY_ERROR.get(error, OTHER)


def counted(quarantined: int, failed: Mapping[tuple[str, str], int]) -> dict[str, int]:
    """Return how many errors are in each category.

    ``quarantined`` counts the values in quarantine, ``failed`` the failed objects by stage and error.
    """
    counts = dict.fromkeys(CATEGORIES, 0)
    counts[category_of(QUARANTINED)] = quarantined
    for (_, error), count in failed.items():
        counts[category_of(error)] += count
    return counts
