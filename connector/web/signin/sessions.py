"""Let a person in by the password of the pages, and know them again by a cookie.

A session is kept here, in memory, and the cookie is only its random name; so a restart signs everybody out.
Each form carries a token that is bound to the session, or before there is one to the cookie of the form.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from connector.errors import InvalidSettings
from connector.values.hosts import is_loopback
from connector.web.signin.attempts import Attempts
from connector.web.signin.watched import Watched

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.settings.web import WebSettings
    from connector.web.exchange import Call

COOKIE = "session"
FORM_COOKIE = "signin"
"""Names the browser that sees the form of sign-in, before there is a session."""
LONGEST = timedelta(hours=8)
IDLE = timedelta(minutes=30)

_KEY = "web.admin_password_file"
_BYTES = 32
_MOST = 1000


class WrongPassword(Exception):
    """The password is not that of the settings."""


class TooManyAttempts(Exception):
    """Too many passwords of this address were wrong; ``seconds`` is how long it has to wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Too many wrong passwords. Try again in {seconds} s.")
        self.seconds = seconds


@dataclass(slots=True)
class Session:
    """Somebody who gave the password; ``csrf_token`` goes into each form."""

    csrf_token: str
    began: datetime
    seen: datetime = field(compare=False)


class Sessions:
    """The sessions of a server; any thread may use them. ``clock`` returns the time in UTC."""

    def __init__(self, settings: WebSettings, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._clock = clock
        self._key = secrets.token_bytes(_BYTES)
        self._lock = threading.Lock()
        self._sessions: dict[str, Session] = {}
        self._attempts = Attempts()
        file = settings.admin_password_file
        self._password = None if file is None else Watched(file, _digest_of)

    def are_possible(self) -> bool:
        """Tell whether a password is set; without ``[web] admin_password_file`` there are no pages."""
        return self._password is not None

    def check(self) -> None:
        """Raise InvalidSettings when the file of the password cannot be used."""
        if self._password is not None:
            self._wanted(self._password)

    # --- signing in and out -------------------------------------------------------------------

    def sign_in(self, call: Call, password: str) -> dict[str, str]:
        """Begin a session; return the headers that give the browser its cookie.

        Raises WrongPassword, TooManyAttempts after ten of them in a minute, InvalidSettings.
        """
        if (seconds := self._attempts.wait(call.client)) is not None:
            raise TooManyAttempts(seconds)
        if self._password is None or not hmac.compare_digest(
            self._wanted(self._password), _digest(password.encode("utf-8", "surrogatepass"))
        ):
            self._attempts.fail(call.client)
            raise WrongPassword
        name, now = secrets.token_urlsafe(_BYTES), self._clock()
        with self._lock:
            self._forget_old(now)
            while len(self._sessions) >= _MOST:
                self._sessions.pop(next(iter(self._sessions)))
            self._sessions[_hidden(name)] = Session(self._token(name), now, now)
        return {"Set-Cookie": _cookie(call, COOKIE, name, LONGEST)}

    def sign_out(self, call: Call) -> dict[str, str]:
        """End the session of a request; return the headers that take the cookie back."""
        name = cookies(call).get(COOKIE)
        if name is not None:
            with self._lock:
                self._sessions.pop(_hidden(name), None)
        return {"Set-Cookie": _cookie(call, COOKIE, "", timedelta())}

    def find(self, call: Call) -> Session | None:
        """Return the session of a request, and note that it was used; None where there is none."""
        name = cookies(call).get(COOKIE)
        if not name:
            return None
        now = self._clock()
        with self._lock:
            session = self._sessions.get(_hidden(name))
            if session is None:
                return None
            if _is_over(session, now):
                del self._sessions[_hidden(name)]
                return None
            session.seen = now
        return session

    def is_there(self, call: Call) -> bool:
        """Tell whether the session of a request goes on; to ask this does not count as using it."""
        name = cookies(call).get(COOKIE)
        with self._lock:
            session = self._sessions.get(_hidden(name)) if name else None
            return session is not None and not _is_over(session, self._clock())

    # --- forms --------------------------------------------------------------------------------

    def form_token(self, call: Call) -> tuple[str, dict[str, str]]:
        """Return the token for the form of sign-in, and the headers with the cookie that it needs."""
        name = cookies(call).get(FORM_COOKIE)
        if name:
            return self._token(name), {}
        name = secrets.token_urlsafe(_BYTES)
        return self._token(name), {"Set-Cookie": _cookie(call, FORM_COOKIE, name, LONGEST)}

    def is_own_form(self, call: Call, token: str) -> bool:
        """Tell whether a form was sent by a page of this server: its token fits, its Origin is not foreign."""
        if not has_own_origin(call):
            return False
        session = self.find(call)
        if session is not None and _equal(session.csrf_token, token):
            return True
        name = cookies(call).get(FORM_COOKIE)
        return bool(name) and _equal(self._token(name or ""), token)

    # --- the inside ---------------------------------------------------------------------------

    def _token(self, name: str) -> str:
        text = name.encode("utf-8", "surrogatepass")
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()

    def _wanted(self, watched: Watched[bytes]) -> bytes:
        try:
            return watched.look()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            file = self._settings.admin_password_file
            raise InvalidSettings([f"{_KEY}: {file}: {reason}"]) from error

    def _forget_old(self, now: datetime) -> None:
        for name in [name for name, one in self._sessions.items() if _is_over(one, now)]:
            del self._sessions[name]


def is_own_host(call: Call, settings: WebSettings) -> bool:
    """Tell whether a request names this server as somebody may who is not misled (DNS rebinding).

    That is a loopback name, the address of ``listen``, or that of ``public_url``.
    """
    host = urlsplit(call.base).hostname or ""
    if is_loopback(host):
        return True
    listen = urlsplit(f"//{settings.listen}").hostname or ""
    public = urlsplit(settings.public_url or "").hostname
    return host in {listen.lower(), public}


def has_own_origin(call: Call) -> bool:
    """Tell whether the page that a browser sends a request from is one of this server, or unknown."""
    origin = call.headers.get("origin")
    return origin is None or origin.lower() == call.base.lower()


def cookies(call: Call) -> dict[str, str]:
    """Return the cookies of a request; none where the header cannot be read."""
    try:
        return {
            name: morsel.value
            for name, morsel in SimpleCookie(call.headers.get("cookie", "")).items()
        }
    except CookieError:
        return {}


def _cookie(call: Call, name: str, value: str, lifetime: timedelta) -> str:
    secure = "; Secure" if call.base.startswith("https:") else ""
    seconds = int(lifetime.total_seconds())
    return f"{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"


def _is_over(session: Session, now: datetime) -> bool:
    return now - session.began >= LONGEST or now - session.seen >= IDLE


def _digest_of(content: bytes | None) -> bytes:
    """Return the hash of the password that a file holds, as it is without a line's end.

    Raises ValueError where there is none.
    """
    if content is None:
        raise ValueError("No such file or directory")
    password = content.removesuffix(b"\n").removesuffix(b"\r")
    if not password:
        raise ValueError("is empty")
    return _digest(password)


def _digest(password: bytes) -> bytes:
    return hashlib.sha256(password).digest()


def _hidden(name: str) -> str:
    """Return what a session is kept by: finding it says nothing of the names of others."""
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode("utf-8", "surrogatepass"))
