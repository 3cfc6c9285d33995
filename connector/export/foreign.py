"""Tell of the objects that belong to other clients of the tenant: one line for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.model import SyncCode, about

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connector.logs.log import Log
    from connector.model import Outcome


def is_foreign(outcome: Outcome) -> bool:
    """Tell whether the tenant refused an object because another client exported it."""
    return outcome.result.code == SyncCode.ANCHOR_OWNED_BY_ANOTHER_CLIENT


def reported(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """Return what a run reports of these objects, in the fields of ``export.failed``."""
    return [
        {
            "kind": "export",
            **about(export),
            "error": str(result.code),
            "attribute": result.attribute,
            "value": result.value,
            "message": result.description,
        }
        for export, result in outcomes
    ]


def tell(log: Log, outcomes: Sequence[Outcome]) -> None:
    """Log how many objects these are, if there are any."""
    if outcomes:
        log.error(
            "export.foreign",
            count=len(outcomes),
            first=outcomes[0].export.anchor,
            next="connector errors --kind export; to have them: tenant.take_over = true",
        )
