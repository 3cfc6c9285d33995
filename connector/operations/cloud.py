"""What an administrator of the cloud asks for, as ``operations`` performs it.

Requests and answers are plain data, as they travel over the control socket.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from connector.report.delivery import SETTLED
from connector.storage import snapshots

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from connector.assembly import Parts
    from connector.storage.snapshots import Snapshot
    from connector.tenant.service import TenantService

    Request = Mapping[str, Any]
    Answer = dict[str, Any]


def restore(parts: Parts, request: Request) -> Answer:
    """Bring a soft-deleted user back."""
    restored = parts.tenant.administrator.restore(
        request["identity"],
        new_upn=request.get("new_upn"),
        reconcile_proxies=request.get("reconcile_proxies", False),
    )
    return {"object": restored}


def feature(parts: Parts, request: Request) -> Answer:
    """Switch a feature of the tenant."""
    parts.tenant.administrator.set_feature(request["name"], enabled=request["enabled"])
    return {"features": parts.tenant.administrator.features()}


def domain(parts: Parts, request: Request) -> Answer:
    """Verify a domain or remove it; every UPN and address is computed anew."""
    parts.tenant.administrator.set_domain(
        request["name"], verified=request["verified"], federated=request.get("federated", False)
    )
    return {"domains": domains(parts.tenant)}


def license_(parts: Parts, request: Request) -> Answer:
    """Assign Exchange to a user, or remove it."""
    changed = parts.tenant.administrator.license(request["identity"], assign=request["assign"])
    return {"object": changed}


def add(parts: Parts, request: Request) -> Answer:
    """Create a cloud-only object."""
    added = parts.tenant.administrator.add(
        request["type"], request["properties"], admin_role=request.get("admin_role", False)
    )
    return {"object": added}


def change(parts: Parts, request: Request) -> Answer:
    """Change properties of an object that is not synchronized."""
    changed = parts.tenant.administrator.change(request["identity"], request["properties"])
    return {"object": changed}


def delete(parts: Parts, request: Request) -> Answer:
    """Delete an object in the cloud; what the directory has comes back with its next change."""
    gone = parts.tenant.administrator.delete(request["identity"], hard=request.get("hard", False))
    return {"object": gone}


def clock(parts: Parts, request: Request) -> Answer:
    """Advance the tenant's clock by ``advance`` seconds, or reset it where there are none.

    A report that was sent ahead of time counts as sent when the clock is reset, not later: otherwise
    the next Monday would go by without one.
    """
    tenant_clock = parts.tenant.clock
    if request.get("advance") is not None:
        tenant_clock.advance(timedelta(seconds=request["advance"]))
    else:
        tenant_clock.reset()
        settled, now = parts.space.state.get(SETTLED), tenant_clock.now()
        if settled is not None and datetime.fromisoformat(settled) > now:
            parts.space.note(SETTLED, now.isoformat())
    return {"clock": time_of(parts.tenant)}


def snapshot(parts: Parts, request: Request) -> Answer:
    """Keep the state of both databases under a name."""
    taken = snapshots.take(parts.settings.storage.path, request["name"])
    parts.log.info("snapshot.taken", name=taken.name)
    return {"snapshot": described(taken)}


def rewind(parts: Parts, request: Request) -> Answer:
    """Take both databases back to a snapshot."""
    storage = parts.settings.storage.path
    found = snapshots.rewind(storage, request["name"], space=parts.space, tenant=parts.tenant)
    parts.log.warning("snapshot.rewound", name=found.name)
    return {"snapshot": described(found)}


OPERATIONS: dict[str, Callable[[Parts, Request], Answer]] = {
    "restore": restore,
    "feature": feature,
    "domain": domain,
    "license": license_,
    "add": add,
    "set": change,
    "delete": delete,
    "clock": clock,
    "snapshot": snapshot,
    "rewind": rewind,
}


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
        "now": tenant.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aheadSeconds": int(tenant.clock.ahead().total_seconds()),
    }


def described(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "name": snapshot.name,
        "createdDateTime": snapshot.created.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "path": str(snapshot.path),
    }
