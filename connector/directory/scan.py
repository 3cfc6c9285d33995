"""A paged read of everything, for servers that do not tell what changed.

It gives the same values as a refresh without a cookie; staging tells by hash what changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.directory import reading
from connector.model import Complete

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.directory.ldap import Search
    from connector.directory.servers import Servers
    from connector.model import Change


def changes(servers: Servers, search: Search) -> Iterator[Change]:
    """Stream every entry, ending with Complete: what was not mentioned may be gone."""
    yield from reading.pages(servers, search)
    yield Complete(None, unmentioned_gone=True)
