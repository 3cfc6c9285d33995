"""Decide which quarantined values go to whom, now that they are free.

Seed: "A background timer task has been enabled in Azure Active Directory that runs every hour to
look for duplicate attribute conflicts that have been resolved, and automatically removes the
attributes in question from quarantine."
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from connector.model import ObjectType
from connector.tenant import recipients
from connector.tenant.batch import Decision
from connector.tenant.objects import PROXIES, UPN
from connector.tenant.quarantine import Claims, claims_of, turn
from connector.values.addresses import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from connector.tenant.objects import Claim, Errors, Policy, ProvisioningError, TenantObject
    from connector.tenant.quarantine import Waiter


class Released(NamedTuple):
    """A value that left quarantine, and the object that has it now."""

    anchor: str | None
    type: ObjectType
    name: str
    attribute: str
    value: str


@dataclass(slots=True)
class Relief:
    """What a sweep writes and reports; ``freed`` are the values that its objects gave up."""

    decision: Decision = field(default_factory=Decision)
    released: list[Released] = field(default_factory=list)
    freed: list[Claim] = field(default_factory=list)


def relieve(
    waiters: Collection[Waiter],
    objects: Mapping[int, TenantObject],
    errors: Mapping[int, Errors],
    policy: Policy,
    is_held: Callable[[Claim], bool],
) -> Relief:
    """Give free values to their waiters, each in turn: who was quarantined first comes first.

    A value is given only when everything that the object would claim with it is free, so a sweep
    never sets anything aside. ``objects`` and ``errors`` are those of the waiters.
    """
    claims = Claims({}, is_held)
    now: dict[int, tuple[TenantObject, Errors]] = {}
    relief = Relief()
    for waiter in turn(waiters):
        number = waiter.number
        item, its_errors = now.get(number) or (objects[number], errors[number])
        if (waiter.error.attribute, waiter.error.key) not in its_errors:
            continue
        before, rest = claims_of(item), _remaining(item, waiter.error, its_errors, policy)
        after = with_value(item, waiter.error, rest, policy)
        gained = claims_of(after) - before
        if any(claims.is_taken(claim, number) for claim in gained):
            continue
        claims.grant(gained, number)
        relief.freed += before - claims_of(after)
        now[number] = (after, rest)
        relief.released.append(
            Released(
                after.anchor,
                ObjectType(after.type),
                after.display_name,
                waiter.error.attribute,
                waiter.error.value,
            )
        )
    for number, (item, rest) in now.items():
        change(relief.decision, objects[number], item, rest)
    return relief


def with_value(
    item: TenantObject, error: ProvisioningError, rest: Errors, policy: Policy
) -> TenantObject:
    """Return the object with a quarantined value back; ``rest`` are the errors that remain."""
    upn = error.value if error.attribute == UPN else item.upn
    return recalculated(item._replace(upn=upn), rest, policy)


def _remaining(
    item: TenantObject, error: ProvisioningError, errors: Errors, policy: Policy
) -> Errors:
    """Return the errors that are left when a quarantined value is back.

    With its UPN back, a user no longer waits for the address of the one that it went by.
    """
    gone = {(error.attribute, error.key)}
    if error.attribute == UPN:
        proxies = recipients.addresses(json.loads(item.shadow), policy, mailbox=item.exchange == 1)
        own = {proxy.key for proxy in proxies if proxy.is_smtp}
        substitute = fold(item.upn or "")
        if substitute not in own and substitute != fold(item.moera or ""):
            gone.add((PROXIES, substitute))
    return {name: other for name, other in errors.items() if name not in gone}


def recalculated(item: TenantObject, errors: Errors, policy: Policy) -> TenantObject:
    """Compute the addresses and mail anew from the shadow, less what is set aside."""
    properties = json.loads(item.shadow)
    shown = recipients.visible(
        recipients.addresses(properties, policy, mailbox=item.exchange == 1),
        refused={error.key for error in errors.values() if error.attribute == PROXIES},
        upn=item.upn if item.upn_proxy else None,
        moera=item.moera,
        mail=properties.get("mail"),
    )
    return item._replace(mail=shown.mail, proxies=recipients.as_list(shown.proxies))


def change(decision: Decision, before: TenantObject, after: TenantObject, errors: Errors) -> None:
    """Note the change of one object in a decision."""
    held, wanted = claims_of(before), claims_of(after)
    decision.updated.append(after)
    decision.errors.append((after, errors))
    decision.released += [(*claim, after.number) for claim in held - wanted]
    decision.granted += [(*claim, after.number) for claim in wanted - held]
