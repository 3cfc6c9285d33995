"""The servers of the connected directory, in order, and the connection that is kept to one."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from connector.directory.ldap import BASE, Connection, Search, malformed
from connector.directory.refusals import (
    INSUFFICIENT_RIGHTS,
    INVALID_CREDENTIALS,
    NO_SUCH_OBJECT,
    SIZE_LIMIT,
    SUCCESS,
    Attempt,
    refusal,
)
from connector.directory.rootdse import ATTRIBUTES, RootDse
from connector.directory.search_entry import Entry
from connector.directory.subschema import read_kinds_above, read_schema
from connector.directory.url import server_urls
from connector.directory.wire import Result
from connector.errors import DirectoryUnavailable, InvalidSettings, MalformedAnswer, ReadStopped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from connector.directory.apart import Facts
    from connector.directory.ldap import Control
    from connector.directory.url import ServerUrl
    from connector.directory.wire import Message
    from connector.settings import DirectorySettings
    from connector.values.schema import Schema
    from connector.values.staged import StagedPage

    Password = str | Callable[[], str | None] | None

_HIDDEN = {SUCCESS, NO_SUCH_OBJECT, INSUFFICIENT_RIGHTS}
_NO_STEPS: Mapping[int, str] = {}
_ROOT = Search("", "(objectClass=*)", ATTRIBUTES, BASE)


class Servers:
    """Searches on the first server that answers, and stays with it while it does."""

    def __init__(
        self, settings: DirectorySettings, password: Password, stop: Callable[[], bool]
    ) -> None:
        self._settings = settings
        self._password = password
        self._stop = stop
        self._urls = server_urls(settings)
        self._current = 0
        self.connects = 0
        self._losses = 0
        self._connection: Connection | None = None
        self._root_dse: RootDse | None = None
        self._start: str | None = None

    @property
    def url(self) -> str:
        """The server in use, or the one that will be tried first."""
        return self._urls[self._current].text

    def ask_root_dse(self) -> RootDse:
        """Return the root DSE of the server in use."""
        self.connection()
        assert self._root_dse is not None  # noqa: S101 - set by every connect
        return self._root_dse

    def kinds_above(self) -> Mapping[bytes, tuple[bytes, ...]]:
        """Return the kinds above each class, as the server in use says (see ``Schema``)."""
        return self.connection().above

    def ask_schema(self) -> Schema | None:
        """Read the classes and attributes of the server in use; None where it hides them."""
        return read_schema(self.connection(), self.ask_root_dse())

    def root_dse_now(self) -> RootDse:
        """Read the root DSE again: parts of it change with every write."""
        self._root_dse = read_root_dse(self.connection())
        return self._root_dse

    def life(self) -> str:
        """Name the life of the server: another text after a restart or a lost connection.

        Without the right to read since when the server runs, a lost connection alone tells.
        """
        self.connection()
        if self._start is None:
            self._start = self._ask_start()
        return f"{self.url} {self._start} {self._losses}".strip()

    def connection(self) -> Connection:
        """Return the connection at hand, or a new one when there is none or it is dead."""
        if self._connection is not None:
            if self._connection.is_usable():
                return self._connection
            # An idle one is closed by many a server and firewall, which means nothing.
            self._losses += not self._connection.is_long_idle()
        return self._connect()

    def search(
        self,
        search: Search,
        controls: Sequence[Control] = (),
        *,
        cookie_sent: bool = False,
        steps: Mapping[int, str] = _NO_STEPS,
        facts: Facts | None = None,
    ) -> Iterator[Message | StagedPage]:
        """Stream the answer to a search; it ends with a Result of success, or raises.

        ``steps`` replace the usual advice for some result codes; ``facts`` are for another process to decode
        a big answer (see ``apart``). A search ends the one before it if
        the caller did not read that one to its end. A kept connection may have died unnoticed: if it
        fails before the first message, a new connection repeats the search.
        """
        kept = self._connection
        answer = self.connection().search(search, controls, facts=facts)
        try:
            first = next(answer)
        except (MalformedAnswer, ReadStopped):
            raise
        except DirectoryUnavailable:
            if self._connection is not kept:
                raise
            self._losses += 1
            answer = self._connect().search(search, controls, facts=facts)
            first = next(answer)
        for message in chain((first,), answer):
            if type(message) is Result and message.code != SUCCESS:
                step = steps.get(message.code, "")
                raise self._refused(message, search, step, cookie_sent=cookie_sent)
            yield message

    def look(self, search: Search, controls: Sequence[Control] = ()) -> list[Entry]:
        """Return at most a few entries.

        Hidden entries count as absent; reaching the requested size limit is not an error.
        """
        found: list[Entry] = []
        try:
            found.extend(each for each in self.search(search, controls) if type(each) is Entry)
        except DirectoryUnavailable as error:
            limited = search.limit and error.result_code == SIZE_LIMIT
            if not limited and error.result_code not in _HIDDEN:
                raise
        return found

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _ask_start(self) -> str:
        """Return since when the server runs, empty where it does not say."""
        entry, attribute = self.ask_root_dse().start
        if not entry:
            return ""
        try:
            found = self.look(Search(entry, "(objectClass=*)", (attribute,), BASE))
        except DirectoryUnavailable as error:
            if error.result_code is None:
                raise
            return ""
        values = (v for each in found for v in each.attributes.get(attribute.lower(), ()))
        return next((value.decode("ascii", "backslashreplace") for value in values), "")

    def _refused(
        self, result: Result, search: Search, step: str, *, cookie_sent: bool
    ) -> DirectoryUnavailable:
        """Return the error for the result of a search on the server in use."""
        action = f"search below {search.base!r}"
        attempt = Attempt(self.url, action, search.base, self._settings.bind_dn, step)
        return refusal(result, attempt, cookie_sent=cookie_sent)

    def _connect(self) -> Connection:
        """Connect to the server used last or, when it fails, to the next that works."""
        self.close()
        failures: list[str] = []
        for url in [*self._urls[self._current :], *self._urls[: self._current]]:
            try:
                connection = self._opened(url)
            except ReadStopped:
                raise
            except MalformedAnswer as error:
                failures.append(str(malformed(url.text, error)))
            except DirectoryUnavailable as error:
                if error.result_code == INVALID_CREDENTIALS:
                    raise  # more attempts could lock the account
                failures.append(str(error))
            else:
                self._connection = connection
                self._start = None
                self.connects += 1
                self._current = self._urls.index(url)
                return connection
        raise DirectoryUnavailable("\n".join(failures))

    def _opened(self, url: ServerUrl) -> Connection:
        connection = Connection(url, self._settings, self._read_password(), stop=self._stop)
        try:
            self._root_dse = read_root_dse(connection)
            connection.above = read_kinds_above(connection, self._root_dse)
        except BaseException:
            connection.close()
            raise
        return connection

    def _read_password(self) -> str | None:
        """Return the password as it is now: somebody may have changed its file."""
        if not callable(self._password):
            return self._password
        try:
            return self._password()
        except InvalidSettings as error:
            raise DirectoryUnavailable(str(error)) from error


def read_root_dse(connection: Connection) -> RootDse:
    """Read the root DSE; a server that hides it yields an empty one.

    Raises DirectoryUnavailable when the server cannot answer now: its features stay unknown.
    """
    found = RootDse()
    for message in connection.search(_ROOT):
        if type(message) is Entry:
            found = RootDse.of(message.attributes)
        elif type(message) is Result and message.code not in _HIDDEN:
            raise refusal(message, Attempt(connection.url, "show its root DSE"))
    return found
