"""Storage folders as other programs leave them: a directory that forgot, a cloud that was changed."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from connector import settings as files
from connector.tenant.opening import place_of
from connector.tenant.service import open_tenant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.system.commandline import CommandLine

_DELETED = 40
_CONTAINERS = 3000


def make_untold(storage: Path, later: Path) -> None:
    """Let the connector space believe that it read what a later one read: no delta tells the rest."""
    with _open(later) as connection:
        (watermark,) = connection.execute(
            "SELECT value FROM state WHERE name = 'watermark'"
        ).fetchone()
    with _open(storage) as connection:
        connection.execute("UPDATE state SET value = ? WHERE name = 'watermark'", (watermark,))


def make_emptied(connector: CommandLine) -> None:
    """Delete users of the tenant in the cloud, where the directory still has them."""
    settings = files.load(connector.settings, {})
    tenant = open_tenant(place_of(settings), settings.tenant)
    for user in list(tenant.objects("user"))[:_DELETED]:
        tenant.administrator.delete(user["id"])
    tenant.close()


def make_long(storage: Path) -> None:
    """Add containers to a connector space of the first version, so that its migrations take a while."""
    with _open(storage) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(entry)")]
        unique = {
            "id": "n + 1000000",
            "uuid": "CAST(printf('%016d', n) AS BLOB)",
            "anchor": "'container' || n",
            "dn": "'ou=c' || n || ',' || dn",
            "dn_key": "'ou=c' || n || ',' || dn_key",
        }
        chosen = ", ".join(unique.get(column, column) for column in columns)
        connection.execute(
            f"""WITH RECURSIVE numbers(n) AS
                    (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {_CONTAINERS})
                INSERT INTO entry SELECT {chosen} FROM numbers, (
                    SELECT * FROM entry WHERE type IS NULL ORDER BY length(dn) LIMIT 1)"""  # noqa: S608
        )


@contextmanager
def _open(storage: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(storage / "connector-space.db")) as connection:
        yield connection
        connection.commit()
