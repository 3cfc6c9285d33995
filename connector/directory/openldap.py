"""Content synchronization by OpenLDAP, with what its change marks do not tell (see ``marks``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.directory import syncrepl
from connector.errors import ResyncRequired
from connector.model import Complete

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.directory.apart import Facts
    from connector.directory.ldap import Search
    from connector.directory.marks import Marks
    from connector.directory.servers import Servers
    from connector.model import Change
    from connector.values.staged import StagedPage


def changes(
    servers: Servers,
    search: Search,
    cookie: bytes | None,
    marks: Marks,
    facts: Facts | None = None,
) -> Iterator[Change | StagedPage]:
    """Stream what changed since ``cookie``, ending with Complete; pages as ``syncrepl`` does.

    Raises ResyncRequired where the mark of the cookie lies in the future, or did when it was taken. A
    cookie without a note is sent all the same: a server that does not know it refuses it.
    """
    doubt = marks.doubt(cookie)
    if doubt and marks.is_noted(cookie):
        raise _doubted(servers, doubt)
    began = marks.clock()
    for change in syncrepl.changes(servers, search, cookie, facts):
        if type(change) is not Complete:
            yield change
        elif doubt:
            raise _doubted(servers, doubt)
        else:
            yield change._replace(cookie=marks.noted(change.cookie, began))


def _doubted(servers: Servers, doubt: str) -> ResyncRequired:
    return ResyncRequired(f"{servers.url}: {doubt}. Everything is read. See connector check.")
