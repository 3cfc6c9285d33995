"""Content synchronization by 389 Directory Server, with what its plug-in does not tell.

It answers a cookie from its retro changelog, and where that lacks something it keeps quiet: about
changes that were trimmed, about all changes that do not name their entry by ``targetUniqueId``, and
about entries that no longer match the filter. So before a delta the changelog is looked at, and with
a filter the plug-in only says which entries to read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.directory import reading, syncrepl
from connector.directory.ldap import BASE, Search
from connector.errors import ResyncRequired
from connector.model import Complete, DirectoryEntry, Gone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from connector.directory.apart import Facts
    from connector.directory.ldap import Control
    from connector.directory.search_entry import Entry
    from connector.directory.servers import Servers
    from connector.model import Change
    from connector.values.staged import StagedPage

    Look = Callable[[Search, Sequence[Control]], list[Entry]]

_UNIQUE_ID = "targetuniqueid"
_SHOWN = ("changeNumber", _UNIQUE_ID)
UNSEEN_CHANGELOG = "{identity} is not shown cn=changelog, so no delta can be trusted"
GRANT_CHANGELOG = "Grant it to read and search cn=changelog (docs/directories.md)."
FORGOTTEN = "it knows of fewer changes than it told before: it was restored or set up anew"
UNMAPPED = "the retro changelog holds changes without targetUniqueId, of which no delta tells"
TRIMMED = "the retro changelog no longer holds all that changed since the last import"
KEEP_LONGER = "Raise its nsslapd-changelogmaxage."
MAP_UNIQUE_ID = (
    "Add nsslapd-attribute: nsuniqueid:targetUniqueId to cn=Retro Changelog "
    "Plugin,cn=plugins,cn=config and restart the server."
)


def changes(
    servers: Servers,
    search: Search,
    cookie: bytes | None,
    *,
    identity: str,
    facts: Facts | None = None,
) -> Iterator[Change | StagedPage]:
    """Stream what changed since ``cookie``, ending with Complete; pages as ``syncrepl`` does.

    Raises ResyncRequired where a delta could keep something back.
    """
    if cookie:
        _refuse_to_guess(servers, cookie, identity)
    if search.filter == reading.EVERYTHING:
        yield from syncrepl.changes(servers, search, cookie, facts)
    else:
        yield from _filtered(servers, search, cookie)


def distrust(
    look: Look, identity: str, *, last: int, first: int | None = None
) -> tuple[str, str] | None:
    """Say why changes ``first`` to ``last`` cannot be relied on and what to do; None if they can."""
    newest = _change(look, last)
    if newest is None:
        return UNSEEN_CHANGELOG.format(identity=identity), GRANT_CHANGELOG
    oldest = newest if first is None else _change(look, first)
    if oldest is None:
        return TRIMMED, KEEP_LONGER
    if _UNIQUE_ID not in newest.attributes or _UNIQUE_ID not in oldest.attributes:
        return UNMAPPED, MAP_UNIQUE_ID
    return None


def _refuse_to_guess(servers: Servers, cookie: bytes, identity: str) -> None:
    digits = cookie.rpartition(b"#")[2]
    number = int(digits) if digits.isdigit() else 0
    last = servers.root_dse_now().last_change
    if 0 < last < number:
        raise ResyncRequired(f"{servers.url}: {FORGOTTEN}")
    if last > number and (doubt := distrust(servers.look, identity, first=number + 1, last=last)):
        raise ResyncRequired(f"{servers.url}: {'. '.join(doubt)}")


def _change(look: Look, number: int) -> Entry | None:
    search = Search(f"changenumber={number},cn=changelog", reading.EVERYTHING, _SHOWN, BASE)
    return next(iter(look(search, ())), None)


def _filtered(servers: Servers, search: Search, cookie: bytes | None) -> Iterator[Change]:
    """Follow all entries without their attributes; read those that changed under the filter."""
    told: dict[bytes, None] = {}
    complete = Complete(None, unmentioned_gone=True)
    everything = search._replace(filter=reading.EVERYTHING, attributes=("1.1",))
    for change in syncrepl.changes(servers, everything, cookie):
        if isinstance(change, Complete):
            complete = change
        elif isinstance(change, DirectoryEntry):
            told[change.uuid] = None
        elif isinstance(change, Gone):
            yield change
    if complete.unmentioned_gone:
        yield from reading.pages(servers, search)
    else:
        yield from reading.reported(servers, search, told, context=search.base)
    yield complete
