"""Decide a whole batch: objects give values up before others claim them.

Two objects may swap addresses in one batch whatever their order, because everything that its
deletes and updates give up is free before the first claim. An object that fails gives nothing up, and
a user that keeps its UPN does not give up that: where another one was granted such a value, the batch
is decided again and the object keeps it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.model import Holder, ObjectType, Quarantined, SyncAction, SyncResult
from connector.tenant import messages
from connector.tenant.intake import Claimant, Deletion, MembersOnly
from connector.tenant.objects import ExportError, TenantObject, cloud_anchor
from connector.tenant.plain import Keeping
from connector.tenant.provision import KeepsValue, provision
from connector.tenant.quarantine import Claims
from connector.tenant.writes import Writes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from connector.tenant.intake import Case
    from connector.tenant.objects import Claim, Policy, Stamp
    from connector.tenant.provision import Provisioned


@dataclass(frozen=True, slots=True)
class Facts:
    """What the tenant knows when it decides a batch.

    ``held`` has the holder of every claim that the cases want, give up or fall back on, ``objects``
    those holders by number; ``is_held`` answers for other claims.
    """

    policy: Policy
    stamp: Stamp
    held: Mapping[Claim, int]
    objects: Mapping[int, TenantObject]
    is_held: Callable[[Claim], bool]


# Where ``last_sync``, ``deleted`` and ``version`` stand: a copy with others would take ten times as long.
_WRITTEN = TenantObject._fields.index("last_sync")

# What became of the claimants of a batch, by number.
Settlement = dict[int, "Provisioned | ExportError"]


def decide(cases: Sequence[Case], facts: Facts) -> tuple[list[SyncResult], Writes]:
    """Decide all cases of a batch; return their results in order, and what to write."""
    keeping: dict[int, set[Claim]] = {}
    while True:
        settlement = _settle(cases, facts, keeping)
        if settlement is not None:
            return _conclude(cases, settlement, facts)


def _settle(
    cases: Sequence[Case], facts: Facts, keeping: dict[int, set[Claim]]
) -> Settlement | None:
    """Settle all claimants; None when an object turned out to keep more, added to ``keeping``."""
    claims = Claims(facts.held, facts.is_held, one_namespace=facts.policy.one_namespace)
    given_up = _give_up(cases, claims, facts.policy, keeping)
    settlement: Settlement = {}

    def look_up(number: int) -> TenantObject:
        settled = settlement.get(number)
        if settled is not None and not isinstance(settled, ExportError):
            return settled.object
        return facts.objects[number]

    for case in cases:
        if not isinstance(case, Claimant):
            continue
        number = case.number
        try:
            settlement[number] = provision(case, claims, look_up, facts.policy, facts.stamp)
        except KeepsValue as kept:
            keeping.setdefault(number, set()).update(kept.claims)
            return None
        except ExportError as reason:
            own = given_up.get(number, frozenset())
            if claims.clashes(own, number):
                keeping.setdefault(number, set()).update(own)
                return None
            claims.grant(own, number)
            settlement[number] = reason
    return settlement


def _give_up(
    cases: Sequence[Case], claims: Claims, policy: Policy, keeping: Mapping[int, set[Claim]]
) -> dict[int, frozenset[Claim]]:
    """Free what the batch gives up; return what each claimant gave up, by number."""
    given_up: dict[int, frozenset[Claim]] = {}
    for case in cases:
        if isinstance(case, Deletion):
            if not _holds_on(case.previous, policy):
                claims.give_up(case.own, case.previous.number)
        elif isinstance(case, Claimant) and case.own:
            own = case.own.difference(case.wanted.claims, keeping.get(case.number, ()))
            if own:
                given_up[case.number] = own
                claims.give_up(own, case.number)
    return given_up


def _holds_on(item: TenantObject, policy: Policy) -> bool:
    """Tell whether a deleted object keeps its values (docs/sources.md 15.8)."""
    return item.type == "user" and policy.hold_values_of_deleted


def _conclude(
    cases: Sequence[Case], settlement: Settlement, facts: Facts
) -> tuple[list[SyncResult], Writes]:
    """Turn what became of each case into its result and its rows."""
    results: list[SyncResult] = []
    writes = Writes()
    for case in cases:
        if isinstance(case, Claimant):
            settled = settlement[case.number]
            if isinstance(settled, ExportError):
                results.append(_fail(writes, case, settled))
            else:
                results.append(_succeed(writes, case, settled, settlement))
        elif isinstance(case, Keeping):
            results.append(_keep(writes, case, facts.stamp))
        elif isinstance(case, Deletion):
            results.append(_delete(writes, case, facts.policy, facts.stamp))
        elif isinstance(case, MembersOnly):
            results.append(case.result())
        else:
            results.append(case)
    return results, writes


def _delete(writes: Writes, case: Deletion, policy: Policy, stamp: Stamp) -> SyncResult:
    """Soft-delete a user; delete a group or a contact for good."""
    previous = case.previous
    if previous.type == "user":
        writes.soft_deleted.append(
            previous._replace(deleted=stamp.now, synced=0, version=stamp.version)
        )
        writes.errors.append((previous, {}))
    else:
        writes.deleted.append(previous)
    if not _holds_on(previous, policy):
        writes.give_up(case.own, previous.number)
    return SyncResult(
        previous.anchor or "",
        action=SyncAction.DELETED,
        cloud_anchor=cloud_anchor(previous.type, previous.id),
    )


def _keep(writes: Writes, case: Keeping, stamp: Stamp) -> SyncResult:
    """Write an object that keeps all its values, unless nothing differs at all."""
    previous, item = case.previous, case.written(stamp)
    action = SyncAction.UNCHANGED
    if not _is_same(item, previous):
        action = SyncAction.UPDATED
        writes.updated.append(item)
    return SyncResult(
        previous.anchor or "", action=action, cloud_anchor=cloud_anchor(item.type, item.id)
    )


def _fail(writes: Writes, case: Claimant, error: ExportError) -> SyncResult:
    if error.passes_next_time:
        writes.failed_first.append(case.anchor)
    return error.result(case.anchor)


def _succeed(
    writes: Writes, case: Claimant, provisioned: Provisioned, settlement: Settlement
) -> SyncResult:
    previous, item = case.previous, provisioned.object
    if previous is None:
        action = SyncAction.ADDED
        writes.inserted.append(item)
    elif _is_same(item, previous) and provisioned.errors == case.errors:
        action = SyncAction.UNCHANGED
    else:
        action = SyncAction.UPDATED if previous.deleted is None else SyncAction.RESTORED
        writes.updated.append(item)
    own, claims = case.own, provisioned.claims
    if own != claims:
        writes.give_up(own - claims, item.number)
        writes.grant(claims - own, item.number)
    if provisioned.errors or case.errors:
        writes.errors.append((item, provisioned.errors))
    result = SyncResult(case.anchor, action=action, cloud_anchor=cloud_anchor(item.type, item.id))
    if not provisioned.quarantined:
        return result
    return _with_quarantined(result, provisioned, settlement)


def _is_same(item: TenantObject, previous: TenantObject) -> bool:
    """Tell whether nothing differs but when and with which change the object was written."""
    return (
        item[:_WRITTEN] == previous[:_WRITTEN]
        and item.deleted == previous.deleted
        and item[_WRITTEN + 3 :] == previous[_WRITTEN + 3 :]
    )


def _with_quarantined(
    result: SyncResult, provisioned: Provisioned, settlement: Settlement
) -> SyncResult:
    """Add to a result the values that were newly quarantined, with their holders.

    A holder is called as it is after the batch, which may give it another name.
    """
    quarantined = []
    for error in provisioned.quarantined:
        holder = provisioned.holders[error.claim]
        settled = settlement.get(holder.number)
        if settled is not None and not isinstance(settled, ExportError):
            holder = settled.object
        quarantined.append(Quarantined(error.attribute, error.value, _holder(holder)))
    description = messages.modified((one.attribute, one.value) for one in quarantined)
    return result._replace(description=description, quarantined=tuple(quarantined))


def _holder(item: TenantObject) -> Holder:
    return Holder(item.id, ObjectType(item.type), item.display_name)
