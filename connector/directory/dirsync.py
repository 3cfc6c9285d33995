"""Read the changes in Active Directory or Samba since a cookie (DirSync, MS-ADTS 3.1.1.3.4.1.3).

DirSync reports the changed objects of a whole naming context, and of each only the changed attributes.
So it tells which entries to read; a read under the search of the settings tells what they are now.
It does not report the consequences of a change:

- Entries below a renamed container have a new name.
- Groups name a renamed or restored member anew, and no longer name a deleted one. So it is with managers.
- DirSync reports no deletes to an account that may not see deleted objects. Then everything is read, as
  with a filter on ``memberOf``: DirSync reports a new membership for the group alone.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from ldap3.utils.conv import escape_filter_chars

from connector.directory import reading
from connector.directory.attributes import CONTAINERS
from connector.directory.controls import (
    DIRSYNC,
    PAGED_RESULTS,
    SHOW_DELETED,
    dirsync_answer,
    dirsync_request,
    page_request,
)
from connector.directory.ldap import BASE, Control, Search
from connector.directory.marks import TOLERANCE
from connector.directory.refusals import CRITICAL_EXTENSION, INSUFFICIENT_RIGHTS, UNWILLING
from connector.directory.search_entry import Entry
from connector.directory.wire import Result
from connector.errors import DirectoryUnavailable, ResyncRequired
from connector.model import Complete, DirectoryEntry, Gone, Present
from connector.values import dn as dns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from connector.directory.rootdse import RootDse
    from connector.directory.servers import Servers
    from connector.model import Change

    Look = Callable[[Search, Sequence[Control]], list[Entry]]

# The head of the naming context alone, because only the cookie is wanted.
_HEAD = "(objectClass=domainDNS)"
_GROUPS = "(objectClass=group)"
# Not replicated, so DirSync does not report them, or unknown to Active Directory.
_UNTOLD = {"entryuuid", "nsuniqueid", "createtimestamp", "whencreated", "entrycsn", "usnchanged"}
_ALWAYS_TOLD = ("name", "parentGUID", "isDeleted")
_FILTERED = re.compile(r"\(\s*([A-Za-z0-9][\w.-]*)")
BACK_LINK = "memberof"
_LINKS = ("member", "manager", "managedBy")
# Deleted objects vanish for good 60 days after their delete, or later; DirSync is silent then.
_OLDEST = timedelta(days=30)
_REFERRERS = 20
_ID_SET = 500
_STEPS = {
    CRITICAL_EXTENSION: "Set directory.mode to scan if the server does not offer DirSync.",
    INSUFFICIENT_RIGHTS: "Grant {identity} read access to the whole of {base}.",
    UNWILLING: "DirSync reads whole naming contexts: check that directory.base_dn is in one.",
}
UNSEEN_DELETES = "{identity} sees no deleted object, so it would miss deletes"
GRANT_DELETED = (
    "Grant it to list and read CN=Deleted Objects,{context}; in a domain from which nothing was "
    "deleted yet, delete any object once (docs/directories.md)."
)


class Position(NamedTuple):
    """Where a delta starts: a cookie, and what must not have changed since it was given.

    ``controller`` is the domain controller with the identity of its database, ``usn`` the number of
    its last change and ``time`` its clock (seconds since 1970) when the cookie was given.
    """

    controller: str
    usn: int
    time: int
    cookie: str = ""

    def encode(self) -> bytes:
        return json.dumps(self._asdict()).encode()

    @classmethod
    def decode(cls, raw: bytes | None) -> Position | None:
        """Return None for what ``encode`` did not make."""
        try:
            place = cls(**json.loads(raw or b""))
            bytes.fromhex(place.cookie)
            return place._replace(usn=int(place.usn), time=int(place.time))
        except (TypeError, ValueError):
            return None


@dataclass(slots=True)
class _Told:
    """The objects that a poll reports, by identity, and the cookie that follows it.

    ``renamed`` are the living objects with a new name or place.
    """

    living: dict[bytes, None] = field(default_factory=dict)
    renamed: set[bytes] = field(default_factory=set)
    deleted: dict[bytes, None] = field(default_factory=dict)
    cookie: bytes = b""


def changes(
    servers: Servers, search: Search, cookie: bytes | None, *, identity: str
) -> Iterator[Change]:
    """Stream what changed since ``cookie``, ending with Complete.

    Raises ResyncRequired where a delta could withhold something.
    """
    root = servers.root_dse_now()
    context = root.context(search.base)
    here = _here(servers, root)
    place = Position.decode(cookie)
    if place is None:
        told = _poll(servers, Search(context, _HEAD, ("objectGUID",)), b"")
        yield from reading.pages(servers, search)
    else:
        filtered = filtered_by(search.filter)
        if BACK_LINK in filtered:
            raise ResyncRequired(f"{servers.url}: no delta tells what enters a filter on memberOf")
        _refuse_to_guess(servers, place, here, context, identity)
        everything = Search(context, reading.EVERYTHING, told_of(search, filtered))
        told = _poll(servers, everything, bytes.fromhex(place.cookie))
        yield from _delta(servers, search, told, context)
    if _here(servers, servers.ask_root_dse()).controller != here.controller:
        raise DirectoryUnavailable(
            f"{servers.url}: another domain controller answered halfway; nothing was changed. "
            "Name a single one in directory.url."
        )
    following = here._replace(cookie=told.cookie.hex())
    yield Complete(following.encode(), unmentioned_gone=place is None)


def told_of(search: Search, filtered: set[str]) -> tuple[str, ...]:
    """Return the attributes whose changes DirSync is to tell: those that are read, and the filter's."""
    wanted = (*(name for name in search.attributes if name not in _UNTOLD), *_ALWAYS_TOLD)
    return (*wanted, *sorted(filtered - {*wanted}))


