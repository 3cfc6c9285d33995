"""Say which values an object asks for that another object holds now, and who holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from connector.model import SyncCode
from connector.tenant import matching
from connector.tenant.objects import ExportError, with_twins
from connector.tenant.provision import named
from connector.tenant.quarantine import Claims
from connector.tenant.wanted import want

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from connector.tenant.objects import Policy, TenantObject
    from connector.tenant.ports import Store


class Clash(NamedTuple):
    """A value that an object asks for, and the other object that holds it.

    ``attribute`` may be ``SourceAnchor``: then the holder keeps the object from its source anchor.
    """

    attribute: str
    value: str
    holder: TenantObject


def clashes(
    store: Store, policy: Policy, object_type: str, anchor: str, properties: Mapping[str, Any]
) -> list[Clash]:
    """Return what another object holds of all that an export of this object would ask for.

    Values that the tenant accepts from no object clash with nothing.
    """
    rows = store.by_anchor([anchor]).get(anchor, [])
    found = list(_of_anchor(object_type, anchor, rows, policy))
    previous = None if found else next((row for row in rows if row.type == object_type), None)
    errors = {} if previous is None else store.errors_of([previous.number])
    number = 0 if previous is None else previous.number
    try:
        wanted = want(properties, object_type, previous, errors.get(number, {}), policy)
    except ExportError:
        return found
    twins = policy.one_namespace
    held = store.holders(with_twins(wanted.claims) if twins else wanted.claims)
    clashing = Claims(held, one_namespace=twins).clashes(wanted.claims, number)
    holders = store.by_number(set(clashing.values()))
    found += (Clash(*named(wanted, claim), holders[holder]) for claim, holder in clashing.items())
    return found


def _of_anchor(
    object_type: str, anchor: str, rows: Sequence[TenantObject], policy: Policy
) -> Iterator[Clash]:
    """Yield the object that keeps another one from its source anchor."""
    try:
        matching.hard_match(object_type, anchor, rows, policy)
    except ExportError as error:
        other_type = error.code is SyncCode.OBJECT_TYPE_MISMATCH
        for row in sorted(rows, key=lambda row: row.deleted is not None):
            if (row.type != object_type) is other_type:
                yield Clash("SourceAnchor", anchor, row)
                return
