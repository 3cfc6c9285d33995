"""Answer everything below ``/sync``: who asks, whether it may, by which version of the protocol, and which call."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from connector.errors import ConnectorError
from connector.tenant.remote.lines import VERSION
from connector.web.exchange import Reply
from connector.web.signin import bearer
from connector.web.signin.tokens import TokenRefused
from connector.web.sync import refusals
from connector.web.sync.asked import Asked
from connector.web.sync.calls import CALLS
from connector.web.sync.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.web.context import Context
    from connector.web.exchange import Call

LONGEST_BODY = 16 * 1024 * 1024
"""Bytes of a batch as it is sent: compressed, that is many times as much."""

_PATH = re.compile(r"/sync/v([0-9]{1,6})/([a-z-]{1,64})/?")


def match(path: str) -> bool:
    """Tell whether a path, decoded, is one of sync clients."""
    return path == "/sync" or path.startswith("/sync/")


def longest_body(call: Call, context: Context) -> int | None:
    """Return how long the body of a request may be; None where it is as long as every other one.

    Only who is known may send more: what nobody proven sends is read before it is refused.
    """
    if not match(call.path):
        return None
    try:
        return LONGEST_BODY if bearer.proven(call, context).role == "synchronization" else None
    except (TokenRefused, ConnectorError):  # the answer tells it
        return None


def answer(call: Call, context: Context) -> Reply:
    """Answer a request; raises the connector's own errors, which the caller turns into answers."""
    caller = bearer.authenticate(call, context)
    if isinstance(caller, Reply):
        return caller
    try:
        if caller.role != "synchronization" or caller.app is None:
            context.note_refusal(call, "role", app=caller.app)
            return refusals.NOT_A_SYNC_CLIENT.reply(call, context.clock())
        do = _found(call)
        if throttled := context.throttle.refusal(call, context.clock()):
            return throttled
        return do(Asked(call, context, caller.app))
    except Refused as refused:
        return refused.reply(call, context.clock())


def _found(call: Call) -> Callable[[Asked], Reply]:
    """Return what answers a call; raises Refused."""
    found = _PATH.fullmatch(call.path)
    if found is not None and int(found[1]) != VERSION:
        who = "client" if int(found[1]) < VERSION else "server"
        raise Refused(
            404,
            "UnsupportedVersion",
            f"The server speaks version {VERSION} of the protocol, and the sync client version {found[1]}: "
            f"install a newer version of the connector where the {who} is.",
        )
    if found is None or found[2] not in CALLS:
        raise Refused(
            404,
            "UnknownCall",
            "The server knows no such call of sync clients.",
            problems=[found[2]] if found else (),
        )
    if call.method != "POST":
        raise Refused(405, "MethodNotAllowed", "Sync clients send POST alone.")
    return CALLS[found[2]]
