"""Send a request to the part of the web that answers it: sign-in, the API, sync clients or the pages."""

from __future__ import annotations

import re
import sqlite3
import traceback
from dataclasses import replace
from typing import TYPE_CHECKING

from connector.errors import (
    ConnectorError,
    DaemonUnavailable,
    InstanceLocked,
    InvalidRequest,
    QueryTooLong,
    StorageUnusable,
    TenantMoved,
    TenantRefused,
    UnknownObject,
)
from connector.storage.database import is_environmental
from connector.web.envelope import refusal
from connector.web.exchange import Reply
from connector.web.graph import api
from connector.web.pages import site
from connector.web.signin import bearer, endpoint
from connector.web.sync import api as sync
from connector.web.sync import refusals

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.web.context import Context
    from connector.web.exchange import Call

VERSIONS = ("v1.0", "beta")
_HOST = re.compile(r"(?:[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?", re.ASCII)
_PORTS = range(1, 65536)
_SECONDS_TO_RETRY = 5
_REFUSED = (TenantRefused, InvalidRequest)
_BUSY = (DaemonUnavailable, InstanceLocked, QueryTooLong, StorageUnusable)


def is_of_api(path: str) -> bool:
    """Tell whether a path, decoded, is one of the API."""
    first = next((part for part in path.split("/") if part), "")
    return first.lower() in VERSIONS


def is_host(text: str) -> bool:
    """Tell whether a text is ``host[:port]``, as a Host header has it."""
    found = _HOST.fullmatch(text)
    return found is not None and int(found[1] or 1) in _PORTS


def is_of_pages(path: str) -> bool:
    """Tell whether a path, decoded, is one of the pages: people read what is answered there."""
    return not is_of_api(path) and not sync.match(path) and not endpoint.match(path)


def refuse(  # noqa: PLR0913 - what an error of Graph has
    call: Call,
    context: Context,
    status: int,
    code: str,
    message: str,
    *,
    headers: Mapping[str, str],
) -> Reply:
    """Refuse a request: a program is told in the form of Graph's errors, a person by a page.

    Who cannot say which host is asked is not somebody with a browser.
    """
    if call.base and is_of_pages(call.path):
        return site.refuse(call, context, status, message, headers)
    return refusal(call, context.clock(), status, code, message, headers=headers)


def answer(call: Call, context: Context) -> Reply:
    """Answer a request; what fails is told as ``refuse`` does, and never as a stack trace."""
    try:
        if is_of_api(call.path):
            return _of_api(call, context)
        if sync.match(call.path):
            return sync.answer(call, context)
        if endpoint.match(call.path):
            return endpoint.respond(call, context)
        return site.answer(call, context)
    except Exception as error:  # noqa: BLE001 - a fault of one request must not end the server
        return _failed(call, context, error)


def answer_item(call: Call, context: Context) -> Reply:
    """Answer a request of a batch, whose caller is that of the batch; what fails is told as in ``answer``."""
    try:
        return _known(call, context)
    except Exception as error:  # noqa: BLE001 - the other items of the batch go on
        return _failed(call, context, error)


def _of_api(call: Call, context: Context) -> Reply:
    """Answer a request of the API when it is known who sends it."""
    caller = bearer.authenticate(call, context)
    if isinstance(caller, Reply):
        return caller
    return _known(replace(call, caller=caller), context)


def _known(call: Call, context: Context) -> Reply:
    """Answer a request of the API whose caller is known, unless it is throttled."""
    is_batch = call.path.rstrip("/").lower().endswith("/$batch")
    # Of a batch each item counts by itself.
    if not is_batch and (throttled := context.throttle.refusal(call, context.clock())):
        return throttled
    reply = api.answer(call, context, lambda item: answer_item(item, context))
    if reply.status == 403:  # noqa: PLR2004 - HTTP's own number
        context.note_refusal(call, "role", app=None if call.caller is None else call.caller.app)
    return reply


def _failed(call: Call, context: Context, error: Exception) -> Reply:
    """Turn an error that a handler met into a reply; what is not expected is logged with its place."""
    headers: dict[str, str] = {}
    if isinstance(error, UnknownObject):
        status, code, message = 404, "Request_ResourceNotFound", str(error)
    elif isinstance(error, _REFUSED):
        status, code, message = 400, "Request_BadRequest", str(error)
    elif isinstance(error, _BUSY) or (
        isinstance(error, sqlite3.DatabaseError) and is_environmental(error)
    ):
        status, code, message = 503, "ServiceUnavailable", _said(error)
        headers["Retry-After"] = str(_SECONDS_TO_RETRY)
    elif isinstance(error, ConnectorError):
        status, code, message = 400, "Request_BadRequest", str(error)
    else:
        place = traceback.extract_tb(error.__traceback__)[-1]
        context.log.tell(
            "error",
            "web.request_failed",
            error=type(error).__name__,
            message=str(error),
            place=f"{place.name}:{place.lineno}",
            request_id=call.request_id,
        )
        status, code = 500, "InternalServerError"
        message = "The server met an error of its own; its log names the request-id."
        if is_of_pages(call.path):
            message = (
                f"The server met an error of its own. Its log tells of it by {call.request_id}."
            )
    return refuse(call, context, status, code, message, headers=headers)


def _said(error: Exception) -> str:
    """Say what a client may know of an error: no path of this machine."""
    if isinstance(error, QueryTooLong):
        return str(error)
    if isinstance(error, TenantMoved):
        return refusals.MOVED.message
    return "The tenant cannot be read or changed right now. Try again later."
