"""Find out why a directory cannot be read, or that it can: what ``connector check`` shows."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, NamedTuple

from connector import dn as dns
from connector.directory.client import wanted_filter
from connector.directory.controls import SYNC_REQUEST, sync_request, sync_state
from connector.directory.ldap import BASE, Connection, Control, Search, malformed
from connector.directory.refusals import SIZE_LIMIT, SUCCESS, Attempt, refusal
from connector.directory.rootdse import RootDse
from connector.directory.search_entry import Entry
from connector.directory.servers import read_root_dse
from connector.directory.url import server_urls
from connector.directory.wire import Result
from connector.errors import DirectoryUnavailable, MalformedAnswer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from connector.directory.url import ServerUrl
    from connector.settings import DirectorySettings

_SAMPLE = 5
_COUNTED = 20_000


class Finding(NamedTuple):
    """One thing that was looked at; ``advice`` says what to do when it is not well."""

    name: str
    ok: bool
    detail: str
    advice: str = ""


def diagnose(settings: DirectorySettings, password: str | None) -> list[Finding]:
    """Look at every server in turn; what a server does or does not is a finding, never an error.

    Raises InvalidSettings for an unusable URL.
    """
    return [
        finding for url in server_urls(settings) for finding in _server(url, settings, password)
    ]


def _server(url: ServerUrl, settings: DirectorySettings, password: str | None) -> Iterator[Finding]:
    steps = {
        "connect": f"connected to {url.text}",
        "tls": f"the certificate of {url.host} is accepted",
        "bind": f"bound as {settings.bind_dn or 'nobody'}",
    }
    if url.tls == "none":
        del steps["tls"]
    passed: list[str] = []
    failure: DirectoryUnavailable | None = None
    try:
        connection = Connection(url, settings, password, stop=lambda: False, passed=passed.append)
    except DirectoryUnavailable as error:
        failure = error
    yield from (Finding(step, ok=True, detail=steps[step]) for step in passed)
    if failure is not None:
        yield _failed(next(step for step in steps if step not in passed), url.text, failure)
        return
    with contextlib.closing(connection):
        yield from Examination(connection, settings).findings()


class Examination:
    """Looks at what one server shows to the identity that the connector binds as."""

    def __init__(self, connection: Connection, settings: DirectorySettings) -> None:
        self._connection = connection
        self._settings = settings
        self._root_dse = RootDse()

    def findings(self) -> Iterator[Finding]:
        checks = {
            "base": self._base,
            "attributes": self._attributes,
            "entries": self._entries,
            "synchronization": self._synchronization,
        }
        for name, check in checks.items():
            try:
                finding = check(name)
            except DirectoryUnavailable as error:
                finding = _failed(name, self._connection.url, error)
            yield finding
            if not self._connection.is_usable or (name == "base" and not finding.ok):
                return

    def _base(self, name: str) -> Finding:
        self._root_dse = read_root_dse(self._connection)
        base = self._settings.base_dn
        if self._search(Search(base, "(objectClass=*)", ("objectClass",), BASE)):
            return Finding(name, ok=True, detail=f"{base} is there")
        contexts = ", ".join(self._root_dse.naming_contexts) or "none that it shows"
        return Finding(
            name,
            ok=False,
            detail=f"{base} is not shown; the server holds {contexts}",
            advice=f"Check directory.base_dn, or grant {self._identity} read access to it.",
        )

    def _attributes(self, name: str) -> Finding:
        """Check that a few entries show what every entry must show."""
        id_attribute = self._root_dse.id_attribute
        needed = ("objectClass", id_attribute)
        for entry in self._sample(needed):
            hidden = [each for each in needed if each.lower() not in entry.attributes]
            if hidden:
                return Finding(
                    name,
                    ok=False,
                    detail=f"{entry.dn} does not show {' and '.join(hidden)}",
                    advice=f"Grant {self._identity} read access to {' and '.join(needed)}.",
                )
        return Finding(name, ok=True, detail=f"entries show {' and '.join(needed)}")

    def _entries(self, name: str) -> Finding:
        """Count entries up to a bound, to meet a size limit of the server before a sync does."""
        search = self._below(("1.1",), limit=_COUNTED)
        messages = list(self._connection.search(search))
        found, result = len(messages) - 1, messages[-1]
        assert isinstance(result, Result)  # noqa: S101 - a search ends with one
        if result.code == SIZE_LIMIT and found < _COUNTED:
            return Finding(
                name,
                ok=False,
                detail=f"the server stops after {found} entries",
                advice=f"Lift the size limit of {self._identity} (OpenLDAP: limits ... size=unlimited).",
            )
        if result.code not in {SUCCESS, SIZE_LIMIT}:
            raise self._refused(result, search)
        if found <= 1:
            return Finding(
                name,
                ok=False,
                detail=f"nothing below {self._settings.base_dn} is shown",
                advice=f"Grant {self._identity} read access to what is below it.",
            )
        more = " or more" if result.code == SIZE_LIMIT else ""
        return Finding(name, ok=True, detail=f"{found}{more} entries can be read")

    def _synchronization(self, name: str) -> Finding:
        """Check that the server tells changes by content synchronization."""
        advice = "Load the syncprov overlay on the database, or set directory.mode to scan."
        if self._settings.mode == "scan":
            return Finding(name, ok=True, detail="not used: directory.mode is scan")
        if not self._root_dse.has_sync:
            detail = "the server does not offer content synchronization (RFC 4533)"
            if self._settings.mode == "auto":
                return Finding(name, ok=True, detail=f"{detail}; every cycle reads everything")
            return Finding(name, ok=False, detail=detail, advice=advice)
        control = Control(SYNC_REQUEST, sync_request(None))
        for entry in self._sample(("objectClass",), [control]):
            sync_state(entry.controls)
        if self._has_context_csn():
            return Finding(name, ok=True, detail="the server tells what changed")
        return Finding(
            name,
            ok=False,
            detail=f"{self._settings.base_dn} shows no contextCSN",
            advice=f"Grant {self._identity} read access to it, or write to the directory once.",
        )

    def _has_context_csn(self) -> bool:
        """Tell whether changes are counted; the entry that says so is the suffix above the base."""
        if self._root_dse.is_389:
            return True
        base = dns.key(self._settings.base_dn)
        suffixes = [s for s in self._root_dse.naming_contexts if dns.is_below(base, dns.key(s))]
        return any(
            "contextcsn" in entry.attributes
            for suffix in suffixes or [self._settings.base_dn]
            for entry in self._search(Search(suffix, "(objectClass=*)", ("contextCSN",), BASE))
        )

    def _sample(self, attributes: Sequence[str], controls: Sequence[Control] = ()) -> list[Entry]:
        return self._search(self._below(attributes, limit=_SAMPLE), controls)

    def _below(self, attributes: Sequence[str], *, limit: int) -> Search:
        wanted = wanted_filter(self._settings.filter)
        return Search(self._settings.base_dn, wanted, attributes, limit=limit)

    def _search(self, search: Search, controls: Sequence[Control] = ()) -> list[Entry]:
        """Return the entries; to meet the limit that was asked for is no error."""
        messages = list(self._connection.search(search, controls))
        result = messages[-1]
        assert isinstance(result, Result)  # noqa: S101 - a search ends with one
        if result.code not in {SUCCESS, SIZE_LIMIT if search.limit else SUCCESS}:
            raise self._refused(result, search)
        return [message for message in messages if isinstance(message, Entry)]

    def _refused(self, result: Result, search: Search) -> DirectoryUnavailable:
        action = f"search below {search.base!r}"
        return refusal(
            result, Attempt(self._connection.url, action, search.base, self._settings.bind_dn)
        )

    @property
    def _identity(self) -> str:
        return self._settings.bind_dn or "the anonymous user"


def _failed(name: str, url: str, error: DirectoryUnavailable) -> Finding:
    text = str(malformed(url, error) if isinstance(error, MalformedAnswer) else error)
    detail, _, advice = text.partition(". ")
    return Finding(name, ok=False, detail=detail, advice=advice)
