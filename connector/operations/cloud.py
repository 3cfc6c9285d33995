"""The operations of an administrator of the cloud.

An operation imports its needs when it runs, because naming one must be cheap.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from connector.errors import UnknownObject
from connector.operations.binding import Answer
from connector.values import moments

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from connector.assembly import Parts
    from connector.storage.snapshots import Snapshot
    from connector.tenant.service import TenantService
    from connector.tenant.sweep import Released

Type = Literal["user", "group", "contact"]
Properties = dict[str, str | list[str] | dict[str, str]]


def restore(
    parts: Parts, *, identity: str, new_upn: str | None = None, reconcile_proxies: bool = False
) -> Answer:
    """Bring a soft-deleted user back; ``quarantined`` says what it did not get, and who holds it.

    Its items are ``{attribute, value, holder}``; the log tells each of them too. The provisioning errors of
    the object have the holder as ``conflictsWith``, as those of ``connector errors`` have.
    """
    restored = parts.tenant.administrator.restore(
        _id(parts, identity, deleted=True), new_upn=new_upn, reconcile_proxies=reconcile_proxies
    )
    held = _held_by_others(parts.tenant, restored)
    for error in restored["onPremisesProvisioningErrors"]:
        error["conflictsWith"] = held.get((error["propertyCausingError"], error["value"]))
    quarantined = [
        {"attribute": attribute, "value": value, "holder": holder["displayName"] if holder else ""}
        for (attribute, value), holder in held.items()
    ]
    _log_restore(parts, restored, quarantined)
    return {"object": restored, "quarantined": quarantined}


def feature(parts: Parts, *, name: str, enabled: bool) -> Answer:
    """Switch a feature of the tenant."""
    parts.tenant.administrator.set_feature(name, enabled=enabled)
    return {"features": parts.tenant.administrator.features()}


def domain(
    parts: Parts, *, name: str, verified: bool, federated: bool = False, force: bool = False
) -> Answer:
    """Verify a domain or remove it; every UPN and address is computed anew."""
    parts.tenant.administrator.set_domain(
        name, verified=verified, federated=federated, force=force, stop=parts.stop
    )
    return {"domains": domains(parts.tenant)}


def license_(parts: Parts, *, identity: str, assign: bool) -> Answer:
    """Assign Exchange to a user, or remove it."""
    changed = parts.tenant.administrator.license(_id(parts, identity), assign=assign)
    return {"object": changed}


def add(
    parts: Parts,
    *,
    type: Type,  # noqa: A002 -- as Graph calls it
    properties: Properties,
    admin_role: bool = False,
) -> Answer:
    """Create a cloud-only object."""
    added = parts.tenant.administrator.add(type, properties, admin_role=admin_role)
    return {"object": added}


def set_(
    parts: Parts, *, identity: str, properties: Properties, admin_role: bool | None = None
) -> Answer:
    """Change properties of an object that is not synchronized, or the role of any user."""
    changed = parts.tenant.administrator.change(
        _id(parts, identity), properties, admin_role=admin_role
    )
    return {"object": changed}


def match(parts: Parts, *, identity: str, anchor: str | None) -> Answer:
    """Move the source anchor of a user, or clear it with None, as ``Set-MsolUser -ImmutableId``.

    ``refusedRole`` tells that the next cycle will not join the user, who has an administrator role.
    """
    matched = parts.tenant.administrator.match(_id_of_any(parts, identity), anchor)
    item = parts.tenant.by_id([matched["id"]])[matched["id"]]
    allowed = anchor is not None and not parts.settings.tenant.block_hard_match_to_administrators
    refused = bool(item.admin_role) and item.synced != 1 and not allowed
    return {"object": matched, "refusedRole": refused}


def delete(parts: Parts, *, identity: str, hard: bool = False) -> Answer:
    """Delete an object in the cloud; a synchronized one comes back with its next change."""
    gone = parts.tenant.administrator.delete(_id_of_any(parts, identity), hard=hard)
    return {"object": gone}


def sweep(parts: Parts) -> Answer:
    """Release the values whose conflict is gone; ``stopped`` says that it was stopped in between.

    ``kept`` counts, if there are some, the values in quarantine that a known issue keeps there.
    """

    def tell(page: Sequence[Released]) -> None:
        for release in page:
            parts.log.info("sweep.released", **release._asdict())

    result = parts.tenant.sweep(stop=parts.stop, tell=tell)
    released = [release._asdict() for release in result.released]
    counts = {"released": len(released), "waiting": result.waiting}
    if result.stopped:
        parts.log.info("sweep.stopped", **counts, next="the next sweep goes on")
        return {"released": released, "waiting": result.waiting, "stopped": True}
    parts.log.info("sweep.finished", **counts)
    kept = {"kept": result.kept} if result.kept else {}
    return {"released": released, "waiting": result.waiting, **kept}


def clock(parts: Parts, *, advance: float | None = None) -> Answer:
    """Advance the tenant's clock by ``advance`` seconds, or reset it without them.

    What comes due by the advance is done at once, and told: ``sweep`` and ``report`` are None where it did
    not. A report that was sent ahead of time counts as sent at the moment of the reset: otherwise the next
    Monday would pass without one. Raises InstanceLocked while another connector works on the tenant.
    """
    with parts.alone("the clock"):
        return _moved_clock(parts, advance)


def _moved_clock(parts: Parts, advance: float | None) -> Answer:
    from connector.report.delivery import SETTLED, begin_to_count

    tenant_clock = parts.tenant.clock
    if advance is not None:
        begin_to_count(parts)
        tenant_clock.advance(_duration(advance))
        return {"clock": time_of(parts.tenant), **_done_when_due(parts)}
    tenant_clock.reset()
    settled, now = parts.space.state.get(SETTLED), tenant_clock.now()
    if settled is not None and moments.read(settled) > now:
        parts.space.note(SETTLED, moments.timestamp(now))
    return {"clock": time_of(parts.tenant)}


def _done_when_due(parts: Parts) -> Answer:
    """Sweep and send the weekly report if the tenant's clock says that it is time; tell what was done."""
    from connector.operations.due import due
    from connector.report.delivery import send_weekly_if_due, weekly_is_due, weekly_report

    done: Answer = {"sweep": None, "report": None}
    every = parts.settings.schedule.sweep
    if due(parts.tenant.clock.now(), parts.tenant.last_sweep(), every):
        before = sum(1 for _ in parts.tenant.objects(deleted=True))
        swept = sweep(parts)
        left = sum(1 for _ in parts.tenant.objects(deleted=True))
        done["sweep"] = {**swept, "expired": before - left}
    if weekly_is_due(parts):
        errors = weekly_report(parts, parts.settings).errors
        done["report"] = {"errors": errors, "sent": send_weekly_if_due(parts) and bool(errors)}
    return done


