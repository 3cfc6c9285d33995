"""Write the errors of sign-in as the real service does (docs/graph.md, Sign-in)."""

from __future__ import annotations

import json
import re
import uuid
from typing import TYPE_CHECKING, NamedTuple

from connector.web.exchange import Reply

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from connector.web.exchange import Call

JSON = "application/json; charset=utf-8"
UNSTORED = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_ID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_LONGEST_SHOWN = 80


class Refusal(NamedTuple):
    """An error of sign-in: status, OAuth's name, the number after AADSTS, and the message."""

    status: int
    error: str
    number: int
    message: str

    def reply(self, call: Call, now: datetime, headers: Mapping[str, str] | None = None) -> Reply:
        """Return it as a reply; ``now`` is the moment in UTC."""
        stamp = f"{now:%Y-%m-%d %H:%M:%S}Z"
        trace, correlation = call.request_id, correlation_id(call)
        body = {
            "error": self.error,
            "error_description": f"AADSTS{self.number}: {self.message} Trace ID: {trace} "
            f"Correlation ID: {correlation} Timestamp: {stamp}",
            "error_codes": [self.number],
            "timestamp": stamp,
            "trace_id": trace,
            "correlation_id": correlation,
        }
        return answer(body, status=self.status, headers=headers)


def answer(
    body: Mapping[str, object], *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Reply:
    """Return JSON that nobody on the way may keep."""
    text = json.dumps(body).encode("ascii")
    return Reply(status, text, JSON, {**UNSTORED, **(headers or {})})


def unknown_tenant(name: str) -> Refusal:
    """Return the refusal of a path whose tenant is not this one."""
    return Refusal(
        400,
        "invalid_tenant",
        90002,
        f"Tenant '{name[:_LONGEST_SHOWN]}' not found. Check to make sure you have the correct tenant ID and "
        "are signing into the correct cloud.",
    )


def unknown_app(client_id: str) -> Refusal:
    """Return the refusal of an application that is not registered; what is not an id is not shown."""
    shown = client_id if _ID.fullmatch(client_id) else "(not an id)"
    return Refusal(
        400,
        "unauthorized_client",
        700016,
        f"Application with identifier '{shown}' was not found in the directory. To register it: connector "
        "web app add",
    )


def wrong_secret(client_id: str) -> Refusal:
    """Return the refusal of a secret that is not that of the application."""
    return Refusal(
        401,
        "invalid_client",
        7000215,
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret "
        f"value, not the client secret ID, for a secret added to app '{client_id}'.",
    )


NO_SECRET = Refusal(
    401,
    "invalid_client",
    7000216,
    "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
)
ONLY_POST = Refusal(405, "invalid_request", 900561, "The endpoint only accepts POST requests.")
ONLY_GET = Refusal(405, "invalid_request", 900561, "The endpoint only accepts GET requests.")
OTHER_GRANT = Refusal(
    400,
    "unsupported_grant_type",
    70003,
    "The app requested an unsupported grant type. This server knows client_credentials.",
)
WRONG_SCOPE = Refusal(
    400,
    "invalid_scope",
    70011,
    "The provided value for the input parameter 'scope' is not valid. It must be one scope that ends in "
    "/.default, such as https://graph.microsoft.com/.default.",
)
TOO_MANY = Refusal(
    429,
    "temporarily_unavailable",
    50196,
    "Too many failed attempts from this address. Try again later.",
)


def missing(parameter: str) -> Refusal:
    """Return the refusal of a request without a parameter."""
    message = f"The request body must contain the following parameter: '{parameter}'."
    return Refusal(400, "invalid_request", 900144, message)


def doubled(parameter: str) -> Refusal:
    """Return the refusal of a request that has a parameter twice."""
    message = f"The request is not properly formatted. The parameter '{parameter}' is duplicated."
    return Refusal(400, "invalid_request", 9000411, message)


def correlation_id(call: Call) -> str:
    """Return the id by which the client names its attempt; that of the request, where it has none."""
    for given in (
        call.headers.get("client-request-id", ""),
        dict(call.query).get("client-request-id", ""),
    ):
        if _ID.fullmatch(given):
            return str(uuid.UUID(given))
    return call.request_id
