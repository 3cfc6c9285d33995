"""Sign people in and out: a form with the one password of the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.errors import InvalidSettings
from connector.web.exchange import Reply
from connector.web.pages.guarding import fields, first, own_path
from connector.web.pages.templating import page
from connector.web.pages.visit import frame, not_allowed, see_other
from connector.web.signin.sessions import TooManyAttempts, WrongPassword

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.web.context import Context
    from connector.web.exchange import Call
    from connector.web.pages.visit import Visit

PATH = "/signin"


def answer(call: Call, context: Context) -> Reply:
    """Show the form, or check the password that was sent."""
    if call.method in ("GET", "HEAD"):
        return _form(call, context, own_path(first(call.query, "next")))
    if call.method == "POST":
        return _sign_in(call, context)
    return not_allowed("GET, HEAD, POST")


def sign_out(visit: Visit) -> Reply:
    """End the session."""
    return see_other(PATH, visit.context.signin.sessions.sign_out(visit.call))


def _sign_in(call: Call, context: Context) -> Reply:
    form, sessions = fields(call.body), context.signin.sessions
    wanted = own_path(first(form, "next"))
    if not sessions.is_own_form(call, first(form, "csrf_token") or ""):
        context.note_refusal(call, "csrf")
        return _form(
            call, context, wanted, 403, "The form is not one of this browser. Send it once more."
        )
    try:
        headers = sessions.sign_in(call, first(form, "password") or "")
    except WrongPassword:
        context.note_refusal(call, "password")
        return _form(call, context, wanted, 401, "Wrong password")
    except TooManyAttempts as error:
        context.note_refusal(call, "too-many-attempts")
        return _form(call, context, wanted, 429, str(error), {"Retry-After": str(error.seconds)})
    except InvalidSettings as error:
        return _form(call, context, wanted, 503, f"The password cannot be read: {error}")
    context.note_sign_in(call, "portal")
    return see_other(wanted, headers)


def _form(  # noqa: PLR0913, PLR0917 - what the page shows
    call: Call,
    context: Context,
    wanted: str,
    status: int = 200,
    problem: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    token, cookie = context.signin.sessions.form_token(call)
    values = {
        **frame(call.path, context),
        "csrf_token": token,
        "wanted": wanted,
        "problem": problem,
    }
    reply = page(status, "signin.html", values)
    return Reply(reply.status, reply.body, reply.content_type, {**cookie, **(headers or {})})