def snapshot(parts: Parts, *, name: str) -> Answer:
    """Keep the state of both databases under a name."""
    from connector.operations.elsewhere import refuse_on_a_server
    from connector.storage import snapshots

    refuse_on_a_server(parts.settings, "A snapshot")
    storage, tenant = parts.settings.storage.path, parts.settings.tenant_file
    with parts.alone("a snapshot"):
        taken = snapshots.take(storage, name, tenant=tenant, stop=parts.stop)
    parts.log.info("snapshot.taken", name=taken.name)
    return {"snapshot": described(taken)}


def remove_snapshot(parts: Parts, *, name: str) -> Answer:
    """Remove a snapshot."""
    from connector.storage import snapshots

    removed = snapshots.remove(parts.settings.storage.path, name)
    parts.log.info("snapshot.removed", name=removed.name)
    return {"snapshot": described(removed)}


def rewind(parts: Parts, *, name: str) -> Answer:
    """Take both databases back to a snapshot."""
    from connector.entry import enter_tenant
    from connector.operations.elsewhere import refuse_on_a_server
    from connector.storage import snapshots

    refuse_on_a_server(parts.settings, "A rewind")
    storage = parts.settings.storage.path
    with parts.alone("a rewind"):
        found = snapshots.rewind(storage, name, space=parts.space, tenant=parts.tenant)
        enter_tenant(parts.tenant, settings=parts.settings, space=parts.space)
    parts.log.warning("snapshot.rewound", name=found.name)
    return {"snapshot": described(found)}


