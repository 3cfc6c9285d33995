"""Create, change and delete users and groups of the cloud."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from connector.errors import TenantRefused, UnknownObject
from connector.operations import cloud
from connector.values.addresses import fold
from connector.web.graph import bodies, identities, listing, options, written
from connector.web.graph.refusals import invalid, not_found

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.assembly import Readers
    from connector.operations.binding import Answer
    from connector.web.exchange import Reply
    from connector.web.graph.refusals import Refusal
    from connector.web.graph.request import Request
    from connector.web.graph.types import GraphType

    Handler = Callable[[Request], Reply]

_CONFLICT = re.compile(
    r"Another object with the same value for property (\w+) already exists", re.ASCII
)
_ANCHOR = re.compile(r"Another object has the (onPremisesImmutableId) ", re.ASCII)
_HELD = "Uniqueness violation. Property: ProxyAddresses."


def create(of: GraphType) -> Handler:
    """Make the answer for a new cloud-only object of a type."""

    def answer(request: Request) -> Reply:
        check_options(request, of)
        given = bodies.read_object(request.call.body)
        with request.reading() as readers:
            properties = written.new_object(of.tenant, given, domains(readers))
        upn = str(properties.get("userPrincipalName", properties["displayName"]))
        done = perform(request, upn, cloud.add, type=of.tenant, properties=properties)
        name = done["object"]["id"]
        request.context.note_change(request.call, f"create {of.name}", name)
        reply = entity(request, name)
        location = {"Location": f"{request.root()}/{of.collection}/{name}"}
        return replace(reply, status=201, headers={**reply.headers, **location})

    return answer


def change(of: GraphType) -> Handler:
    """Make the answer for a change of an object of a type."""

    def answer(request: Request) -> Reply:
        given = bodies.read_object(request.call.body)
        with request.reading() as readers:
            item = identities.live(readers, of, request.id)
            properties = written.changed_properties(
                of.tenant, given, domains(readers), synced=item.synced == 1
            )
        if properties:
            perform(request, request.id, cloud.set_, identity=item.id, properties=properties)
            request.context.note_change(request.call, f"update {of.name}", item.id)
        return request.nothing()

    return answer


def delete(of: GraphType) -> Handler:
    """Make the answer for the end of an object: a user can be restored, a group is gone for good."""

    def answer(request: Request) -> Reply:
        with request.reading() as readers:
            item = identities.live(readers, of, request.id)
        perform(request, request.id, cloud.delete, identity=item.id)
        request.context.note_change(request.call, f"delete {of.name}", item.id)
        return request.nothing()

    return answer


# --- what the changes share -------------------------------------------------------------------


def perform(
    request: Request, whom: str, operation: Callable[..., Answer], **arguments: Any
) -> Answer:
    """Have an operation of the tenant's administrator done.

    Raises Refusal where the tenant refuses it; ``whom`` is what the client calls the object.
    """
    try:
        return request.context.perform(operation, **arguments)
    except UnknownObject as error:
        raise not_found(whom) from error
    except TenantRefused as error:
        raise refusal_of(str(error)) from error


def check_options(request: Request, of: GraphType) -> None:
    """Refuse, before anything is changed, what the answer could not be written by."""
    options.read(options.given(request.call.query), of, request.takes, eventual=False)


def refusal_of(reason: str) -> Refusal:
    """Say a reason of the tenant in the words of Graph; what Graph does not tell is left out."""
    if (conflict := _CONFLICT.match(reason) or _ANCHOR.match(reason)) is not None:
        message = f"Another object with the same value for property {conflict[1]} already exists."
        details = {"code": "ObjectConflict", "message": message, "target": conflict[1]}
        return invalid(message, [details])
    if reason.startswith(_HELD):
        return invalid(_HELD)
    return invalid(reason)


def entity(request: Request, identity: str, *, typed: bool = False) -> Reply:
    """Return an object that is there, as a request for it is answered."""
    with request.reading() as readers:
        item = identities.live(readers, None, identity)
        return listing.single(request, readers.tenant, item.number, typed=typed)


def domains(readers: Readers) -> frozenset[str]:
    """Return the verified domains, folded."""
    return frozenset(fold(domain.name) for domain in readers.tenant.administrator.domains())
