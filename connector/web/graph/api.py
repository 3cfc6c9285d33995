"""Answer everything below ``/v1.0`` and ``/beta``: find the route, see that the caller may, call it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.web import envelope
from connector.web.exchange import Reply
from connector.web.graph import paths
from connector.web.graph.refusals import (
    Refusal,
    bad_request,
    denied,
    is_text,
    not_allowed,
    not_implemented,
    unknown_segment,
)
from connector.web.graph.request import Request
from connector.web.graph.route import Unknown
from connector.web.graph.routes import TABLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.web.context import Context
    from connector.web.exchange import Call
    from connector.web.graph.route import Match

_ROOT = "service root"


def answer(call: Call, context: Context, again: Callable[[Call], Reply]) -> Reply:
    """Answer a call whose caller is known; a refusal has the form of Graph's errors.

    ``again`` answers the requests of a batch, each with the caller of the batch.
    Raises the connector's own errors, which the caller turns into answers.
    """
    try:
        return _answer(call, context, again)
    except Refusal as refusal:
        return envelope.refusal(
            call,
            context.clock(),
            refusal.status,
            refusal.code,
            refusal.message,
            details=refusal.details,
            headers=refusal.headers,
        )


def _answer(call: Call, context: Context, again: Callable[[Call], Reply]) -> Reply:
    if not all(map(is_text, (call.path, *(text for pair in call.query for text in pair)))):
        raise bad_request("The request has characters that are not text.")
    target = paths.target(call.path)
    match = _match(target)
    method = "GET" if call.method == "HEAD" else call.method
    route = match.routes.get(method)
    if route is None and method == "OPTIONS":
        return Reply(204, headers={"Allow": ", ".join(_methods(match)), **envelope.tracing(call)})
    if route is None:
        raise not_allowed(_methods(match))
    if call.caller is not None and call.caller.role == "synchronization":
        raise denied()
    if route.needs == "write" and (call.caller is None or call.caller.role != "admin"):
        raise denied()
    return route.do(Request(call, context, route.takes, target, again, match.id, match.cast))


def _match(target: paths.Target) -> Match:
    if not target.segments:
        raise not_implemented(_ROOT)
    try:
        return TABLE.match(target.segments)
    except Unknown as unknown:
        if unknown.is_of_graph:
            raise not_implemented(unknown.segment) from None
        raise unknown_segment(unknown.segment) from None


def _methods(match: Match) -> list[str]:
    found = set(match.routes)
    return sorted(found | ({"HEAD"} if "GET" in found else set()) | {"OPTIONS"})
