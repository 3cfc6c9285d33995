"""Turn the objects of an export batch into the cases to decide.

The way of an object through the tenant; ``service`` walks it, and each module imports only from
those above it:

    objects                             the values that all of them share
    validation -> recipients -> wanted  what the object asks for
    plain                               the same in half the time, where nothing is unusual
    matching                            which object of the tenant it is
    intake                              all together, for each object of the batch
    quarantine -> provision             what it gets, and what is quarantined
    batch                               the same for all: values are given up before they are claimed
    ports                               what is asked of a store
    sqlite.arrivals -> sqlite.store     writes the decision down
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from connector.model import SyncCode, SyncOperation, SyncResult
from connector.tenant import matching, messages
from connector.tenant.objects import UPN, ExportError, claims_of, cloud_anchor, with_twins
from connector.tenant.plain import Keeping, is_plain, keep, own_claims, want_plainly
from connector.tenant.validation import LONGEST_ANCHOR, not_valid, too_long
from connector.tenant.wanted import want
from connector.values.addresses import fold
from connector.values.canonical import decode

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from connector.model import SyncObject
    from connector.tenant.objects import Claim, Errors, Policy, TenantObject
    from connector.tenant.wanted import Wanted


class Claimant(NamedTuple):
    """An object of a batch that claims values, with everything known of it.

    ``previous`` is the tenant's object (None for a new one), ``own`` the claims that it holds,
    ``errors`` its provisioning errors; ``failed_before`` says that its first attempt failed.
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
        """The previous object, if a sync client managed it and it is not soft-deleted."""
        previous = self.previous
        if previous is None or previous.deleted is not None or previous.synced != 1:
            return None
        return previous

    @property
    def waits(self) -> bool:
        """Whether the user is there, and waits for the UPN that it wants already.

        One that a sync client takes over with another UPN than it had begins anew.
        """
        previous = self.previous
        if previous is None or previous.deleted is not None:
            return False
        if (UPN, self.wanted.upn_key) not in self.errors:
            return False
        name = "userPrincipalName"
        asked = self.wanted.properties.get(name)
        return previous.synced == 1 or decode(previous.shadow).get(name) == asked

    @property
    def fallback(self) -> Collection[Claim]:
        """The extra claim of a user that keeps its UPN because the wanted one is taken.

        It is the address of the current UPN. Another object may hold that too.
        """
        if not self.wanted.upn_proxy:
            return ()
        stays = self.previous if self.waits else self.updates
        if stays is None or stays.upn is None:
            return ()
        return {("proxy", fold(stays.upn))} - self.own


class Deletion(NamedTuple):
    """An object to delete, with the claims that it holds."""

    previous: TenantObject
    own: frozenset[Claim]


class MembersOnly(NamedTuple):
    """An object of which only the members or the manager change."""

    previous: TenantObject

    @property
    def number(self) -> int:
        return self.previous.number

    def result(self) -> SyncResult:
        """Return the result of the object if none of these turns out to change."""
        found = self.previous
        return SyncResult(found.anchor or "", cloud_anchor=cloud_anchor(found.type, found.id))


# One object of a batch as it comes to the decision; a SyncResult needs none any more.
Case = Claimant | Keeping | Deletion | MembersOnly | SyncResult


