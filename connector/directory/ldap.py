"""One bound connection to one server.

ldap3 connects and encodes requests; what the server answers is read by ``stream`` and ``wire``, and
TLS is checked by ``tls``. Every DirectoryUnavailable raised here names the server.
"""

from __future__ import annotations

import contextlib
import time
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import ldap3
from ldap3.core.exceptions import LDAPExceptionError
from ldap3.operation.bind import bind_operation
from ldap3.operation.extended import extended_operation
from ldap3.operation.search import search_operation

from connector.directory.apart import Answer, decoded
from connector.directory.names import Expected
from connector.directory.refusals import SUCCESS, Attempt, refusal
from connector.directory.search_entry import Entry
from connector.directory.stream import chunks, is_alive, limit_waits
from connector.directory.tls import secured
from connector.directory.wire import (
    BIND_RESPONSE,
    EXTENDED_RESPONSE,
    SEARCH_DONE,
    Result,
    messages,
)
from connector.errors import DirectoryUnavailable, InvalidSettings, MalformedAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from connector.directory.apart import Facts
    from connector.directory.url import ServerUrl
    from connector.directory.wire import Message
    from connector.settings import DirectorySettings
    from connector.values.staged import StagedPage

BASE, SUBTREE = ldap3.BASE, ldap3.SUBTREE

_CONNECT_TIMEOUT = 5.0
_START_TLS = "1.3.6.1.4.1.1466.20037"
# Firewalls forget idle connections without a word, and a new one costs a few milliseconds.
_KEEP_IDLE = 60.0
_NO_TLS = "Give the server a certificate, or set directory.tls to what it offers."
_SCOPES = {BASE: 0, SUBTREE: 2}
_NEVER = 0


class Control(NamedTuple):
    """A request control."""

    oid: str
    value: bytes
    critical: bool = True


class Search(NamedTuple):
    """What is searched: ``filter`` is its text (RFC 4515), ``limit`` 0 for all there is.

    With ``ranges`` an entry may show a part of the values of an attribute, as Active Directory does.
    """

    base: str
    filter: str
    attributes: Sequence[str]
    scope: str = SUBTREE
    limit: int = 0
    ranges: bool = False


def check_filter(text: str) -> None:
    """Raise InvalidSettings when the text is no LDAP filter."""
    try:
        _search_request(Search("", text, ()))
    except (LDAPExceptionError, LookupError, ValueError, AttributeError) as error:
        problem = f"directory.filter: {text!r} is no LDAP filter ({error})"
        raise InvalidSettings([problem]) from None


