"""Refuse what only works on the files of a tenant, where a server has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.errors import StorageUnusable
from connector.values.database_url import DatabaseUrl

if TYPE_CHECKING:
    from connector.settings import Settings


def refuse_on_a_server(settings: Settings, what: str) -> None:
    """Raise StorageUnusable where the tenant is on a server; ``what`` is what somebody wanted."""
    if settings.tenant.url is not None:
        raise StorageUnusable(
            f"{what} copies files, and the tenant is at {settings.tenant.url}: back it up there. The connector "
            "space needs no backup: it is read again from the directory and from the tenant. Nothing was changed."
        )
    if isinstance(settings.tenant.database, DatabaseUrl):
        raise StorageUnusable(
            f"{what} copies files, and the tenant is at {settings.tenant.database}: back it up there, with "
            "pg_dump, and bring it back with pg_restore (docs/postgresql.md). Nothing was changed."
        )