def waves(objects: Iterable[SyncObject]) -> Iterator[list[SyncObject]]:
    """Split a batch so that no source anchor appears twice in one part.

    Nearly every batch stays in one part.
    """
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
    cloud id to the source anchor of a new object. ``foreign`` has, by source anchor, who owns what is another
    client's; of these the client may take over what is ``takeable``. ``foreseen`` is what new objects ask
    for, as far as somebody has worked it out.
    """

    rows: Mapping[str, Sequence[TenantObject]]
    errors: Mapping[int, Errors]
    failed_before: Collection[str]
    new_identity: Callable[[str], tuple[int, str]]
    policy: Policy
    foreign: Mapping[str, str] = field(default_factory=dict)
    takeable: Collection[str] = ()
    foreseen: Mapping[str, Wanted] = field(default_factory=dict)

    def cases(self, objects: Iterable[SyncObject]) -> list[Case]:
        """Return the case of each object, in order.

        The case of an object that fails here is its result.
        """
        found: list[Case] = []
        for item in objects:
            try:
                found.append(self._case(item))
            except ExportError as error:
                found.append(error.result(item.source_anchor))
        return found

    def _case(self, item: SyncObject) -> Case:
        rows = self.rows.get(item.source_anchor, ())
        if item.source_anchor in self.foreign:
            self._refuse_foreign(item, rows)
        if item.operation == SyncOperation.DELETE:
            return _deletion(item.source_anchor, rows)
        if item.properties is None:
            return _members_only(item, rows)
        return self._claimant(item, item.properties, rows)

    def _refuse_foreign(self, item: SyncObject, rows: Sequence[TenantObject]) -> None:
        """Raise ExportError for what another client exported, and this one may not take over now."""
        anchor = item.source_anchor
        deletes = item.operation == SyncOperation.DELETE
        if deletes and all(row.deleted is not None for row in rows):
            return
        if anchor not in self.takeable or deletes or item.properties is None:
            there = (row for row in rows if row.synced == 1 and row.deleted is None)
            raise ExportError(
                SyncCode.ANCHOR_OWNED_BY_ANOTHER_CLIENT,
                messages.owned_by(self.foreign[anchor]),
                (("SourceAnchor", anchor),),
                cloud_anchor=next((cloud_anchor(row.type, row.id) for row in there), None),
            )

    def _claimant(
        self, item: SyncObject, properties: Mapping[str, Any], rows: Sequence[TenantObject]
    ) -> Claimant | Keeping:
        anchor, object_type = item.source_anchor, item.object_type.value
        if "\0" in anchor:
            raise not_valid("SourceAnchor", anchor)
        if rows:
            previous = matching.hard_match(object_type, anchor, rows, self.policy)
            if previous is not None:
                errors = self.errors.get(previous.number, {})
                return _matched(anchor, properties, previous, errors, self.policy)
        elif len(anchor) > LONGEST_ANCHOR:
            raise too_long("SourceAnchor", anchor, LONGEST_ANCHOR)
        wanted = (
            self.foreseen.get(anchor)
            or want_plainly(properties, object_type, self.policy)
            or want(properties, object_type, None, {}, self.policy)
        )
        number, cloud_id = self.new_identity(anchor)
        failed_before = anchor in self.failed_before
        return new_claimant(
            number, cloud_id, object_type, anchor, wanted, failed_before=failed_before
        )


# Claimants are made by position, in these two functions only: keywords take 0.5 us longer, 2 % of
# the export of a new user. test_intake.py holds the order.


def new_claimant(  # noqa: PLR0913 - an object has an identity in two places, and a type
    number: int,
    cloud_id: str,
    object_type: str,
    anchor: str,
    wanted: Wanted,
    *,
    failed_before: bool = False,
) -> Claimant:
    """Return the claimant of an object that the tenant does not have yet."""
    return Claimant(
        number, cloud_id, object_type, anchor, wanted, None, frozenset(), {}, failed_before
    )


def known_claimant(
    previous: TenantObject, anchor: str, wanted: Wanted, own: Iterable[Claim], errors: Errors
) -> Claimant:
    """Return the claimant of an object that the tenant has.

    ``own`` are the claims that it holds.
    """
    return Claimant(
        previous.number,
        previous.id,
        previous.type,
        anchor,
        wanted,
        previous,
        frozenset(own),
        errors,
        failed_before=False,
    )


def _matched(
    anchor: str,
    properties: Mapping[str, Any],
    previous: TenantObject,
    errors: Errors,
    policy: Policy,
) -> Claimant | Keeping:
    if is_plain(previous, errors):
        before = decode(previous.shadow)
        if (keeping := keep(previous, before, properties)) is not None:
            return keeping
        wanted = want_plainly(properties, previous.type, policy, previous, before)
        if wanted is not None:
            own = own_claims(previous, before, wanted)
            return known_claimant(previous, anchor, wanted, own, errors)
    # A user that was restored, and comes back to its client, is computed like a new one.
    waiting = errors if previous.synced == 1 else {}
    wanted = want(properties, previous.type, previous, waiting, policy)
    return known_claimant(previous, anchor, wanted, claims_of(previous), errors)


def _deletion(anchor: str, rows: Iterable[TenantObject]) -> Case:
    """Find what to delete; an object that is not there counts as deleted already."""
    live = next((row for row in rows if row.deleted is None), None)
    if live is None:
        return SyncResult(anchor)
    if live.synced != 1:
        raise ExportError(
            SyncCode.DELETING_CLOUD_ONLY_OBJECT_NOT_ALLOWED,
            messages.NOT_DELETABLE,
            (("SourceAnchor", anchor),),
        )
    return Deletion(live, frozenset(claims_of(live)))


def _members_only(item: SyncObject, rows: Iterable[TenantObject]) -> Case:
    """Find the object of which only the members or the manager change."""
    for row in rows:
        if row.deleted is None and row.type == item.object_type:
            return MembersOnly(row)
    raise ExportError(
        SyncCode.OBJECT_NOT_FOUND, messages.NOT_FOUND, (("SourceAnchor", item.source_anchor),)
    )


def claims_to_look_up(cases: Iterable[Case], policy: Policy) -> set[Claim]:
    """Return the claims whose holders a decision needs to know, but for those of ``held_already``."""
    claims: set[Claim] = set()
    for case in cases:
        if isinstance(case, Claimant):
            previous = case.previous
            if previous is None:
                claims.update(case.wanted.claims)
            elif previous.deleted is None:
                claims.update(set(case.wanted.claims) - case.own)
                claims.update(case.fallback)
            else:
                claims.update(case.wanted.claims, case.own, case.fallback)
    return with_twins(claims) if policy.one_namespace else claims


def held_already(cases: Iterable[Case]) -> dict[Claim, int]:
    """Return the claims that the cases hold without a look: an object that is there has what it shows."""
    held: dict[Claim, int] = {}
    for case in cases:
        if not isinstance(case, Claimant | Deletion):
            continue
        previous = case.previous
        if previous is not None and previous.deleted is None:
            held.update(dict.fromkeys(case.own, previous.number))
    return held


def join(
    cases: Sequence[Case],
    held: Mapping[Claim, int],
    objects: Mapping[int, TenantObject],
    policy: Policy,
) -> tuple[list[Case], list[Case]]:
    """Let new objects join the cloud-only ones that they match by address.

    Returns all cases, and those that joined. A cloud-only object is joined once: a second object
    that would match it stays a new one.
    """
    joined: dict[int, Case] = {}
    after = [
        _joined(case, held, objects, policy, joined) if isinstance(case, Claimant) else case
        for case in cases
    ]
    return after, list(joined.values())


def _joined(
    claimant: Claimant,
    held: Mapping[Claim, int],
    objects: Mapping[int, TenantObject],
    policy: Policy,
    joined: dict[int, Case],
) -> Case:
    previous, wanted = claimant.previous, claimant.wanted
    if previous is not None:
        if previous.deleted is None:
            return claimant
        still = frozenset(c for c in claimant.own if held.get(c) == claimant.number)
        return claimant._replace(own=still)
    if held.keys().isdisjoint(wanted.claims):
        return claimant
    primary = next((address.key for address in wanted.addresses if address.is_primary), None)
    given_upn = wanted.upn if wanted.upn == wanted.properties.get("userPrincipalName") else None
    match = matching.soft_match(
        claimant.type, primary, given_upn, held=held, objects=objects, policy=policy
    )
    if match is None or match.number in joined:
        return claimant
    try:
        joined[match.number] = _matched(claimant.anchor, wanted.properties, match, {}, policy)
        return joined[match.number]
    except ExportError as error:
        return error.result(claimant.anchor)