class Connection:
    """A bound connection: opened by its construction, used for one search at a time.

    ``passed`` hears of each step of opening that went well: connect, tls, bind. ``above`` has the
    classes above a class, for the entries of later answers (see ``search_entry.Known``).
    """

    def __init__(
        self,
        url: ServerUrl,
        settings: DirectorySettings,
        password: str | None,
        *,
        stop: Callable[[], bool],
        passed: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.url = url.text
        self.above: Mapping[bytes, tuple[bytes, ...]] = {}
        self._timeout = settings.timeout.total_seconds()
        self._connect_timeout = min(_CONNECT_TIMEOUT, self._timeout)
        self._stop = stop
        self._busy = False
        self._last_used = time.monotonic()
        self._ldap3: Any = None
        try:
            self._open(url)
            passed("connect")
            if url.tls != "none":
                self._secure(url, settings)
                passed("tls")
            self._bind(url, settings, password)
            passed("bind")
        except BaseException:
            self.close()
            raise

    # --- opening ------------------------------------------------------------------------------

    def _open(self, url: ServerUrl) -> None:
        try:
            server = ldap3.Server(
                url.text if url.scheme == "ldapi" else url.host,
                port=url.port or None,
                get_info=ldap3.NONE,
                connect_timeout=self._connect_timeout,
            )
            self._ldap3 = ldap3.Connection(server)
            self._ldap3.open(read_server_info=False)
        except (LDAPExceptionError, OSError, ValueError) as error:
            raise DirectoryUnavailable(
                f"cannot connect to {url.text}: {_reason(error)}. "
                "Check directory.url, and that the server runs and can be reached from here."
            ) from None

    def _secure(self, url: ServerUrl, settings: DirectorySettings) -> None:
        if url.tls == "starttls":
            request = extended_operation(_START_TLS)
            result = self._call("extendedReq", request, EXTENDED_RESPONSE)
            if result.code != SUCCESS:
                raise refusal(result, Attempt(url.text, "start TLS", step=_NO_TLS))
        self._ldap3.socket.settimeout(self._connect_timeout)
        try:
            self._ldap3.socket = secured(self._ldap3.socket, url.host, settings.ca_file)
        except DirectoryUnavailable as error:
            raise DirectoryUnavailable(f"no TLS with {url.text}: {error}") from None

    def _bind(self, url: ServerUrl, settings: DirectorySettings, password: str | None) -> None:
        """Bind by password, over ldapi as the user of this process, or else anonymously."""
        try:
            if settings.bind_dn:
                _refuse_to_expose(url, settings, password)
                request = bind_operation(3, ldap3.SIMPLE, settings.bind_dn, password)
            elif url.scheme == "ldapi":
                request = bind_operation(3, ldap3.SASL, "", None, "EXTERNAL", b"")
            else:
                request = bind_operation(3, ldap3.ANONYMOUS)
        except (LDAPExceptionError, ValueError):
            raise DirectoryUnavailable(
                f"cannot bind to {url.text} as {settings.bind_dn}: the password holds "
                "characters that a password may not (RFC 4013). Check directory.password_file."
            ) from None
        result = self._call("bindRequest", request, BIND_RESPONSE)
        self._ldap3.request = None
        if result.code != SUCCESS:
            action = f"let {settings.bind_dn or 'an anonymous user'} bind"
            raise refusal(result, Attempt(url.text, action, identity=settings.bind_dn))

    # --- searching ----------------------------------------------------------------------------

    def is_usable(self) -> bool:
        """Tell whether the connection is free, still open and not idle for long."""
        if self._ldap3 is None or self._busy or self.is_long_idle():
            return False
        return is_alive(self._ldap3.socket)

    def is_long_idle(self) -> bool:
        """Tell whether nobody used the connection for so long that its end would say nothing."""
        return time.monotonic() - self._last_used > _KEEP_IDLE

    def search(
        self, search: Search, controls: Sequence[Control] = (), *, facts: Facts | None = None
    ) -> Iterator[Message | StagedPage]:
        """Stream the answer; its last message is the Result, of whatever code.

        With ``facts`` a big answer is decoded and staged by another process (see ``apart``).
        The connection is free again when the Result comes; an answer that is not read to its end
        closes it.
        """
        self._busy = True
        try:
            number = self._send("searchRequest", _search_request(search), controls)
            below = search.scope == SUBTREE
            expected = Expected(search.base, below=below)
            apart = facts and (Answer(number, search.base, below, self.above), facts)
            for message in self._answer(number, ranges=search.ranges, apart=apart):
                if type(message) is Entry:
                    expected.check(message.dn)
                elif type(message) is Result:
                    _check_end(message)
                    self._busy = False
                    self._last_used = time.monotonic()
                yield message
        finally:
            if self._busy:
                self.close()

    def close(self) -> None:
        if self._ldap3 is None:
            return
        connection, self._ldap3 = self._ldap3, None
        with contextlib.suppress(LDAPExceptionError, OSError):
            if not self._busy and not connection.closed:
                connection.socket.settimeout(self._connect_timeout)
                connection.unbind()
        if connection.socket is not None:
            connection.socket.close()

    def _call(self, kind: str, request: Any, response: int) -> Result:
        """Send a request that has one answer."""
        for message in self._answer(self._send(kind, request)):
            if type(message) is Result and message.tag == response:
                return message
        raise DirectoryUnavailable(f"{self.url}: the server did not answer the {kind}")

    def _send(self, kind: str, request: Any, controls: Sequence[Control] = ()) -> int:
        if self._ldap3 is None:
            raise DirectoryUnavailable(f"{self.url}: the connection is closed")
        listed = [(control.oid, control.critical, control.value) for control in controls]
        strategy = self._ldap3.strategy
        try:
            limit_waits(self._ldap3.socket, self._timeout)
            number = int(strategy.send(kind, request, listed or None))
        except (LDAPExceptionError, OSError, ValueError) as error:
            raise DirectoryUnavailable(f"{self.url}: cannot send ({_reason(error)})") from None
        # ldap3 keeps unanswered requests in this table, which would grow for ever: nobody takes them out.
        strategy._outstanding.clear()  # noqa: SLF001
        return number

    def _answer(
        self, number: int, *, ranges: bool = False, apart: tuple[Answer, Facts] | None = None
    ) -> Iterator[Message | StagedPage]:
        receive = partial(chunks, self._ldap3.socket, timeout=self._timeout, stop=self._stop)
        try:
            if apart is None:
                yield from messages(receive(), number, ranges=ranges, above=self.above)
            else:
                yield from decoded(*apart, lambda beside: receive(beside=beside), self._stop)
        except MalformedAnswer:
            raise
        except DirectoryUnavailable as error:
            raise type(error)(f"{self.url}: {error}; nothing was changed") from None


def _check_end(result: Result) -> None:
    """Raise MalformedAnswer for a result of something else than a search."""
    if result.tag != SEARCH_DONE:
        raise MalformedAnswer(f"operation 0x{result.tag:02x} where a search ends")


def malformed(url: str, error: MalformedAnswer) -> MalformedAnswer:
    """Return the error with the server that it speaks of."""
    return MalformedAnswer(
        f"{url} sent an answer that is not LDAP ({error}); nothing was changed. "
        "Check that directory.url names an LDAP server, and that nothing rewrites its answers."
    )


def _search_request(search: Search) -> Any:
    return search_operation(
        search.base.encode("utf-8", "surrogateescape"),
        search.filter,
        _SCOPES[search.scope],
        _NEVER,
        list(search.attributes),
        search.limit,
        0,
        types_only=False,
        auto_escape=False,
        auto_encode=False,
    )


def _refuse_to_expose(url: ServerUrl, settings: DirectorySettings, password: str | None) -> None:
    """Raise rather than bind without a password, or send one that others could read."""
    if not password:
        raise DirectoryUnavailable(
            f"no password for {settings.bind_dn} at {url.text}. "
            "Set directory.password or directory.password_file."
        )
    if url.tls == "none" and not url.is_local and not settings.allow_plaintext:
        raise DirectoryUnavailable(
            f"the password of {settings.bind_dn} would travel unencrypted to {url.text}. "
            "Set directory.tls to starttls or ldaps, or directory.allow_plaintext to true."
        )


def _reason(error: Exception) -> str:
    """Take what matters from the text of a nested ldap3 error."""
    for part in error.args:
        if isinstance(part, list) and part:
            return _reason(part[0][0])
    text = str(error).rpartition("while opening: ")[2]
    if text == "invalid server address":
        return "the name of the host cannot be resolved"
    return text.partition("] ")[2] or text
