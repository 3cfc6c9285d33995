"""Ask the server of another site over HTTPS: with a token, patiently, and over one connection that is kept.

All that is asked may be asked twice: a batch has an id, by which the tenant knows it again. So what got lost on
the way is sent again for a while, and so is what the server has no time for.
"""

from __future__ import annotations

import http.client
import json
import re
import ssl
import threading
import time
import zlib
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from connector.errors import TenantUnavailable
from connector.tenant.remote.answers import NOT_ONE
from connector.tenant.remote.lines import VERSION
from connector.tenant.remote.receiving import (
    ANSWER,
    OF_A_TOKEN,
    TooLong,
    of_a_stream,
    received,
)
from connector.tenant.remote.refusals import refusal_in
from connector.values.canonical import compact, decode
from connector.values.service_url import service_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from connector.tenant.remote.receiving import Limit

T = TypeVar("T")

SECONDS_OF_TRYING = 60.0
"""From the first attempt; a server that starts again is back by then."""

AWAY = "server"
"""The reason of a server that is away, as of one of PostgreSQL: it is told once under a daemon."""

_PAUSES = (0.1, 0.3, 1.0, 2.0, 4.0, 8.0)
_SECONDS_FOR_AN_ANSWER = 150.0
_SECONDS_TO_CONNECT = 10.0
_SECONDS_BEFORE_EXPIRY = 60.0
_LONGEST_PAUSE = 30.0
_WORTH_PACKING = 4096
_GZIP = 16 + zlib.MAX_WBITS
_PASSING = frozenset({408, 429, 502, 503, 504})
_TOKEN = "/common/oauth2/v2.0/token"  # noqa: S105 - a path
_SCOPE = "https://graph.microsoft.com/.default"
_TOKEN_TEXT = re.compile("[!-~]+").fullmatch
_LONGEST_LIFETIME = 86_400
_UNAUTHORIZED = 401
# What OpenSSL calls X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH,
_WRONG_NAME = frozenset({62, 64})
# X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED.
_OUT_OF_DATE = frozenset({9, 10})
_OK = 200


class Credentials:
    """The application of a sync client; ``secret`` reads its secret, and raises InvalidSettings."""

    def __init__(self, client_id: str, secret: Callable[[], str]) -> None:
        self.client_id = client_id
        self.secret = secret


class _Passing(Exception):
    """An attempt failed, and another one may do better, after so many seconds if the server says so."""

    def __init__(self, reason: str, pause: float | None = None) -> None:
        super().__init__(reason)
        self.pause = pause


