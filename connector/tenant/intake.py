"""Turn the objects of an export batch into what the batch is decided from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connector.model import SyncObject, SyncResult
from connector.tenant import matching, messages
from connector.tenant.batch import Deletion, cloud_anchor, failed
from connector.tenant.objects import Failure
from connector.tenant.provision import Subject
from connector.tenant.quarantine import claims_of
from connector.tenant.wanted import want

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from connector.tenant.batch import Entry
    from connector.tenant.objects import Claim, Errors, Policy, TenantObject


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
                found.append(failed(item.source_anchor, failure))
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
            return SyncResult(item.source_anchor, cloud_anchor=cloud_anchor(row.type, row.id))
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
    primary = next((proxy.key for proxy in wanted.proxies if proxy.is_primary), None)
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
        return failed(entry.anchor, failure)
