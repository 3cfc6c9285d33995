"""The operations of a connector that shares its tenant with others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.operations.binding import Answer

if TYPE_CHECKING:
    from connector.assembly import Parts, Readers


def take_over(parts: Parts) -> Answer:
    """Take over what another client has, and this one would export: see ``ConnectorSpace.foreign``.

    ``taken`` are the source anchors of these objects; the next cycle goes on with them.
    """
    client, membership = parts.tenant.client, parts.tenant.clients
    wanted = [] if client is None else parts.space.foreign()
    taken = [] if client is None else membership.take_over(client, wanted)
    # Not of ``taken`` alone: an attempt that was interrupted here goes on.
    parts.space.recover(membership.without_shadow(wanted))
    if taken:
        parts.log.warning("anchors.taken_over", count=len(taken), first=taken[0])
    return {"taken": taken}


def inherit(parts: Parts, *, client: str) -> Answer:
    """Take over all that another client has, by its id, which will not come back.

    ``taken`` are the source anchors of these objects; the next cycle deletes those that the directory does not
    have, under the guards. Raises InstanceLocked while another connector is at work on the file of the tenant.
    """
    with parts.alone("taking over all that a connector has"):
        taken = parts.tenant.clients.inherit(parts.tenant.client or 0, client)
    parts.space.recover(parts.tenant.clients.without_shadow(parts.space.foreign()))
    parts.log.warning("anchors.taken_over", count=len(taken), first=taken[0] if taken else None)
    return {"taken": taken}


OPERATIONS = (take_over, inherit)


def described(readers: Readers | Parts) -> list[dict[str, Any]]:
    """Write the clients of the tenant; ``isThis`` marks the one of the connector space."""
    this = readers.space.client()
    return [
        {
            "id": client.id,
            "host": client.host,
            "path": client.place,
            "lastExport": client.last_export,
            "objects": objects,
            "isThis": client.id == this,
        }
        for client, objects in readers.tenant.clients.listed()
    ]
