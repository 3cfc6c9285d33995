"""Decide which quarantined values are released, and to whom.

Seed: "A background timer task has been enabled in Azure Active Directory that runs every hour to
look for duplicate attribute conflicts that have been resolved, and automatically removes the
attributes in question from quarantine."
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from connector.model import ObjectType
from connector.tenant import known_issues, recipients
from connector.tenant.objects import PROXIES, UPN, claims_of
from connector.tenant.quarantine import Claims, turn
from connector.tenant.writes import Writes
from connector.values.addresses import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from connector.tenant.objects import Claim, Errors, Policy, ProvisioningError, TenantObject
    from connector.tenant.quarantine import Waiter


class Released(NamedTuple):
    """A value that was released from quarantine, and the object that holds it now."""

    anchor: str | None
    type: ObjectType
    name: str
    attribute: str
    value: str


class SweepResult(NamedTuple):
    """The values that a sweep released, and how many are still in quarantine.

    ``stopped`` says that it was stopped: the next one goes on. ``kept`` counts those still in
    quarantine that nobody holds, and that a known issue leaves there all the same.
    """

    released: tuple[Released, ...]
    waiting: int
    stopped: bool = False
    kept: int = 0


@dataclass(slots=True)
class Release:
    """What a page of a sweep writes and reports.

    ``given_up`` are the claims that the objects gave up as they got their values back.
    """

    writes: Writes = field(default_factory=Writes)
    released: list[Released] = field(default_factory=list)
    given_up: list[Claim] = field(default_factory=list)


def release_values(
    waiters: Collection[Waiter],
    objects: Mapping[int, TenantObject],
    errors: Mapping[int, Errors],
    policy: Policy,
    is_held: Callable[[Claim], bool],
) -> Release:
    """Release free values to their waiters, each in turn.

    The object that was quarantined first comes first. A value is released only when everything that
    the object would claim with it is free, so a sweep never quarantines anything. ``objects`` and
    ``errors`` are those of the waiters, by number.
    """
    claims = Claims({}, is_held, one_namespace=policy.one_namespace)
    now: dict[int, tuple[TenantObject, Errors]] = {}
    release = Release()
    for waiter in turn(waiters):
        number = waiter.number
        item, its_errors = now.get(number) or (objects[number], errors[number])
        if (waiter.error.attribute, waiter.error.key) not in its_errors:
            continue
        if known_issues.stays_in_quarantine(waiter.error, item, policy.known_issues):
            continue
        before, rest = claims_of(item), _remaining(item, waiter.error, its_errors, policy)
        after = with_value(item, waiter.error, rest, policy)
        gained = claims_of(after) - before
        if any(claims.is_taken(claim, number, before) for claim in gained):
            continue
        claims.grant(gained, number)
        release.given_up += before - claims_of(after)
        now[number] = (after, rest)
        release.released.append(
            Released(
                anchor=after.anchor,
                type=ObjectType(after.type),
                name=after.display_name,
                attribute=waiter.error.attribute,
                value=waiter.error.value,
            )
        )
    for number, (item, rest) in now.items():
        release.writes.update(objects[number], item, rest)
    return release


def with_value(
    item: TenantObject, error: ProvisioningError, rest: Errors, policy: Policy
) -> TenantObject:
    """Return the object with a value released to it.

    ``rest`` are the errors that remain.
    """
    upn = error.value if error.attribute == UPN else item.upn
    return recalculated(item._replace(upn=upn), rest, policy)


def _remaining(
    item: TenantObject, error: ProvisioningError, errors: Errors, policy: Policy
) -> Errors:
    """Return the errors that remain when a quarantined value is released.

    A user that gets its UPN no longer waits for the address of the UPN that it had instead.
    """
    ended = {(error.attribute, error.key)}
    if error.attribute == UPN:
        addresses = recipients.addresses(
            json.loads(item.shadow), policy, mailbox=item.exchange == 1
        )
        substitute = fold(item.upn or "")
        own = {address.key for address in addresses if address.is_smtp}
        if substitute not in own and substitute != fold(item.moera or ""):
            ended.add((PROXIES, substitute))
    return {name: other for name, other in errors.items() if name not in ended}


def recalculated(item: TenantObject, errors: Errors, policy: Policy) -> TenantObject:
    """Compute addresses and mail anew from the shadow, less the quarantined values."""
    properties = json.loads(item.shadow)
    addresses = recipients.addresses(properties, policy, mailbox=item.exchange == 1)
    shown = recipients.visible(
        addresses,
        quarantined={error.key for error in errors.values() if error.attribute == PROXIES},
        upn=item.upn if item.upn_proxy else None,
        moera=item.moera,
        mail=properties.get("mail"),
    )
    return item._replace(mail=shown.mail, proxies=recipients.as_list(shown.proxies))
