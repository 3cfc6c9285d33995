"""Refuse a request of the API in the form that Graph gives its errors."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from connector.web.exchange import Reply

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from connector.web.exchange import Call

JSON = "application/json; charset=utf-8"
_ECHOED = re.compile(r"[\x21-\x7e]{1,128}")


def tracing(call: Call) -> dict[str, str]:
    """Return the headers by which client and server name a request: ``request-id`` and the client's own."""
    return {"request-id": call.request_id, "client-request-id": client_request_id(call)}


def client_request_id(call: Call) -> str:
    """Return the id that the client gave its request; ours, where it gave none that can be echoed."""
    given = call.headers.get("client-request-id", "")
    return given if _ECHOED.fullmatch(given) else call.request_id


def refusal(  # noqa: PLR0913 - what an error of Graph has
    call: Call,
    now: datetime,
    status: int,
    code: str,
    message: str,
    *,
    details: Sequence[Mapping[str, Any]] = (),
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """Return the reply ``{"error": {code, message, innerError}}``; ``now`` is the moment in UTC.

    ``details`` are items ``{code, target, message}``, left out where there are none.
    """
    error: dict[str, Any] = {"code": code, "message": message}
    if details:
        error["details"] = list(details)
    error["innerError"] = {"date": f"{now:%Y-%m-%dT%H:%M:%S}", **tracing(call)}
    return Reply(
        status,
        json.dumps({"error": error}).encode("ascii"),
        JSON,
        {"OData-Version": "4.0", **tracing(call), **(headers or {})},
    )
