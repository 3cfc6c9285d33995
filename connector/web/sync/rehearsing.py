"""Rehearse for sync clients: begin and end it, and sweep in it. All else of it is what their other calls do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.web.sync import bodies, refusals
from connector.web.sync.replies import answer

if TYPE_CHECKING:
    from connector.web.exchange import Reply
    from connector.web.sync.asked import Asked


def rehearse(asked: Asked) -> Reply:
    """Begin a rehearsal; what its client asks with the id of it is undone in the end."""
    bodies.fields(asked.call, {})
    return answer({"rehearsal": asked.context.rehearsals.begin(asked.app)})


def undo(asked: Asked) -> Reply:
    """End the rehearsal of the call; one that is over already is as well."""
    bodies.fields(asked.call, {})
    if (identity := asked.rehearsal()) is None:
        raise refusals.NOT_A_REHEARSAL
    asked.context.rehearsals.end(identity, asked.app)
    return answer({})


def sweep(asked: Asked) -> Reply:
    """Sweep the tenant of a rehearsal; say what it gives back to the objects of the client."""
    bodies.fields(asked.call, {})
    if asked.rehearsal() is None:
        raise refusals.NOT_A_REHEARSAL
    with asked.at_work() as tenant:
        client = asked.client(tenant)
        result = tenant.sweep()
        released = [
            [one.anchor, one.type, one.name, one.attribute, one.value]
            for one in result.released
            if one.anchor and tenant.remembered(one.anchor, client.number) is not None
        ]
        return answer({"released": released, "waiting": result.waiting, "kept": result.kept})
