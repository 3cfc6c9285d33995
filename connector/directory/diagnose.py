"""Find out whether a directory can be read, and why not, for ``connector check``."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from connector.directory.attributes import CONTAINERS
from connector.directory.check_result import CheckResult
from connector.directory.client import wanted_filter
from connector.directory.controls import PAGED_RESULTS, page_cookie, page_request
from connector.directory.detection import Probe, detect
from connector.directory.ldap import BASE, Connection, Control, Search, malformed
from connector.directory.reading import EVERYTHING, shows_nothing
from connector.directory.refusals import NO_SUCH_OBJECT, SIZE_LIMIT, SUCCESS, Attempt, refusal
from connector.directory.rootdse import RootDse
from connector.directory.search_entry import Entry
from connector.directory.servers import read_root_dse
from connector.directory.subschema import read_schema
from connector.directory.url import server_urls
from connector.directory.wire import Result
from connector.errors import DirectoryUnavailable, MalformedAnswer
from connector.values import dn as dns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from connector.directory.url import ServerUrl
    from connector.settings import DirectorySettings

# What may be a user, a group or a contact: no container.
_OBJECTS = f"(!(|{''.join(f'(objectClass={name})' for name in CONTAINERS)}))"
_SAMPLE = 5
_COUNTED = 20_000
_PAGE = 1000


def diagnose(settings: DirectorySettings, password: str | None) -> list[CheckResult]:
    """Look at every server in turn; a failing server is a finding, never an error.

    Raises InvalidSettings for an unusable URL.
    """
    return [
        finding for url in server_urls(settings) for finding in _server(url, settings, password)
    ]


def naming_contexts(settings: DirectorySettings, password: str | None) -> tuple[str, ...]:
    """Return the naming contexts that the first server shows; raises DirectoryUnavailable."""
    url = server_urls(settings)[0]
    with contextlib.closing(Connection(url, settings, password, stop=lambda: False)) as connection:
        return read_root_dse(connection).naming_contexts


def _server(
    url: ServerUrl, settings: DirectorySettings, password: str | None
) -> Iterator[CheckResult]:
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
    yield from (CheckResult(step, ok=True, detail=steps[step]) for step in passed)
    if failure is not None:
        yield _failed(next(step for step in steps if step not in passed), url.text, failure)
        return
    with contextlib.closing(connection):
        yield from Examination(connection, settings).results()


class Examination:
    """Examines what one server shows to the connector's identity."""

    def __init__(self, connection: Connection, settings: DirectorySettings) -> None:
        self._connection = connection
        self._settings = settings
        self._root_dse = RootDse()

    def results(self) -> Iterator[CheckResult]:
        checks = {
            "base": self._base,
            "attributes": self._attributes,
            "schema": self._schema,
            "entries": self._entries,
            "scope": self._scope,
            "synchronization": self._synchronization,
        }
        if not _selects(self._settings):
            del checks["scope"]
        for name, check in checks.items():
            try:
                finding = check(name)
            except DirectoryUnavailable as error:
                finding = _failed(name, self._connection.url, error)
            if finding is None:
                continue
            yield finding
            if not self._connection.is_usable() or (name == "base" and not finding.ok):
                return

    def _base(self, name: str) -> CheckResult:
        self._root_dse = read_root_dse(self._connection)
        base = self._settings.base_dn
        if self._search(Search(base, "(objectClass=*)", ("objectClass",), BASE)):
            return CheckResult(name, ok=True, detail=f"{base} is there")
        contexts = ", ".join(self._root_dse.naming_contexts) or "none that it shows"
        return CheckResult(
            name,
            ok=False,
            detail=f"{base} is not shown; the server holds {contexts}",
            advice=f"Check directory.base_dn, or grant {self._identity} read access to it.",
        )

    def _attributes(self, name: str) -> CheckResult:
        """Check that a few entries show what every entry must show."""
        id_attribute = self._root_dse.id_attribute
        needed = ("objectClass", id_attribute)
        for entry in self._sample(needed):
            if self._root_dse.is_active_directory and shows_nothing(entry, id_attribute):
                continue
            hidden = [each for each in needed if each.lower() not in entry.attributes]
            if hidden:
                return CheckResult(
                    name,
                    ok=False,
                    detail=f"{entry.dn} does not show {' and '.join(hidden)}",
                    advice=f"Grant {self._identity} read access to {' and '.join(needed)}.",
                )
        return CheckResult(name, ok=True, detail=f"entries show {' and '.join(needed)}")

    def _schema(self, name: str) -> CheckResult | None:
        """Check that the classes above the classes of an entry are known; say nothing if so."""
        if read_schema(self._connection, self._root_dse) is not None:
            return None
        where = self._root_dse.schema or "the schema"
        return CheckResult(
            name,
            ok=True,
            detail=f"warning: {where} is not shown, so of the classes below those of users, groups "
            "and contacts only the usual ones are known",
            advice=f"Grant {self._identity} read access to {where}.",
        )

    def _entries(self, name: str) -> CheckResult:
        """Count entries up to a bound, to meet the server's size limit before a sync does."""
        # Active Directory never gives more than a page, and is only ever read by pages.
        paged = [Control(PAGED_RESULTS, page_request(_PAGE, b""))]
        paged = paged if self._root_dse.is_active_directory else []
        search = self._below(("1.1",), limit=0 if paged else _COUNTED)
        messages = list(self._connection.search(search, paged))
        found = sum(isinstance(message, Entry) for message in messages)
        result = messages[-1]
        assert isinstance(result, Result)  # noqa: S101 - a search ends with one
        if result.code == SIZE_LIMIT and found < _COUNTED:
            return CheckResult(
                name,
                ok=False,
                detail=f"the server stops after {found} entries",
                advice=f"Lift the size limit of {self._identity} ({self._limits}).",
            )
        if result.code not in {SUCCESS, SIZE_LIMIT}:
            raise self._refused(result, search)
        if found <= 1:
            # A sync of an empty directory succeeds, so this is not a failure.
            return CheckResult(
                name,
                ok=True,
                detail=f"warning: nothing below {self._settings.base_dn} is shown",
                advice=f"Grant {self._identity} read access to what is below it.",
            )
        more = " or more" if result.code == SIZE_LIMIT or page_cookie(result.controls) else ""
        return CheckResult(name, ok=True, detail=f"{found}{more} entries can be read")

    def _scope(self, name: str) -> CheckResult:
        """Check that the directory shows what the settings select by."""
        settings = self._settings
        missing = [f"directory.include {dn}" for dn in settings.include if not self._shows(dn)]
        pilot = settings.pilot_group
        if pilot is not None and not self._has_members(pilot):
            missing.append(f"directory.pilot_group {pilot} (or no members of it)")
        plain = Search(settings.base_dn, f"(&{settings.filter}{_OBJECTS})", ("1.1",), limit=1)
        if settings.filter != EVERYTHING and not self._look(plain):
            missing.append(f"directory.filter {settings.filter} (no object meets it)")
        spared = [f"directory.exclude {dn}" for dn in settings.exclude if not self._shows(dn)]
        if missing:
            return CheckResult(
                name,
                ok=False,
                detail=f"not shown: {', '.join((*missing, *spared))}",
                advice=f"Correct the setting, or grant {self._identity} read access to it: nothing is "
                "synced by what is not there.",
            )
        if spared:
            detail = f"warning: not shown: {', '.join(spared)}"
            return CheckResult(name, True, detail, "Correct the setting: it leaves nothing out.")
        return CheckResult(
            name, ok=True, detail="include, exclude, filter and pilot group match something"
        )

    def _shows(self, dn: str) -> bool:
        """Tell whether the search shows anything at a name or below it."""
        if not dns.is_below(dns.key(dn), dns.key(self._settings.base_dn)):
            return False
        search = self._below(("1.1",), limit=1)._replace(base=dn)
        try:
            return bool(self._look(search))
        except DirectoryUnavailable as error:
            if error.result_code is None:
                raise
            return False

    def _has_members(self, group: str) -> bool:
        wanted = wanted_filter(self._settings.filter)
        search = Search(group, wanted, ("member", "uniqueMember"), BASE, ranges=True)
        try:
            found = self._look(search)
        except DirectoryUnavailable as error:
            if error.result_code is None:
                raise
            return False
        return any(
            name.startswith(("member", "uniquemember")) for e in found for name in e.attributes
        )

    def _synchronization(self, name: str) -> CheckResult:
        """Check that the server tells what changed, as ``directory.mode`` asks."""
        return detect(Probe(name, self._settings, self._root_dse, self._look))

    def _sample(self, attributes: Sequence[str]) -> list[Entry]:
        return self._search(self._below(attributes, limit=_SAMPLE))

    def _below(self, attributes: Sequence[str], *, limit: int) -> Search:
        wanted = wanted_filter(self._settings.filter)
        return Search(self._settings.base_dn, wanted, attributes, limit=limit)

    def _search(self, search: Search, controls: Sequence[Control] = ()) -> list[Entry]:
        """Return the entries; reaching the requested limit is not an error."""
        messages = list(self._connection.search(search, controls))
        result = messages[-1]
        assert isinstance(result, Result)  # noqa: S101 - a search ends with one
        if result.code not in {SUCCESS, SIZE_LIMIT if search.limit else SUCCESS}:
            raise self._refused(result, search)
        return [message for message in messages if isinstance(message, Entry)]

    def _look(self, search: Search, controls: Sequence[Control] = ()) -> list[Entry]:
        """Search for entries that may be hidden."""
        try:
            return self._search(search, controls)
        except DirectoryUnavailable as error:
            if error.result_code != NO_SUCH_OBJECT:
                raise
            return []

    def _refused(self, result: Result, search: Search) -> DirectoryUnavailable:
        action = f"search below {search.base!r}"
        return refusal(
            result, Attempt(self._connection.url, action, search.base, self._settings.bind_dn)
        )

    @property
    def _limits(self) -> str:
        if self._root_dse.is_389:
            return "389: nsSizeLimit: -1 and nsLookThroughLimit: -1 in its entry"
        return "OpenLDAP: limits ... size=unlimited"

    @property
    def _identity(self) -> str:
        return self._settings.bind_dn or "the anonymous user"


def _selects(settings: DirectorySettings) -> bool:
    """Tell whether the settings leave anything out by name or by filter."""
    named = settings.include or settings.exclude or settings.pilot_group
    return bool(named) or settings.filter != EVERYTHING


def _failed(name: str, url: str, error: DirectoryUnavailable) -> CheckResult:
    text = str(malformed(url, error) if isinstance(error, MalformedAnswer) else error)
    detail, _, advice = text.partition(". ")
    return CheckResult(name, ok=False, detail=detail, advice=advice)
