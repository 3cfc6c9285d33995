"""Read entries whole, as they are now: by search, by page and by identity.

Active Directory shows the members of a group in parts (range retrieval, MS-ADTS 3.1.1.3.1.3.3). A
group with more than one part is read again, part by part, once the answer that it was in has ended: a
connection does one search at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.directory.attributes import id_filter, uuid_of
from connector.directory.controls import PAGED_RESULTS, page_cookie, page_request
from connector.directory.ldap import Control
from connector.directory.search_entry import Entry
from connector.directory.wire import Result
from connector.errors import DirectoryUnavailable, MalformedAnswer
from connector.model import DirectoryEntry, Gone, Identity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from connector.directory.ldap import Search
    from connector.directory.servers import Servers

EVERYTHING = "(objectClass=*)"

_PAGE = 1000
_EMPTY_PAGES = 100
_BATCH = 100
# The most that a domain controller shows at a time unless told otherwise (MaxValRange).
_PART = 1500
_ATTEMPTS = 3
_RANGE = ";range="
_STAMP = "usnchanged"


def entries(servers: Servers, search: Search) -> Iterator[DirectoryEntry]:
    """Stream the entries that one search finds."""
    whole = _Whole(servers, search)
    for message in servers.search(whole.search):
        if type(message) is Entry and (entry := whole.take(message)):
            yield entry
    yield from whole.rest()


def pages(servers: Servers, search: Search) -> Iterator[DirectoryEntry]:
    """Stream all entries that a search finds, in pages (RFC 2696)."""
    whole = _Whole(servers, search)
    connects = servers.connects
    progress = _Pages()
    cookie: bytes | None = b""
    while cookie is not None:
        request = [Control(PAGED_RESULTS, page_request(_PAGE, cookie), critical=False)]
        first: bytes | None = None
        for message in servers.search(whole.search, request):
            if type(message) is Entry:
                entry = whole.take(message)
                first = first or whole.last
                if entry:
                    yield entry
            elif type(message) is Result:
                cookie = page_cookie(message.controls) or None
        if servers.connects != connects:
            raise DirectoryUnavailable(f"{servers.url}: the connection was lost between two pages")
        if cookie is not None and not progress.advance(first):
            raise DirectoryUnavailable(
                f"{servers.url} never ends its paged answer. Set directory.mode to syncrepl."
            )
    yield from whole.rest()


def by_uuid(servers: Servers, search: Search, uuids: Collection[bytes]) -> Iterator[DirectoryEntry]:
    """Stream those of these entries that the search finds."""
    id_attribute = servers.ask_root_dse().id_attribute
    wanted = list(uuids)
    for at in range(0, len(wanted), _BATCH):
        asked = set(wanted[at : at + _BATCH])
        batch = "".join(id_filter(uuid, id_attribute) for uuid in wanted[at : at + _BATCH])
        for entry in entries(servers, search._replace(filter=f"(&{search.filter}(|{batch}))")):
            if entry.uuid not in asked:
                raise MalformedAnswer(f"the entry {entry.dn!r}, which was not asked for")
            yield entry


def identities(servers: Servers, search: Search) -> Iterator[Identity]:
    """List all entries that a search finds, without their attributes.

    Where the server does not insist on pages the answer comes in one piece: slapd takes five times as
    long for pages.
    """
    root = servers.ask_root_dse()
    mark = root.mark_attribute
    shown = (root.id_attribute, mark) if mark else (root.id_attribute,)
    wanted = search._replace(attributes=shown)
    for entry in (pages if root.is_active_directory else entries)(servers, wanted):
        (changed, *_) = entry.attributes.get(mark.lower()) or (b"",)
        yield Identity(entry.uuid, entry.dn, changed.decode("ascii", "backslashreplace"))


def parents(servers: Servers, search: Search, uuids: Collection[bytes]) -> set[bytes]:
    """Return those of these entries that have others below them, as far as the server tells."""
    root = servers.ask_root_dse()
    if not root.parents_filter:
        return set()
    narrowed = search._replace(filter=f"(&{search.filter}{root.parents_filter})")
    wanted = narrowed._replace(attributes=(root.id_attribute,))
    return {entry.uuid for entry in by_uuid(servers, wanted, uuids)}


def reported(
    servers: Servers, search: Search, uuids: Collection[bytes], *, context: str
) -> Iterator[DirectoryEntry | Gone]:
    """Read the entries that the server reported as changed, by their identity.

    An entry that the search misses, but the whole naming context shows, has left the search. An entry
    that neither shows is passed over: either it was just deleted, which the server will report, or the
    account lost the right to see it, which is not a delete.
    """
    missing = dict.fromkeys(uuids)
    for entry in by_uuid(servers, search, uuids):
        missing.pop(entry.uuid, None)
        yield entry
    id_attribute = servers.ask_root_dse().id_attribute
    anywhere = search._replace(base=context, filter=EVERYTHING, attributes=(id_attribute,))
    if left := [entry.uuid for entry in by_uuid(servers, anywhere, missing)]:
        yield Gone(left)


def shows_nothing(entry: Entry, id_attribute: str) -> bool:
    """Tell whether an entry shows neither its identity nor its classes."""
    return entry.attributes.keys().isdisjoint({id_attribute.lower(), "objectclass"})


def identified(entry: Entry, id_attribute: str) -> DirectoryEntry:
    """Return an entry by the identity among its attributes.

    Raises DirectoryUnavailable when it shows none: nothing would tell it from a new entry.
    """
    try:
        uuid = uuid_of(entry.attributes, id_attribute)
    except ValueError as error:
        raise DirectoryUnavailable(
            f"{entry.dn!r} cannot be identified: {error}. "
            f"Grant directory.bind_dn read access to {id_attribute}."
        ) from None
    return DirectoryEntry(uuid, entry.dn, entry.attributes)


class _Whole:
    """Passes whole entries on, and reads partial ones part by part at the end.

    ``search`` is the search to send, ``last`` the identity of the last entry taken.
    """

    def __init__(self, servers: Servers, search: Search) -> None:
        root = servers.ask_root_dse()
        self.search = in_parts(search) if root.is_active_directory else search
        self.last = b""
        self._servers = servers
        self._id_attribute = root.id_attribute
        self._partial: list[bytes] = []

    def take(self, found: Entry) -> DirectoryEntry | None:
        """Return the entry; of a partial one keep the identity and return None.

        Active Directory names entries, most of them below CN=System, of which an ordinary account may see
        nothing: these count as unseen, as they do where it may not list them either.
        """
        if self.search.ranges and shows_nothing(found, self._id_attribute):
            return None
        entry = identified(found, self._id_attribute)
        self.last = entry.uuid
        if self.search.ranges and any(_RANGE in name for name in entry.attributes):
            self._partial.append(entry.uuid)
            return None
        return entry

    def rest(self) -> Iterator[DirectoryEntry]:
        for uuid in self._partial:
            if entry := self._read(uuid):
                yield entry

    def _read(self, uuid: bytes) -> DirectoryEntry | None:
        """Read one entry with all its values; None when it no longer exists."""
        dn = ""
        for _ in range(_ATTEMPTS):
            first = self._one(uuid, self.search.attributes)
            if first is None:
                return None
            dn, attributes = first.dn, dict(first.attributes)
            if all(self._complete(uuid, attributes, name) for name in first.attributes):
                return DirectoryEntry(uuid, dn, attributes)
        raise DirectoryUnavailable(
            f"{self._servers.url}: {dn} changed each time while it was read in parts; nothing was "
            "changed. The next cycle tries again."
        )

    def _complete(self, uuid: bytes, attributes: dict[str, Sequence[bytes]], ranged: str) -> bool:
        """Replace the first part by all values; False when they changed during the read.

        Each part begins with the last value of the one before, which reveals a shift.
        """
        name, _, shown = ranged.partition(_RANGE)
        if not shown:
            return True
        values = list(attributes.pop(ranged))
        end = shown.rpartition("-")[2]
        while end != "*":
            asked = f"{name}{_RANGE}{end}-{int(end) + _PART - 1}"
            part = self._one(uuid, (asked, _STAMP, self._id_attribute))
            if part is None or part.attributes.get(_STAMP) != attributes.get(_STAMP):
                return False
            ranged = next((each for each in part.attributes if _RANGE in each), "")
            more = part.attributes.get(ranged, ())
            end = ranged.rpartition("-")[2]
            if not more or more[0] != values[-1] or (len(more) == 1 and end != "*"):
                return False
            values += more[1:]
        attributes[name] = values
        return True

    def _one(self, uuid: bytes, attributes: Sequence[str]) -> Entry | None:
        wanted = f"(&{self.search.filter}{id_filter(uuid, self._id_attribute)})"
        found = self._servers.search(self.search._replace(filter=wanted, attributes=attributes))
        return next(iter([each for each in found if type(each) is Entry]), None)


def in_parts(search: Search) -> Search:
    """Ask for members in parts: Active Directory does so anyway, Samba only on request."""
    named = tuple(
        f"member{_RANGE}0-{_PART - 1}" if name == "member" else name for name in search.attributes
    )
    return search._replace(attributes=named, ranges=True)


class _Pages:
    """Notices a server that starts over or sends empty pages for ever."""

    def __init__(self) -> None:
        self._beginnings: set[bytes] = set()
        self._empty = 0

    def advance(self, first: bytes | None) -> bool:
        """Note the first entry of a page; False when the pages make no progress."""
        if first is None:
            self._empty += 1
            return self._empty < _EMPTY_PAGES
        self._empty = 0
        seen = first in self._beginnings
        self._beginnings.add(first)
        return not seen
