"""The connected directory as the port of ``ports.Directory``, over LDAP."""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from typing import TYPE_CHECKING, cast

from connector.directory import dirsync, ds389, openldap, reading, scan
from connector.directory.apart import Facts
from connector.directory.attributes import CONTAINERS, ELSEWHERE, requested
from connector.directory.ldap import Search, check_filter, malformed
from connector.directory.marks import Marks
from connector.directory.refusals import CRITICAL_EXTENSION, INSUFFICIENT_RIGHTS, NO_SUCH_OBJECT
from connector.directory.servers import Servers
from connector.errors import DirectoryUnavailable, MalformedAnswer
from connector.values import dn as dns
from connector.values.entries import KEPT
from connector.values.reads import NOTHING_MORE
from connector.values.schema import standard, unusual

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from connector.directory.rootdse import RootDse
    from connector.directory.servers import Password
    from connector.model import Change, DirectoryEntry, Identity
    from connector.settings import DirectorySettings
    from connector.values.reads import Reads
    from connector.values.schema import Schema
    from connector.values.staged import StagedPage


class LdapDirectory:
    """Reads the changes that the server reports or, where it reports none, everything.

    The first use connects.
    """

    def __init__(
        self,
        settings: DirectorySettings,
        password: Password,
        stop: Callable[[], bool],
        reads: Reads = NOTHING_MORE,
    ) -> None:
        check_filter(settings.filter)
        self._settings = settings
        self._servers = Servers(settings, password, stop)
        self._reads = reads
        self._search = wanted_search(settings, reads)
        self._marks = Marks(time.time)
        self._sync_failed = False
        self._schema: tuple[int, Schema | None] = (0, None)

    @property
    def url(self) -> str:
        return self._servers.url

    def fingerprint(self) -> str:
        """Hash everything a cookie depends on, the mode and the classes of the server among it."""
        with self._naming_the_server():
            classes = unusual(self._servers.kinds_above())
            return fingerprint(self._settings, self._search, self._mode(), classes, self._reads)

    def changes(self, cookie: bytes | None) -> Iterator[Change]:
        return cast("Iterator[Change]", self._changes(cookie))

    def changes_staged(
        self,
        cookie: bytes | None,
        module: str,
        domain: str,
        domains: Sequence[str],
        rules: tuple[object, ...] = (),
    ) -> Iterator[Change | StagedPage]:
        """Stream as ``changes`` does, with pages of what another process staged (see ``apart.Facts``)."""
        return self._changes(cookie, Facts(module, domain, domains, rules))

    def _changes(
        self, cookie: bytes | None, facts: Facts | None = None
    ) -> Iterator[Change | StagedPage]:
        with self._naming_the_server():
            mode = self._mode()
            if mode == "scan":
                yield from scan.changes(self._servers, self._search)
                return
            try:
                yield from self._told(mode, cookie, facts)
            except DirectoryUnavailable as error:
                if self._settings.mode != "auto" or not self._is_withheld(error):
                    raise
                # The server knows the control, but not for this database or this account.
                self._sync_failed = True
                yield from scan.changes(self._servers, self._search)

    def read(self, uuids: Collection[bytes]) -> Iterator[DirectoryEntry]:
        with self._naming_the_server():
            yield from reading.by_uuid(self._servers, self._search, uuids)

    def read_below(self, dn: str) -> Iterator[DirectoryEntry]:
        if not dns.is_below(dns.key(dn), dns.key(self._settings.base_dn)):
            return
        with self._naming_the_server():
            try:
                yield from reading.pages(self._servers, self._search._replace(base=dn))
            except DirectoryUnavailable as error:
                if error.result_code != NO_SUCH_OBJECT:
                    raise

    def read_all(self) -> Iterator[DirectoryEntry]:
        with self._naming_the_server():
            yield from reading.pages(self._servers, self._search)

    def identities(self) -> Iterator[Identity]:
        with self._naming_the_server():
            yield from reading.identities(self._servers, self._search)

    def parents(self, uuids: Collection[bytes]) -> set[bytes]:
        with self._naming_the_server():
            return reading.parents(self._servers, self._search, uuids)

    def life(self) -> str:
        with self._naming_the_server():
            return self._servers.life()

    def schema(self) -> Schema:
        """Read the schema, for each connection anew."""
        with self._naming_the_server():
            self._servers.connection()
            connects, schema = self._schema
            if schema is None or connects != self._servers.connects:
                schema = self._servers.ask_schema() or standard()
                self._schema = (self._servers.connects, schema)
            return schema

    def close(self) -> None:
        self._servers.close()

    def _mode(self) -> str:
        if self._settings.mode != "auto":
            return self._settings.mode
        return "scan" if self._sync_failed else offered_mode(self._servers.ask_root_dse())

    def _told(
        self, mode: str, cookie: bytes | None, facts: Facts | None
    ) -> Iterator[Change | StagedPage]:
        """Stream the changes that the server reports."""
        identity = self._settings.bind_dn or "the anonymous user"
        if mode == "dirsync":
            return dirsync.changes(self._servers, self._search, cookie, identity=identity)
        if self._servers.ask_root_dse().is_389:
            return ds389.changes(
                self._servers, self._search, cookie, identity=identity, facts=facts
            )
        return openldap.changes(self._servers, self._search, cookie, self._marks, facts)

    def _is_withheld(self, error: DirectoryUnavailable) -> bool:
        """Tell whether the server refuses this search a control that it offers elsewhere."""
        if error.result_code == INSUFFICIENT_RIGHTS:
            root = self._servers.ask_root_dse()
            return root.is_389 or root.is_active_directory
        return error.result_code == CRITICAL_EXTENSION

    @contextlib.contextmanager
    def _naming_the_server(self) -> Iterator[None]:
        try:
            yield
        except MalformedAnswer as error:
            raise malformed(self.url, error) from None


def fingerprint(
    settings: DirectorySettings,
    search: Search,
    mode: str,
    classes: Sequence[Sequence[str]],
    reads: Reads = NOTHING_MORE,
) -> str:
    """Hash what a cookie depends on; ``classes`` are those that only this server has."""
    parts = [
        sorted(settings.url),
        search.base,
        search.scope,
        search.filter,
        search.attributes,
        settings.bind_dn,
        mode,
        classes,
    ]
    # What is staged by default is there already.
    more = [name for name in reads.names if name in ELSEWHERE or name not in KEPT]
    if more or reads.anchor:
        parts += [more, reads.anchor]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def wanted_search(settings: DirectorySettings, reads: Reads = NOTHING_MORE) -> Search:
    """Return the search of the settings."""
    return Search(settings.base_dn, wanted_filter(settings.filter), requested(reads))


def offered_mode(root: RootDse) -> str:
    """Return the best mode that a server offers."""
    if root.has_dirsync:
        return "dirsync"
    return "syncrepl" if root.has_sync else "scan"


def wanted_filter(text: str) -> str:
    """Return the filter of the settings, widened so that containers match it too."""
    if text == reading.EVERYTHING:
        return text
    containers = "".join(f"(objectClass={name})" for name in CONTAINERS)
    return f"(|{containers}{text})"