class Connection:
    """A connection to the server at ``url``, which any thread may use; one asks at a time.

    ``patience`` is for how many seconds an attempt that failed is repeated, ``stop`` ends that.
    """

    def __init__(
        self,
        url: str,
        credentials: Credentials,
        *,
        ca_file: Path | None = None,
        patience: float = SECONDS_OF_TRYING,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self.url = url
        self.rehearsal: str | None = None
        """The id of the rehearsal that all which is asked belongs to."""
        self._server = service_url(url)
        self._credentials = credentials
        self._ca_file = ca_file
        self._patience = patience
        self._stop = stop
        self._lock = threading.Lock()
        self._kept: http.client.HTTPConnection | None = None
        self._token: tuple[str, float] | None = None

    @contextmanager
    def hurried(self) -> Iterator[None]:
        """Try only once what is asked in the block."""
        patience, self._patience = self._patience, 0.0
        try:
            yield
        finally:
            self._patience = patience

    def close(self) -> None:
        with self._lock:
            self._hang_up()

    def ask(self, call: str, fields: Mapping[str, Any], read: Callable[[Any], T]) -> T:
        """Ask for what is one value of JSON, and return what ``read`` makes of it.

        Raises TenantUnavailable, also where ``read`` finds that it is not an answer; Refusal.
        """
        said = self._decoded(self.send(call, compact(dict(fields)).encode()))
        try:
            return read(said)
        except NOT_ONE as error:
            raise self.unusable(f"its answer to {call} is not one") from error

    def send(self, call: str, body: bytes, query: Mapping[str, str] | None = None) -> bytes:
        """Send a body, and return the one that comes back; raises TenantUnavailable, Refusal."""
        with self._asked(call, body, query, ANSWER) as answer:
            return answer.read()

    def download(self, call: str, body: bytes, query: Mapping[str, str] | None = None) -> IO[bytes]:
        """Send a body, and return what comes back as a file, when all of it is here; raises as ``send``."""
        return self._asked(call, body, query, of_a_stream())

    def _asked(
        self, call: str, body: bytes, query: Mapping[str, str] | None, limit: Limit
    ) -> IO[bytes]:
        path = f"{self._server.path}/sync/v{VERSION}/{call}"
        if query:
            path = f"{path}?{urlencode(query)}"
        with self._lock:
            return self._repeated(lambda: self._attempt(path, body, limit))

    def unusable(self, what: str) -> TenantUnavailable:
        """Return the error that says what is wrong with the server."""
        return TenantUnavailable(f"{self.url}: {what}.")

    # --- attempts -----------------------------------------------------------------------------

    def _repeated(self, attempt: Callable[[], IO[bytes]]) -> IO[bytes]:
        deadline = time.monotonic() + self._patience
        pauses = iter(_PAUSES)
        while True:
            try:
                return attempt()
            except _Passing as error:
                pause = error.pause
                if pause is None:
                    pause = next(pauses, _PAUSES[-1])
                if self._stop() or time.monotonic() + pause > deadline:
                    found = self.unusable(
                        f"{error}. Check that the server runs and can be reached; nothing was lost, and "
                        "the next cycle goes on where this one ended"
                    )
                    found.reason = AWAY
                    raise found from error
                self._sleep(min(pause, _LONGEST_PAUSE))

    def _sleep(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and not self._stop():
            time.sleep(min(left, 0.2))

    def _attempt(self, path: str, body: bytes, limit: Limit) -> IO[bytes]:
        headers = {"Accept-Encoding": "gzip", "Content-Type": "application/x-ndjson"}
        if len(body) > _WORTH_PACKING:
            packing = zlib.compressobj(1, wbits=_GZIP)
            body = packing.compress(body) + packing.flush()
            headers["Content-Encoding"] = "gzip"
        if self.rehearsal is not None:
            headers["Sync-Rehearsal"] = self.rehearsal
        is_fresh = self._token is None
        headers["Authorization"] = f"Bearer {self._authorized()}"
        status, answered, found = self._exchanged(path, body, headers, limit)
        if status == _UNAUTHORIZED and not is_fresh:
            self._token = None
            found.close()
            headers["Authorization"] = f"Bearer {self._authorized()}"
            status, answered, found = self._exchanged(path, body, headers, limit)
        if status == _OK:
            return found
        with found:
            raise self._refusal(status, answered, found.read())

    def _refusal(self, status: int, headers: Mapping[str, str], body: bytes) -> Exception:
        refusal = refusal_in(status, body)
        said = refusal.message if refusal else f"it answered with {status}"
        if status in _PASSING:
            return _Passing(said, _seconds(headers.get("retry-after")))
        if refusal is not None and refusal.code != "":
            return refusal
        return self.unusable(
            f"{said}. Is it the address of connector web, of a version that takes sync clients"
        )

    def _authorized(self) -> str:
        """Return a token; ask for another one where it has expired, or is about to."""
        if self._token is not None and time.monotonic() < self._token[1]:
            return self._token[0]
        form = {
            "grant_type": "client_credentials",
            "client_id": self._credentials.client_id,
            "client_secret": self._credentials.secret(),
            "scope": _SCOPE,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        status, answered, found = self._exchanged(
            f"{self._server.path}{_TOKEN}", urlencode(form).encode(), headers, OF_A_TOKEN
        )
        with found:
            body = found.read()
        if status in _PASSING:
            raise _Passing(f"it answered with {status}", _seconds(answered.get("retry-after")))
        if status != _OK:
            raise self.unusable(_not_let_in(status, body))
        said = self._decoded(body)
        token = said.get("access_token") if isinstance(said, dict) else None
        lifetime = said.get("expires_in") if isinstance(said, dict) else None
        if not isinstance(token, str) or not _TOKEN_TEXT(token) or not isinstance(lifetime, int):
            raise self.unusable("what it gave is not a token")
        until = time.monotonic() + min(lifetime, _LONGEST_LIFETIME) - _SECONDS_BEFORE_EXPIRY
        self._token = token, until
        return token

    def _decoded(self, body: bytes) -> Any:
        try:
            return decode(body.decode())
        except (ValueError, RecursionError):
            raise self.unusable("its answer is not JSON") from None

    # --- one request --------------------------------------------------------------------------

    def _exchanged(
        self, path: str, body: bytes, headers: Mapping[str, str], limit: Limit
    ) -> tuple[int, Mapping[str, str], IO[bytes]]:
        """Send a request; return status, headers and the whole body. Raises _Passing, TenantUnavailable."""
        for is_kept in (self._kept is not None, False):
            try:
                return self._exchanged_once(path, body, headers, limit)
            except TooLong as error:
                self._hang_up()
                raise self.unusable(str(error)) from error
            except ssl.SSLCertVerificationError as error:
                self._hang_up()
                raise self.unusable(_not_trusted(error, self._server.host)) from error
            except (OSError, http.client.HTTPException, zlib.error, EOFError) as error:
                self._hang_up()
                # The server hangs up on a connection that was silent for a while.
                if is_kept and not self._stop():
                    continue
                said = getattr(error, "strerror", None) or str(error) or type(error).__name__
                raise _Passing(f"it does not answer: {said}") from error
        raise AssertionError  # the last attempt returns or raises

    def _exchanged_once(
        self, path: str, body: bytes, headers: Mapping[str, str], limit: Limit
    ) -> tuple[int, Mapping[str, str], IO[bytes]]:
        if self._kept is None:
            self._kept = self._connected()
        self._kept.request("POST", path, body, dict(headers))
        response = self._kept.getresponse()
        answered = {name.lower(): value for name, value in response.getheaders()}
        found = received(response, limit, self._stop)
        if response.will_close:
            self._hang_up()
        return response.status, answered, found

    def _connected(self) -> http.client.HTTPConnection:
        host, port = self._server.host, self._server.port
        if not self._server.secure:
            connection = http.client.HTTPConnection(host, port, timeout=_SECONDS_TO_CONNECT)
        else:
            connection = http.client.HTTPSConnection(
                host, port, timeout=_SECONDS_TO_CONNECT, context=self._trusting()
            )
        connection.connect()
        connection.sock.settimeout(_SECONDS_FOR_AN_ANSWER)
        return connection

    def _trusting(self) -> ssl.SSLContext:
        try:
            context = ssl.create_default_context(cafile=self._ca_file and str(self._ca_file))
        except OSError as error:
            raise TenantUnavailable(
                f"tenant.ca_file: {self._ca_file}: {error.strerror or 'is not a PEM file of certificates'}"
            ) from error
        # Python 3.13 also asks for extensions that many private authorities leave out.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        return context

    def _hang_up(self) -> None:
        if self._kept is not None:
            with suppress(OSError):
                self._kept.close()
            self._kept = None


def _not_trusted(error: ssl.SSLCertVerificationError, host: str) -> str:
    """Say what is wrong with the certificate of a server, and who has to do what about it."""
    what = f"its certificate is not trusted: {error.verify_message.rstrip('.')}."
    if error.verify_code in _WRONG_NAME:
        return f"{what} Let tenant.url name the server as its certificate does, or make the certificate for {host}"
    if error.verify_code in _OUT_OF_DATE:
        return f"{what} Renew it at the server, or set the clock of this machine right"
    return f"{what} The certificate of an authority of your own belongs into the file that tenant.ca_file names"


def _seconds(retry_after: str | None) -> float | None:
    """Return for how many seconds a server asks, None where it does not say so in seconds."""
    if retry_after is None or not retry_after.isdecimal():
        return None
    return float(retry_after)


def _not_let_in(status: int, body: bytes) -> str:
    """Say that the credentials were refused, in the words of the server but without what was sent."""
    code = None
    with suppress(ValueError, RecursionError):
        said = json.loads(body)
        code = said.get("error") if isinstance(said, dict) else None
    if code in ("invalid_client", "unauthorized_client"):
        return (
            "it does not know this connector: tenant.client_id or its secret is wrong, or the application was "
            "removed there. To register it anew: connector web app add NAME --role synchronization"
        )
    return f"it gave no token ({status}). Is it the address of connector web"
