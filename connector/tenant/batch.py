"""Decide a whole batch: values are released before values are claimed.

Two objects may swap addresses in one batch whatever their order, because everything that its deletes
and updates give up is free before the first claim. An object that fails gives nothing up: where
another one was granted a value of it, the batch is decided again with that value retained.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from connector.model import Holder, ObjectType, Quarantined, SyncAction, SyncResult
from connector.tenant import messages
from connector.tenant.objects import Failure
from connector.tenant.provision import Retained, Subject, provision
from connector.tenant.quarantine import Claims

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from connector.tenant.objects import Claim, Errors, Policy, TenantObject
    from connector.tenant.provision import Moment, Provisioned


class Deletion(NamedTuple):
    """An object to delete, with the claims that it holds."""

    previous: TenantObject
    own: frozenset[Claim]


# What a batch is decided from: in the order of its objects, those to provision, those to delete,
# and the results of those that need no decision.
Entry = Subject | Deletion | SyncResult


@dataclass(slots=True)
class Decision:
    """Everything to write for a batch; the releases go before the grants.

    ``errors`` are the provisioning errors of every object that had or has some.
    """

    results: list[SyncResult] = field(default_factory=list)
    inserted: list[TenantObject] = field(default_factory=list)
    updated: list[TenantObject] = field(default_factory=list)
    removed: list[TenantObject] = field(default_factory=list)
    soft_deleted: list[TenantObject] = field(default_factory=list)
    released: list[tuple[str, str, int]] = field(default_factory=list)
    granted: list[tuple[str, str, int]] = field(default_factory=list)
    errors: list[tuple[TenantObject, Errors]] = field(default_factory=list)
    failed_first: list[str] = field(default_factory=list)

    @property
    def writes(self) -> bool:
        """Whether any object changes."""
        return bool(self.inserted or self.updated or self.removed or self.soft_deleted)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a batch is decided by.

    ``held`` knows the holder of every claim that the entries want, give up or fall back on,
    ``objects`` those holders by number; ``is_held`` answers for other claims.
    """

    policy: Policy
    moment: Moment
    held: Mapping[Claim, int]
    objects: Mapping[int, TenantObject]
    is_held: Callable[[Claim], bool]


def decide(entries: Sequence[Entry], facts: Facts) -> Decision:
    """Decide all entries of a batch."""
    retaining: set[int] = set()
    while True:
        outcomes = _settle(entries, facts, retaining)
        if outcomes is not None:
            return _decision(entries, outcomes, facts)


Outcomes = dict[int, "Provisioned | Failure"]


def _settle(entries: Sequence[Entry], facts: Facts, retaining: set[int]) -> Outcomes | None:
    """Settle every subject, by number; None when one more object was found to retain its values."""
    claims = Claims(facts.held, facts.is_held)
    given_up = _release(entries, claims, facts.policy, retaining)
    outcomes: Outcomes = {}

    def look_up(number: int) -> TenantObject:
        outcome = outcomes.get(number)
        if outcome is not None and not isinstance(outcome, Failure):
            return outcome.object
        return facts.objects[number]

    for entry in entries:
        if not isinstance(entry, Subject):
            continue
        number = entry.number
        try:
            outcomes[number] = provision(entry, claims, look_up, facts.policy, facts.moment)
        except (Failure, Retained) as reason:
            own = given_up.get(number, frozenset())
            if claims.clashes(own, number) or isinstance(reason, Retained):
                retaining.add(number)
                return None
            claims.grant(own, number)
            outcomes[number] = reason
    return outcomes


def _release(
    entries: Sequence[Entry], claims: Claims, policy: Policy, retaining: set[int]
) -> dict[int, frozenset[Claim]]:
    """Free what the batch gives up; return what each object to provision gave up."""
    given_up: dict[int, frozenset[Claim]] = {}
    for entry in entries:
        if isinstance(entry, Deletion):
            if not _holds_on(entry.previous, policy):
                claims.release(entry.own, entry.previous.number)
        elif isinstance(entry, Subject) and entry.own and entry.number not in retaining:
            own = entry.own.difference(entry.wanted.claims)
            if own:
                given_up[entry.number] = own
                claims.release(own, entry.number)
    return given_up


