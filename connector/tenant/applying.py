"""Apply the objects of a batch: read the facts, decide, write the decision down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.tenant import intake
from connector.tenant.asking import asked_together
from connector.tenant.batch import Facts, decide
from connector.tenant.identity import cloud_id
from connector.tenant.intake import Intake
from connector.tenant.relinking import relink

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connector.model import SyncObject, SyncResult
    from connector.tenant.foresight import Foreseen
    from connector.tenant.membership import Membership
    from connector.tenant.objects import Policy, Stamp
    from connector.tenant.ports import Store


def apply(  # noqa: PLR0913 - all that decides about a batch
    store: Store,
    clients: Membership,
    objects: Sequence[SyncObject],
    *,
    policy: Policy,
    stamp: Stamp,
    foreseen: Foreseen,
) -> list[SyncResult]:
    """Apply objects of different source anchors, in a transaction of the caller; return their results."""
    groups = [item.source_anchor for item in objects if item.object_type == "group"]
    rows, errors, failed = store.known([item.source_anchor for item in objects], groups)
    known = {row.number: row for some in rows.values() for row in some}
    numbers = iter(range(store.last_number() + 1, 1 << 62))

    foreign, takeable = clients.foreign(stamp.client, rows, take_over=policy.take_over)
    cases = Intake(
        rows=rows,
        errors=errors,
        failed_before=failed,
        new_identity=lambda anchor: (
            next(numbers),
            cloud_id(policy.seed, stamp.version, anchor),
        ),
        policy=policy,
        foreign=foreign,
        takeable=takeable,
        foreseen=foreseen.under(policy),
    ).cases(objects)
    found = store.held(intake.claims_to_look_up(cases, policy), known)
    held = intake.held_already(cases) | found.holders
    known |= found.objects
    cases, joined = intake.join(cases, held, known, policy)
    if joined:
        held = intake.held_already(joined) | held
        found = store.held(intake.claims_to_look_up(joined, policy), known)
        held |= found.holders
        known |= found.objects
    results, writes = asked_together(
        store, lambda is_held: decide(cases, Facts(policy, stamp, held, known, is_held))
    )

    store.write(writes, stamp.version, known)
    relinked = relink(store, objects, cases, results, stamp.version)
    if writes.change_objects() or relinked:
        store.set_version(stamp.version)
    return results
