"""The connected directory as the port of ``ports.Directory``, over LDAP."""

from __future__ import annotations

import contextlib
import hashlib
import json
from typing import TYPE_CHECKING

from connector import dn as dns
from connector.directory import scan, syncrepl
from connector.directory.attributes import REQUESTED, id_filter
from connector.directory.ldap import Search, check_filter, malformed
from connector.directory.refusals import CRITICAL_EXTENSION, NO_SUCH_OBJECT
from connector.directory.search_entry import Entry
from connector.directory.servers import Servers
from connector.errors import DirectoryUnavailable, MalformedAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from connector.model import Change, DirectoryEntry
    from connector.settings import DirectorySettings

_EVERYTHING = "(objectClass=*)"
# Their renames move what is below them, of which a server sends nothing.
_CONTAINERS = (
    "container",
    "country",
    "dcObject",
    "domain",
    "locality",
    "organization",
    "organizationalUnit",
)
_BATCH = 100


class LdapDirectory:
    """Reads the directory by content synchronization or, where there is none, by a paged scan.

    Nothing is asked of the server before the first use.
    """

    def __init__(
        self, settings: DirectorySettings, password: str | None, stop: Callable[[], bool]
    ) -> None:
        check_filter(settings.filter)
        self._settings = settings
        self._servers = Servers(settings, password, stop)
        self._search = Search(settings.base_dn, wanted_filter(settings.filter), REQUESTED)
        self._sync_failed = False

    @property
    def url(self) -> str:
        return self._servers.url

    @property
    def fingerprint(self) -> str:
        """Digest of all that a cookie depends on; with mode auto the server is asked for its own."""
        search = self._search
        with self._naming_the_server():
            mode = "scan" if self._scans() else "syncrepl"
        parts = [
            sorted(self._settings.url),
            search.base,
            search.scope,
            search.filter,
            search.attributes,
            self._settings.bind_dn,
            mode,
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def changes(self, cookie: bytes | None) -> Iterator[Change]:
        with self._naming_the_server():
            if self._scans():
                yield from scan.changes(self._servers, self._search)
                return
            try:
                yield from syncrepl.changes(self._servers, self._search, cookie)
            except DirectoryUnavailable as error:
                if self._settings.mode != "auto" or error.result_code != CRITICAL_EXTENSION:
                    raise
                # The server knows the control, but not for this database.
                self._sync_failed = True
                yield from scan.changes(self._servers, self._search)

    def read(self, uuids: Collection[bytes]) -> Iterator[DirectoryEntry]:
        with self._naming_the_server():
            id_attribute = self._servers.root_dse.id_attribute
            wanted = list(uuids)
            for at in range(0, len(wanted), _BATCH):
                batch = "".join(id_filter(uuid, id_attribute) for uuid in wanted[at : at + _BATCH])
                search = self._search._replace(filter=f"(&{self._search.filter}(|{batch}))")
                yield from self._entries(search)

    def read_below(self, dn: str) -> Iterator[DirectoryEntry]:
        if not dns.is_below(dns.key(dn), dns.key(self._settings.base_dn)):
            return
        with self._naming_the_server():
            try:
                yield from self._entries(self._search._replace(base=dn))
            except DirectoryUnavailable as error:
                if error.result_code != NO_SUCH_OBJECT:
                    raise

    def close(self) -> None:
        self._servers.close()

    def _scans(self) -> bool:
        if self._settings.mode != "auto":
            return self._settings.mode == "scan"
        return self._sync_failed or not self._servers.root_dse.has_sync

    def _entries(self, search: Search) -> Iterator[DirectoryEntry]:
        id_attribute = self._servers.root_dse.id_attribute
        for message in self._servers.search(search):
            if type(message) is Entry:
                yield scan.identified(message, id_attribute)

    @contextlib.contextmanager
    def _naming_the_server(self) -> Iterator[None]:
        try:
            yield
        except MalformedAnswer as error:
            raise malformed(self.url, error) from None


def wanted_filter(text: str) -> str:
    """Return the filter of the settings, widened so that containers match it too."""
    if text == _EVERYTHING:
        return text
    containers = "".join(f"(objectClass={name})" for name in _CONTAINERS)
    return f"(|{containers}{text})"
