"""Write the results of a batch as text, from which a repeated call is answered."""

from __future__ import annotations

from typing import Any

from connector.model import Holder, ObjectType, Quarantined, SyncAction, SyncCode, SyncResult
from connector.values.canonical import compact, decode


def results_to_text(results: list[SyncResult]) -> str:
    return compact(list(map(listed, results)))


def results_from_text(text: str) -> list[SyncResult]:
    return list(map(from_list, decode(text)))


def listed(result: SyncResult) -> list[Any]:
    """Write a result as values of JSON."""
    return [
        result.source_anchor,
        result.code,
        result.action,
        result.description,
        result.cloud_anchor,
        result.quarantined and [[q.attribute, q.value, *q.held_by] for q in result.quarantined],
        result.attribute,
        result.value,
    ]


def from_list(values: list[Any]) -> SyncResult:
    """Read what ``listed`` wrote; raises ValueError, or TypeError, for anything else."""
    anchor, code, action, description, cloud_anchor, items, attribute, value = values
    return SyncResult(
        source_anchor=anchor,
        code=SyncCode(code),
        action=SyncAction(action),
        description=description,
        cloud_anchor=cloud_anchor,
        quarantined=_quarantined(items),
        attribute=attribute,
        value=value,
    )


def _quarantined(items: list[list[str]]) -> tuple[Quarantined, ...]:
    return tuple(
        Quarantined(attribute, value, Holder(holder, ObjectType(kind), name))
        for attribute, value, holder, kind, name in items
    )