def _holds_on(item: TenantObject, policy: Policy) -> bool:
    """Tell whether a deleted object keeps its values (design.md 4.8)."""
    return item.type == "user" and policy.hold_values_of_deleted


def _decision(entries: Sequence[Entry], outcomes: Outcomes, facts: Facts) -> Decision:
    decision = Decision()
    for entry in entries:
        if isinstance(entry, SyncResult):
            decision.results.append(entry)
        elif isinstance(entry, Deletion):
            _delete(decision, entry, facts.policy, facts.moment)
        else:
            outcome = outcomes[entry.number]
            if isinstance(outcome, Failure):
                _fail(decision, entry, outcome)
            else:
                _succeed(decision, entry, outcome)
    return decision


def _delete(decision: Decision, entry: Deletion, policy: Policy, moment: Moment) -> None:
    previous = entry.previous
    if previous.type == "user":
        decision.soft_deleted.append(
            previous._replace(deleted=moment.now, synced=0, version=moment.version)
        )
        decision.errors.append((previous, {}))
    else:
        decision.removed.append(previous)
    if not _holds_on(previous, policy):
        decision.released += [(*claim, previous.number) for claim in entry.own]
    decision.results.append(
        SyncResult(
            previous.anchor or "",
            action=SyncAction.DELETED,
            cloud_anchor=cloud_anchor(previous.type, previous.id),
        )
    )


def _fail(decision: Decision, entry: Subject, failure: Failure) -> None:
    if failure.passes_next_time:
        decision.failed_first.append(entry.anchor)
    decision.results.append(failed(entry.anchor, failure))


def failed(anchor: str, failure: Failure) -> SyncResult:
    """Return the result of an object that could not be provisioned."""
    attribute, value = failure.clashes[0]
    return SyncResult(
        anchor,
        code=failure.code,
        action=SyncAction.FAILED,
        description=failure.description,
        attribute=attribute,
        value=value,
    )


def _succeed(decision: Decision, entry: Subject, outcome: Provisioned) -> None:
    previous, item = entry.previous, outcome.object
    number = item.number
    if previous is None:
        action = SyncAction.ADDED
        decision.inserted.append(item)
    else:
        same = item._replace(last_sync=previous.last_sync, version=previous.version) == previous
        if same and outcome.errors == entry.errors:
            action = SyncAction.UNCHANGED
        else:
            action = SyncAction.UPDATED if previous.deleted is None else SyncAction.RESTORED
            decision.updated.append(item)
    own, claims = entry.own, outcome.claims
    if own:
        decision.released += [(*claim, number) for claim in own - claims]
        claims = claims - own
    decision.granted += [(namespace, key, number) for namespace, key in claims]
    if outcome.errors or entry.errors:
        decision.errors.append((item, outcome.errors))
    result = SyncResult(entry.anchor, action=action, cloud_anchor=cloud_anchor(item.type, item.id))
    decision.results.append(_reported(result, outcome) if outcome.news else result)


def _reported(result: SyncResult, outcome: Provisioned) -> SyncResult:
    """Add to a result what was newly set aside."""
    news = tuple(
        Quarantined(error.attribute, error.value, holder_summary(outcome.holders[error.claim]))
        for error in outcome.news
    )
    description = messages.modified((q.attribute, q.value) for q in news)
    return result._replace(description=description, quarantined=news)


def holder_summary(item: TenantObject) -> Holder:
    return Holder(item.id, ObjectType(item.type), item.display_name)


def cloud_anchor(object_type: str, cloud_id: str) -> str:
    """Name an object as the service does: ``User_<id>``."""
    return f"{object_type.capitalize()}_{cloud_id}"
