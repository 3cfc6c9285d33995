"""Keep what other clients of the tenant took over: nothing is exported of it, and it is not deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.model import SyncCode
from connector.staging.worklist import add_object

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from connector.storage.rows import Behind


def anchors(connection: sqlite3.Connection | Behind) -> set[str]:
    """Return the source anchors of what was taken over."""
    return {anchor for (anchor,) in connection.execute("SELECT anchor FROM foreign_anchor")}


def staged(connection: sqlite3.Connection) -> list[str]:
    """Return what another client has of what is staged: what it took over, and what the tenant refused."""
    rows = connection.execute(
        """SELECT f.anchor FROM (SELECT anchor FROM foreign_anchor
               UNION SELECT anchor FROM error WHERE stage = 'export' AND error = ?) f
           WHERE EXISTS (SELECT 1 FROM entry WHERE anchor = f.anchor AND +type IS NOT NULL)
           ORDER BY f.anchor""",
        (SyncCode.ANCHOR_OWNED_BY_ANOTHER_CLIENT.value,),
    )
    return [anchor for (anchor,) in rows]


def lose(connection: sqlite3.Connection, anchor: str) -> None:
    """Note that another client took an object over; a failure of it does not count any more."""
    connection.execute("INSERT OR IGNORE INTO foreign_anchor VALUES (?)", (anchor,))
    connection.execute("DELETE FROM error WHERE anchor = ? AND stage = 'export'", (anchor,))


def regain(connection: sqlite3.Connection, anchor: str) -> None:
    """Note that an object belongs to this client again."""
    connection.execute("DELETE FROM foreign_anchor WHERE anchor = ?", (anchor,))


def recover(connection: sqlite3.Connection, anchors: Iterable[str]) -> None:
    """Note that these are this client's to export, though no read-back tells so; decide on them anew."""
    for anchor in anchors:
        regain(connection, anchor)
        add_object(connection, anchor)


def forget(connection: sqlite3.Connection) -> None:
    """Forget all of it, and decide on the objects anew: the tenant tells again what belongs to others."""
    for anchor in anchors(connection):
        add_object(connection, anchor)
    connection.execute("DELETE FROM foreign_anchor")
