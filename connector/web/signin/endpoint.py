"""Answer what an application asks on its way to a token: discovery, keys, and the token itself."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote_plus

from connector.values.addresses import fold
from connector.web.signin import discovery, refusals
from connector.web.signin.refusals import answer
from connector.web.signin.tokens import LIFETIME

if TYPE_CHECKING:
    from connector.web.context import Context
    from connector.web.exchange import Call, Reply
    from connector.web.signin.apps import App
    from connector.web.signin.refusals import Refusal

_PATH = re.compile(
    r"(?:(?P<instance>common/discovery/instance)|(?P<tenant>[^/]+)/(?:"
    r"(?P<configuration>(?:v2\.0/)?\.well-known/openid-configuration)"
    r"|(?P<keys>discovery/(?:v2\.0/)?keys)"
    r"|(?P<token>oauth2/(?:v2\.0/)?token)))",
    re.IGNORECASE,
)
_ANY_TENANT = frozenset({"common", "organizations"})
_MORE_SCOPES = frozenset({"openid", "profile", "offline_access"})
_GRANT = "client_credentials"


class Refused(Exception):
    """A request for a token is refused; ``app`` is the client id, where the application is known."""

    def __init__(self, refusal: Refusal, reason: str, app: str | None = None) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal
        self.reason = reason
        self.app = app


def match(path: str) -> re.Match[str] | None:
    """Return how a path is one of sign-in, None where it is not."""
    return _PATH.fullmatch("/".join(part for part in path.split("/") if part))


def respond(call: Call, context: Context) -> Reply:
    """Answer a request whose path ``match`` knows."""
    found = match(call.path)
    if found is None:
        raise ValueError(call.path)
    with context.reading() as readers:
        tenant = readers.tenant.id()
        domains = {fold(domain.name) for domain in readers.tenant.administrator.domains()}
    named = "common" if found["instance"] else found["tenant"]
    if named.lower() not in {*_ANY_TENANT, tenant} and fold(named) not in domains:
        return refusals.unknown_tenant(named).reply(call, context.clock())
    if found["token"]:
        return _token(call, context, is_v1="v2.0" not in found["token"].lower())
    if call.method not in ("GET", "HEAD"):
        return refusals.ONLY_GET.reply(call, context.clock(), {"Allow": "GET, HEAD"})
    if found["keys"]:
        return answer(discovery.key_set(context.signin.keys.current()))
    if found["instance"]:
        return answer(discovery.instance(call.base, tenant))
    return answer(discovery.configuration(call.base, tenant))


def _token(call: Call, context: Context, *, is_v1: bool) -> Reply:
    """Give an application a token for its secret; ten failures in a minute make its address wait."""
    signin = context.signin
    wait = signin.token_attempts.wait(call.client)
    if wait is not None:
        context.note_refusal(call, "too-many-attempts")
        return refusals.TOO_MANY.reply(call, context.clock(), {"Retry-After": str(wait)})
    try:
        app, resource = _proven(call, context, is_v1=is_v1)
    except Refused as refused:
        context.note_refusal(call, refused.reason, app=refused.app)
        if refused.reason in ("secret", "unknown-app"):
            signin.token_attempts.fail(call.client)
        headers = {}
        if refused.refusal.status == 401 and "authorization" in call.headers:  # noqa: PLR2004
            headers["WWW-Authenticate"] = 'Basic realm="token"'
        if refused.refusal is refusals.ONLY_POST:
            headers["Allow"] = "POST"
        return refused.refusal.reply(call, context.clock(), headers)
    body: dict[str, object] = {
        "token_type": "Bearer",
        "expires_in": LIFETIME,
        "ext_expires_in": LIFETIME,
    }
    if is_v1:
        now = int(context.clock().timestamp())
        body |= {"not_before": str(now), "expires_on": str(now + LIFETIME), "resource": resource}
    context.note_sign_in(call, app.name, app=app.client_id)
    return answer({**body, "access_token": signin.tokens.issue(app, call.base)})


def _proven(call: Call, context: Context, *, is_v1: bool) -> tuple[App, str]:
    """Return the application that proved itself, and what it asked for; raises Refused."""
    if call.method != "POST":
        raise Refused(refusals.ONLY_POST, "method")
    form = _form(call)
    grant = form.get("grant_type")
    if grant is None:
        raise Refused(refusals.missing("grant_type"), "request")
    if grant != _GRANT:
        raise Refused(refusals.OTHER_GRANT, "grant")
    client_id, secret = _credentials(call, form)
    if not client_id:
        raise Refused(refusals.missing("client_id"), "request")
    asked = form.get("resource" if is_v1 else "scope", "")
    if is_v1 and not asked:
        raise Refused(refusals.missing("resource"), "request")
    if not is_v1 and not _is_scope(asked):
        raise Refused(refusals.WRONG_SCOPE, "scope")
    app = context.signin.apps.find(client_id)
    if app is None:
        raise Refused(refusals.unknown_app(client_id), "unknown-app")
    if not secret:
        raise Refused(refusals.NO_SECRET, "no-secret", app.client_id)
    if not app.has_secret(secret):
        raise Refused(refusals.wrong_secret(app.client_id), "secret", app.client_id)
    return app, asked


def _form(call: Call) -> dict[str, str]:
    """Return the fields of the body, which are looked for nowhere else."""
    kind = call.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("application/x-www-form-urlencoded", ""):
        return {}
    form: dict[str, str] = {}
    for name, value in parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True):
        if name in form:
            raise Refused(refusals.doubled(name if name.isidentifier() else "?"), "request")
        form[name] = value
    return form


def _credentials(call: Call, form: dict[str, str]) -> tuple[str, str]:
    """Return client id and secret, from the form or else from HTTP Basic (RFC 6749 2.3.1)."""
    scheme, _, rest = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic" or "client_secret" in form:
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        text = base64.b64decode(rest.strip(), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return form.get("client_id", ""), ""
    client_id, _, secret = text.partition(":")
    return unquote_plus(client_id), unquote_plus(secret)


def _is_scope(text: str) -> bool:
    scopes = [scope for scope in text.split() if scope not in _MORE_SCOPES]
    return len(scopes) == 1 and scopes[0].endswith("/.default")
