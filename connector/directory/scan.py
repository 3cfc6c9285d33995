"""A paged read of everything (RFC 2696), for servers without content synchronization.

It gives the same values as a refresh without a cookie; staging tells by hash what changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.directory.attributes import uuid_of
from connector.directory.controls import PAGED_RESULTS, page_cookie, page_request
from connector.directory.ldap import Control
from connector.directory.search_entry import Entry
from connector.directory.wire import Result
from connector.errors import DirectoryUnavailable
from connector.model import Complete, DirectoryEntry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.directory.ldap import Search
    from connector.directory.servers import Servers
    from connector.model import Change

_PAGE = 1000
_EMPTY_PAGES = 100


def changes(servers: Servers, search: Search) -> Iterator[Change]:
    """Stream every entry, ending with Complete: what was not mentioned may be gone."""
    id_attribute = servers.root_dse.id_attribute
    connects = servers.connects
    pages = _Pages()
    cookie: bytes | None = b""
    while cookie is not None:
        request = [Control(PAGED_RESULTS, page_request(_PAGE, cookie), critical=False)]
        first: bytes | None = None
        for message in servers.search(search, request):
            if type(message) is Entry:
                entry = identified(message, id_attribute)
                first = first or entry.uuid
                yield entry
            elif type(message) is Result:
                cookie = page_cookie(message.controls) or None
        if servers.connects != connects:
            raise DirectoryUnavailable(f"{servers.url}: the connection was lost between two pages")
        if cookie is not None and not pages.advance(first):
            raise DirectoryUnavailable(
                f"{servers.url} never ends its paged answer. Set directory.mode to syncrepl."
            )
    yield Complete(None, unmentioned_gone=True)


class _Pages:
    """Notices a server that begins anew, or sends empty pages, for ever."""

    def __init__(self) -> None:
        self._beginnings: set[bytes] = set()
        self._empty = 0

    def advance(self, first: bytes | None) -> bool:
        """Take note of the first entry of a page; False when the pages lead nowhere."""
        if first is None:
            self._empty += 1
            return self._empty < _EMPTY_PAGES
        self._empty = 0
        seen = first in self._beginnings
        self._beginnings.add(first)
        return not seen


def identified(entry: Entry, id_attribute: str) -> DirectoryEntry:
    """Return an entry by the identity among its attributes.

    Raises DirectoryUnavailable when it shows none: it could not be told from a new one.
    """
    try:
        uuid = uuid_of(entry.attributes, id_attribute)
    except ValueError as error:
        raise DirectoryUnavailable(
            f"{entry.dn!r} cannot be identified: {error}. "
            f"Grant directory.bind_dn read access to {id_attribute}."
        ) from None
    return DirectoryEntry(uuid, entry.dn, entry.attributes)