def filtered_by(text: str) -> set[str]:
    """Return the lower-case names of the attributes that a filter looks at."""
    return {name.lower() for name in _FILTERED.findall(text)}


def shows_deletes(look: Look, context: str) -> bool:
    """Tell whether the account is shown deleted objects, by looking for one."""
    search = Search(f"CN=Deleted Objects,{context}", "(isDeleted=TRUE)", ("1.1",))
    # A page of two, the folder itself and one more: Samba does not keep to a size limit.
    two = [Control(SHOW_DELETED, b""), Control(PAGED_RESULTS, page_request(2, b""))]
    found = look(search, two)
    return any(dns.key(entry.dn) != dns.key(search.base) for entry in found)


def _refuse_to_guess(
    servers: Servers, place: Position, here: Position, context: str, identity: str
) -> None:
    """Raise ResyncRequired where the cookie or the account would hide changes."""
    reason = ""
    if place.controller != here.controller:
        reason = "another domain controller answers than the one that gave the cookie"
    elif here.usn < place.usn:
        reason = "it knows less than it told before: it was restored from a backup"
    elif place.time - here.time > TOLERANCE.total_seconds():
        reason = "its clock is behind the time of the last import: the age of that is not known"
    elif here.time - place.time > _OLDEST.total_seconds():
        reason = f"the last import is more than {_OLDEST.days} days old"
    elif not shows_deletes(servers.look, context):
        advice = GRANT_DELETED.format(context=context)
        reason = f"{UNSEEN_DELETES.format(identity=identity)}. {advice}"
    if reason:
        raise ResyncRequired(f"{servers.url}: {reason}")


def _here(servers: Servers, root: RootDse) -> Position:
    """Return where a domain controller stands now, without a cookie."""
    search = Search(root.service, reading.EVERYTHING, ("invocationId",), BASE)
    database = b"".join(
        value
        for entry in (servers.look(search) if root.service else ())
        for value in entry.attributes.get("invocationid", ())
    )
    return Position(f"{root.service} {database.hex()}", root.usn, _seconds(root.time))


def _seconds(time: str) -> int:
    """Read generalized time such as 20261123131127.0Z."""
    try:
        return int(datetime.strptime(time[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC).timestamp())
    except ValueError:
        return 0


# --- what DirSync reports ---------------------------------------------------------------------------


def _poll(servers: Servers, search: Search, cookie: bytes) -> _Told:
    """Poll until the answer is whole: it may come in several parts, each with a cookie."""
    told = _Told(cookie=cookie)
    connects, more = servers.connects, True
    while more:
        request = [Control(DIRSYNC, dirsync_request(told.cookie))]
        try:
            for message in servers.search(search._replace(ranges=True), request, steps=_STEPS):
                if type(message) is Entry:
                    _note(told, message)
                elif type(message) is Result:
                    more, told.cookie = dirsync_answer(message.controls)
        except DirectoryUnavailable as error:
            if told.cookie and error.result_code in {CRITICAL_EXTENSION, UNWILLING}:
                raise ResyncRequired(str(error)) from None
            raise
        if more and servers.connects != connects:
            raise DirectoryUnavailable(f"{servers.url}: the connection was lost between two parts")
    return told


def _note(told: _Told, entry: Entry) -> None:
    """Note one object; an attribute without values was cleared."""
    changed = entry.attributes
    uuid = reading.identified(entry, "objectGUID").uuid
    told.living.pop(uuid, None)
    told.deleted.pop(uuid, None)
    if b"TRUE" in changed.get("isdeleted", ()):
        told.deleted[uuid] = None
        return
    told.living[uuid] = None
    # A new object has a name too, but then also its classes, which never change.
    if "isdeleted" in changed or ("name" in changed and "objectclass" not in changed):
        told.renamed.add(uuid)


# --- what follows from it -------------------------------------------------------------------------


def _delta(servers: Servers, search: Search, told: _Told, context: str) -> Iterator[Change]:
    if told.deleted:
        yield Gone(tuple(told.deleted), unlinked=True)
    names: list[str] = []
    containers: list[str] = []
    for change in reading.reported(servers, search, told.living, context=context):
        if isinstance(change, DirectoryEntry) and change.uuid in told.renamed:
            (containers if _is_container(change) else names).append(change.dn)
        yield change
    for dn in containers:
        yield from _below(servers, search._replace(base=dn))
    if containers:
        yield from reading.pages(servers, _narrowed(search, _GROUPS))
    else:
        yield from _referring(servers, search, names)


def _below(servers: Servers, search: Search) -> Iterator[Change]:
    """Report the entries below a container: those that moved in with it were never staged."""
    found = reading.pages(servers, search._replace(attributes=("objectGUID",)))
    while uuids := [entry.uuid for entry in islice(found, _ID_SET)]:
        yield Present(uuids)


def _referring(servers: Servers, search: Search, names: Sequence[str]) -> Iterator[Change]:
    """Read the entries that have one of these as a member or a manager."""
    for at in range(0, len(names), _REFERRERS):
        batch = "".join(
            f"({link}={escape_filter_chars(name)})"
            for name in names[at : at + _REFERRERS]
            for link in _LINKS
        )
        yield from reading.pages(servers, _narrowed(search, f"(|{batch})"))


def _narrowed(search: Search, to: str) -> Search:
    return search._replace(filter=f"(&{search.filter}{to})")


def _is_container(entry: DirectoryEntry) -> bool:
    classes = {value.lower() for value in entry.attributes.get("objectclass", ())}
    return any(name.lower().encode() in classes for name in CONTAINERS)