def forget_rewind(parts: Parts) -> Answer:
    """Forget a rewind that was interrupted, and go on with both databases as they are."""
    from connector.storage import snapshots

    forgotten = snapshots.forget_rewind(parts.settings.storage.path)
    if forgotten:
        parts.log.warning("snapshot.rewind_forgotten")
    return {"forgotten": forgotten}


OPERATIONS = (
    restore,
    feature,
    domain,
    license_,
    add,
    set_,
    match,
    delete,
    sweep,
    clock,
    snapshot,
    remove_snapshot,
    rewind,
    forget_rewind,
)


def _held_by_others(
    tenant: TenantService, item: Mapping[str, Any]
) -> dict[tuple[str, str], dict[str, Any] | None]:
    """Return the values of an object that are quarantined, by property and value, with their holders."""
    from connector.report.error_report import object_row
    from connector.tenant.provisioning_errors import ErrorQuery

    anchor = item["onPremisesImmutableId"]
    if not item["onPremisesProvisioningErrors"]:
        return {}
    return {
        (record.property, record.value): object_row(record.holder) if record.holder else None
        for record in tenant.provisioning_errors(ErrorQuery(anchor=anchor))
        if record.object.id == item["id"]
    }


def _log_restore(
    parts: Parts, item: Mapping[str, Any], quarantined: Iterable[Mapping[str, str]]
) -> None:
    """Log a restore as that of a sync client is logged."""
    whom = {
        "anchor": item["onPremisesImmutableId"],
        "type": item["objectType"],
        "name": item["displayName"],
        "dn": item["onPremisesDistinguishedName"],
    }
    parts.log.info("object.restored", **whom)
    for value in quarantined:
        conflict = {name: value[name] for name in ("attribute", "value")}
        parts.log.error("export.quarantined", **whom, **conflict, held_by=value["holder"])


def _id(parts: Parts, identity: str, *, deleted: bool = False) -> str:
    """Return the cloud id of the object that a person means by an identity or a name."""
    from connector.report.identity import cloud_identity

    parts.tenant.refuse_elsewhere()
    return cloud_identity(parts.space, parts.tenant, identity, deleted=deleted)


def _id_of_any(parts: Parts, identity: str) -> str:
    """Return the cloud id of a live object or, where none is meant, of a soft-deleted user."""
    try:
        return _id(parts, identity)
    except UnknownObject as error:
        try:
            return _id(parts, identity, deleted=True)
        except UnknownObject:
            raise error from None


def _duration(seconds: float) -> timedelta:
    """Return seconds as a duration, at most the longest one, which the clock refuses."""
    try:
        return timedelta(seconds=seconds)
    except OverflowError:
        return timedelta.max


# --- what is shown of it ----------------------------------------------------------------------


def domains(tenant: TenantService) -> list[dict[str, Any]]:
    """Write the verified domains as Graph does."""
    return [
        {
            "id": domain.name,
            "isInitial": domain.initial,
            "isVerified": True,
            "authenticationType": "Federated" if domain.federated else "Managed",
        }
        for domain in tenant.administrator.domains()
    ]


def time_of(tenant: TenantService) -> dict[str, Any]:
    """Write the tenant's time, and by how many seconds it runs ahead."""
    return {
        "now": moments.to_second(tenant.clock.now()),
        "aheadSeconds": int(tenant.clock.ahead().total_seconds()),
    }


def described(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "name": snapshot.name,
        "createdDateTime": moments.to_second(snapshot.created),
        "path": str(snapshot.path),
    }
