"""Turn the objects of an export batch into what the batch is decided from.

The way of an object through the tenant; ``service`` walks it, and each module imports only from
what stands above it:

    objects                             the values that all of them share
    validation -> recipients -> wanted  what the object asks for
    matching                            which object of the tenant it is
    intake                              both together, for each object of the batch
    quarantine -> provision             what it gets, and what is quarantined
    batch                               the same for the whole batch: releases before claims
    store                               the decision is written down
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from connector.model import SyncResult
from connector.tenant import matching, messages
from connector.tenant.objects import Failure, claims_of, cloud_anchor
from connector.tenant.wanted import want
from connector.values.addresses import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from connector.model import SyncObject
    from connector.tenant.objects import Claim, Errors, Policy, TenantObject
    from connector.tenant.wanted import Wanted


class Subject(NamedTuple):
    """One object of a batch with all that is known of it.

    ``previous`` is what the tenant has of it (None for a new one), ``own`` the claims that it
    holds, ``errors`` its provisioning errors; ``failed_before`` tells of an earlier first attempt.
    """

    number: int
    id: str
    type: str
    anchor: str
    wanted: Wanted
    previous: TenantObject | None
    own: frozenset[Claim]
    errors: Errors
    failed_before: bool

    @property
    def updates(self) -> TenantObject | None:
        """The object as it was, if this sync client managed it and it is not deleted."""
        previous = self.previous
        if previous is None or previous.deleted is not None or previous.synced != 1:
            return None
        return previous

    @property
    def fallback(self) -> Collection[Claim]:
        """What it needs on top where it keeps its UPN because another one holds the wanted one.

        That is the address of the kept UPN, which it may have to wait for too.
        """
        updates = self.updates if self.wanted.upn_proxy else None
        if updates is None or updates.upn is None:
            return ()
        return {("proxy", fold(updates.upn))} - self.own


class Deletion(NamedTuple):
    """An object to delete, with the claims that it holds."""

    previous: TenantObject
    own: frozenset[Claim]


class MembersOnly(NamedTuple):
    """A group of which only the members change."""

    previous: TenantObject

    @property
    def number(self) -> int:
        return self.previous.number

    def result(self) -> SyncResult:
        """Return its result, as long as no membership turns out to change."""
        group = self.previous
        return SyncResult(group.anchor or "", cloud_anchor=cloud_anchor(group.type, group.id))


# What a batch is decided from: in the order of its objects, those to provision, those to delete,
# groups with new members, and the results of those that need no decision.
Entry = Subject | Deletion | MembersOnly | SyncResult


def waves(objects: Iterable[SyncObject]) -> Iterator[list[SyncObject]]:
    """Split a batch so that no source anchor appears twice in one part; nearly always one part."""
    wave: list[SyncObject] = []
    seen: set[str] = set()
    for item in objects:
        if item.source_anchor in seen:
            yield wave
            wave, seen = [], set()
        wave.append(item)
        seen.add(item.source_anchor)
    if wave:
        yield wave


@dataclass(frozen=True, slots=True)
class Intake:
    """What the tenant has of the objects of a batch, before anything is decided.

    ``rows`` are its objects by source anchor, ``errors`` their provisioning errors by number,
    ``failed_before`` the anchors of groups that failed once. ``new_identity`` gives a number and a
    cloud id to the source anchor of a new object.
    """

    rows: Mapping[str, Sequence[TenantObject]]
    errors: Mapping[int, Errors]
    failed_before: Collection[str]
    new_identity: Callable[[str], tuple[int, str]]
    policy: Policy

    def entries(self, objects: Iterable[SyncObject]) -> list[Entry]:
        """Say of each object what it wants, or what its result is where nothing is to decide."""
        found: list[Entry] = []
        for item in objects:
            try:
                found.append(self._entry(item))
            except Failure as failure:
                found.append(failure.result(item.source_anchor))
        return found

    def _entry(self, item: SyncObject) -> Entry:
        rows = self.rows.get(item.source_anchor, ())
        if item.operation == "delete":
            return _deletion(item.source_anchor, rows)
        if item.properties is None:
            return _untouched(item, rows)
        return self._subject(item, item.properties, rows)

    def _subject(
        self, item: SyncObject, properties: Mapping[str, Any], rows: Sequence[TenantObject]
    ) -> Subject:
        anchor, object_type = item.source_anchor, item.object_type.value
        previous = None
        if rows:
            previous = matching.hard_match(object_type, anchor, rows, self.policy)
        if previous is not None:
            errors = self.errors.get(previous.number, {})
            return _known(anchor, properties, previous, errors, self.policy)
        wanted = want(properties, object_type, None, {}, self.policy)
        return Subject(
            *self.new_identity(anchor),
            object_type,
            anchor,
            wanted,
            previous=None,
            own=frozenset(),
            errors={},
            failed_before=anchor in self.failed_before,
        )


def _deletion(anchor: str, rows: Iterable[TenantObject]) -> Entry:
    """Find what to delete; an object that is gone already counts as deleted."""
    live = next((row for row in rows if row.deleted is None), None)
    if live is None:
        return SyncResult(anchor)
    if live.synced != 1:
        raise Failure(
            "DeletionAccessViolation", messages.NOT_DELETABLE, (("SourceAnchor", anchor),)
        )
    return Deletion(live, frozenset(claims_of(live)))


def _untouched(item: SyncObject, rows: Iterable[TenantObject]) -> Entry:
    """Find the group of which only the members change."""
    for row in rows:
        if row.deleted is None and row.type == item.object_type:
            return MembersOnly(row)
    raise Failure("ObjectNotFound", messages.NOT_FOUND, (("SourceAnchor", item.source_anchor),))


def _known(
    anchor: str,
    properties: Mapping[str, Any],
    previous: TenantObject,
    errors: Errors,
    policy: Policy,
) -> Subject:
    return Subject(
        previous.number,
        previous.id,
        previous.type,
        anchor,
        want(properties, previous.type, previous, errors, policy),
        previous,
        frozenset(claims_of(previous)),
        errors,
        failed_before=False,
    )


def claims_to_look_up(found: Iterable[Entry]) -> set[Claim]:
    """Name the claims whose holders a decision needs to know."""
    claims: set[Claim] = set()
    for entry in found:
        if isinstance(entry, Subject):
            claims.update(entry.wanted.claims)
            claims.update(entry.own)
            claims.update(entry.fallback)
        elif isinstance(entry, Deletion):
            claims.update(entry.own)
    return claims


def join(
    found: Sequence[Entry],
    held: Mapping[Claim, int],
    objects: Mapping[int, TenantObject],
    policy: Policy,
) -> tuple[list[Entry], list[Entry]]:
    """Let new objects join the cloud-only ones that they match by address.

    Returns all entries, and those that joined. A cloud-only object is joined once: the second that
    would match it stays a new one.
    """
    joined: dict[int, Entry] = {}
    entries = [
        _joined(entry, held, objects, policy, joined) if isinstance(entry, Subject) else entry
        for entry in found
    ]
    return entries, list(joined.values())


def _joined(
    entry: Subject,
    held: Mapping[Claim, int],
    objects: Mapping[int, TenantObject],
    policy: Policy,
    joined: dict[int, Entry],
) -> Entry:
    previous, wanted = entry.previous, entry.wanted
    if previous is not None:
        if previous.deleted is None:
            return entry
        return entry._replace(own=frozenset(c for c in entry.own if held.get(c) == entry.number))
    if held.keys().isdisjoint(wanted.claims):
        return entry
    primary = next((address.key for address in wanted.entries if address.primary), None)
    given_upn = wanted.upn if wanted.upn == wanted.properties.get("userPrincipalName") else None
    try:
        match = matching.soft_match(
            entry.type, primary, given_upn, held=held, objects=objects, policy=policy
        )
        if match is None or match.number in joined:
            return entry
        joined[match.number] = _known(entry.anchor, wanted.properties, match, {}, policy)
        return joined[match.number]
    except Failure as failure:
        return failure.result(entry.anchor)
