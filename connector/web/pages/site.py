"""Answer for the pages: who may see them, which handler has which path, and the headers of each answer."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from weakref import WeakKeyDictionary

from connector.errors import ConnectorError, InstanceLocked, InvalidRequest, UnknownObject
from connector.web.exchange import Caller, Reply
from connector.web.pages import (
    admin_center,
    deletions,
    health,
    home,
    objects,
    signing_in,
    static,
    sync_errors,
)
from connector.web.pages.events import Watch
from connector.web.pages.guarding import HEADERS, fields
from connector.web.pages.templating import page
from connector.web.pages.visit import Visit, frame, not_allowed, refusal, see_other
from connector.web.pages.work import Work
from connector.web.signin.sessions import is_own_host

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from connector.web.context import Context
    from connector.web.exchange import Call

    Handler = Callable[[Visit], Reply]

_GET: dict[str, Handler] = {
    "/": home.show,
    admin_center.PATH: admin_center.show,
    health.PATH: health.show,
    sync_errors.PATH: sync_errors.show,
    sync_errors.EXPORT: sync_errors.export,
    deletions.PATH: deletions.show,
    "/objects": objects.search,
    "/events": health.stream,
}
_POST: dict[str, Handler] = {
    "/signout": signing_in.sign_out,
    "/health/sync": health.sync,
    "/health/sweep": health.sweep,
    "/health/deletions/approve": deletions.approve,
    "/health/deletions/discard": deletions.discard,
}
_READING = ("GET", "HEAD")
_WRONG = "That did not work"
_OFF = "The pages are off. To switch them on, name a file with a password in [web] admin_password_file."
_PERSON = Caller("portal", "admin")
_STATUS = ((UnknownObject, 404), (InvalidRequest, 400), (InstanceLocked, 409))
_behind: WeakKeyDictionary[Context, tuple[Work, Watch]] = WeakKeyDictionary()
_lock = threading.Lock()


def answer(call: Call, context: Context) -> Reply:
    """Answer a request for a page. What goes wrong is a page too; only a bug is raised."""
    reply = _answer(call, context)
    return replace(reply, headers={**HEADERS, **reply.headers})


def refuse(
    call: Call, context: Context, status: int, sentence: str, headers: Mapping[str, str]
) -> Reply:
    """Refuse a request that no handler answers: with a page, or a sentence where no page is shown."""
    if context.signin.sessions.are_possible() and is_own_host(call, context.settings.web):
        shown = refusal(_WRONG, sentence, "/", "Back to Home")
        values = {**frame(call.path, context), **shown, "csrf_token": ""}
        reply = page(status, "refusal.html", values)
    else:
        reply = _plain(status, sentence)
    return replace(reply, headers={**HEADERS, **headers})


def _answer(call: Call, context: Context) -> Reply:
    return _for_anybody(call, context) or _for_the_signed_in(call, context)


def _for_anybody(call: Call, context: Context) -> Reply | None:
    """Answer what needs no session; None for the rest."""
    if not context.signin.sessions.are_possible():
        return _plain(404, _OFF)
    if not is_own_host(call, context.settings.web):
        context.note_refusal(call, "host")
        return _plain(400, "This address is not one of this server: see [web] public_url.")
    if call.path == signing_in.PATH:
        return signing_in.answer(call, context)
    return static.answer(call.path) if call.method in _READING else None


def _for_the_signed_in(call: Call, context: Context) -> Reply:
    """Answer what a person with a session asks for; send others to the sign-in."""
    sessions = context.signin.sessions
    session = sessions.find(call)
    if session is None:
        return see_other(_to_sign_in(call))
    form = fields(call.body) if call.method == "POST" else ()
    call = replace(call, caller=_PERSON)
    visit = Visit(call, context, *_behind_the_pages(context), session.csrf_token, form)
    if call.method == "POST" and not sessions.is_own_form(call, visit.sent("csrf_token")):
        context.note_refusal(call, "csrf")
        return visit.refuse(
            403,
            "Refused",
            "The form is not one of this session. Load the page again, then send it once more.",
        )
    return _handled(visit)


def _handled(visit: Visit) -> Reply:
    handler = _handler(visit.call)
    if isinstance(handler, Reply):
        return handler
    if visit.call.path in _POST and visit.call.method in _READING:
        return _button_alone(visit)
    if handler is None:
        return visit.refuse(404, "Page not found", "There is no page at this address.")
    try:
        return handler(visit)
    except ConnectorError as error:
        status = next((status for kind, status in _STATUS if isinstance(error, kind)), 503)
        return visit.refuse(status, _WRONG, str(error))


def _handler(call: Call) -> Handler | Reply | None:
    """Return who answers a request; an answer at once where the method does not fit the path."""
    path = call.path
    if path.startswith(objects.PREFIX) and len(path) > len(objects.PREFIX):
        return objects.show if call.method in _READING else not_allowed("GET, HEAD")
    if path in _POST:
        return _POST[path] if call.method in ("POST", *_READING) else not_allowed("POST")
    if path in _GET:
        return _GET[path] if call.method in _READING else not_allowed("GET, HEAD")
    return None


def _button_alone(visit: Visit) -> Reply:
    """Refuse the address of a button, which somebody loads again or types."""
    sentence = "This address does what a button of a page says. Nothing was done."
    reply = visit.refuse(405, "Nothing to see here", sentence)
    return replace(reply, headers={**reply.headers, "Allow": "POST"})


def _behind_the_pages(context: Context) -> tuple[Work, Watch]:
    """Return what outlives a request of a server: its work in the background, and who listens."""
    with _lock:
        if context not in _behind:
            _behind[context] = Work(), Watch()
        return _behind[context]


def _to_sign_in(call: Call) -> str:
    """Return the path of the sign-in, which leads back to the page that was asked for."""
    wanted = "/" if call.path in _POST else call.path
    if call.path in _POST and call.path.startswith(health.PATH):
        wanted = health.PATH
    if call.query and call.method in _READING:
        wanted += f"?{urlencode(list(call.query))}"
    return f"{signing_in.PATH}?{urlencode({'next': wanted})}"


def _plain(status: int, sentence: str) -> Reply:
    return Reply(status, f"{sentence}\n".encode(), "text/plain; charset=utf-8")
