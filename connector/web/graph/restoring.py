"""Bring soft-deleted users back, or delete them for good."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.operations import cloud
from connector.web.graph import bodies, identities, written
from connector.web.graph.changing import check_options, domains, entity, perform
from connector.web.graph.refusals import invalid
from connector.web.graph.types import USER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.web.exchange import Reply
    from connector.web.graph.request import Request

_UPN, _RECONCILE = "newUserPrincipalName", "autoReconcileProxyConflict"


def restore(request: Request) -> Reply:
    """Bring a user back, with another principal name where the client asks for it."""
    check_options(request, USER)
    body = bodies.read_object(request.call.body, optional=True)
    given = bodies.spelled(body, (_UPN, _RECONCILE))
    with request.reading() as readers:
        item = identities.deleted(readers, request.id)
        new_upn = _new_upn(given, domains(readers))
    perform(
        request,
        request.id,
        cloud.restore,
        identity=item.id,
        new_upn=new_upn,
        reconcile_proxies=_flag(given),
    )
    request.context.note_change(request.call, "restore user", item.id)
    return entity(request, item.id, typed=True)


def purge(request: Request) -> Reply:
    """Delete a user for good."""
    with request.reading() as readers:
        item = identities.deleted(readers, request.id)
    perform(request, request.id, cloud.delete, identity=item.id, hard=True)
    request.context.note_change(request.call, "delete user for good", item.id)
    return request.nothing()


def _new_upn(given: Mapping[str, Any], verified: frozenset[str]) -> str | None:
    if given.get(_UPN) is None:
        return None
    name = "userPrincipalName"
    found = written.changed_properties("user", {name: given[_UPN]}, verified, synced=False)
    return str(found[name])


def _flag(given: Mapping[str, Any]) -> bool:
    flag = given.get(_RECONCILE)
    if not isinstance(flag, bool | None):
        raise invalid(f"The parameter '{_RECONCILE}' is true or false.")
    return bool(flag)
