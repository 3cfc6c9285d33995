"""Keep what other clients of the tenant have of this client's scope: it is neither changed nor deleted.

What another one took over is not exported any more; what the tenant refuses is tried again at each export. Groups
name both as their members, and objects as their managers, for as long as the tenant has them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.model import SyncAction
from connector.staging.worklist import add_object

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable

    from connector.model import Outcome
    from connector.storage.rows import Behind

_COMES = frozenset({SyncAction.ADDED, SyncAction.RESTORED})


def anchors(connection: sqlite3.Connection | Behind) -> set[str]:
    """Return the source anchors of what was taken over."""
    rows = connection.execute("SELECT anchor FROM foreign_anchor WHERE NOT refused")
    return {anchor for (anchor,) in rows}


def staged(connection: sqlite3.Connection) -> list[str]:
    """Return what another client has of what is staged: what it took over, and what the tenant refused."""
    rows = connection.execute(
        """SELECT f.anchor FROM foreign_anchor f
           WHERE EXISTS (SELECT 1 FROM entry WHERE anchor = f.anchor AND +type IS NOT NULL)
           ORDER BY f.anchor"""
    )
    return [anchor for (anchor,) in rows]


def lose(connection: sqlite3.Connection, anchor: str, *, there: bool = True) -> None:
    """Note that another client took an object over; a failure of it does not count any more.

    What is ``there`` stays a member of the groups that it is in.
    """
    connection.execute(
        "INSERT OR REPLACE INTO foreign_anchor (anchor, there) VALUES (?, ?)", (anchor, there)
    )
    connection.execute("DELETE FROM error WHERE anchor = ? AND stage = 'export'", (anchor,))
    if not there:
        _forget_links(connection, anchor)


def want(connection: Behind, wanted: Iterable[str], unwanted: Iterable[str]) -> None:
    """Note which of what was taken over the rules would export, and which they would not."""
    rows = [(1, anchor) for anchor in wanted] + [(0, anchor) for anchor in unwanted]
    connection.executemany("UPDATE foreign_anchor SET wanted = ? WHERE anchor = ?", rows)


def refuse(connection: sqlite3.Connection, outcome: Outcome) -> None:
    """Note that the tenant refused an object of another client, and whether it has that object."""
    anchor, there = outcome.export.anchor, outcome.result.cloud_anchor is not None
    connection.execute(
        """INSERT INTO foreign_anchor (anchor, refused, there) VALUES (?, 1, ?)
           ON CONFLICT (anchor) DO UPDATE SET there = excluded.there""",
        (anchor, there),
    )
    if not there:
        _forget_links(connection, anchor)


def regain(connection: sqlite3.Connection, anchor: str) -> None:
    """Note that an object belongs to this client again."""
    connection.execute("DELETE FROM foreign_anchor WHERE anchor = ?", (anchor,))


def accept(connection: sqlite3.Connection, outcomes: Collection[Outcome]) -> None:
    """Note that the tenant took what it refused before; one that is new there is a member of nothing yet."""
    if connection.execute("SELECT 1 FROM foreign_anchor WHERE refused LIMIT 1").fetchone() is None:
        return
    for export, result in outcomes:
        found = connection.execute(
            "DELETE FROM foreign_anchor WHERE anchor = ? AND refused RETURNING 1", (export.anchor,)
        ).fetchone()
        if found is not None and result.action in _COMES:
            _forget_links(connection, export.anchor)


def forgive(connection: Behind, anchors: Iterable[str]) -> None:
    """Forget that the tenant refused objects of which nothing is to be exported now."""
    connection.executemany(
        "DELETE FROM foreign_anchor WHERE anchor = ? AND refused", ((each,) for each in anchors)
    )


def recover(connection: sqlite3.Connection, anchors: Iterable[str]) -> None:
    """Note that these are this client's to export, though no read-back tells so; decide on them anew."""
    for anchor in anchors:
        regain(connection, anchor)
        add_object(connection, anchor)


def forget(connection: sqlite3.Connection) -> None:
    """Forget what was taken over, and decide on it anew: the tenant tells again what belongs to others."""
    for anchor in anchors(connection):
        add_object(connection, anchor)
    connection.execute("DELETE FROM foreign_anchor WHERE NOT refused")


def _forget_links(connection: sqlite3.Connection, anchor: str) -> None:
    """Forget the memberships of an object that the tenant does not have, and it as a manager."""
    for table, column in (("told_member", "member"), ("told_manager", "manager")):
        connection.execute(
            f"DELETE FROM {table} WHERE {column} = (SELECT id FROM projection WHERE anchor = ?)",  # noqa: S608
            (anchor,),
        )
    add_object(connection, anchor)
