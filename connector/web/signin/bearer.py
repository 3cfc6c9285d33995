"""Tell who asks the API, by the token in the header ``Authorization``; one in the URL is never read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.errors import InvalidSettings
from connector.web.envelope import refusal
from connector.web.signin.tokens import TokenRefused

if TYPE_CHECKING:
    from connector.web.context import Context
    from connector.web.exchange import Call, Caller, Reply

_EMPTY = TokenRefused("no-token", "Access token is empty.")


def authenticate(call: Call, context: Context) -> Caller | Reply:
    """Return who asks, or the refusal of a request that nobody proven sent."""
    try:
        return proven(call, context)
    except TokenRefused as refused:
        context.note_refusal(call, refused.reason)
        challenge = "Bearer" if refused is _EMPTY else 'Bearer error="invalid_token"'
        return refusal(
            call,
            context.clock(),
            401,
            "InvalidAuthenticationToken",
            str(refused),
            headers={"WWW-Authenticate": challenge},
        )


def proven(call: Call, context: Context) -> Caller:
    """Return who asks; raises TokenRefused."""
    scheme, _, token = call.headers.get("authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise _EMPTY
    try:
        known = context.signin.static_tokens.caller(token)
    except InvalidSettings as error:
        context.note_broken(error)
        known = None
    return known or context.signin.tokens.caller(token)
